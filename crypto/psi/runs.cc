#include "crypto/psi/runs.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/psi/layout.h"

namespace entente::psi {
namespace {

constexpr std::size_t kRunEntries = std::size_t{1} << 18U;    // 4 MiB
constexpr std::size_t kBufferBytes = std::size_t{16} << 10U;  // of each run

Entry EntryFrom(ByteView raw) {
  Entry out;
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

}  // namespace

// Walks one run of the spill.
class Runs::Cursor {
 public:
  Cursor(EntrySpill& spill, const Run& run) : spill_(spill), run_(run) {}

  // Nothing at the end.
  absl::StatusOr<std::optional<Entry>> Next() {
    if (at_ == buffer_.size()) {
      buffer_.resize(std::min<std::uint64_t>(kBufferBytes, run_.bytes));
      at_ = 0;
      if (buffer_.empty()) return std::optional<Entry>();
      TRY_OK(spill_.Read(run_.offset, buffer_));
      run_.offset += buffer_.size();
      run_.bytes -= buffer_.size();
    }
    const Entry entry = EntryFrom(ByteView(buffer_).subspan(at_, kEntrySize));
    at_ += kEntrySize;
    return std::optional<Entry>(entry);
  }

 private:
  EntrySpill& spill_;
  Run run_;  // what is left of it
  Bytes buffer_;
  std::size_t at_ = 0;
};

absl::Status Runs::Add(const Entry& entry) {
  tail_.push_back(entry);
  if (spill_ != nullptr && tail_.size() >= kRunEntries) return SpillTail();
  return absl::OkStatus();
}

void Runs::SortTail() {
  std::sort(tail_.begin(), tail_.end());
  tail_.erase(std::unique(tail_.begin(), tail_.end()), tail_.end());
}

absl::Status Runs::SpillTail() {
  SortTail();
  Run run;
  run.bytes = tail_.size() * kEntrySize;
  if (!runs_.empty()) run.offset = runs_.back().offset + runs_.back().bytes;
  Bytes raw;
  raw.reserve(run.bytes);
  for (const Entry& entry : tail_)
    raw.insert(raw.end(), entry.begin(), entry.end());
  TRY_OK(spill_->Append(raw));
  runs_.push_back(run);
  tail_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Runs::CountDistinct() {
  std::uint64_t count = 0;
  TRY_OK(ForEachDistinct([&count](const Entry&) {
    ++count;
    return absl::OkStatus();
  }));
  return count;
}

absl::Status Runs::ForEachDistinct(
    const std::function<absl::Status(const Entry&)>& take) {
  SortTail();
  std::vector<Cursor> cursors;
  for (const Run& run : runs_) cursors.emplace_back(*spill_, run);
  auto tail = tail_.begin();
  // The lowest entry that each source has next; the tail is the last source.
  using Head = std::pair<Entry, std::size_t>;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  const auto advance = [&](std::size_t source) -> absl::Status {
    if (source == cursors.size()) {
      if (tail != tail_.end()) heads.emplace(*tail++, source);
      return absl::OkStatus();
    }
    TRY(const std::optional<Entry> next, cursors[source].Next());
    if (next) heads.emplace(*next, source);
    return absl::OkStatus();
  };
  for (std::size_t i = 0; i <= cursors.size(); ++i) TRY_OK(advance(i));
  std::optional<Entry> last;
  while (!heads.empty()) {
    const auto [entry, source] = heads.top();
    heads.pop();
    TRY_OK(advance(source));
    if (last == entry) continue;
    last = entry;
    TRY_OK(take(entry));
  }
  return absl::OkStatus();
}

}  // namespace entente::psi
