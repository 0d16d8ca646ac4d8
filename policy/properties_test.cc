// Properties of the decision over many facts and documents (agreements.md 7).
// Random numbers come from a fixed seed, so a failure repeats.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cstdlib>
#include <new>
#include <random>

#include "policy/evaluate.h"
#include "policy/fixture.h"
#include "policy/lint.h"
#include "policy/many_clauses.h"
#include "policy/rewrite.h"
#include "tests/testing/status_matchers.h"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// Counts what the whole test program allocates.
void* operator new(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace entente::policy {
namespace {

using Random = std::mt19937;

// A million where the compiler optimises, fewer under the sanitizers.
#ifdef NDEBUG
constexpr int kPairs = 1000000;
#else
constexpr int kPairs = 100000;
#endif

const Compiled& Demo() {
  static const Compiled demo = fixture::Compile(fixture::DemoAgreement());
  return demo;
}

std::uint32_t Below(Random& random, std::uint32_t limit) {
  return static_cast<std::uint32_t>(random()) % limit;
}
bool OneIn(Random& random, std::uint32_t n) { return Below(random, n) == 0; }

std::uint64_t Bits(Random& random) {
  return (std::uint64_t{random()} << 32U) | random();
}

// Facts near the border of what is permitted: mostly good, each value
// sometimes not.
Facts SomeFacts(Random& random, const Compiled& compiled) {
  Facts f;
  switch (Below(random, 3)) {
    case 0:
      f = fixture::ScreenFacts(compiled);
      f.asked = Bits(random) & compiled.fields().all();
      f.used_day = Below(random, 260000);
      break;
    case 1:
      f = fixture::DiscloseFacts(compiled);
      f.asked = Bits(random) & compiled.fields().all();
      f.offered = Bits(random) & compiled.fields().all();
      f.used_day = Below(random, 210);
      break;
    default:
      f = fixture::DiscloseFacts(compiled);
      f.action = Action::kOnward;
      f.basis = *compiled.BasisIndex("court-order");
      f.role = static_cast<std::uint8_t>(Role::kApprover);
      f.urgency = static_cast<std::uint8_t>(Urgency::kUrgent);
      f.approvals_holder = static_cast<std::uint8_t>(Below(random, 4));
      f.receiver = static_cast<std::uint8_t>(Below(random, 4));
      f.used_case = Below(random, 4);
  }
  if (OneIn(random, 3)) {  // one field alone
    f.asked = std::uint64_t{1} << Below(random, 63);
    f.offered = 0;
  }
  if (OneIn(random, 4)) std::swap(f.holder, f.asker);
  if (OneIn(random, 6)) {
    f.purpose = static_cast<std::uint8_t>(Below(random, 46));
  }
  if (OneIn(random, 12)) f.basis = static_cast<std::uint8_t>(Below(random, 2));
  if (OneIn(random, 12)) f.role = static_cast<std::uint8_t>(Below(random, 4));
  if (OneIn(random, 12)) f.route = static_cast<std::uint8_t>(Below(random, 4));
  if (OneIn(random, 12)) {
    f.urgency = static_cast<std::uint8_t>(Below(random, 3));
  }
  if (OneIn(random, 12)) {
    f.dataset = static_cast<std::uint8_t>(Below(random, 3));
  }
  for (std::size_t i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    if (OneIn(random, 8)) {
      f.Set(static_cast<Flag>(i), static_cast<FlagState>(Below(random, 3)));
    }
  }
  f.record_age = Below(random, 60);
  f.approvals_asker = static_cast<std::uint8_t>(Below(random, 3));
  if (OneIn(random, 8)) f.bits ^= static_cast<std::uint8_t>(random());
  if (OneIn(random, 30)) f.status_age_asker = 90000;
  return f;
}

// Makes facts stricter in one way: older, more used, fewer approvals, less
// known, less in force.
void Tighten(Random& random, Facts& f) {
  const auto flag = static_cast<Flag>(Below(random, 10));
  switch (Below(random, 16)) {
    case 0:
      f.record_age += Below(random, 50);
      break;
    case 1:
      f.used_day += Below(random, 300);
      break;
    case 2:
      f.used_year += Below(random, 70000000);
      break;
    case 3:
      f.used_case += Below(random, 5);
      break;
    case 4:
      f.approvals_holder /= 2;
      break;
    case 5:
      f.approvals_asker /= 2;
      break;
    case 6:
      f.bits &= static_cast<std::uint8_t>(~fact::kHasCase);
      break;
    case 7:
      f.bits |= fact::kDeclined;
      break;
    case 8:
      f.bits &= static_cast<std::uint8_t>(~fact::kLogOpen);
      break;
    case 9:
      if (f.flag(flag) == FlagState::kAbsent) {
        f.Set(flag, FlagState::kNotChecked);
      }
      break;
    case 10:
      f.Set(flag, FlagState::kPresent);
      break;
    case 11:
      f.assessment_left_holder = 0;
      break;
    case 12:
      f.bits |= fact::kReceiptOverdue;
      break;
    case 13:
      f.bits |= fact::kEmergencyUnreviewed;
      break;
    case 14:
      f.state = static_cast<std::uint8_t>(State::kSuspended);
      break;
    default:
      f.status_age_holder = 90000;
      break;
  }
}

// `tight` gives nothing that `loose` does not give. Where a field falls away,
// its unchecked flag no longer holds up the rest, so outcomes are compared only
// for the same fields.
void ExpectNoMore(const Decision& tight, const Decision& loose,
                  const Facts& facts) {
  ASSERT_EQ(tight.fields & ~loose.fields, 0U) << ToHex(EncodeFacts(facts));
  ASSERT_EQ(tight.offered & ~loose.offered, 0U) << ToHex(EncodeFacts(facts));
  const bool one_field = std::has_single_bit(facts.asked) && facts.offered == 0;
  if (one_field ||
      (tight.fields == loose.fields && tight.offered == loose.offered)) {
    ASSERT_LE(tight.outcome, loose.outcome) << ToHex(EncodeFacts(facts));
  }
  if (loose.outcome == Outcome::kDeny) {
    ASSERT_EQ(tight.outcome, Outcome::kDeny) << ToHex(EncodeFacts(facts));
  }
}

TEST(PropertiesTest, TighterFactsNeverReleaseMore) {
  Random random(11);
  int released = 0;
  for (int i = 0; i < kPairs; ++i) {
    const Facts loose = SomeFacts(random, Demo());
    Facts tight = loose;
    Tighten(random, tight);
    const Decision before = Evaluate(Demo(), {}, loose);
    released += before.outcome == Outcome::kPermit ? 1 : 0;
    ExpectNoMore(Evaluate(Demo(), {}, tight), before, loose);
  }
  EXPECT_GT(released, 1000);  // else the property says nothing
}

TEST(PropertiesTest, LocalRestrictionsNeverReleaseMore) {
  Random random(12);
  for (int i = 0; i < kPairs; ++i) {
    const Facts facts = SomeFacts(random, Demo());
    Local local;
    local.fields = Bits(random) & Bits(random);
    if (OneIn(random, 5)) local.purposes = Bits(random) & Bits(random);
    if (OneIn(random, 5)) local.actions = static_cast<std::uint8_t>(random());
    if (OneIn(random, 9)) local.parties = Bits(random);
    if (OneIn(random, 9)) local.datasets = static_cast<std::uint8_t>(random());
    if (OneIn(random, 5)) local.quota_per_day = Below(random, 300);
    const Decision before = Evaluate(Demo(), {}, facts);
    const Decision after = Evaluate(Demo(), local, facts);
    ExpectNoMore(after, before, facts);
    ASSERT_EQ(after.fields & local.fields, 0U);
  }
}

TEST(PropertiesTest, ATighterDocumentNeverReleasesMore) {
  const std::vector<std::map<std::string, std::string>> tightenings{
      {{"clause.disclose-terrorism.fields", "doc.number,hit.reason"}},
      {{"clause.disclose-terrorism.offered_fields", ""}},
      {{"clause.disclose-terrorism.purposes", "terrorism.travel"}},
      {{"clause.disclose-terrorism.urgency", "routine"}},
      {{"clause.disclose-terrorism.reviewers_asker", "2"}},
      {{"clause.disclose-terrorism.quota_per_day", "100"}},
      {{"clause.disclose-terrorism.record_age_max_hours", "30"}},
      {{"clause.onward-court.onward_to", "QVA.prosecutor"}},
      {{"clause.onward-court.quota_per_case", "1"}},
      {{"clause.screen-terrorism.roles", "node"}},
      {{"clause.screen-terrorism.routes", "departs"}},
      {{"prohibition.human-rights.when",
        "death-penalty-risk,identity-unconfirmed,minor,own-national,"
        "political-offence,refoulement-risk,torture-risk"}},
      {{"prohibition.sensitive-data.fields",
        "person.sex,doc.number,"
        "sensitive.any"}},
      {{"reservation.minors.when", "always"}},
      {{"reservation.minors.purposes", "any"}},
      {{"validity.until", "2027-03-01T00:00:00Z"},
       {"validity.review_by", "2027-02-01T00:00:00Z"}},
  };
  Random random(13);
  for (const auto& values : tightenings) {
    const Compiled tight = fixture::Compile(
        fixture::Must(Rewrite(fixture::DemoAgreement(), values)));
    for (std::size_t i = 0; i < kPairs / tightenings.size(); ++i) {
      const Facts loose_facts = SomeFacts(random, Demo());
      Facts tight_facts = loose_facts;
      tight_facts.agreement = tight.hash();
      ExpectNoMore(Evaluate(tight, {}, tight_facts),
                   Evaluate(Demo(), {}, loose_facts), loose_facts);
    }
  }
}

// A reservation cuts what its party releases, asked or offered, and leaves what
// the other party releases as it is.
TEST(PropertiesTest, AReservationTouchesOnlyItsPartysReleases) {
  const Compiled reserved = fixture::Compile(fixture::Must(
      Rewrite(fixture::DemoAgreement(),
              {{"reservation.minors.actions", "disclose,export,onward,query"},
               {"reservation.minors.fields", "any"},
               {"reservation.minors.when", "minor"}})));
  const Compiled without = fixture::Compile(fixture::Must(Rewrite(
      fixture::DemoAgreement(), {{"reservation.minors.actions", "export"}})));
  const std::uint8_t qva = *Demo().PartyIndex("QVA");
  Random random(19);
  int cut = 0;
  for (int i = 0; i < kPairs; ++i) {
    Facts f = SomeFacts(random, Demo());
    if (f.action == Action::kScreen) continue;
    f.agreement = without.hash();
    const Decision free = Evaluate(without, {}, f);
    f.agreement = reserved.hash();
    const Decision d = Evaluate(reserved, {}, f);
    ExpectNoMore(d, free, f);
    if (d.outcome == Outcome::kDeny) continue;
    if (f.holder != qva) {
      ASSERT_EQ(d.fields, free.fields) << ToHex(EncodeFacts(f));
    } else {
      ASSERT_EQ(d.offered, free.offered) << ToHex(EncodeFacts(f));
    }
    cut += d.offered != free.offered ? 1 : 0;
  }
  EXPECT_GT(cut, 10);
}

// A plain model of the selector over the words of the document.
bool Granted(const Agreement& a, const Clause& c, const Facts& f,
             const std::string& leaf) {
  const std::string& holder = a.parties[f.holder].code;
  const std::string& asker = a.parties[f.asker].code;
  const auto has = [](const std::vector<std::string>& list,
                      const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  return c.action == f.action && static_cast<int>(c.dataset) == f.dataset &&
         (c.holder == "each" || c.holder == holder) &&
         (c.asker == "other" || c.asker == asker) &&
         (has(c.purposes, leaf) ||
          has(c.purposes, leaf.substr(0, leaf.find('.')))) &&
         has(c.bases, a.bases[f.basis].code) &&
         c.roles.Has(static_cast<Role>(f.role)) &&
         c.routes.Has(static_cast<Route>(f.route)) &&
         c.urgency.Has(static_cast<Urgency>(f.urgency));
}

// Every point of the selector: what no clause grants is denied.
TEST(PropertiesTest, DeniesByDefaultOverTheWholeSelector) {
  const Agreement& a = Demo().agreement();
  std::uint64_t points = 0;
  std::uint64_t permits = 0;
  for (std::uint8_t action = 0; action < kClauseActions; ++action)
    for (std::uint8_t holder = 0; holder < 2; ++holder)
      for (std::uint8_t dataset = 0; dataset < 3; ++dataset)
        for (std::uint8_t purpose = 0; purpose < 46; ++purpose)
          for (std::uint8_t basis = 0; basis < 2; ++basis)
            for (std::uint8_t role = 0; role < 4; ++role)
              for (std::uint8_t route = 0; route < 4; ++route)
                for (std::uint8_t urgency = 0; urgency < 3; ++urgency) {
                  Facts f = fixture::DiscloseFacts(Demo());
                  f.action = static_cast<Action>(action);
                  f.holder = holder;
                  f.asker = static_cast<std::uint8_t>(1 - holder);
                  f.dataset = dataset;
                  f.purpose = purpose;
                  f.basis = basis;
                  f.role = role;
                  f.route = route;
                  f.urgency = urgency;
                  f.asked = Demo().fields().all();
                  f.approvals_holder = 2;
                  f.match_set = action < 2 ? 1 : 0;
                  f.receiver = action == 3 || action == 4 ? 1 : 0;
                  const std::string& leaf =
                      Demo().purposes().purposes()[purpose].code;
                  const bool granted = std::any_of(
                      a.clauses.begin(), a.clauses.end(),
                      [&](const Clause& c) { return Granted(a, c, f, leaf); });
                  const Decision d = Evaluate(Demo(), {}, f);
                  ASSERT_EQ(d.outcome,
                            granted ? Outcome::kPermit : Outcome::kDeny);
                  ++points;
                  permits += granted ? 1 : 0;
                  if (!granted) {
                    ASSERT_NE(d.reasons, 0U);
                  }
                }
  EXPECT_EQ(points, 132480U);
  EXPECT_GT(permits, 0U);
}

// onward-court lets QOR's data go on from QVA, and nothing the other way.
TEST(PropertiesTest, TheCourtClauseHasOneDirection) {
  for (const Clause& clause : Demo().agreement().clauses) {
    if (clause.action != Action::kOnward) continue;
    EXPECT_EQ(clause.holder, "QOR");
  }
  std::uint64_t permits = 0;
  for (std::uint8_t purpose = 0; purpose < 46; ++purpose)
    for (std::uint8_t basis = 0; basis < 2; ++basis)
      for (std::uint8_t role = 0; role < 4; ++role)
        for (std::uint8_t urgency = 0; urgency < 3; ++urgency)
          for (std::uint8_t receiver = 0; receiver < 4; ++receiver) {
            Facts f = fixture::DiscloseFacts(Demo());
            f.action = Action::kOnward;
            f.purpose = purpose;
            f.basis = basis;
            f.role = role;
            f.urgency = urgency;
            f.receiver = receiver;
            f.approvals_holder = 2;
            f.asked = Demo().fields().all();
            permits +=
                Evaluate(Demo(), {}, f).outcome == Outcome::kPermit ? 1U : 0U;
            std::swap(f.holder, f.asker);
            ASSERT_EQ(Evaluate(Demo(), {}, f).outcome, Outcome::kDeny);
          }
  EXPECT_EQ(permits, 6U * 2U);  // leaves of terrorism, receivers
}

// Documents that try to grant everything: lint refuses them, and what it lets
// through still releases nothing sensitive and no free text.
TEST(PropertiesTest, NothingSensitiveUnderAnyLoadableDocument) {
  Random random(14);
  const Catalogues catalogues = fixture::RealCatalogues();
  const std::uint64_t never =
      catalogues.fields.sensitive() | catalogues.fields.free_text();
  int compiled_documents = 0;
  for (int i = 0; i < 300; ++i) {
    // Mostly fields of the list; the rest of the catalogue now and then.
    std::uint64_t bits =
        Bits(random) & catalogues.fields.in_dataset(Dataset::kList);
    if (i % 2 == 0) bits &= ~never;
    if (i % 5 == 0) bits |= Bits(random) & Bits(random) & Bits(random);
    bits |= catalogues.fields.Bit("doc.number");
    std::string fields;
    for (const std::string& code : catalogues.fields.Codes(bits)) {
      fields += (fields.empty() ? "" : ",") + code;
    }
    const Bytes document =
        fixture::Must(Rewrite(fixture::DemoAgreement(),
                              {{"clause.disclose-terrorism.fields", fields}}));
    const auto compiled =
        Compiled::Create(fixture::Verify(document), catalogues);
    if (!compiled.ok()) continue;
    ++compiled_documents;
    Facts f = fixture::DiscloseFacts(*compiled);
    f.asked = f.offered = compiled->fields().all();
    const Decision d = Evaluate(*compiled, {}, f);
    ASSERT_EQ((d.fields | d.offered) & never, 0U);
  }
  EXPECT_GT(compiled_documents, 50);
}

TEST(PropertiesTest, PendPlusWhatIsMissingGivesPermit) {
  Random random(15);
  int pends = 0;
  for (int i = 0; i < 100000; ++i) {
    Facts f = SomeFacts(random, Demo());
    const Decision d = Evaluate(Demo(), {}, f);
    if (d.outcome == Outcome::kDeny) {
      ASSERT_NE(d.reasons, 0U);
      ASSERT_EQ(d.fields | d.offered, 0U);
      continue;
    }
    ASSERT_NE(d.clause, kNoClause);
    ASSERT_EQ(d.fields & ~f.asked, 0U);
    if (d.outcome == Outcome::kPermit) {
      ASSERT_EQ(d.reasons & kCurable, 0U);
      continue;
    }
    ++pends;
    ASSERT_NE(d.reasons & kCurable, 0U);
    f.bits |= fact::kHasCase;
    f.approvals_holder = d.obligations.need_holder;
    f.approvals_asker = d.obligations.need_asker;
    for (std::size_t flag = 0; flag < 10; ++flag) {
      if (f.flag(static_cast<Flag>(flag)) == FlagState::kNotChecked) {
        f.Set(static_cast<Flag>(flag), FlagState::kAbsent);
      }
    }
    const Decision cured = Evaluate(Demo(), {}, f);
    ASSERT_EQ(cured.outcome, Outcome::kPermit) << ReasonList(cured.reasons);
    ASSERT_EQ(cured.fields, d.fields);
    ASSERT_EQ(cured.clause, d.clause);
  }
  EXPECT_GT(pends, 1000);
}

// Any bytes at all: an answer, never a fault; deny unless well formed.
TEST(PropertiesTest, AnyFactsGetAnAnswer) {
  Random random(16);
  for (int i = 0; i < 200000; ++i) {
    ByteArray<kFactsBytes> bytes;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    bytes[0] = 1;
    bytes[1] %= 8;
    bytes[93] = bytes[94] = bytes[95] = 0;
    const Facts f = fixture::Must(DecodeFacts(bytes));
    const Decision d = Evaluate(Demo(), {}, f);
    ASSERT_EQ(d.outcome, Outcome::kDeny);
    ASSERT_EQ(d, Evaluate(Demo(), {}, f));
  }
}

TEST(PropertiesTest, ADecisionAllocatesNothing) {
  Random random(17);
  std::vector<Facts> facts;
  for (int i = 0; i < 1000; ++i) facts.push_back(SomeFacts(random, Demo()));
  facts.push_back(fixture::RetainFacts(Demo(), "onward-court", 5));
  facts.push_back(Facts{});
  const std::uint64_t before = allocations;
  std::uint64_t sum = 0;
  for (const Facts& f : facts) {
    const Verdict verdict = Decide(Demo(), {}, f, Id16{});
    sum += verdict.index() + EvaluateRetain(Demo(), &Demo(), f).reasons;
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_NE(sum, 0U);
}

TEST(PropertiesTest, ADecisionAmongTwoHundredClausesAllocatesNothing) {
  const Compiled compiled = fixture::Compile(Emit(fixture::ManyClauses(200)));
  const std::vector<Facts> facts = fixture::MixedFacts(compiled, 4000);
  std::size_t permits = 0;
  const std::uint64_t before = allocations;
  for (const Facts& f : facts) {
    permits += Evaluate(compiled, {}, f).outcome == Outcome::kPermit ? 1U : 0U;
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_GT(permits, facts.size() / 3);
  EXPECT_LT(permits, facts.size());
}

// The same facts give the same bytes on every compiler and machine, for ever.
// A change of this number is a change of what agreements mean.
TEST(PropertiesTest, ReplaysTheGoldenDecisions) {
  Random random(18);
  primitive::Sha256Stream stream;
  for (int i = 0; i < 20000; ++i) {
    const Facts f = SomeFacts(random, Demo());
    stream.Update(EncodeDecision(Evaluate(Demo(), {}, f)));
  }
  EXPECT_EQ(ToHex(stream.Finish()),
            "2dc47b707d4cd3e2968c170ec18ece908705fe5f341ceaf5d3501f1924eb3c1d");
}

}  // namespace
}  // namespace entente::policy
