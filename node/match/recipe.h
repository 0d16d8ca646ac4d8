#pragma once
// recipe/1: from a person, or an entry of a list, to the match keys that a peer
// can test. Two parties that name recipe/1 get identical bytes for the same
// person, or nothing ever matches and nobody notices.
//
// Every key holds a document number, a full date of birth, two parts of one, or
// a year; a name of fewer than two tokens makes no name key. Nothing here can
// emit a key of the local rules (local.h).
//
// Pure: no clock, disk, log or network. ICU works per thread (warm_up.h). All
// functions are thread-safe; a Deriver and a KeyBatch are thread-compatible.
// Source: docs/protocol/recipe-1.md.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "node/match/key.h"
#include "node/match/rule.h"
#include "node/model/person.h"

namespace entente::match {

// At most so many units a list entry; further combinations of name and date are
// left out.
inline constexpr std::size_t kMaxUnits = 16;

// What was lost on the way, by count: for reports, never by person.
struct Tally {
  std::uint64_t name_too_short = 0;  // units without any name key
  std::uint64_t without_keys = 0;    // units without any key at all
  std::uint64_t cut = 0;             // units that lost keys at the constant
};

// A person from a booking without date of birth and without document waits for
// the passenger list: it asks no peer. True for everybody else.
bool AsksPeers(const model::Person& person);

// The keys of one person, each once, in the order of the recipe, cut at
// ElementsPerPerson(set), not filled up. The document's name if there is one,
// else the booking's. Empty when nothing can be derived.
std::vector<Key> QueryKeys(const model::Person& person, Set set);

// Exactly ElementsPerPerson(set) keys: those of `person`, then dummies. nullptr
// gives dummies only, which is how a protected person and a size-class filler
// look.
std::vector<Key> PaddedQuery(const model::Person* person, Set set,
                             const RandomSource& random);

// The units of a list entry: one per (name, date of birth), names outermost, at
// most kMaxUnits; each cut at EntriesPerUnit(set), not filled up. An entry
// without names or dates still has a unit, for its documents. A unit may be
// empty.
std::vector<std::vector<Key>> ListUnits(const model::ListEntry& entry, Set set);

// The same into one arena, for bulk work: nothing is allocated per key.
// Remembers nothing of a person once the call returns, but its own scratch
// memory, wiped at the end. Thread-compatible.
class Deriver {
 public:
  Deriver();
  ~Deriver();
  Deriver(Deriver&&) noexcept;
  Deriver& operator=(Deriver&&) noexcept;

  // Appends what QueryKeys returns; the number of keys.
  std::size_t Query(const model::Person& person, Set set, KeyBatch& out);
  // Appends what PaddedQuery returns.
  void PaddedQuery(const model::Person* person, Set set,
                   const RandomSource& random, KeyBatch& out);
  // Appends what ListUnits returns; the number of keys of each unit, in order.
  std::vector<std::size_t> Units(const model::ListEntry& entry, Set set,
                                 KeyBatch& out);
  // Sums since construction.
  const Tally& tally() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace entente::match
