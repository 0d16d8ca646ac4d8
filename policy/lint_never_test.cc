// 202 is exact: a clause is reported if and only if no request can ever be
// permitted under it. Shown from both sides on random agreements: against a
// reading of the document's words that shares no code with lint, and against
// Evaluate with the best facts.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "policy/fixture.h"
#include "policy/lint.h"

namespace entente::policy {
namespace {

const Catalogues& Files() {
  static const Catalogues files = fixture::RealCatalogues();
  return files;
}

bool Names(const std::vector<std::string>& words, const std::string& code) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return word == "any" || word == code || code.starts_with(word + ".");
  });
}

bool CutsField(const Restriction& r, Action action, const std::string& purpose,
               const std::string& field) {
  if (!r.always || (!r.any_action && !r.actions.Has(action))) return false;
  const bool named =
      std::find(r.fields.begin(), r.fields.end(), field) != r.fields.end();
  return (named || r.fields == std::vector<std::string>{"any"}) &&
         Names(r.purposes, purpose);
}

bool LeavesSomething(const Agreement& a, const Clause& clause,
                     const Party& holder, const std::string& purpose) {
  return std::any_of(
      clause.fields.begin(), clause.fields.end(), [&](const std::string& f) {
        for (const Prohibition& p : a.prohibitions) {
          if (CutsField(p, clause.action, purpose, f)) return false;
        }
        for (const Reservation& r : a.reservations) {
          if (r.by == holder.code && CutsField(r, clause.action, purpose, f)) {
            return false;
          }
        }
        return true;
      });
}

bool CanEverPermit(const Agreement& a, const Clause& clause) {
  for (const Party& holder : a.parties) {
    for (const Party& asker : a.parties) {
      const bool pair = clause.each() ? holder.code != asker.code
                                      : holder.code == clause.holder &&
                                            asker.code == clause.asker;
      if (!pair || asker.history_from >= a.validity.until) continue;
      for (const Purpose& purpose : Files().purposes.purposes()) {
        if (Names(clause.purposes, purpose.code) &&
            LeavesSomething(a, clause, holder, purpose.code)) {
          return true;
        }
      }
    }
  }
  return false;
}

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  Agreement Make() {
    Agreement a = fixture::Must(Agreement::Parse(fixture::DemoAgreement()));
    a.clauses[0].purposes = {Pick(kPurposes)};
    a.clauses[1].purposes = {Pick(kPurposes)};
    for (Party& party : a.parties) {
      if (random_() % 3 != 0) continue;
      party.history_from =
          a.validity.until + static_cast<std::int64_t>(random_() % 3) - 1;
    }
    for (char c = 'a'; c < 'd'; ++c) {
      if (random_() % 2 == 0) continue;
      Prohibition p;
      Fill(p, std::string("a") + c);
      a.prohibitions.insert(a.prohibitions.begin(), p);
    }
    a.reservations.clear();
    for (char c = 'a'; c < 'd'; ++c) {
      if (random_() % 2 == 0) continue;
      Reservation r;
      Fill(r, std::string("r") + c);
      r.by = random_() % 2 == 0 ? "QOR" : "QVA";
      a.reservations.push_back(r);
    }
    std::sort(
        a.prohibitions.begin(), a.prohibitions.end(),
        [](const Prohibition& x, const Prohibition& y) { return x.id < y.id; });
    return fixture::Must(Agreement::Parse(Emit(a)));
  }

 private:
  static constexpr std::array<const char*, 4> kPurposes{
      "terrorism", "terrorism.travel", "terrorism.financing",
      "vital.missing-person"};

  template <class List>
  std::string Pick(const List& list) {
    return list[random_() % list.size()];
  }
  void Fill(Restriction& r, const std::string& id) {
    r.id = id;
    r.article = "Article 1";
    r.any_action = random_() % 3 == 0;
    if (!r.any_action) {
      r.actions.Add(static_cast<Action>(random_() % 4));
      r.actions.Add(static_cast<Action>(random_() % 4));
    }
    r.purposes = {random_() % 2 == 0 ? "any" : Pick(kPurposes)};
    if (random_() % 3 == 0) {
      r.fields = {"any"};
    } else {
      std::set<std::string> fields;
      for (const char* field :
           {"doc.number", "person.family-name", "person.given-names",
            "hit.handle", "hit.rule", "hit.tier"}) {
        if (random_() % 4 != 0) fields.insert(field);
      }
      fields.insert("doc.number");
      r.fields.assign(fields.begin(), fields.end());
    }
    r.always = random_() % 5 != 0;
    if (!r.always) {
      // Never on a screening: that is 205.
      r.any_action = false;
      r.actions = WordSet<Action>::Of({Action::kDisclose, Action::kOnward});
      r.when.Add(Flag::kMinor);
    }
  }

  std::mt19937 random_;
};

Facts BestFacts(const Compiled& compiled, const Clause& clause,
                std::uint8_t holder, std::uint8_t asker, std::uint8_t purpose) {
  Facts f = clause.action == Action::kScreen ? fixture::ScreenFacts(compiled)
                                             : fixture::DiscloseFacts(compiled);
  f.action = clause.action;
  f.holder = holder;
  f.asker = asker;
  f.purpose = purpose;
  f.basis = *compiled.BasisIndex(clause.bases[0]);
  f.now = compiled.agreement().validity.until - 1;
  f.record_age = 0;
  f.units = 1;
  f.asked = *compiled.FieldBits(clause.fields);
  f.approvals_holder = 5;
  f.approvals_asker = 5;
  if (clause.action == Action::kOnward) {
    f.receiver = 1;
    f.role = static_cast<std::uint8_t>(Role::kApprover);
    f.urgency = static_cast<std::uint8_t>(Urgency::kUrgent);
  }
  return f;
}

bool EvaluatePermits(const Compiled& compiled, std::uint16_t index) {
  const Clause& clause = compiled.agreement().clauses[index];
  for (std::uint8_t holder = 0; holder < 2; ++holder) {
    for (std::uint8_t p = 0; p < compiled.purposes().size(); ++p) {
      const Decision decision =
          Evaluate(compiled, Local{},
                   BestFacts(compiled, clause, holder,
                             static_cast<std::uint8_t>(1 - holder), p));
      if (decision.outcome == Outcome::kPermit && decision.clause == index) {
        return true;
      }
    }
  }
  return false;
}

TEST(LintNeverTest, AClauseIsReportedExactlyWhenItCanNeverPermit) {
  Maker maker(202);
  int dead = 0;
  int alive = 0;
  int evaluated = 0;
  for (int round = 0; round < 2000; ++round) {
    const Agreement a = maker.Make();
    const Findings findings = Lint(a, Files());
    std::set<int> lines;
    for (const Finding& finding : findings) {
      if (finding.code == 202) lines.insert(finding.line);
    }
    for (std::size_t i = 0; i < a.clauses.size(); ++i) {
      const bool reported =
          lines.count(a.PositionOf("clause." + a.clauses[i].id + ".id").line) !=
          0;
      EXPECT_EQ(reported, !CanEverPermit(a, a.clauses[i]))
          << a.clauses[i].id << "\n"
          << AsText(Emit(a));
      ++(reported ? dead : alive);
    }
    if (HasErrors(findings) || round % 10 != 0) continue;
    const Compiled compiled = fixture::Compile(Emit(a));
    for (std::uint16_t i = 0; i < a.clauses.size(); ++i) {
      EXPECT_TRUE(EvaluatePermits(compiled, i)) << AsText(Emit(a));
      ++evaluated;
    }
  }
  EXPECT_GT(dead, 500);
  EXPECT_GT(alive, 500);
  EXPECT_GT(evaluated, 50);
}

}  // namespace
}  // namespace entente::policy
