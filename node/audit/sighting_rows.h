#pragma once
// Private to the room: rows of the table of witnessed logs. The prefix says
// what a row is; `record/` and `evidence/` are the witness's own.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/primitive/hash.h"

namespace entente::audit {

inline constexpr std::string_view kSplitPrefix = "split/";
inline constexpr std::string_view kWaitingPrefix = "waiting/";
// Pairs of heads of one log that wait for a proof.
inline constexpr std::uint64_t kMostWaiting = 8;

// The largest head that was shown and tied to those before it.
struct SeenRow {
  std::string note;
  std::int64_t time = 0;
  template <class A>
  void Fields(A& f) {
    f(note, time);
  }
};

struct WaitingRow {
  std::string party;
  std::string origin;
  std::string first;
  std::string second;
  std::int64_t unproved = 0;  // since when the log gave no proof that fits
  template <class A>
  void Fields(A& f) {
    f(party, origin, first, second, unproved);
  }
};

struct SplitRow {
  std::string party;
  std::string origin;
  std::string vkey;
  std::string file;
  Hash sha256{};
  std::string kind;
  std::int64_t time = 0;
  bool logged = false;  // its `witness.evidence` is written
  template <class A>
  void Fields(A& f) {
    f(party, origin, vkey, file, sha256, kind, time, logged);
  }
};

inline Bytes WitnessKey(std::string_view prefix, std::string_view origin) {
  return Concat({AsBytes(prefix), primitive::Sha256(AsBytes(origin))});
}
inline Bytes RecordKey(std::string_view origin) {
  return WitnessKey("record/", origin);
}
inline Bytes SeenKey(std::string_view origin) {
  return WitnessKey("seen/", origin);
}
inline Bytes SplitKey(std::string_view origin) {
  return WitnessKey(kSplitPrefix, origin);
}
inline Bytes WaitingOf(std::string_view origin) {
  return WitnessKey(kWaitingPrefix, origin);
}
inline Bytes WaitingKey(std::string_view origin, std::string_view first,
                        std::string_view second) {
  return Concat({WaitingOf(origin),
                 primitive::Sha256({AsBytes(first), AsBytes(second)})});
}

}  // namespace entente::audit
