#pragma once
// For tests and benchmarks: an agreement with as many clauses as wanted, which
// lint accepts, and requests that its clauses permit or nearly permit.
//
// Clause i has action i % 5 and leaf i / 5: every ordered pair and action has a
// fifth of the clauses, as in a treaty that speaks of many purposes.

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "policy/fixture.h"

namespace entente::policy::fixture {

namespace internal {

inline const Clause& ClauseOf(const Agreement& a, Action action) {
  return *std::find_if(a.clauses.begin(), a.clauses.end(),
                       [=](const Clause& c) { return c.action == action; });
}

// A clause of each action, made from the three of the demo.
inline Clause Pattern(const Agreement& demo, Action action) {
  const bool lists = action == Action::kDisclose || action == Action::kOnward;
  if (action == Action::kScreen || lists) return ClauseOf(demo, action);
  Clause out = ClauseOf(
      demo, action == Action::kQuery ? Action::kScreen : Action::kOnward);
  if (action == Action::kQuery) {
    const Clause& reviewed = ClauseOf(demo, Action::kDisclose);
    out.review = reviewed.review;
    out.reviewers_holder = reviewed.reviewers_holder;
    out.reviewers_asker = reviewed.reviewers_asker;
    out.answer_within_hours = reviewed.answer_within_hours;
    out.rescreen = false;
  }
  out.action = action;
  return out;
}

}  // namespace internal

// `count` is at most 210. The pinned catalogues are those of RealCatalogues.
inline Agreement ManyClauses(std::size_t count) {
  const Agreement demo = Must(Agreement::Parse(DemoAgreement()));
  const Catalogues catalogues = RealCatalogues();
  std::vector<std::string> leaves;
  for (const Purpose& purpose : catalogues.purposes.purposes()) {
    if (!purpose.code.starts_with("immigration.")) {
      leaves.push_back(purpose.code);
    }
  }
  Agreement out = demo;
  out.clauses.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto action = static_cast<Action>(i % kClauseActions);
    Clause clause = internal::Pattern(demo, action);
    char number[16];
    std::snprintf(number, sizeof number, "-%03zu", i);
    clause.id = std::string(Word(action)) + number;
    clause.purposes = {leaves.at(i / kClauseActions)};
    clause.holder = "each";
    clause.asker = "other";
    out.clauses.push_back(std::move(clause));
  }
  std::sort(out.clauses.begin(), out.clauses.end(),
            [](const Clause& a, const Clause& b) { return a.id < b.id; });
  return out;
}

// Facts that `clause` permits, in one of its two directions.
inline Facts PermittedFacts(const Compiled& compiled, std::uint16_t clause,
                            bool turned) {
  const Clause& c = compiled.agreement().clauses[clause];
  const ClauseBits& bits = compiled.clause_bits()[clause];
  const auto first = [](std::uint64_t set) {
    return static_cast<std::uint8_t>(std::countr_zero(set));
  };
  Facts f = DiscloseFacts(compiled);
  if (turned) std::swap(f.holder, f.asker);
  f.action = c.action;
  f.dataset = bits.dataset;
  f.purpose = first(bits.purposes);
  f.basis = first(bits.bases);
  f.role = first(bits.roles);
  f.route = first(bits.routes);
  f.urgency = first(bits.urgency);
  f.match_set = static_cast<std::uint8_t>(c.match_set);
  f.asked = bits.fields;
  f.approvals_holder = f.approvals_asker = 5;
  f.receiver = c.onward_to.empty() ? 0 : 1;
  f.units = c.action == Action::kScreen ? 32 : 1;
  return f;
}

// `count` requests over all clauses: half of them permitted, the others with
// one thing wrong.
inline std::vector<Facts> MixedFacts(const Compiled& compiled,
                                     std::size_t count) {
  std::mt19937 random(31);
  std::vector<Facts> out;
  const std::size_t clauses = compiled.agreement().clauses.size();
  for (std::size_t i = 0; i < count; ++i) {
    Facts f =
        PermittedFacts(compiled, static_cast<std::uint16_t>(random() % clauses),
                       random() % 2 == 0);
    switch (random() % 10) {
      case 0:
        f.purpose = static_cast<std::uint8_t>(random() % 46);
        break;
      case 1:
        f.role = static_cast<std::uint8_t>(random() % 4);
        break;
      case 2:
        f.record_age = 5000;
        break;
      case 3:
        f.approvals_asker = 0;
        break;
      case 4:
        f.Set(Flag::kTortureRisk, FlagState::kPresent);
        break;
      default:
        break;
    }
    out.push_back(f);
  }
  return out;
}

}  // namespace entente::policy::fixture
