#pragma once
// Who gives what to whom: for each ordered pair of parties what its clauses
// let flow, after what is forbidden always and reserved always has been taken
// away. A clause that leaves nothing to give in a pair, or nothing new enough
// for the asker before the end, does not count there.
//
// Pure, thread-safe. Source: agreements.md 2.4.

#include <cstdint>
#include <string>
#include <vector>

#include "policy/agreement.h"
#include "policy/catalogue.h"
#include "policy/words.h"

namespace entente::policy {

struct Flow {
  std::string clause;
  Action action = Action::kScreen;
  // Purpose leaves for which something is left, and fields left for any of
  // them, as bits of the catalogues.
  std::uint64_t purposes = 0;
  std::uint64_t fields = 0;
};

struct PairFlows {
  std::size_t holder = 0;  // index of a party
  std::size_t asker = 0;
  std::vector<Flow> flows;  // in document order

  // `S`, `Q`, `D`, `O`, `E` in this order, those that occur.
  std::string Letters() const;
  std::uint64_t purposes() const;
  // The most fields that one clause releases.
  std::size_t fields() const;
};

// The codes of purposes, a whole group by its name: `terrorism`.
std::vector<std::string> PurposeWords(const Catalogues& catalogues,
                                      std::uint64_t purposes);

// Every ordered pair, by holder, then asker: n * (n - 1) of them.
std::vector<PairFlows> Matrix(const Agreement& agreement,
                              const Catalogues& catalogues);

// For people: an n x n table up to 20 parties, else one line for each holder
// and kind of flow, equal askers together. Ends with a list of what each
// letter means and, up to 20 parties, of the flows by clause.
std::string MatrixText(const Agreement& agreement, const Catalogues& catalogues,
                       const std::vector<PairFlows>& pairs);

// `holder,asker,actions,clauses,purposes,fields`, a line for each pair. No
// value holds a comma.
std::string MatrixCsv(const Agreement& agreement,
                      const std::vector<PairFlows>& pairs);

}  // namespace entente::policy
