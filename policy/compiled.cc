#include "policy/compiled.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "policy/lint.h"

namespace entente::policy {
namespace {

template <class Row, class Name>
std::optional<std::size_t> Find(const std::vector<Row>& rows,
                                std::string_view name, Name Row::* member) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].*member == name) return i;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> Narrow(std::optional<std::size_t> index) {
  if (!index) return std::nullopt;
  return static_cast<std::uint8_t>(*index);
}

}  // namespace

absl::StatusOr<Compiled> Compiled::Create(VerifiedAgreement agreement,
                                          const Catalogues& catalogues) {
  TRY_OK(ToStatus(Lint(agreement.agreement(), catalogues)));
  return Compiled(std::move(agreement), catalogues);
}

Compiled::Compiled(VerifiedAgreement verified, const Catalogues& catalogues)
    : verified_(std::move(verified)), catalogues_(catalogues) {
  CompileClauses();
  CompileRestrictions();
  air_link_parties_ = AirLinkParties(agreement(), catalogues_);
  BuildIndex();
}

void Compiled::CompileClauses() {
  for (const Clause& clause : agreement().clauses) {
    clauses_.push_back(Resolve(agreement(), catalogues_, clause));
  }
}

void Compiled::CompileRestrictions() {
  for (const Prohibition& prohibition : agreement().prohibitions) {
    restrictions_.push_back(Resolve(agreement(), catalogues_, prohibition));
  }
  for (const Reservation& reservation : agreement().reservations) {
    restrictions_.push_back(Resolve(agreement(), catalogues_, reservation));
  }
}

void Compiled::BuildIndex() {
  const std::size_t parties = agreement().parties.size();
  for (std::size_t h = 0; h < parties; ++h) {
    for (std::size_t a = 0; a < parties; ++a) {
      for (std::size_t action = 0; action < kClauseActions; ++action) {
        index_start_.push_back(static_cast<std::uint32_t>(index_.size()));
        for (std::size_t i = 0; i < clauses_.size(); ++i) {
          if (clauses_[i].action == action && clauses_[i].Covers(h, a)) {
            index_.push_back(static_cast<std::uint16_t>(i));
          }
        }
      }
    }
  }
  index_start_.push_back(static_cast<std::uint32_t>(index_.size()));
}

std::optional<std::uint8_t> Compiled::PartyIndex(std::string_view code) const {
  return Narrow(Find(agreement().parties, code, &Party::code));
}

std::optional<std::uint8_t> Compiled::BasisIndex(std::string_view code) const {
  return Narrow(Find(agreement().bases, code, &Basis::code));
}

std::optional<std::uint8_t> Compiled::PurposeIndex(
    std::string_view leaf) const {
  return catalogues_.purposes.IndexOf(leaf);
}

std::optional<std::uint16_t> Compiled::ClauseIndex(std::string_view id) const {
  const auto index = Find(agreement().clauses, id, &Clause::id);
  if (!index) return std::nullopt;
  return static_cast<std::uint16_t>(*index);
}

const Clause* Compiled::FindClause(std::string_view id) const {
  const auto index = ClauseIndex(id);
  return index ? &agreement().clauses[*index] : nullptr;
}

std::optional<std::uint64_t> Compiled::FieldBits(
    std::span<const std::string> codes) const {
  std::uint64_t bits = 0;
  for (const std::string& code : codes) {
    const std::uint64_t bit = catalogues_.fields.Bit(code);
    if (bit == 0) return std::nullopt;
    bits |= bit;
  }
  if (bits == 0) return std::nullopt;
  return bits;
}

std::vector<std::string> Compiled::FieldCodes(std::uint64_t bits) const {
  return catalogues_.fields.Codes(bits);
}

std::string_view Compiled::PartyCode(std::size_t index) const {
  return index < agreement().parties.size()
             ? std::string_view(agreement().parties[index].code)
             : std::string_view();
}

bool Compiled::Admits(std::uint16_t clause, std::string_view leaf) const {
  const auto index = PurposeIndex(leaf);
  return index && ((PurposesOf(clause) >> *index) & 1U) != 0;
}

std::uint64_t Compiled::PurposesOf(std::uint16_t clause) const {
  return clause < clauses_.size() ? clauses_[clause].purposes : 0;
}

bool Compiled::Covers(std::uint16_t clause, std::string_view holder,
                      std::string_view asker) const {
  const auto h = PartyIndex(holder);
  const auto a = PartyIndex(asker);
  return clause < clauses_.size() && h && a && clauses_[clause].Covers(*h, *a);
}

std::span<const std::uint16_t> Compiled::ClausesFor(std::uint8_t holder,
                                                    std::uint8_t asker,
                                                    Action action) const {
  const std::size_t parties = agreement().parties.size();
  const auto act = static_cast<std::size_t>(action);
  if (holder >= parties || asker >= parties || act >= kClauseActions) return {};
  const std::size_t slot = (holder * parties + asker) * kClauseActions + act;
  return std::span(index_).subspan(index_start_[slot],
                                   index_start_[slot + 1] - index_start_[slot]);
}

std::optional<std::uint8_t> Compiled::ReceiverIndex(
    std::uint16_t clause, std::string_view receiver) const {
  if (clause >= clauses_.size()) return std::nullopt;
  const std::vector<std::string>& list = agreement().clauses[clause].onward_to;
  const auto found = std::find(list.begin(), list.end(), receiver);
  if (found == list.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - list.begin() + 1);
}

std::uint64_t Compiled::AirLinkLeaves(std::uint8_t holder,
                                      std::uint8_t asker) const {
  const bool needed =
      (((air_link_parties_ >> holder) | (air_link_parties_ >> asker)) & 1U) !=
      0;
  return needed ? catalogues_.purposes.air_link() : 0;
}

}  // namespace entente::policy
