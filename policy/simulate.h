#pragma once
// What logged acts would have come to under a draft. It says what was asked,
// not what would have been asked, and it makes no Permit: nothing can be done
// with a Simulation but look.
// Pure, thread-safe. Source: agreements.md 6, "Simulate".

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policy/compiled.h"
#include "policy/decision.h"

namespace entente::policy {

class Simulation {
 public:
  // INVALID_ARGUMENT with the first finding of lint as the reason.
  static absl::StatusOr<Simulation> Create(const Agreement& draft,
                                           const Catalogues& catalogues);

  // The facts of an act under `was`, decided under the draft as if it were in
  // force: codes are mapped by name, its dates of validity do not count. What
  // the draft has no word for is denied (W01, P02).
  Decision Evaluate(const Compiled& was, const Facts& facts) const;

 private:
  explicit Simulation(Compiled draft) : draft_(std::move(draft)) {}
  Compiled draft_;
};

// Sums over many acts. `number` is the act's entry in the log.
class SimulationTally {
 public:
  // First examples of each kind of change.
  static constexpr std::size_t kExamples = 5;
  struct Change {
    std::uint64_t count = 0;
    std::vector<std::uint64_t> examples;  // entry numbers
  };

  void Add(std::uint64_t number, std::string_view clause, const Decision& was,
           const Decision& now);

  std::uint64_t decisions = 0;
  std::uint64_t same = 0;
  // Permits and pending acts that would be denials, by clause and reasons; and
  // denials that would be permitted or pending, by clause.
  std::map<std::string, Change> denied;
  std::map<std::string, Change> allowed;
  std::uint64_t Denied() const;
  std::uint64_t Allowed() const;
};

}  // namespace entente::policy
