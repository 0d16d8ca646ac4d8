#include "node/ledger/opening.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/compiled.h"
#include "node/ledger/json.h"
#include "node/ledger/nfc.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kFormat = "entente/audit-opening/1";

std::string SlotJson(const OpenedSlot& slot) {
  std::string out = "{\"name\":" + JsonString(slot.name) + ",\"path\":[";
  for (const Hash& hash : slot.path) {
    if (out.back() != '[') out += ',';
    out += JsonString(ToHex(hash));
  }
  return Join({out, "],\"salt\":", JsonString(ToHex(slot.salt)),
               ",\"slot\":", std::to_string(slot.slot),
               ",\"value\":", JsonString(slot.value), "}"});
}

template <std::size_t N>
bool TakeHex(JsonReader& in, ByteArray<N>& out) {
  std::string_view hex;
  if (!in.String(hex)) return false;
  const auto raw = FromHex(hex);
  if (!raw.ok() || raw->size() != N) return false;
  std::copy(raw->begin(), raw->end(), out.begin());
  return true;
}

bool TakeSlot(JsonReader& in, OpenedSlot& out) {
  std::int64_t number = 0;
  if (!in.Literal("{\"name\":") || !in.EscapedString(out.name) ||
      !in.Literal(",\"path\":[")) {
    return false;
  }
  for (Hash& hash : out.path) {
    if (&hash != out.path.data() && !in.Literal(",")) return false;
    if (!TakeHex(in, hash)) return false;
  }
  if (!in.Literal("],\"salt\":") || !TakeHex(in, out.salt) ||
      !in.Literal(",\"slot\":") || !in.Integer(number) ||
      !in.Literal(",\"value\":") || !in.EscapedString(out.value) ||
      !in.Literal("}")) {
    return false;
  }
  out.slot = static_cast<std::size_t>(number);
  return number < static_cast<std::int64_t>(kSlots);
}

bool TakeOpening(JsonReader& in, Opening& out) {
  std::int64_t index = 0;
  if (!in.Literal("{\"commit_key\":") || !TakeHex(in, out.commit_key) ||
      !in.Literal(",\"format\":\"") || !in.Literal(kFormat) ||
      !in.Literal("\",\"id\":") || !TakeHex(in, out.name.id) ||
      !in.Literal(",\"index\":") || !in.Integer(index) ||
      !in.Literal(",\"origin\":") || !in.EscapedString(out.name.origin) ||
      !in.Literal(",\"root\":") || !TakeHex(in, out.root) ||
      !in.Literal(",\"slots\":[")) {
    return false;
  }
  out.index = static_cast<std::uint64_t>(index);
  do {
    OpenedSlot slot;
    if (out.slots.size() == kSlots || !TakeSlot(in, slot)) return false;
    out.slots.push_back(std::move(slot));
  } while (in.Literal(","));
  return in.Literal("]}") && in.AtEnd();
}

bool IsRising(const std::vector<OpenedSlot>& slots) {
  return std::adjacent_find(slots.begin(), slots.end(),
                            [](const OpenedSlot& a, const OpenedSlot& b) {
                              return a.slot >= b.slot;
                            }) == slots.end();
}

absl::Status Fails() { return ProofFailed("the opening does not hold"); }

// The name that the catalogue gives a slot; empty: none.
std::string_view NameOfSlot(const EventType& type, std::size_t slot) {
  if (slot == 0) return "type";
  if (slot == 1) return "actor";
  const auto& sealed = CompiledOf(type).sealed;
  return slot - 2 < sealed.size() ? sealed[slot - 2] : std::string_view();
}

}  // namespace

std::string Opening::Text() const {
  std::string out =
      Join({"{\"commit_key\":", JsonString(ToHex(commit_key)), ",\"format\":\"",
            kFormat, "\",\"id\":", JsonString(ToHex(name.id)), ",\"index\":",
            std::to_string(index), ",\"origin\":", JsonString(name.origin),
            ",\"root\":", JsonString(ToHex(root)), ",\"slots\":["});
  for (const OpenedSlot& slot : slots) {
    if (out.back() != '[') out += ',';
    out += SlotJson(slot);
  }
  return out + "]}";
}

absl::StatusOr<Opening> MakeOpening(std::uint64_t index, const EntryName& name,
                                    const EntryKey& key, const Slots& slots,
                                    std::span<const std::size_t> which) {
  const std::array<Hash, kSlots> leaves = SlotLeaves(key, slots);
  Opening out{index, name, key.CommitKey(), merkle::Root(leaves), {}};
  for (std::size_t j : which) {
    if (j >= kSlots || slots[j].name.empty()) {
      return Invalid("a slot that is empty or out of range");
    }
    OpenedSlot slot{j, slots[j].name, slots[j].value, key.Salt(j), {}};
    TRY(const merkle::Proof path,
        merkle::ProveInclusion(j, kSlots, merkle::HashesFromLeaves(leaves)));
    CHECK(path.size() == slot.path.size());
    std::copy(path.begin(), path.end(), slot.path.begin());
    out.slots.push_back(std::move(slot));
  }
  if (out.slots.empty() || !IsRising(out.slots)) {
    return Invalid("no slot, or slots that do not rise");
  }
  return out;
}

absl::StatusOr<Opening> ParseOpening(std::string_view json) {
  JsonReader in(json);
  Opening out;
  if (!TakeOpening(in, out) || !IsRising(out.slots) || out.Text() != json) {
    return Invalid("an opening that is not canonical");
  }
  return out;
}

absl::Status CheckOpening(const Opening& opening, const Leaf& leaf) {
  if (!leaf.commit || leaf.id != opening.name.id || opening.slots.empty()) {
    return Fails();
  }
  if (Commitment(opening.commit_key, opening.name, opening.root) !=
      *leaf.commit) {
    return Fails();
  }
  for (const OpenedSlot& slot : opening.slots) {
    if (slot.name.empty() || slot.name != NameOfSlot(*leaf.type, slot.slot) ||
        slot.value.size() > kMaxSlotValue || !IsNfc(slot.value)) {
      return Fails();
    }
    const Hash hash = merkle::LeafHash(
        Concat({slot.salt, SlotBytes({slot.name, slot.value})}));
    const merkle::Proof path(slot.path.begin(), slot.path.end());
    TRY_OK(
        merkle::VerifyInclusion(slot.slot, kSlots, hash, path, opening.root));
    if (slot.slot == 0 && slot.value != leaf.type->name) return Fails();
  }
  return absl::OkStatus();
}

}  // namespace entente::ledger
