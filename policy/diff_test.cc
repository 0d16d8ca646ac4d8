// The diff against an oracle that knows only Evaluate (diff_oracle.h), and its
// words.
#include "policy/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <tuple>

#include "policy/diff_oracle.h"
#include "policy/many_clauses.h"
#include "policy/rewrite.h"

namespace entente::policy {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using oracle::Point;
using oracle::Random;

// A tuple with one field.
using Tuple = std::tuple<Action, Side, std::string, std::string, std::string,
                         std::string>;
using Tuples = std::set<Tuple>;

Tuple TupleOf(const Point& p) {
  return {p.action, p.side, p.holder, p.asker, p.leaf, p.field};
}

Tuples Flat(const std::vector<DiffTuple>& tuples) {
  Tuples out;
  for (const DiffTuple& t : tuples) {
    for (const std::string& field : t.fields) {
      out.insert({t.action, t.side, t.holder, t.asker, t.purpose, field});
    }
  }
  return out;
}

Agreement Edited(const std::map<std::string, std::string>& values) {
  return fixture::Must(Agreement::Parse(
      fixture::Must(Rewrite(fixture::DemoAgreement(), values))));
}

AgreementDiff DiffOf(const Agreement& before, const Agreement& after) {
  return Compare({before, oracle::Real()}, {after, oracle::Real()});
}

AgreementDiff FromDemo(const std::map<std::string, std::string>& values) {
  return DiffOf(oracle::Demo(), Edited(values));
}

std::vector<std::string> Texts(const AgreementDiff& diff) {
  std::vector<std::string> out;
  for (const DiffLine& line : diff.lines) {
    out.push_back(std::string(1, line.sign) + " " + line.place + "  " +
                  line.text);
  }
  return out;
}

// What Evaluate says of every point of the grid, against the sets of the diff:
// point by point, and then as tuples.
struct Walked {
  std::size_t allowed = 0;
  std::size_t forbidden = 0;
};
Walked ExpectTheOraclesTuples(const Agreement& before, const Agreement& after) {
  const Compiled a = fixture::Must(oracle::Load(before));
  const Compiled b = fixture::Must(oracle::Load(after));
  const AgreementDiff diff = DiffOf(before, after);
  Tuples allowed;
  Tuples forbidden;
  int wrong = 0;
  oracle::Walk(oracle::GridOf(before, after), [&](const Point& p) {
    const bool was = oracle::Permits(a, p);
    const bool now = oracle::Permits(b, p);
    if (now && !was) allowed.insert(TupleOf(p));
    if (was && !now) forbidden.insert(TupleOf(p));
    const Act act = oracle::ActOf(diff.universe, p);
    wrong += Holds(diff.wider, act) != (now && !was) ? 1 : 0;
    wrong += Holds(diff.narrower, act) != (was && !now) ? 1 : 0;
    return was || now;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(Flat(NewlyAllowed(diff)), allowed);
  EXPECT_EQ(Flat(NewlyForbidden(diff)), forbidden);
  return {allowed.size(), forbidden.size()};
}

TEST(DiffTest, ADocumentDiffersInNothingFromItself) {
  for (const Bytes& bytes :
       {fixture::DemoAgreement(), fixture::HitAgreement()}) {
    const Agreement a = fixture::Must(Agreement::Parse(bytes));
    const AgreementDiff diff = DiffOf(a, a);
    EXPECT_EQ(diff.verdict, DiffVerdict::kSame);
    EXPECT_THAT(diff.wider, IsEmpty());
    EXPECT_THAT(diff.narrower, IsEmpty());
    EXPECT_THAT(diff.lines, IsEmpty());
    EXPECT_FALSE(diff.NeedsOpinions());
  }
}

// The place in the chain and another spelling of the same meaning.
TEST(DiffTest, AnotherSpellingIsTheSame) {
  Agreement next = oracle::Demo();
  next.version = 2;
  next.replaces = DocumentHash(fixture::DemoAgreement());
  for (Clause& clause : next.clauses) {
    clause.purposes = {"terrorism.financing",   "terrorism.offence",
                       "terrorism.preparation", "terrorism.recruitment",
                       "terrorism.training",    "terrorism.travel"};
  }
  const AgreementDiff diff = DiffOf(oracle::Demo(), next);
  EXPECT_EQ(diff.verdict, DiffVerdict::kSame);
  EXPECT_THAT(diff.lines, IsEmpty());
}

// The two examples allow the same acts; they differ in dates and pinned files.
TEST(DiffTest, TheTwoExamplesAllowTheSameActs) {
  const Agreement demo = oracle::Demo();
  Agreement hit = fixture::Must(Agreement::Parse(fixture::HitAgreement()));
  const AgreementDiff diff = DiffOf(demo, hit);
  EXPECT_THAT(NewlyAllowed(diff), IsEmpty());
  EXPECT_THAT(NewlyForbidden(diff), IsEmpty());
  EXPECT_EQ(diff.verdict, DiffVerdict::kWider);  // `until`, other catalogues
  EXPECT_THAT(Texts(diff),
              Contains(AllOf(HasSubstr("in force until"),
                             HasSubstr("(later); counts as wider"))));
  // The same found by walking, once the hit agreement pins real files.
  hit.purposes_catalogue = demo.purposes_catalogue;
  hit.fields_catalogue = demo.fields_catalogue;
  hit.profiles_catalogue = demo.profiles_catalogue;
  hit.match_recipe = demo.match_recipe;
  hit.parties[0].history_from = demo.parties[0].history_from;
  hit.parties[1].history_from = demo.parties[1].history_from;
  const Walked walked = ExpectTheOraclesTuples(demo, hit);
  EXPECT_EQ(walked.allowed + walked.forbidden, 0U);
}

TEST(DiffTest, SmallEditsGiveTheTuplesOfTheOracle) {
  const std::vector<std::map<std::string, std::string>> edits{
      {{"clause.disclose-terrorism.fields",
        "doc.issuer,doc.number,hit.reason,person.nationality"}},
      {{"clause.disclose-terrorism.offered_fields", "doc.number,person.sex"}},
      {{"clause.disclose-terrorism.purposes",
        "terrorism.travel,vital.missing-person"}},
      {{"clause.disclose-terrorism.urgency", "routine,urgent,vital"},
       {"clause.disclose-terrorism.routes", "arrives"}},
      {{"clause.disclose-terrorism.bases", "court-order"}},
      {{"clause.disclose-terrorism.reviewers_holder", "2"},
       {"clause.disclose-terrorism.quota_per_day", "300"}},
      {{"clause.onward-court.quota_per_case", "5"},
       {"clause.onward-court.reviewers_holder", "3"}},
      {{"clause.onward-court.onward_to", "QVA.police,QVA.prosecutor"}},
      {{"clause.onward-court.holder", "QVA"},
       {"clause.onward-court.asker", "QOR"}},
      {{"clause.screen-terrorism.record_age_max_hours", "24"},
       {"clause.screen-terrorism.match_set", "narrow"}},
      {{"prohibition.human-rights.when", "political-offence,minor"}},
      {{"prohibition.human-rights.actions", "onward"}},
      {{"reservation.minors.when", "always"}, {"reservation.minors.by", "QOR"}},
      {{"reservation.minors.fields", "flight.number,doc.number"},
       {"reservation.minors.purposes", "terrorism.financing"}},
  };
  std::size_t changes = 0;
  for (const auto& edit : edits) {
    SCOPED_TRACE(edit.begin()->first);
    const Walked walked = ExpectTheOraclesTuples(oracle::Demo(), Edited(edit));
    EXPECT_GT(walked.allowed + walked.forbidden, 0U);
    changes += walked.allowed + walked.forbidden;
  }
  EXPECT_GT(changes, 500U);
}

// --- Random pairs.

using Edit = void (*)(Random&, Agreement&);

Clause& SomeClause(Random& random, Agreement& a) {
  return a.clauses[oracle::Below(random, a.clauses.size())];
}

// In or out; never empty, always sorted.
void Toggle(Random& random, std::vector<std::string>& list,
            const std::vector<std::string>& pool) {
  const std::string& word = oracle::OneOf(random, pool);
  const auto at = std::find(list.begin(), list.end(), word);
  if (at == list.end()) {
    list.push_back(word);
  } else if (list.size() > 1) {
    list.erase(at);
  }
  std::sort(list.begin(), list.end());
}
template <class E>
void ToggleWord(Random& random, WordSet<E>& set) {
  const std::uint32_t bit =
      1U << oracle::Below(random, WordList<E>::kWords.size());
  if ((set.bits ^ bit) != 0) set.bits ^= bit;
}

const std::vector<std::string>& FieldPool() {
  static const std::vector<std::string> pool{
      "doc.issuer", "doc.number",         "hit.reason",
      "doc.expiry", "person.nationality", "person.given-names"};
  return pool;
}
const std::vector<std::string>& LeafPool() {
  static const std::vector<std::string> pool{
      "serious.drugs", "serious.weapons", "terrorism.offence",
      "terrorism.travel", "vital.missing-person"};
  return pool;
}

void EditRestriction(Random& random, Restriction& r) {
  r.any_action = false;
  r.actions = {};
  for (Action action : {Action::kDisclose, Action::kOnward}) {
    if (oracle::Below(random, 2) == 0) r.actions.Add(action);
  }
  if (r.actions.empty()) r.actions.Add(Action::kDisclose);
  r.purposes = {"any"};
  if (oracle::Below(random, 2) == 0) {
    r.purposes = {oracle::OneOf(random, LeafPool())};
    Toggle(random, r.purposes, LeafPool());
  }
  r.fields = {"any"};
  if (oracle::Below(random, 3) != 0) {
    r.fields = {oracle::OneOf(random, FieldPool())};
    Toggle(random, r.fields, FieldPool());
  }
  r.always = oracle::Below(random, 3) == 0;
  r.when = {};
  if (!r.always) {
    ToggleWord(random, r.when);
    ToggleWord(random, r.when);
    if (r.when.empty()) r.when.Add(Flag::kMinor);
  }
}

void AddProhibition(Random& random, Agreement& a) {
  Prohibition p;
  p.id = "added-" + std::to_string(a.prohibitions.size());
  p.article = "Article 11";
  EditRestriction(random, p);
  a.prohibitions.push_back(p);
}
void AddReservation(Random& random, Agreement& a) {
  Reservation r;
  r.id = "added-" + std::to_string(a.reservations.size());
  r.by = oracle::OneOf(random, a.parties).code;
  r.article = "Declaration on signature";
  EditRestriction(random, r);
  a.reservations.push_back(r);
}

const std::vector<Edit>& Edits() {
  static const std::vector<Edit> edits{
      [](Random& r, Agreement& a) {
        Clause& c = SomeClause(r, a);
        if (c.masks()) Toggle(r, c.fields, FieldPool());
      },
      [](Random& r, Agreement& a) {
        for (Clause& c : a.clauses) {
          if (c.action != Action::kDisclose) continue;
          Toggle(r, c.offered_fields,
                 {"doc.issuer", "doc.number", "flight.number", "person.sex"});
        }
      },
      [](Random& r, Agreement& a) {
        Toggle(r, SomeClause(r, a).purposes, LeafPool());
      },
      [](Random& r, Agreement& a) { ToggleWord(r, SomeClause(r, a).roles); },
      [](Random& r, Agreement& a) { ToggleWord(r, SomeClause(r, a).routes); },
      [](Random& r, Agreement& a) { ToggleWord(r, SomeClause(r, a).urgency); },
      [](Random& r, Agreement& a) {
        SomeClause(r, a).record_age_max_hours = 1 + oracle::Below(r, 200);
      },
      [](Random& r, Agreement& a) {
        SomeClause(r, a).quota_per_day = 1 + oracle::Below(r, 5);
      },
      [](Random& r, Agreement& a) {
        SomeClause(r, a).quota_per_year = 5 + oracle::Below(r, 5);
      },
      [](Random& r, Agreement& a) {
        Clause& c = SomeClause(r, a);
        c.case_required = oracle::Below(r, 2) == 0;
        c.quota_per_case = c.case_required ? 1 + oracle::Below(r, 4) : 0;
      },
      [](Random& r, Agreement& a) {
        Clause& c = SomeClause(r, a);
        if (c.review != Review::kNone) {
          c.reviewers_holder = 2 + oracle::Below(r, 2);
          c.reviewers_asker = 1 + oracle::Below(r, 3);
        }
      },
      [](Random& r, Agreement& a) {
        for (Clause& c : a.clauses) {
          if (c.action != Action::kOnward) continue;
          Toggle(r, c.onward_to, {"QVA.court", "QVA.police", "QVA.prosecutor"});
        }
      },
      [](Random& r, Agreement& a) {
        for (Clause& c : a.clauses) {
          if (c.action != Action::kScreen) continue;
          c.match_set = oracle::Below(r, 2) == 0 ? MatchSet::kNarrow
                                                 : MatchSet::kStandard;
        }
      },
      [](Random& r, Agreement& a) {
        Clause& c = SomeClause(r, a);
        const std::uint32_t way = oracle::Below(r, 3);
        c.holder = way == 0 ? "each" : way == 1 ? "QOR" : "QVA";
        c.asker = way == 0 ? "other" : way == 1 ? "QVA" : "QOR";
      },
      [](Random& r, Agreement& a) {
        Clause& c = SomeClause(r, a);
        const Clause copy = c;
        Toggle(r, c.bases, {"court-order", "protocol-4"});
        if (c.bases.empty()) c.bases = copy.bases;
      },
      AddProhibition,
      AddReservation,
      [](Random& r, Agreement& a) { EditRestriction(r, a.prohibitions[0]); },
      [](Random&, Agreement& a) {
        if (!a.reservations.empty()) a.reservations.pop_back();
      },
      [](Random&, Agreement& a) {
        if (a.prohibitions.size() > 2)
          a.prohibitions.erase(a.prohibitions.begin());
      },
      // A law that wants a link with air travel shown.
      [](Random& r, Agreement& a) {
        oracle::Below(r, 2) == 0 ? a.parties[1].legal_profile = "eu-cjeu-strict"
                                 : a.parties[1].legal_profile = "coe-108plus";
      },
      // A clause is split in two by its purposes.
      [](Random& r, Agreement& a) {
        const std::size_t i = oracle::Below(r, a.clauses.size());
        if (a.clauses[i].purposes.size() < 2 || a.clauses.size() > 5) return;
        Clause second = a.clauses[i];
        second.id += "-b";
        second.purposes = {a.clauses[i].purposes.back()};
        a.clauses[i].purposes.pop_back();
        second.record_age_max_hours = 1 + oracle::Below(r, 40);
        a.clauses.push_back(second);
      },
      // A clause goes.
      [](Random& r, Agreement& a) {
        if (a.clauses.size() > 2) {
          a.clauses.erase(a.clauses.begin() + oracle::Below(r, 3));
        }
      },
  };
  return edits;
}

// The demo with few values on every axis, so that edits meet each other.
Agreement Small() {
  Agreement a = oracle::Demo();
  for (Clause& c : a.clauses) {
    c.purposes = {"serious.drugs", "terrorism.travel"};
    c.record_age_max_hours = 48;
    c.match_set = c.masks() ? MatchSet::kNone : MatchSet::kNarrow;
    c.quota_per_day = 3;
    c.quota_per_year = 6;
    if (c.masks()) c.fields = {"doc.number", "hit.reason"};
    c.reviewers_holder = c.review == Review::kNone ? 0 : 2;
  }
  return a;
}

void Sort(Agreement& a) {
  const auto by_id = [](const auto& x, const auto& y) { return x.id < y.id; };
  std::sort(a.clauses.begin(), a.clauses.end(), by_id);
  std::sort(a.prohibitions.begin(), a.prohibitions.end(), by_id);
  std::sort(a.reservations.begin(), a.reservations.end(), by_id);
  // A basis that no clause uses is a finding.
  std::erase_if(a.bases, [&a](const Basis& basis) {
    return std::none_of(
        a.clauses.begin(), a.clauses.end(), [&](const Clause& c) {
          return std::find(c.bases.begin(), c.bases.end(), basis.code) !=
                 c.bases.end();
        });
  });
}

// A loadable document a few edits away from `from`.
Agreement Mutated(Random& random, const Agreement& from) {
  for (;;) {
    Agreement out = from;
    out.bases = oracle::Demo().bases;
    const std::uint32_t edits = 1 + oracle::Below(random, 4);
    for (std::uint32_t i = 0; i < edits; ++i) {
      oracle::OneOf(random, Edits())(random, out);
    }
    Sort(out);
    if (oracle::Load(out).ok()) return out;
  }
}

class RandomPairs : public ::testing::Test {
 protected:
  // `look` at each pair; the seed is fixed, so a failure repeats.
  template <class F>
  void ForPairs(std::uint32_t seed, int pairs, F look) {
    Random random(seed);
    Agreement before = Small();
    for (int i = 0; i < pairs && !HasFailure(); ++i) {
      const Agreement after = Mutated(random, before);
      SCOPED_TRACE("pair " + std::to_string(i));
      look(random, before, after);
      before = i % 6 == 5 ? Small() : after;
    }
  }
};

TEST_F(RandomPairs, TuplesAreThoseOfTheOracle) {
  std::size_t allowed = 0;
  std::size_t forbidden = 0;
  ForPairs(21, 100, [&](Random&, const Agreement& a, const Agreement& b) {
    const Walked walked = ExpectTheOraclesTuples(a, b);
    allowed += walked.allowed;
    forbidden += walked.forbidden;
  });
  EXPECT_GT(allowed, 500U);  // else the pairs say nothing
  EXPECT_GT(forbidden, 500U);
}

// Property 9: new permits and old does not, iff the act is in a wider box.
TEST_F(RandomPairs, EveryPointIsJudgedAsEvaluateDoes) {
  std::size_t wider = 0;
  std::size_t narrower = 0;
  ForPairs(
      22, 150,
      [&](Random& random, const Agreement& before, const Agreement& after) {
        const Compiled a = fixture::Must(oracle::Load(before));
        const Compiled b = fixture::Must(oracle::Load(after));
        const AgreementDiff diff = DiffOf(before, after);
        const oracle::Grid grid = oracle::GridOf(before, after);
        for (int i = 0; i < 4000; ++i) {
          const Point p = oracle::SomePoint(random, grid);
          const bool was = oracle::Permits(a, p);
          const bool now = oracle::Permits(b, p);
          const Act act = oracle::ActOf(diff.universe, p);
          ASSERT_EQ(Holds(diff.before, act), was);
          ASSERT_EQ(Holds(diff.after, act), now);
          ASSERT_EQ(Holds(diff.wider, act), now && !was);
          ASSERT_EQ(Holds(diff.narrower, act), was && !now);
        }
        const auto corners = [&](const std::vector<Box>& boxes,
                                 const Compiled& yes, const Compiled& no,
                                 std::size_t& seen) {
          for (const Box& box : boxes) {
            for (int i = 0; i < 40; ++i, ++seen) {
              const Point p = oracle::CornerOf(random, diff.universe, box);
              ASSERT_TRUE(Holds(box, oracle::ActOf(diff.universe, p)));
              ASSERT_TRUE(oracle::Permits(yes, p));
              ASSERT_FALSE(oracle::Permits(no, p));
            }
          }
        };
        corners(diff.wider, b, a, wider);
        corners(diff.narrower, a, b, narrower);
        // The way back is the mirror.
        const AgreementDiff back = DiffOf(after, before);
        EXPECT_EQ(Flat(NewlyAllowed(diff)), Flat(NewlyForbidden(back)));
        EXPECT_EQ(diff.verdict == DiffVerdict::kSame,
                  back.verdict == DiffVerdict::kSame);
        EXPECT_EQ(diff.wider.empty(), back.narrower.empty());
      });
  EXPECT_GT(wider, 4000U);
  EXPECT_GT(narrower, 4000U);
}

TEST_F(RandomPairs, EveryLineSaysSomething) {
  ForPairs(23, 150, [&](Random&, const Agreement& a, const Agreement& b) {
    const AgreementDiff diff = DiffOf(a, b);
    std::size_t plus = 0;
    for (const DiffLine& line : diff.lines) {
      EXPECT_FALSE(line.place.empty());
      EXPECT_FALSE(line.text.empty());
      EXPECT_EQ(line.text.find("  "), std::string::npos) << line.text;
      EXPECT_EQ(line.text.find(", ,"), std::string::npos) << line.text;
      plus += line.sign == '+' ? 1 : 0;
    }
    EXPECT_EQ(plus == 0, diff.wider.empty());
    EXPECT_EQ(Flat(NewlyAllowed(diff)).empty(), diff.wider.empty());
  });
}

// A tuple is anew when the other version allows it in no act at all.
TEST(DiffTest, TellsANewTupleFromMoreOfAKnownOne) {
  const AgreementDiff diff =
      FromDemo({{"clause.onward-court.fields", "doc.number,hit.reason"},
                {"clause.onward-court.quota_per_case", "5"}});
  const std::vector<DiffTuple> allowed = NewlyAllowed(diff);
  ASSERT_THAT(allowed, SizeIs(6));  // leaves of terrorism
  for (const DiffTuple& tuple : allowed) {
    EXPECT_THAT(tuple.fields, ElementsAre("doc.number", "hit.reason"));
    EXPECT_THAT(tuple.anew, ElementsAre("hit.reason"));
    EXPECT_EQ(tuple.holder, "QOR");
    EXPECT_EQ(tuple.asker, "QVA");
  }
}

// --- Words.

TEST(DiffWordsTest, ReadsLikeTheSampleOfThePage) {
  Agreement next = Edited({
      {"clause.disclose-terrorism.fields",
       "doc.issuer,doc.number,hit.info-grade,hit.reason,hit.source-grade,"
       "person.birth-date,person.family-name,person.given-names,"
       "person.nationality"},
      {"clause.disclose-terrorism.retain_days", "120"},
      {"clause.disclose-terrorism.mask_after_days", "120"},
      {"clause.onward-court.quota_per_case", "5"},
      {"clause.screen-terrorism.record_age_max_hours", "24"},
  });
  Reservation financing;
  financing.id = "no-financing";
  financing.by = "QVA";
  financing.article = "Declaration of Valmara on signature";
  financing.actions.Add(Action::kDisclose);
  financing.purposes = {"terrorism.financing"};
  financing.fields = {"any"};
  financing.always = true;
  next.reservations.push_back(financing);
  next.version = 2;
  const AgreementDiff diff = DiffOf(oracle::Demo(), next);
  EXPECT_THAT(
      Texts(diff),
      ElementsAre(
          "+ disclose-terrorism  QOR gives QVA person.nationality, for "
          "terrorism, on routine and urgent requests of an officer; 5 flags "
          "checked absent; case; 1+1 approvals",
          "+ disclose-terrorism  QVA gives QOR person.nationality, for 5 of 6 "
          "terrorism purposes (not financing), on routine and urgent requests "
          "of an officer; 5 flags checked absent; case; 1+1 approvals",
          "+ onward-court  QOR to QVA: uses 4 and 5 in one case (was at most "
          "3, now at most 5)",
          "- disclose-terrorism  QVA no longer gives QOR any of 8 fields, for "
          "terrorism.financing (reservation no-financing)",
          "- disclose-terrorism  QOR asking QVA, and QVA asking QOR may no "
          "longer send along any of 4 fields, for terrorism.financing "
          "(reservation no-financing)",
          "- screen-terrorism  QOR to QVA, and QVA to QOR: records of 25 to 48 "
          "hours (was at most 48, now at most 24)",
          "= reservation.no-financing  new in the agreement",
          "= disclose-terrorism  retention 183 -> 120 days without a case "
          "(shorter)",
          "= disclose-terrorism  masking after 183 -> 120 days (sooner)"));
  EXPECT_EQ(Headline(diff, oracle::Demo(), next),
            "QOR-QVA-2026-001 version 1 -> version 2: WIDER in 3 places, "
            "narrower in 5. Every data protection officer must agree, or set "
            "conditions.");
}

// Two hundred clauses, each of them changed in some way.
TEST(DiffTest, ComparesTwoHundredClausesAtOnce) {
  const Agreement before = fixture::ManyClauses(200);
  ASSERT_TRUE(oracle::Load(before).ok());
  Agreement after = before;
  Random random(24);
  for (Clause& c : after.clauses) {
    c.record_age_max_hours += oracle::Below(random, 3);
    c.quota_per_year += oracle::Below(random, 2);
    if (c.masks()) Toggle(random, c.fields, FieldPool());
  }
  for (int i = 0; i < 10; ++i) {
    AddProhibition(random, after);
    AddReservation(random, after);
  }
  const auto start = std::chrono::steady_clock::now();
  const AgreementDiff diff = DiffOf(before, after);
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  std::printf("200 clauses: %zu boxes before, %zu after, %zu lines, %.1f ms\n",
              diff.before.size(), diff.after.size(), diff.lines.size(),
              seconds.count() * 1000);
  EXPECT_EQ(diff.verdict, DiffVerdict::kWider);
  EXPECT_EQ(DiffOf(before, before).verdict, DiffVerdict::kSame);
  // The target is 0.1 s (bench `diff_200`); sanitizers and busy machines are
  // slower.
  EXPECT_LT(seconds.count(), 3.0);
}

}  // namespace
}  // namespace entente::policy
