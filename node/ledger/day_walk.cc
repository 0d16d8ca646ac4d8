#include "node/ledger/day_walk.h"

#include <algorithm>
#include <charconv>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kNoteHeader = "entente/reconcile/1";

std::uint8_t NibbleOf(const Hash& key, std::size_t depth) {
  const std::uint8_t b = key[depth / 2];
  return depth % 2 == 0 ? static_cast<std::uint8_t>(b >> 4U)
                        : static_cast<std::uint8_t>(b & 15U);
}

bool StandsBelow(const Hash& key, ByteView nibbles) {
  for (std::size_t i = 0; i < nibbles.size(); ++i) {
    if (NibbleOf(key, i) != nibbles[i]) return false;
  }
  return true;
}

// The lowest key below `nibbles`.
Hash FirstKey(ByteView nibbles) {
  Hash key{};
  for (std::size_t i = 0; i < nibbles.size(); ++i) {
    const unsigned shift = i % 2 == 0 ? 4U : 0U;
    key[i / 2] = static_cast<std::uint8_t>(key[i / 2] | nibbles[i] << shift);
  }
  return key;
}

DaySet Below(const DaySet& set, ByteView nibbles, std::size_t most) {
  DaySet out;
  for (auto it = set.lower_bound(FirstKey(nibbles));
       it != set.end() && out.size() < most && StandsBelow(it->first, nibbles);
       ++it)
    out.insert(out.end(), *it);
  return out;
}

Hash DigestOf(const std::vector<Hash>& children) {
  static constexpr ByteArray<1> kInner = {0x01};
  primitive::Sha256Stream stream;
  stream.Update(kInner);
  for (const Hash& child : children) stream.Update(child);
  return stream.Finish();
}

absl::Status Misfit(std::string_view what) {
  return ProofFailed("an answer about a day does not fit its signed root: ",
                     what);
}

class Walker {
 public:
  Walker(const DaySet& here, const AskDayNode& ask, std::size_t most)
      : here_(here), ask_(ask), most_(most) {}

  // `theirs` differs from the own digest at `path`.
  absl::Status Visit(const Bytes& path, const Hash& theirs) {
    if (theirs == Hash{}) {
      Note(Compare(Below(here_, path, most_ + 1), {}));
      return absl::OkStatus();
    }
    if (Full()) return absl::OkStatus();
    ++out_.asked;
    TRY(const DayNode node, ask_(path));
    TRY_OK(CheckDayNode(node, path, theirs));
    if (!node.children.empty()) return VisitChildren(path, node.children);
    const DaySet there(node.records.begin(), node.records.end());
    Note(Compare(Below(here_, path, most_ + kFewRecords + 1), there));
    return absl::OkStatus();
  }
  DayWalk Take() { return std::move(out_); }

 private:
  absl::Status VisitChildren(const Bytes& path,
                             const std::vector<Hash>& theirs) {
    TRY(const TrieNode ours, TrieNodeAt(here_, path));
    Bytes child = path;
    child.push_back(0);
    for (std::uint8_t n = 0; n < 16; ++n) {
      child.back() = n;
      Hash own{};
      if (!ours.children.empty()) {
        own = ours.children[n];
      } else if (ours.record && StandsBelow(ours.record->first, child)) {
        own = ours.digest;  // of a single record, wherever it stands
      }
      if (own != theirs[n]) TRY_OK(Visit(child, theirs[n]));
    }
    return absl::OkStatus();
  }
  bool Full() {
    out_.more = out_.more || out_.differences.size() >= most_;
    return out_.more;
  }
  void Note(const std::vector<Difference>& found) {
    for (const Difference& difference : found) {
      if (Full()) return;
      out_.differences.push_back(difference);
    }
  }

  const DaySet& here_;
  const AskDayNode& ask_;
  const std::size_t most_;
  DayWalk out_;
};

}  // namespace

absl::StatusOr<DayNote> ParseDayNote(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (lines.size() != 5 || lines[0] != kNoteHeader)
    return Invalid("malformed day note");
  DayNote out;
  TRY(const Bytes agreement, FromHex(lines[1]));
  TRY(out.agreement, ToArray<32>(agreement));
  out.day = lines[2];
  const char* const end = lines[3].data() + lines[3].size();
  const auto parsed = std::from_chars(lines[3].data(), end, out.count);
  TRY(const Bytes root, FromBase64(lines[4]));
  TRY(out.root, ToArray<32>(root));
  const std::string again =
      Join({kNoteHeader, "\n", ToHex(out.agreement), "\n", out.day, "\n",
            std::to_string(out.count), "\n", ToBase64(out.root), "\n"});
  if (parsed.ptr != end || again != text) return Invalid("malformed day note");
  return out;
}

absl::StatusOr<DayNode> DayNodeAt(const DaySet& set, ByteView nibbles) {
  TRY(TrieNode node, TrieNodeAt(set, nibbles));
  DayNode out;
  out.count = node.count;
  out.digest = node.digest;
  if (node.count > kFewRecords) {
    out.children = std::move(node.children);
    return out;
  }
  for (const auto& record : Below(set, nibbles, kFewRecords))
    out.records.emplace_back(record.first, record.second);
  return out;
}

absl::Status CheckDayNode(const DayNode& node, ByteView nibbles,
                          const Hash& expected) {
  if (node.digest != expected) return Misfit("digest");
  if (node.count > kFewRecords) {
    if (node.children.size() != 16 || !node.records.empty() ||
        nibbles.size() >= 64 || DigestOf(node.children) != expected)
      return Misfit("children");
    return absl::OkStatus();
  }
  if (!node.children.empty() || node.records.size() != node.count)
    return Misfit("form");
  DaySet set;
  for (const auto& [key, digest] : node.records) {
    if (!StandsBelow(key, nibbles)) return Misfit("place");
    if (!set.empty() && key <= set.rbegin()->first) return Misfit("order");
    set.emplace_hint(set.end(), key, digest);
  }
  TRY(const TrieNode again, TrieNodeAt(set, nibbles));
  return again.digest == expected ? absl::OkStatus() : Misfit("records");
}

absl::StatusOr<DayWalk> WalkDay(const DaySet& here, const Hash& root,
                                const AskDayNode& ask, std::size_t most) {
  Walker walker(here, ask, most);
  if (DayRoot(here) != root) TRY_OK(walker.Visit({}, root));
  return walker.Take();
}

}  // namespace entente::ledger
