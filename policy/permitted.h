#pragma once
// What an agreement permits, as a union of boxes: the clauses, less what
// prohibitions and reservations take away, with the flags that must be checked
// absent. It says the same as Evaluate on a request for one field (and, for an
// offered field, on a request that carries it along with any field that is
// granted), while the agreement is in force and the asker's `history_from` is
// met; the tests compare the two point by point.
//
// LIMIT: of clauses that overlap in their selector (AG-201, never loadable)
// the union is taken.
// Pure. Source: agreements.md 5 and 6.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/agreement.h"
#include "policy/box.h"
#include "policy/catalogue.h"

namespace entente::policy {

// A document with the catalogues that give its words their meaning. It need not
// pass lint: a word that the catalogues do not know grants nothing.
struct Version {
  const Agreement& agreement;
  const Catalogues& catalogues;
};

// The codes of two versions, numbered once so that their boxes can be compared.
struct Universe {
  std::vector<std::string> parties;
  std::vector<std::string> purposes;
  std::vector<std::string> fields;
  std::vector<std::string> bases;
  std::vector<std::string> receivers;  // sorted

  static Universe Of(const Version& a, const Version& b);
};

// The number of `code`, or codes.size().
std::size_t NumberOf(const std::vector<std::string>& codes,
                     std::string_view code);

// Boxes of one document, by clause; those of `Side::kReleased` are disjoint
// when the document's clauses are.
std::vector<Box> PermittedBoxes(const Version& version,
                                const Universe& universe);

// What a prohibition or a reservation takes away. A reservation concerns what
// its party releases: as the holder, or offered along with its request.
struct Cut {
  std::uint8_t actions = 0;  // bits by Action
  IndexSet purposes;
  IndexSet fields;
  IndexSet holders;
  IndexSet askers;
  IndexSet releasing;       // of these, the party that releases
  std::uint32_t flags = 0;  // by Flag; 0: always
};
Cut CutOf(const Version& version, const Universe& universe,
          const Restriction& restriction);

// The selector, fields and limits of a clause, before anything is taken away.
Box ClauseBox(const Version& version, const Universe& universe,
              std::uint16_t clause, Side side);

}  // namespace entente::policy
