#pragma once
// A verified agreement made ready for decisions: every word resolved to a bit,
// each/other expanded to ordered pairs, clauses indexed by holder, asker and
// action. Also the place where the node looks things up by code.
//
// Immutable once made, movable; thread-safe to read.
// Source: agreements.md 5 and 8.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalogue.h"
#include "policy/envelope.h"
#include "policy/facts.h"
#include "policy/resolve.h"

namespace entente::policy {

class Compiled {
 public:
  // INVALID_ARGUMENT with the first finding of lint as the reason (AG-111: a
  // catalogue has another hash than the agreement pins).
  static absl::StatusOr<Compiled> Create(VerifiedAgreement agreement,
                                         const Catalogues& catalogues);

  const Agreement& agreement() const { return verified_.agreement(); }
  const VerifiedAgreement& verified() const { return verified_; }
  const Hash& hash() const { return verified_.hash(); }
  const PurposeCatalogue& purposes() const { return catalogues_.purposes; }
  const FieldCatalogue& fields() const { return catalogues_.fields; }
  const Recipe& recipe() const { return catalogues_.recipe; }

  // By code; nothing for what the document does not know.
  std::optional<std::uint8_t> PartyIndex(std::string_view code) const;
  std::optional<std::uint8_t> BasisIndex(std::string_view code) const;
  std::optional<std::uint8_t> PurposeIndex(std::string_view leaf) const;
  std::optional<std::uint16_t> ClauseIndex(std::string_view id) const;
  const Clause* FindClause(std::string_view id) const;  // nullptr: unknown
  // Bits of all the codes; nothing if one is unknown or the list is empty.
  std::optional<std::uint64_t> FieldBits(
      std::span<const std::string> codes) const;
  std::vector<std::string> FieldCodes(std::uint64_t bits) const;
  std::string_view PartyCode(std::size_t index) const;  // "" out of range

  // Whether the clause grants the leaf.
  bool Admits(std::uint16_t clause, std::string_view leaf) const;
  // The leaves that a clause grants, as bits.
  std::uint64_t PurposesOf(std::uint16_t clause) const;
  // Whether the clause lets `holder` release to `asker`.
  bool Covers(std::uint16_t clause, std::string_view holder,
              std::string_view asker) const;
  // Clause indexes of one ordered pair and action, in document order.
  std::span<const std::uint16_t> ClausesFor(std::uint8_t holder,
                                            std::uint8_t asker,
                                            Action action) const;
  // 1 + place of `CODE.body` in the clause's `onward_to`.
  std::optional<std::uint8_t> ReceiverIndex(std::uint16_t clause,
                                            std::string_view receiver) const;

  // For the engine.
  std::span<const ClauseBits> clause_bits() const { return clauses_; }
  std::span<const RestrictionBits> restrictions() const {
    return restrictions_;
  }
  // Leaves for which this pair's law needs no-air-link checked absent.
  std::uint64_t AirLinkLeaves(std::uint8_t holder, std::uint8_t asker) const;

 private:
  friend class Simulation;  // compiles what nobody signed, and only looks
  friend class Explainer;   // likewise
  Compiled(VerifiedAgreement verified, const Catalogues& catalogues);
  void CompileClauses();
  void CompileRestrictions();
  void BuildIndex();

  VerifiedAgreement verified_;
  Catalogues catalogues_;
  std::vector<ClauseBits> clauses_;
  std::vector<RestrictionBits> restrictions_;
  std::vector<std::uint32_t> index_start_;  // pair and action -> index_
  std::vector<std::uint16_t> index_;
  std::uint64_t air_link_parties_ = 0;
};

}  // namespace entente::policy
