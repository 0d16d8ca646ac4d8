#include "crypto/psi/tag_set.h"

#include <algorithm>
#include <cstring>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/psi/layout.h"
#include "crypto/psi/runs.h"

namespace entente::psi {
namespace {

// Read and checked at a time; a multiple of an entry's size.
constexpr std::size_t kWindowBytes = std::size_t{4} << 20U;

}  // namespace

TagSetBuilder::TagSetBuilder(TagSetHeader header, EntrySpill* spill)
    : header_(std::move(header)), runs_(std::make_unique<Runs>(spill)) {}
TagSetBuilder::TagSetBuilder(TagSetBuilder&&) noexcept = default;
TagSetBuilder::~TagSetBuilder() = default;

absl::Status TagSetBuilder::Add(const oprf::Token& token, const Label& label) {
  TRY(const Entry entry, MakeEntry(token, label));
  return runs_->Add(entry);
}

absl::StatusOr<TagSetSum> TagSetBuilder::Finish(Padding padding,
                                                const PaddingSource& source,
                                                const ByteSink& sink) && {
  TRY(const std::uint64_t count, runs_->CountDistinct());
  TRY(header_.count, PaddedCount(count, padding));
  for (std::uint64_t i = count; i < header_.count; ++i) {
    Entry entry;
    source(entry);
    TRY_OK(runs_->Add(entry));
  }
  FileWriter file(header_, sink);
  TRY_OK(file.Begin());
  std::uint64_t written = 0;
  TRY_OK(runs_->ForEachDistinct([&](const Entry& entry) {
    ++written;
    return file.Add(entry);
  }));
  // A source draws one and the same entry twice by chance once in 2^128.
  if (written != header_.count)
    return Internal("tag set: padding repeats itself");
  return std::move(file).Finish();
}

absl::StatusOr<TagSetFile> TagSetBuilder::Finish(
    Padding padding, const PaddingSource& source) && {
  TagSetFile file;
  TRY(TagSetSum sum,
      std::move(*this).Finish(padding, source, IntoMemory(file.bytes)));
  file.root = sum.root;
  file.header = std::move(sum.header);
  return file;
}

absl::StatusOr<TagSetView> TagSetView::Open(ByteView file, const Hash& root,
                                            const TagSetHeader& expected,
                                            const Release& release) {
  TRY_OK(CheckHeader(expected));
  const Bytes preamble = EncodePreamble(expected);
  const bool has_header =
      file.size() >= preamble.size() &&
      std::equal(preamble.begin(), preamble.end(), file.begin());
  primitive::Sha256Stream hash;
  hash.Update(file.first(has_header ? preamble.size() : file.size()));
  const ByteView entries =
      file.subspan(has_header ? preamble.size() : file.size());
  bool ascends = true;
  for (std::size_t at = 0; at < entries.size(); at += kWindowBytes) {
    const std::size_t size = std::min(kWindowBytes, entries.size() - at);
    hash.Update(entries.subspan(at, size));
    // With the last entry before it, so that windows do not hide a step back.
    const std::size_t before = at == 0 ? 0 : kEntrySize;
    ascends =
        ascends && AscendsStrictly(entries.subspan(at - before, size + before));
    if (release) release();
  }
  // The root counts first: what nobody signed is not looked into.
  if (hash.Finish() != root) {
    return ProofFailed("tag set: the file is not the one that was signed");
  }
  if (!has_header) {
    return Invalid("tag set: the header is not the one that was signed");
  }
  if (entries.size() != expected.count * kEntrySize) {
    return Invalid("tag set: the length does not fit the number of entries");
  }
  if (!ascends) return Invalid("tag set: the entries are not in order");
  return TagSetView(entries, root, expected);
}

ByteView TagSetView::entry(std::uint64_t index) const {
  CHECK(index < size());
  return entries_.subspan(index * kEntrySize, kEntrySize);
}

std::vector<Label> TagSetView::Lookup(const oprf::Token& token) const {
  // Not in constant time: the file is public to its asker, and how long a
  // look-up takes on the asker's own machine crosses no wire.
  const auto tag_below = [&](std::uint64_t index) {
    return std::memcmp(entries_.data() + index * kEntrySize, token.data(),
                       kTagSize) < 0;
  };
  std::uint64_t low = 0;  // every entry before `low` has a lower tag
  std::uint64_t high = size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (tag_below(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  std::vector<Label> out;
  for (; low < size(); ++low) {
    const ByteView raw = entry(low);
    if (std::memcmp(raw.data(), token.data(), kTagSize) != 0) break;
    Entry found;
    std::copy(raw.begin(), raw.end(), found.begin());
    if (const auto label = OpenEntry(token, found)) out.push_back(*label);
  }
  return out;
}

}  // namespace entente::psi
