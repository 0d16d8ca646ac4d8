#pragma once
// The state of one pair: a pure fold over both parties' events, their newest
// status and the clock. It is the same for every order of arrival, and nothing
// else sets it.
//
// Every verified event counts, whatever is missing of its chain: a stop must
// not wait for its predecessors, and all else carries every signature that it
// needs. A status counts only when its head lies on the part of the chain that
// is known without gap or fork: otherwise an event, perhaps a stop, is being
// withheld, and nothing flows (S05).
// Source: agreements.md 3.4 and 4.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "policy/event.h"
#include "policy/facts.h"
#include "policy/freshness.h"

namespace entente::policy {

// One side's newest statement, as the store keeps it.
struct StatusSeen {
  StatusStatement statement;
  std::uint64_t highest_sequence = 0;
};

struct PairView {
  State state = State::kSigned;
  std::int64_t ended = 0;        // 0: not terminated
  std::vector<Hash> open_stops;  // sorted; what a resume must name
  std::uint32_t status_age_a = kNoStatus;
  std::uint32_t status_age_b = kNoStatus;
  std::uint32_t assessment_left_a = 0;
  std::uint32_t assessment_left_b = 0;
  bool chain_broken_a = false;  // gap or fork: alarm both DPOs
  bool chain_broken_b = false;
  bool operator==(const PairView&) const = default;

  // Puts state, ended, ages and assessments into `facts`, whose holder is a.
  void Fill(Facts& facts) const;
  // The same pair, seen from b.
  PairView Swapped() const;
};

struct PairInput {
  std::string_view a;
  std::string_view b;
  std::span<const VerifiedEvent> events;  // of any party, in any order
  const StatusSeen* status_a = nullptr;
  const StatusSeen* status_b = nullptr;
  // `from` of the next version, when it is signed by all; 0: none.
  std::int64_t superseded_from = 0;
  // Whoever folds joined by this version: events about the versions before it
  // concern other pairs and cannot be known here, so each chain begins with the
  // first event that is. From there on no gap is passed over.
  bool joined = false;
};
PairView Fold(const VerifiedAgreement& agreement, const PairInput& input,
              std::int64_t now);

// The end of a party's chain: its newest event reached without gap or fork.
// nullptr: none.
const VerifiedEvent* ChainHead(std::span<const VerifiedEvent> events,
                               std::string_view party);

}  // namespace entente::policy
