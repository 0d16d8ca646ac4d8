#include "crypto/merkle/policy.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/text.h"

namespace entente::merkle {
namespace {

using Words = std::vector<std::string_view>;

bool IsAllowedByte(char c) {
  const auto b = static_cast<std::uint8_t>(c);
  return b == 0x09 || (b >= 0x20 && b != 0x7f);
}

Words SplitWords(std::string_view line) {
  Words out;
  while (true) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return out;
    line.remove_prefix(start);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace

// Reads line by line into `policy_`. Members of groups and the quorum are
// numbered: witness i is i, group j is kMaxPolicyItems + j.
class TrustPolicy::Parser {
 public:
  absl::Status Line(std::string_view line) {
    if (!std::all_of(line.begin(), line.end(), IsAllowedByte)) {
      return Invalid("a byte that is not allowed");
    }
    const Words words = SplitWords(line);
    if (words.empty() || words[0].starts_with('#')) return absl::OkStatus();
    if (words[0] == "log") return Log(words);
    if (words[0] == "witness") return Witness(words);
    if (words[0] == "group") return Group(words);
    if (words[0] == "quorum") return Quorum(words);
    return Invalid("an unknown word at the start");
  }

  absl::StatusOr<TrustPolicy> Finish() {
    if (!quorum_seen_) return Invalid("a policy without a quorum line");
    return std::move(policy_);
  }

 private:
  absl::StatusOr<VerifierKey> TakeKey(std::string_view text, NoteKeyType type) {
    TRY(VerifierKey key, VerifierKey::Parse(text));
    if (key.type() != type) return Invalid("a key of the wrong type");
    const bool known =
        std::find(keys_.begin(), keys_.end(), key.key()) != keys_.end();
    if (known) return Invalid("a public key for the second time");
    keys_.push_back(key.key());
    return key;
  }

  absl::Status Log(const Words& words) {
    if (words.size() < 2 || words.size() > 3) return Invalid("malformed log");
    if (policy_.logs_.size() == kMaxPolicyItems)
      return Invalid("too many logs");
    TRY(VerifierKey key, TakeKey(words[1], NoteKeyType::kEd25519));
    policy_.logs_.push_back({std::move(key), Url(words, 2)});
    return absl::OkStatus();
  }

  absl::Status Witness(const Words& words) {
    if (words.size() < 3 || words.size() > 4) {
      return Invalid("malformed witness");
    }
    if (policy_.witnesses_.size() == kMaxPolicyItems) {
      return Invalid("too many witnesses");
    }
    TRY_OK(CheckNewName(words[1]));
    TRY(VerifierKey key, TakeKey(words[2], NoteKeyType::kCosignature));
    policy_.witnesses_.push_back(
        {std::string(words[1]), std::move(key), Url(words, 3)});
    return absl::OkStatus();
  }

  absl::Status Group(const Words& words) {
    if (words.size() < 4) return Invalid("malformed group");
    if (policy_.groups_.size() == kMaxPolicyItems) {
      return Invalid("too many groups");
    }
    TRY_OK(CheckNewName(words[1]));
    TrustPolicy::Group group{std::string(words[1]), 0, {}};
    for (std::string_view word : std::span(words).subspan(3)) {
      const auto member = Find(word);
      if (!member) return Invalid("an unknown member of a group");
      if (std::find(used_.begin(), used_.end(), *member) != used_.end()) {
        return Invalid("a name that is a member already");
      }
      used_.push_back(*member);
      group.members.push_back(*member);
    }
    TRY(group.threshold, Threshold(words[2], group.members.size()));
    policy_.groups_.push_back(std::move(group));
    return absl::OkStatus();
  }

  absl::Status Quorum(const Words& words) {
    if (words.size() != 2) return Invalid("malformed quorum");
    if (quorum_seen_) return Invalid("a second quorum line");
    quorum_seen_ = true;
    if (words[1] == "none") return absl::OkStatus();
    const auto member = Find(words[1]);
    if (!member) return Invalid("a quorum that names nobody known");
    policy_.quorum_ = *member;
    return absl::OkStatus();
  }

  static absl::StatusOr<std::size_t> Threshold(std::string_view word,
                                               std::size_t members) {
    if (word == "any") return std::size_t{1};
    if (word == "all") return members;
    TRY(const std::uint64_t k, ParseDecimal(word));
    if (k < 1 || k > members) return Invalid("a threshold out of range");
    return static_cast<std::size_t>(k);
  }

  absl::Status CheckNewName(std::string_view name) const {
    if (name == "none" || Find(name)) return Invalid("a name that is taken");
    return absl::OkStatus();
  }

  std::optional<std::size_t> Find(std::string_view name) const {
    for (std::size_t i = 0; i < policy_.witnesses_.size(); ++i) {
      if (policy_.witnesses_[i].name == name) return i;
    }
    for (std::size_t i = 0; i < policy_.groups_.size(); ++i) {
      if (policy_.groups_[i].name == name) return kMaxPolicyItems + i;
    }
    return std::nullopt;
  }

  static std::string Url(const Words& words, std::size_t i) {
    return i < words.size() ? std::string(words[i]) : std::string();
  }

  TrustPolicy policy_;
  bool quorum_seen_ = false;
  std::vector<primitive::PublicKey> keys_;
  std::vector<std::size_t> used_;
};

absl::StatusOr<TrustPolicy> TrustPolicy::Parse(std::string_view text) {
  Parser parser;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto line = TakeLine(text);
    const absl::Status status =
        line ? parser.Line(*line) : Invalid("no line feed at the end");
    if (!status.ok()) {
      return Invalid("policy file, line ", std::to_string(number), ": ",
                     MessageOf(status));
    }
  }
  return parser.Finish();
}

bool TrustPolicy::QuorumMet(const std::vector<bool>& cosigned) const {
  if (quorum_ == kNone) return true;
  std::vector<bool> group_met(groups_.size(), false);
  const auto met = [&](std::size_t member) {
    return member < kMaxPolicyItems
               ? member < cosigned.size() && cosigned[member]
               : group_met[member - kMaxPolicyItems];
  };
  // Members are defined before their group, so one pass in order is enough.
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const auto count = std::count_if(groups_[i].members.begin(),
                                     groups_[i].members.end(), met);
    group_met[i] = static_cast<std::size_t>(count) >= groups_[i].threshold;
  }
  return met(quorum_);
}

absl::StatusOr<TrustPolicy::Trusted> TrustPolicy::Open(
    std::string_view note) const {
  Trusted out;
  TRY(out.note, ParseNote(note));
  TRY(out.checkpoint, ParseCheckpoint(out.note.text));
  // Log keys of other logs do not count for this origin.
  std::vector<VerifierKey> known;
  std::vector<std::size_t> log_of;
  for (std::size_t i = 0; i < logs_.size(); ++i) {
    if (logs_[i].key.name() != out.checkpoint.origin) continue;
    known.push_back(logs_[i].key);
    log_of.push_back(i);
  }
  if (known.empty()) return Unauthenticated("a log that the policy lacks");
  for (const Witness& witness : witnesses_) known.push_back(witness.key);
  TRY(const std::vector<VerifiedLine> verified,
      VerifyLines(out.note.text, out.note.lines, known));
  bool logged = false;
  std::vector<bool> cosigned(witnesses_.size(), false);
  for (const VerifiedLine& line : verified) {
    if (line.key < log_of.size()) {
      if (!logged) out.log = log_of[line.key];
      logged = true;
      continue;
    }
    const std::size_t witness = line.key - log_of.size();
    cosigned[witness] = true;
    out.cosigned.push_back({witness, line.time});
  }
  if (!logged) return Unauthenticated("no signature of the log");
  out.quorum_met = QuorumMet(cosigned);
  return out;
}

absl::StatusOr<TrustPolicy::Trusted> TrustPolicy::Check(
    std::string_view note) const {
  TRY(Trusted out, Open(note));
  if (!out.quorum_met) {
    return Unauthenticated("too few witnesses cosigned this head");
  }
  return out;
}

}  // namespace entente::merkle
