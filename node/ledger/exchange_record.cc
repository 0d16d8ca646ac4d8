#include "node/ledger/exchange_record.h"

#include <algorithm>
#include <array>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitive/hash.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kHeader = "entente/exchange/1";
constexpr std::string_view kSteps[] = {"tagset",  "screen", "disclose",
                                       "outcome", "recall", "onward"};
const std::string kNoAnswer(64, '0');

using Record = DaySet::value_type;
using Range = std::pair<DaySet::const_iterator, DaySet::const_iterator>;

std::uint8_t Nibble(const Hash& key, std::size_t depth) {
  const std::uint8_t b = key[depth / 2];
  return depth % 2 == 0 ? static_cast<std::uint8_t>(b >> 4U)
                        : static_cast<std::uint8_t>(b & 15U);
}

Hash InnerDigest(const std::array<Hash, 16>& children) {
  static constexpr ByteArray<1> kNode = {0x01};
  primitive::Sha256Stream stream;
  stream.Update(kNode);
  for (const Hash& child : children) stream.Update(child);
  return stream.Finish();
}

Hash DigestOf(const Range& range, std::size_t depth);

// The digests of the 16 children of a node whose keys agree up to `depth`: one
// pass over them, since they are sorted.
std::array<Hash, 16> ChildDigests(const Range& range, std::size_t depth) {
  std::array<Hash, 16> out{};
  auto at = range.first;
  for (std::uint8_t n = 0; n < 16; ++n) {
    const auto first = at;
    while (at != range.second && Nibble(at->first, depth) == n) ++at;
    out[n] = DigestOf({first, at}, depth + 1);
  }
  return out;
}

Hash DigestOf(const Range& range, std::size_t depth) {
  static constexpr ByteArray<1> kLeaf = {0x00};
  if (range.first == range.second) return Hash{};
  if (std::next(range.first) == range.second) {
    return primitive::Sha256({kLeaf, range.first->first, range.first->second});
  }
  return InnerDigest(ChildDigests(range, depth));
}

// The records whose keys begin with `nibbles`, each at most 15.
Range Under(const DaySet& set, ByteView nibbles) {
  Hash low{};
  Hash high;
  high.fill(0xff);
  for (std::size_t i = 0; i < nibbles.size(); ++i) {
    const unsigned shift = i % 2 == 0 ? 4U : 0U;
    const auto digit = static_cast<unsigned>(nibbles[i]) << shift;
    const unsigned rest = 0xffU ^ (0xfU << shift);
    low[i / 2] = static_cast<std::uint8_t>((low[i / 2] & rest) | digit);
    high[i / 2] = static_cast<std::uint8_t>((high[i / 2] & rest) | digit);
  }
  return {set.lower_bound(low), set.upper_bound(high)};
}

absl::StatusOr<Hash> ParseHash(std::string_view hex) {
  TRY(const Bytes raw, FromHex(hex));
  return ToArray<32>(raw);
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

std::string_view StepName(Step step) {
  return kSteps[static_cast<std::size_t>(step)];
}

Hash ExchangeKey(Step step, const Id16& id, std::uint32_t chunk) {
  const ByteArray<4> number = {static_cast<std::uint8_t>(chunk >> 24U),
                               static_cast<std::uint8_t>(chunk >> 16U),
                               static_cast<std::uint8_t>(chunk >> 8U),
                               static_cast<std::uint8_t>(chunk)};
  return primitive::Sha256({AsBytes("entente/exchange-key/1\n"),
                            AsBytes(StepName(step)), AsBytes("\n"), id,
                            number});
}

std::string ExchangeRecord::Text() const {
  return Join({kHeader, "\n", ToHex(agreement), "\n", StepName(step), "\n",
               ToHex(key), "\n", ToHex(first_leaf), "\n", ToHex(second_leaf),
               "\n", ToHex(first_message), "\n",
               answer ? ToHex(*answer) : kNoAnswer, "\n"});
}

Hash ExchangeRecord::Digest() const {
  return primitive::Sha256(AsBytes(Text()));
}

absl::StatusOr<ExchangeRecord> ParseExchangeRecord(std::string_view text) {
  const auto lines = Lines(text);
  if (lines.size() != 8 || lines[0] != kHeader) {
    return Invalid("malformed exchange record");
  }
  ExchangeRecord out;
  const auto step = std::find(std::begin(kSteps), std::end(kSteps), lines[2]);
  if (step == std::end(kSteps)) return Invalid("an unknown step");
  out.step = static_cast<Step>(step - std::begin(kSteps));
  TRY(out.agreement, ParseHash(lines[1]));
  TRY(out.key, ParseHash(lines[3]));
  TRY(out.first_leaf, ParseHash(lines[4]));
  TRY(out.second_leaf, ParseHash(lines[5]));
  TRY(out.first_message, ParseHash(lines[6]));
  if (lines[7] != kNoAnswer) {
    TRY(out.answer, ParseHash(lines[7]));
  }
  if (out.Text() != text) return Invalid("malformed exchange record");
  return out;
}

Bytes DaySetBytes(const DaySet& set) {
  Bytes out;
  out.reserve(set.size() * 64);
  for (const auto& [key, digest] : set) {
    out.insert(out.end(), key.begin(), key.end());
    out.insert(out.end(), digest.begin(), digest.end());
  }
  return out;
}

absl::StatusOr<DaySet> ParseDaySet(ByteView bytes) {
  if (bytes.size() % 64 != 0) return Invalid("malformed day set");
  DaySet out;
  for (; !bytes.empty(); bytes = bytes.subspan(64)) {
    TRY(const Hash key, ToArray<32>(bytes.first(32)));
    TRY(const Hash digest, ToArray<32>(bytes.subspan(32, 32)));
    if (!out.empty() && key <= out.rbegin()->first) {
      return Invalid("a day set whose keys do not rise");
    }
    out.emplace_hint(out.end(), key, digest);
  }
  return out;
}

absl::StatusOr<TrieNode> TrieNodeAt(const DaySet& set, ByteView nibbles) {
  if (nibbles.size() > 64) return Invalid("a path that is too long");
  if (std::any_of(nibbles.begin(), nibbles.end(),
                  [](std::uint8_t nibble) { return nibble > 15; }))
    return Invalid("a path with another digit");
  const Range range = Under(set, nibbles);
  TrieNode out;
  out.count =
      static_cast<std::uint64_t>(std::distance(range.first, range.second));
  if (out.count < 2) {
    out.digest = DigestOf(range, nibbles.size());
    if (out.count == 1) out.record = *range.first;
    return out;
  }
  const auto children = ChildDigests(range, nibbles.size());
  out.children.assign(children.begin(), children.end());
  out.digest = InnerDigest(children);
  return out;
}

Hash DayRoot(const DaySet& set) {
  return DigestOf({set.begin(), set.end()}, 0);
}

std::vector<Difference> Compare(const DaySet& here, const DaySet& there) {
  std::vector<Difference> out;
  for (const auto& [key, digest] : here) {
    const auto other = there.find(key);
    if (other == there.end()) {
      out.push_back({Difference::Kind::kMissingThere, key});
    } else if (other->second != digest) {
      out.push_back({Difference::Kind::kDiffers, key});
    }
  }
  for (const auto& [key, digest] : there) {
    if (!here.contains(key)) {
      out.push_back({Difference::Kind::kMissingHere, key});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  return out;
}

std::string DayNoteText(const Hash& agreement, std::string_view day,
                        const DaySet& set) {
  return Join({"entente/reconcile/1\n", ToHex(agreement), "\n", day, "\n",
               std::to_string(set.size()), "\n", ToBase64(DayRoot(set)), "\n"});
}

Hash AnswersRoot(std::span<const std::optional<ChunkAnswer>> chunks) {
  merkle::Tree tree;
  for (const auto& chunk : chunks) {
    const ChunkAnswer none{};  // 64 zero bytes
    const ChunkAnswer& item = chunk ? *chunk : none;
    tree.Append(merkle::LeafHash(Concat({item.leaf, item.answer})));
  }
  return tree.Root();
}

}  // namespace entente::ledger
