#include "node/ledger/event.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "node/ledger/body.h"
#include "node/ledger/compiled.h"
#include "node/ledger/nfc.h"

namespace entente::ledger {
namespace {

constexpr std::size_t kMaxUserBytes = 64;

const CompiledKey* FindKey(const EventType* type, std::string_view key) {
  if (type == nullptr) return nullptr;
  for (const CompiledKey& known : CompiledOf(*type).data) {
    if (known.name == key) return &known;
  }
  return nullptr;
}

bool HasField(const EventType* type, std::string_view field) {
  if (type == nullptr) return false;
  const auto& fields = CompiledOf(*type).sealed;
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

}  // namespace

Event::Event(std::string_view type) : type_(type), entry_(FindEventType(type)) {
  if (entry_ == nullptr) Note("not in the catalogue", "");
}

void Event::Note(std::string_view problem, std::string_view key) {
  if (!problem_.empty()) return;
  problem_ = key.empty()
                 ? Join({"event `", type_, "`: ", problem})
                 : Join({"event `", type_, "`: ", problem, ": `", key, "`"});
}

void Event::PutNumber(std::string_view key, std::int64_t value) {
  const CompiledKey* known = FindKey(entry_, key);
  if (known == nullptr) return Note("a key that it does not have", key);
  if (known->kind != KeyKind::kInteger || value < 0 || value > kMaxInteger) {
    return Note("a value of the wrong kind", key);
  }
  if (!data_.emplace(known->name, value).second) {
    Note("a key for the second time", key);
  }
}

void Event::PutText(std::string_view key, std::string_view value) {
  const CompiledKey* known = FindKey(entry_, key);
  if (known == nullptr) return Note("a key that it does not have", key);
  if (!IsValue(known->kind, value)) {
    return Note("a value of the wrong kind", key);
  }
  if (!data_.emplace(known->name, std::string(value)).second) {
    Note("a key for the second time", key);
  }
}

Event& Event::Seal(std::string_view field, std::string_view text) & {
  auto normal = ToNfc(text);
  if (!HasField(entry_, field)) {
    Note("a sealed field that it does not have", field);
  } else if (!normal.ok() || normal->size() > kMaxSlotValue) {
    Note("a sealed text that is too long or not UTF-8", field);
  } else if (sets_.contains(field) ||
             !sealed_.emplace(field, *std::move(normal)).second) {
    Note("a sealed field for the second time", field);
  }
  return *this;
}
Event&& Event::Seal(std::string_view field, std::string_view text) && {
  Seal(field, text);
  return std::move(*this);
}

Event& Event::SealSet(std::string_view field, std::vector<Bytes> match_keys) & {
  if (!HasField(entry_, field)) {
    Note("a sealed field that it does not have", field);
  } else if (sealed_.contains(field) ||
             !sets_.emplace(field, std::move(match_keys)).second) {
    Note("a sealed field for the second time", field);
  }
  return *this;
}
Event&& Event::SealSet(std::string_view field,
                       std::vector<Bytes> match_keys) && {
  SealSet(field, std::move(match_keys));
  return std::move(*this);
}

Event& Event::By(std::string_view user) & {
  const bool printable = std::all_of(
      user.begin(), user.end(), [](char c) { return c > 0x20 && c <= 0x7e; });
  if (user.empty() || user.size() > kMaxUserBytes || !printable ||
      user == "-" || user == kNodeActor) {
    Note("a malformed user id", "");
  } else {
    user_ = std::string(user);
  }
  return *this;
}
Event&& Event::By(std::string_view user) && {
  By(user);
  return std::move(*this);
}

Event& Event::FillAbsent() & {
  if (entry_ == nullptr) return *this;
  for (const CompiledKey& key : CompiledOf(*entry_).data) {
    if (key.kind == KeyKind::kInteger) {
      data_.emplace(key.name, std::int64_t{0});
    } else {
      data_.emplace(key.name, "-");
    }
  }
  return *this;
}
Event&& Event::FillAbsent() && {
  FillAbsent();
  return std::move(*this);
}

absl::Status Event::Check() const {
  if (!problem_.empty()) return Invalid(problem_);
  for (const CompiledKey& key : CompiledOf(*entry_).data) {
    if (!data_.contains(key.name)) {
      return Invalid("event `", type_, "`: a key is missing: `", key.name, "`");
    }
  }
  if (type_ == "guard" && user_ != "-") {
    return Invalid("event `guard`: only the node itself writes one");
  }
  return absl::OkStatus();
}

Event MakeGuard(std::string_view about, const GuardNote& note) {
  // Short words first; what is left of the fixed size is for the note.
  const std::string count = std::to_string(note.count);
  const auto normal = [](const std::string& text, std::size_t size) {
    const auto nfc = ToNfc(text);
    return std::string(CutUtf8(nfc.ok() ? *nfc : std::string(), size));
  };
  const std::string kind = normal(note.kind, 64);
  const std::string ref = normal(note.ref, 64);
  const std::string rules = normal(note.rules, 256);
  const std::size_t fixed = 2 + 16 * 3 +
                            std::string_view("typeguardactornode").size() +
                            std::string_view("kindnrefrulesnote").size();
  const std::size_t used =
      fixed + kind.size() + count.size() + ref.size() + rules.size();
  Event out("guard");
  out.Set("about", about)
      .Seal("kind", kind)
      .Seal("n", count)
      .Seal("ref", ref)
      .Seal("rules", rules)
      .Seal("note", normal(note.note, kGuardBodySize - used));
  return out;
}

}  // namespace entente::ledger
