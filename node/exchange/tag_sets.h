#pragma once
// Tag sets: built, signed and served by the holder; fetched, verified and
// mapped by the asker.

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/psi/delta.h"
#include "crypto/psi/tag_set.h"
#include "node/exchange/desk.h"
#include "node/exchange/protected.h"
#include "node/model/records.h"

namespace entente::exchange {

// At most this much crosses in one chunk.
inline constexpr std::uint32_t kTagSetChunk = std::uint32_t{1} << 20U;

// No tag set's file is larger: its entries and a header of a few texts.
inline constexpr std::uint64_t kMaxTagSetBytes = psi::kMaxEntries * 16 + 4096;
// Nor a delta's.
inline constexpr std::uint64_t kMaxDeltaBytes =
    psi::kMaxDeltaEntries * 16 + 4096;

using Progress = std::function<void(std::uint64_t done, std::uint64_t of)>;

// --- The holder.

// Builds the set of one clause for one asker in the current epoch, or brings it
// up to date after the list changed or a row expired. Does nothing when it is
// current. Memory does not grow with the list.
//   PERMISSION_DENIED   policy refuses the clause now
//   FAILED_PRECONDITION `list-too-long`: more rows than the clause allows; no
//   set exists then
absl::StatusOr<model::TagSetRecord> EnsureTagSet(
    Desk& desk, const policy::Compiled& agreement, std::string_view clause,
    std::string_view asker, const ProtectedIndex& hidden,
    const Progress& progress = {});

absl::StatusOr<model::SignedStatement> AnswerTagSetAsk(
    Desk& desk, std::string_view from, const model::SignedStatement& in,
    const ProtectedIndex& hidden);
absl::StatusOr<model::SignedStatement> AnswerTagSetChunk(
    Desk& desk, std::string_view from, const model::SignedStatement& in);

// Marks every built set stale: the list changed.
absl::Status MarkTagSetsStale(store::Writer& writer);

// The highest sequence of a clause's set for `asker` in `epoch`; 0: none.
absl::StatusOr<std::uint64_t> BuiltSequence(store::Reader& reader,
                                            const Hash& agreement,
                                            std::string_view clause,
                                            std::string_view asker,
                                            std::uint64_t epoch);
// Where a handle leads. NOT_FOUND: nowhere.
absl::StatusOr<model::HandleRecord> FindHandle(
    store::Reader& reader, const Hash& agreement, std::string_view clause,
    std::string_view asker, std::uint64_t epoch, ByteView handle);

// Removes files of tag sets that no row names any more, built and taken;
// returns how many. A download that goes on is left alone for a day.
absl::StatusOr<std::size_t> SweepTagSetFiles(Desk& desk);

// --- The asker.

// A verified replica, mapped into memory.
class Replica {
 public:
  static absl::StatusOr<std::shared_ptr<const Replica>> Map(
      const std::string& path, const Hash& root,
      const psi::TagSetHeader& expected);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;
  const psi::TagSetView& view() const { return *view_; }
  // After a walk over all of it: its pages need not stay with the process.
  void Release() const;

 private:
  Replica() = default;
  void* data_ = nullptr;
  std::size_t size_ = 0;
  std::unique_ptr<psi::TagSetView> view_;
};

// Asks the holder for its manifest and brings the replica up to date: a delta
// where one is on offer, else the whole file in chunks, resumed where it
// stopped. A half-received file is never used.
//   DATA_LOSS `tagset-damaged`   the bytes do not fit the signed root, or are
//   another clause's or epoch's
absl::StatusOr<std::shared_ptr<const Replica>> FetchTagSet(
    Desk& desk, const policy::Compiled& agreement, std::string_view clause,
    std::string_view holder, const Progress& progress = {});

// The replica that is held, without asking anybody. NOT_FOUND: none of this
// epoch.
absl::StatusOr<std::shared_ptr<const Replica>> HeldReplica(
    Desk& desk, const policy::Compiled& agreement, std::string_view clause,
    std::string_view holder, std::uint64_t epoch, std::uint64_t sequence);

}  // namespace entente::exchange
