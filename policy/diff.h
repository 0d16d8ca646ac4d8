#pragma once
// What changed between two versions of an agreement: which acts are newly
// allowed, which are no longer, and what else is different. A version that is
// wider than the one before needs the opinion of every party's data protection
// officer.
//
// The acts are compared as sets (permitted.h), so the words cannot hide a
// change behind another spelling: what means the same is the same.
// Pure and total; the documents need not pass lint. Thread-safe.
// Source: agreements.md 6, "Diff"; docs/reference/agreement-diff.md.

#include <cstdint>
#include <string>
#include <vector>

#include "policy/permitted.h"

namespace entente::policy {

// Wider: allows an act that was not allowed, or weakens a safeguard.
enum class Bearing : std::uint8_t { kOther, kNarrower, kWider, kLast = kWider };

enum class DiffVerdict : std::uint8_t {
  kSame,      // nothing but the place in the chain of versions
  kOther,     // other words or keys; neither wider nor narrower
  kNarrower,  // narrower somewhere, wider nowhere
  kWider,     // wider somewhere
  kLast = kWider
};
std::string_view VerdictWord(DiffVerdict verdict);  // `WIDER`

// A value that is not about which acts are allowed. `path` as in
// Agreement::where; a row that only one version has has an empty value.
struct KeyChange {
  std::string path;
  std::string was;
  std::string now;
  Bearing bearing = Bearing::kOther;
  std::string text;  // plain words
  bool operator==(const KeyChange&) const = default;
};

// One line for people. Sign: `+` acts that are newly allowed, `-` acts that no
// longer are, `=` something about what stays.
struct DiffLine {
  char sign = '=';
  Bearing bearing = Bearing::kOther;
  std::string place;  // a clause, or the table of the document
  std::string text;
  bool operator==(const DiffLine&) const = default;
};

// Fields of one step, pair and purpose. `fields`: for at least one act that the
// other version does not allow. `anew`: those of them that the other version
// does not allow in any act.
struct DiffTuple {
  Action action = Action::kScreen;
  Side side = Side::kReleased;
  std::string holder;
  std::string asker;
  std::string purpose;
  std::vector<std::string> fields;
  std::vector<std::string> anew;
  bool operator==(const DiffTuple&) const = default;
};

struct AgreementDiff {
  Universe universe;
  std::vector<Box> before;  // what each version permits
  std::vector<Box> after;
  std::vector<Box> wider;     // after without before
  std::vector<Box> narrower;  // before without after
  std::vector<KeyChange> keys;
  std::vector<DiffLine> lines;
  std::size_t wider_places = 0;  // lines that are wider
  std::size_t narrower_places = 0;
  DiffVerdict verdict = DiffVerdict::kSame;

  // Every party's data protection officer must agree, or set conditions.
  bool NeedsOpinions() const { return verdict == DiffVerdict::kWider; }
};

AgreementDiff Compare(const Version& before, const Version& after);

// The newly allowed (of `wider`) or newly forbidden tuples, in the order of
// action, side, holder, asker, purpose.
std::vector<DiffTuple> NewlyAllowed(const AgreementDiff& diff);
std::vector<DiffTuple> NewlyForbidden(const AgreementDiff& diff);

// `ID version 1 -> version 2: WIDER in 3 places, narrower in 4. ...`
std::string Headline(const AgreementDiff& diff, const Agreement& before,
                     const Agreement& after);

}  // namespace entente::policy
