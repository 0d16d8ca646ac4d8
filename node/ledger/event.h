#pragma once
// An event as the rooms of the node describe it, before it is sealed and
// hashed. Checked against the closed catalogue: what is not there cannot be
// logged.
//
//   Event("screen.refuse").Set("agr", agreement_hash).Set("batch", batch_id)
//       .Set("code", "A03")...Seal("reasons", text).By(user)
//
// A builder: mistakes are kept and told by Check(), so that calls can be
// chained. A value type, thread-compatible. Sealed texts are personal data:
// nothing prints them.

#include <absl/status/status.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ledger/catalogue.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

template <class T>
concept EventNumber = std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                      !std::is_same_v<T, char>;

class Event {
 public:
  explicit Event(std::string_view type);

  // A data key. Strings as they are; byte strings as lower-case hex; integers.
  template <class V>
  Event& Set(std::string_view key, const V& value) & {
    Assign(key, value);
    return *this;
  }
  template <class V>
  Event&& Set(std::string_view key, const V& value) && {
    Assign(key, value);
    return std::move(*this);
  }
  // A sealed field, UTF-8; stored in NFC. At most 4,096 bytes.
  Event& Seal(std::string_view field, std::string_view text) &;
  Event&& Seal(std::string_view field, std::string_view text) &&;
  // A sealed field that holds a set root: the root over the keyed hashes of
  // `match_keys` under this entry's own key, as hex (audit-log.md, 4.4).
  Event& SealSet(std::string_view field, std::vector<Bytes> match_keys) &;
  Event&& SealSet(std::string_view field, std::vector<Bytes> match_keys) &&;
  // Who acts, 1 to 64 bytes of 21-7E, not `-` or `node`; without it, the node
  // itself.
  Event& By(std::string_view user) &;
  Event&& By(std::string_view user) &&;
  // Data keys that are not set become `-` or 0, on purpose and visibly.
  Event& FillAbsent() &;
  Event&& FillAbsent() &&;

  // OK when the type is in the catalogue, the data keys are exactly its keys
  // with values of their kinds, and the sealed fields are among its fields.
  // INVALID_ARGUMENT: the message names type and key, never a value.
  absl::Status Check() const;

  const std::string& type() const { return type_; }
  const EventType* catalogue_entry() const { return entry_; }
  const std::string& user() const { return user_; }  // `-`: the node itself
  const std::map<std::string, Value, std::less<>>& data() const {
    return data_;
  }
  const std::map<std::string, std::string, std::less<>>& sealed() const {
    return sealed_;
  }
  const std::map<std::string, std::vector<Bytes>, std::less<>>& sets() const {
    return sets_;
  }

 private:
  template <class V>
  void Assign(std::string_view key, const V& value) {
    if constexpr (EventNumber<V>) {
      PutNumber(key, std::in_range<std::int64_t>(value)
                         ? static_cast<std::int64_t>(value)
                         : std::int64_t{-1});
    } else if constexpr (std::is_convertible_v<const V&, std::string_view>) {
      PutText(key, value);
    } else {
      PutText(key, ToHex(value));
    }
  }
  void PutNumber(std::string_view key, std::int64_t value);
  void PutText(std::string_view key, std::string_view value);
  void Note(std::string_view problem, std::string_view key);

  std::string type_;
  const EventType* entry_ = nullptr;
  std::string user_ = "-";
  std::map<std::string, Value, std::less<>> data_;
  std::map<std::string, std::string, std::less<>> sealed_;
  std::map<std::string, std::vector<Bytes>, std::less<>> sets_;
  std::string problem_;  // the first mistake
};

// A guard entry. One follows every screen.open (about `screen`) and every
// tagset.build (about `tagset`) in the same job, whether or not somebody was
// withheld; a change of the protected set or a canary is about `set`. The note
// is cut so that the body always has its fixed size.
struct GuardNote {
  std::string kind;
  std::uint64_t count = 0;
  std::string ref;  // leads to a table sealed to the officer, no identity
  std::string rules;
  std::string note;
};
Event MakeGuard(std::string_view about, const GuardNote& note);

}  // namespace entente::ledger
