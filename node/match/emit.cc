#include "node/match/emit.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "crypto/base/secret.h"

namespace entente::match {
namespace {

constexpr char kSeparator = '\x1f';
constexpr std::string_view kPrefix = "entente/recipe/1";
constexpr std::size_t kDeletionReach = 12;
constexpr std::size_t kDeletionLeast = 3;
constexpr std::size_t kUntypedReach = 5;

constexpr std::uint8_t CodeOf(Rule rule) {
  return static_cast<std::uint8_t>(rule);
}

// The rules, one function each, in terms of section 4. `plain` and `factored`
// name the two forms of a rule where it has both.
class PeerRules {
 public:
  PeerRules(const Unit& unit, KeyWriter& out)
      : name_(unit.name),
        common_(unit.common),
        date_(unit.date),
        unit_(unit),
        out_(out) {
    if (!date_.full()) return;
    parts_ = {
        "Y" + std::string(date_.year()) + "M" + std::string(date_.month()),
        "Y" + std::string(date_.year()) + "D" + std::string(date_.day()),
        "M" + std::string(date_.month()) + "D" + std::string(date_.day())};
  }

  void Emit(Rule rule);

 private:
  using Fields = std::initializer_list<std::string_view>;
  void Put(Rule rule, Fields fields) { out_.Put(CodeOf(rule), fields); }
  void PutFactored(Rule rule, Fields fields) {
    out_.PutWithFactors(CodeOf(rule), fields, common_);
  }
  // The form of the rule decides whether factors follow.
  void PutForm(Rule rule, Fields fields) {
    IsFactored(rule) ? PutFactored(rule, fields) : Put(rule, fields);
  }
  static bool IsFactored(Rule rule) { return (CodeOf(rule) & 0x80U) != 0; }

  bool two() const { return name_.ts.size() >= 2; }
  bool dated() const { return date_.full(); }

  void Documents(Rule rule);
  void Pairs(Rule rule, std::string_view date);
  void Initials(Rule rule);
  void TypedInitials(Rule rule);
  void UntypedInitials(Rule rule);
  void PutInitials(Rule rule);
  void Swapped(Rule rule);
  void Deletions(Rule rule, std::string_view whole, std::string_view initial);
  void Parts(Rule rule, std::string_view names);
  void NearYears();
  void Forms();
  void Singles();
  void Selections();

  const NameTerms& name_;
  const CommonTerms& common_;
  const BirthDate& date_;
  const Unit& unit_;
  KeyWriter& out_;
  std::array<std::string, 3> parts_;
  std::vector<std::pair<std::string_view, std::string_view>> initials_;
};

void PeerRules::Documents(Rule rule) {
  for (const DocumentTerms& document : common_.documents) {
    if (rule == Rule::kA2) {
      if (dated()) Put(rule, {document.number, date_.text});
    } else if (!document.issuer.empty()) {
      Put(rule, {document.number, document.issuer,
                 std::string_view(&document.document_class, 1)});
    }
  }
}

void PeerRules::Pairs(Rule rule, std::string_view date) {
  const NameTerms::Views& use = name_.use;
  for (std::size_t a = 0; a < use.size(); ++a) {
    for (std::size_t b = a + 1; b < use.size(); ++b) {
      PutForm(rule, {use[a], use[b], date});
    }
  }
}

void PeerRules::Initials(Rule rule) {
  if (!dated() || !name_.enough()) return;
  initials_.clear();
  name_.typed ? TypedInitials(rule) : UntypedInitials(rule);
  PutInitials(rule);
}

void PeerRules::TypedInitials(Rule) {
  const std::string_view surname = name_.surname;
  const std::string_view given = name_.given;
  initials_.emplace_back(name_.surname_skeleton, given.substr(0, 1));
  initials_.emplace_back(name_.given_skeleton, surname.substr(0, 1));
}

void PeerRules::UntypedInitials(Rule) {
  const std::size_t reach = std::min(name_.t.size(), kUntypedReach);
  for (std::size_t i = 0; i < reach; ++i) {
    if (name_.t[i].size() < 2) continue;
    for (std::size_t j = 0; j < reach; ++j) {
      if (i == j) continue;
      initials_.emplace_back(name_.skeletons[i], name_.t[j].substr(0, 1));
    }
  }
}

void PeerRules::PutInitials(Rule rule) {
  std::sort(initials_.begin(), initials_.end());
  initials_.erase(std::unique(initials_.begin(), initials_.end()),
                  initials_.end());
  for (const auto& [skeleton, initial] : initials_) {
    PutForm(rule, {skeleton, initial, date_.text});
  }
}

// Day and month the other way round make the same text.
void PeerRules::Swapped(Rule rule) {
  if (!dated() || date_.day() > "12" || date_.day() == date_.month()) return;
  const auto [low, high] = std::minmax({date_.day(), date_.month()});
  const std::string text =
      std::string(date_.year()) + std::string(low) + std::string(high);
  Pairs(rule, text);
}

void PeerRules::Deletions(Rule rule, std::string_view whole,
                          std::string_view initial) {
  if (!dated() || !name_.typed || whole.size() < kDeletionLeast) return;
  const std::string_view near = whole.substr(0, kDeletionReach);
  Put(rule, {near, initial, date_.text});
  std::string without;
  for (std::size_t i = 0; i < near.size(); ++i) {
    without.assign(near.substr(0, i)).append(near.substr(i + 1));
    Put(rule, {without, initial, date_.text});
  }
}

void PeerRules::Parts(Rule rule, std::string_view names) {
  if (!dated() || !two() || names.empty()) return;
  for (const std::string& part : parts_) Put(rule, {names, part});
}

void PeerRules::NearYears() {
  if (!date_.any() || !two()) return;
  const int reach = unit_.side == Side::kList ? 3 : 0;
  ForEachYear(date_, -reach, reach, [&](std::string_view year, int off) {
    // The list leaves its own year to B7.
    if (unit_.side == Side::kQuery || off != 0) {
      Put(Rule::kC2, {name_.n, year});
    }
  });
}

void PeerRules::Forms() {
  if (!date_.any() || !two()) return;
  ForEachForm(unit_, [&](std::string_view form, std::string_view year) {
    PutFactored(Rule::kC3F, {form, year});
  });
}

void PeerRules::Singles() {
  if (!dated()) return;
  for (const std::string_view skeleton : name_.ph) {
    if (skeleton.size() >= 2) PutFactored(Rule::kC4, {skeleton, date_.text});
  }
}

void PeerRules::Selections() {
  if (!date_.any() || !two()) return;
  ForEachSelection(name_, [&](std::string_view selection) {
    PutFactored(Rule::kC5F, {selection, date_.year()});
  });
}

void PeerRules::Emit(Rule rule) {
  switch (rule) {
    case Rule::kA1:
    case Rule::kA2:
      return Documents(rule);
    case Rule::kA3:
      if (dated() && two()) Put(rule, {name_.n, date_.text});
      return;
    case Rule::kA4:
      if (dated() && name_.typed) {
        Put(rule, {name_.surname, name_.given, date_.text});
      }
      return;
    case Rule::kB1:
    case Rule::kB1F:
      if (dated()) Pairs(rule, date_.text);
      return;
    case Rule::kB2:
    case Rule::kB2F:
      return Initials(rule);
    case Rule::kB3:
      return Deletions(rule, name_.surname,
                       std::string_view(name_.given).substr(0, 1));
    case Rule::kB4:
      return Deletions(rule, name_.given,
                       std::string_view(name_.surname).substr(0, 1));
    case Rule::kB5:
    case Rule::kB5F:
      return Swapped(rule);
    case Rule::kB6:
      return Parts(rule, name_.n);
    case Rule::kB7:
    case Rule::kB7F:
      if (date_.any() && two()) PutForm(rule, {name_.n, date_.year()});
      return;
    case Rule::kC1:
      return Parts(rule, name_.pn);
    case Rule::kC2:
      return NearYears();
    case Rule::kC3F:
      return Forms();
    case Rule::kC4:
      return Singles();
    case Rule::kC5F:
      return Selections();
  }
}

// The order of section 6: what is cut at the limit stands last.
constexpr Rule kOrder[] = {Rule::kA1,  Rule::kA2,  Rule::kA3,  Rule::kA4,
                           Rule::kB1,  Rule::kB1F, Rule::kB2,  Rule::kB2F,
                           Rule::kB6,  Rule::kB7,  Rule::kB7F, Rule::kB5,
                           Rule::kB5F, Rule::kB3,  Rule::kB4,  Rule::kC1,
                           Rule::kC2,  Rule::kC3F, Rule::kC4,  Rule::kC5F};

}  // namespace

KeyWriter::~KeyWriter() {
  text_.resize(text_.capacity());
  Wipe({reinterpret_cast<std::uint8_t*>(text_.data()), text_.size()});
}

void KeyWriter::Start(std::uint8_t code,
                      std::initializer_list<std::string_view> fields) {
  text_.assign(kPrefix);
  text_.push_back(kSeparator);
  text_.append(RuleName(code));
  for (const std::string_view field : fields) {
    text_.push_back(kSeparator);
    text_.append(field);
  }
}

void KeyWriter::Hand(std::uint8_t code) {
  full_ = full_ || !sink_.Add(code, AsBytes(text_));
}

void KeyWriter::Put(std::uint8_t code,
                    std::initializer_list<std::string_view> fields) {
  if (full_) return;
  Start(code, fields);
  Hand(code);
}

void KeyWriter::PutWithFactors(std::uint8_t code,
                               std::initializer_list<std::string_view> fields,
                               const CommonTerms& common) {
  if (full_) return;
  Start(code, fields);
  const std::size_t length = text_.size();
  for (const auto& [sex, nationality] : common.factors) {
    text_.resize(length);
    text_.push_back(kSeparator);
    text_.push_back(sex);
    text_.push_back(kSeparator);
    text_.append(nationality);
    Hand(code);
  }
}

void EmitPeerRules(const Unit& unit, RuleFilter filter, KeyWriter& out) {
  PeerRules rules(unit, out);
  for (const Rule rule : kOrder) {
    if (out.full()) return;
    if (filter.wants(CodeOf(rule))) rules.Emit(rule);
  }
}

}  // namespace entente::match
