#include "node/ledger/erasure.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "crypto/base/status.h"
#include "crypto/primitive/signature.h"

namespace entente::ledger {
namespace {

// A decimal without leading zero that fits a leaf.
absl::StatusOr<std::uint64_t> ParseIndex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      std::to_string(value) != text ||
      value > static_cast<std::uint64_t>(kMaxInteger)) {
    return Invalid("malformed index in a list of ranges");
  }
  return value;
}

}  // namespace

std::string RangesText(const std::vector<IndexRange>& ranges) {
  std::string out;
  for (const IndexRange& range : ranges) {
    if (!out.empty()) out += ',';
    out += std::to_string(range.first);
    if (range.last != range.first) out += "-" + std::to_string(range.last);
  }
  return out;
}

absl::StatusOr<std::vector<IndexRange>> ParseRanges(std::string_view text) {
  std::vector<IndexRange> out;
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, comma);
    const std::size_t dash = std::min(part.find('-'), part.size());
    IndexRange range;
    TRY(range.first, ParseIndex(part.substr(0, dash)));
    range.last = range.first;
    if (dash < part.size()) {
      TRY(range.last, ParseIndex(part.substr(dash + 1)));
      if (range.last <= range.first) return Invalid("a range that runs back");
    }
    if (!out.empty() && range.first <= out.back().last) {
      return Invalid("ranges that do not rise");
    }
    out.push_back(range);
    if (comma == rest.size()) return out;
    rest.remove_prefix(comma + 1);
  }
}

std::uint64_t CountOf(const std::vector<IndexRange>& ranges) {
  std::uint64_t count = 0;
  for (const IndexRange& range : ranges) count += range.last - range.first + 1;
  return count;
}

std::string ErasureText(std::string_view origin, std::string_view ranges,
                        std::string_view ground, std::string_view case_id) {
  return Join({"entente/audit-erasure/1\n", origin, "\n", ranges, "\n", ground,
               "\n", case_id, "\n"});
}

absl::StatusOr<std::vector<IndexRange>> ErasedBy(const Leaf& leaf,
                                                 std::uint64_t index) {
  TRY(std::vector<IndexRange> ranges, ParseRanges(leaf.Text("ranges")));
  if (ranges.back().last >= index) {
    return Invalid("an erasure of entries that come after it");
  }
  if (CountOf(ranges) != static_cast<std::uint64_t>(leaf.Number("n"))) {
    return Invalid("an erasure that counts its entries wrongly");
  }
  return ranges;
}

absl::Status CheckErasure(std::string_view origin, std::uint64_t index,
                          const Leaf& leaf,
                          const std::vector<merkle::VerifierKey>& officers) {
  TRY_OK(ErasedBy(leaf, index).status());
  const std::string text = ErasureText(origin, leaf.Text("ranges"),
                                       leaf.Text("ground"), leaf.Text("case"));
  TRY(const Bytes signature, FromBase64(leaf.Text("sig")));
  for (const merkle::VerifierKey& officer : officers) {
    if (ToHex(primitive::KeyId(officer.key())) != leaf.Text("kid")) continue;
    if (officer.type() != merkle::NoteKeyType::kEd25519 ||
        !primitive::VerifyEd25519(officer.key(), AsBytes(text), signature)) {
      return ProofFailed("the signature under an erasure fails");
    }
    return absl::OkStatus();
  }
  return Unauthenticated("an erasure signed by nobody known");
}

std::string AuthorityText(std::uint64_t index, const Leaf& leaf,
                          const std::vector<merkle::VerifierKey>& officers) {
  std::string who = Join({"key ", leaf.Text("kid").substr(0, 8)});
  for (const merkle::VerifierKey& officer : officers) {
    if (ToHex(primitive::KeyId(officer.key())) == leaf.Text("kid")) {
      who = Join({"`", officer.name(), "`"});
    }
  }
  return Join({"erased, authorised by ", who, " in entry ",
               std::to_string(index), " (ground ", leaf.Text("ground"),
               ", case ", leaf.Text("case"), ")"});
}

}  // namespace entente::ledger
