#include "node/ledger/entry.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitive/random.h"
#include "node/ledger/compiled.h"
#include "node/ledger/leaf_text.h"

namespace entente::ledger {
namespace {

struct Sealed {
  Hash commitment{};
  Bytes record;
};

absl::StatusOr<Sealed> SealEvent(const Event& event, const SealTo& to,
                                 const EntrySecrets& secrets) {
  const bool guard = event.type() == "guard";
  if (guard ? to.officers.empty() : to.segment == nullptr) {
    return Unready("no key to seal the body of `", event.type(), "` with");
  }
  auto fields = event.sealed();
  for (const auto& [field, keys] : event.sets()) {
    fields.emplace(field, ToHex(secrets.key.SetRoot(keys)));
  }
  const EntryName name{to.origin, secrets.id};
  TRY(const Slots slots,
      MakeSlots(*event.catalogue_entry(), event.user(), fields));
  Sealed out;
  Hash commit_key = secrets.key.CommitKey();
  WipeAtEnd wipe(commit_key);
  out.commitment = Commitment(commit_key, name, BodyRoot(secrets.key, slots));
  TRY(const Bytes body, SealBody(secrets.key, name, slots, secrets.body_nonce,
                                 guard ? kGuardBodySize : 0));
  Bytes wrap;
  if (guard) {
    TRY(wrap,
        WrapToRecipients(secrets.key, name, to.officers, secrets.ephemerals));
  } else {
    wrap = WrapUnderSegment(secrets.key, name, *to.segment, secrets.wrap_nonce);
  }
  out.record = Concat({wrap, body});
  return out;
}

// A leaf at the latest time there is, so that a longer number cannot make it
// too long later.
absl::Status CheckLeafText(const LeafText& text) {
  const std::string leaf =
      Join({text.before_time, std::to_string(kMaxInteger), text.after_time});
  return ParseLeaf(AsBytes(leaf)).status();
}

}  // namespace

absl::StatusOr<PreparedEntry> PrepareWith(const Event& event, const SealTo& to,
                                          const std::optional<Id16>& actor,
                                          const EntrySecrets& secrets) {
  TRY_OK(event.Check());
  if (actor.has_value() != (event.user() != "-")) {
    return Invalid("an actor's pseudonym that does not fit the event");
  }
  const EventType& type = *event.catalogue_entry();
  std::optional<Hash> commit;
  PreparedEntry out{event.type(), secrets.id, {}, {}, {}};
  if (!type.sealed.empty()) {
    TRY(Sealed sealed, SealEvent(event, to, secrets));
    commit = sealed.commitment;
    out.record = std::move(sealed.record);
  }
  std::vector<DataField> data;
  data.reserve(event.data().size());
  for (const CompiledKey& key : CompiledOf(type).data) {
    data.push_back({key.name, event.data().find(key.name)->second});
  }
  LeafText text = MakeLeafText(type, actor, commit, data, secrets.id);
  TRY_OK(CheckLeafText(text));
  out.before_time = std::move(text.before_time);
  out.after_time = std::move(text.after_time);
  return out;
}

absl::StatusOr<PreparedEntry> Prepare(const Event& event, const SealTo& to,
                                      const std::optional<Id16>& actor) {
  // What is no secret, in one call to the operating system.
  const auto random = primitive::RandomArray<16 + 12 + 12>();
  EntrySecrets secrets{{}, EntryKey::Random(), {}, {}, {}};
  std::copy_n(random.begin(), 16, secrets.id.begin());
  std::copy_n(random.begin() + 16, 12, secrets.body_nonce.begin());
  std::copy_n(random.begin() + 28, 12, secrets.wrap_nonce.begin());
  return PrepareWith(event, to, actor, secrets);
}

absl::StatusOr<FinishedLeaf> FinishLeaf(const PreparedEntry& entry,
                                        std::int64_t time) {
  if (time < 0 || time > kMaxInteger) return Invalid("a time out of range");
  FinishedLeaf out;
  out.bytes = Concat({AsBytes(entry.before_time), AsBytes(std::to_string(time)),
                      AsBytes(entry.after_time)});
  out.hash = merkle::LeafHash(out.bytes);
  return out;
}

absl::StatusOr<Leaf> CheckPrepared(const PreparedEntry& entry) {
  TRY(const FinishedLeaf finished, FinishLeaf(entry, kMaxInteger));
  TRY(Leaf leaf, ParseLeaf(finished.bytes));
  if (leaf.time != kMaxInteger || leaf.id != entry.id ||
      leaf.type->name != entry.type ||
      leaf.commit.has_value() == entry.record.empty()) {
    return Invalid("a prepared entry that does not fit together");
  }
  return leaf;
}

PreparedEntry MakePad() {
  const EventType* type = FindEventType("pad");
  CHECK(type != nullptr);
  PreparedEntry out{"pad", primitive::RandomArray<16>(), {}, {}, {}};
  LeafText text = MakeLeafText(*type, std::nullopt, std::nullopt, {}, out.id);
  out.before_time = std::move(text.before_time);
  out.after_time = std::move(text.after_time);
  return out;
}

}  // namespace entente::ledger
