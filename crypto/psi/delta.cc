#include "crypto/psi/delta.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/psi/layout.h"

namespace entente::psi {
namespace {

constexpr std::uint64_t kReleaseEvery = std::uint64_t{1} << 18U;  // entries

Entry EntryAt(const TagSetView& view, std::uint64_t index) {
  const ByteView raw = view.entry(index);
  Entry out;
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

// A later file of the same set.
absl::Status CheckStep(const TagSetHeader& from, const TagSetHeader& to) {
  TagSetHeader same = to;
  same.sequence = from.sequence;
  same.count = from.count;
  if (same != from) return Invalid("tag set delta: between two sets");
  if (to.sequence <= from.sequence) {
    return Invalid("tag set delta: not to a later sequence");
  }
  return absl::OkStatus();
}

bool Ascends(const std::vector<Entry>& entries) {
  return std::adjacent_find(entries.begin(), entries.end(),
                            std::greater_equal<>()) == entries.end();
}

absl::Status CheckStart(const TagSetView& from, const Delta& delta) {
  if (delta.from != from.header().sequence || delta.from_root != from.root()) {
    return Invalid("tag set delta: it starts at another file");
  }
  TRY_OK(CheckStep(from.header(), delta.to));
  TRY_OK(CheckHeader(delta.to));
  if (!Ascends(delta.removed) || !Ascends(delta.added)) {
    return Invalid("tag set delta: the entries are not in order");
  }
  if (delta.removed.size() > from.size() ||
      delta.to.count !=
          from.size() - delta.removed.size() + delta.added.size()) {
    return Invalid("tag set delta: the number of entries does not add up");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Delta> MakeDelta(const TagSetView& from, const TagSetView& to,
                                const Release& release) {
  TRY_OK(CheckStep(from.header(), to.header()));
  Delta out;
  out.from = from.header().sequence;
  out.from_root = from.root();
  out.to = to.header();
  out.to_root = to.root();
  std::uint64_t i = 0;
  std::uint64_t j = 0;
  while (i < from.size() || j < to.size()) {
    // Order of public entries, so memcmp.
    int order = i == from.size() ? 1 : -1;  // the side that has the next entry
    if (i < from.size() && j < to.size()) {
      order = std::memcmp(from.entry(i).data(), to.entry(j).data(), kEntrySize);
    }
    if (order < 0) out.removed.push_back(EntryAt(from, i));
    if (order > 0) out.added.push_back(EntryAt(to, j));
    if (order <= 0) ++i;
    if (order >= 0) ++j;
    if (release && (i + j) % kReleaseEvery == 0) release();
    if (out.removed.size() + out.added.size() > kMaxDeltaEntries)
      return Exhausted("tag set delta: too much changed");
  }
  return out;
}

std::uint64_t EncodedSize(const Delta& delta) {
  Delta empty;
  empty.to = delta.to;
  return EncodeStatement(empty).size() +
         (delta.removed.size() + delta.added.size()) * kEntrySize;
}

absl::StatusOr<TagSetSum> Apply(const TagSetView& from, const Delta& delta,
                                const ByteSink& sink) {
  TRY_OK(CheckStart(from, delta));
  FileWriter file(delta.to, sink);
  TRY_OK(file.Begin());
  auto removed = delta.removed.begin();
  auto added = delta.added.begin();
  for (std::uint64_t i = 0; i < from.size(); ++i) {
    const Entry old = EntryAt(from, i);
    while (added != delta.added.end() && *added < old) {
      TRY_OK(file.Add(*added++));
    }
    if (added != delta.added.end() && *added == old) {
      return Invalid("tag set delta: it adds what is there");
    }
    if (removed != delta.removed.end() && *removed == old) {
      ++removed;
    } else {
      TRY_OK(file.Add(old));
    }
  }
  for (; added != delta.added.end(); ++added) TRY_OK(file.Add(*added));
  if (removed != delta.removed.end()) {
    return Invalid("tag set delta: it removes what is not there");
  }
  TRY(TagSetSum sum, std::move(file).Finish());
  if (sum.root != delta.to_root) {
    return ProofFailed("tag set delta: the result has another root");
  }
  return sum;
}

absl::StatusOr<TagSetFile> Apply(const TagSetView& from, const Delta& delta) {
  TagSetFile file;
  TRY(TagSetSum sum, Apply(from, delta, IntoMemory(file.bytes)));
  file.root = sum.root;
  file.header = std::move(sum.header);
  return file;
}

}  // namespace entente::psi
