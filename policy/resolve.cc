#include "policy/resolve.h"

#include <bit>
#include <string_view>
#include <vector>

namespace entente::policy {
namespace {

constexpr std::uint8_t kAllClauseActions = (1U << kClauseActions) - 1U;

std::uint64_t LowBits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

std::uint64_t PartyBit(const Agreement& agreement, std::string_view code) {
  for (std::size_t i = 0; i < agreement.parties.size(); ++i) {
    if (agreement.parties[i].code == code) return std::uint64_t{1} << i;
  }
  return 0;
}

std::uint64_t PurposeBits(const Catalogues& catalogues,
                          const std::vector<std::string>& words) {
  std::uint64_t bits = 0;
  for (const std::string& word : words)
    bits |= catalogues.purposes.Expand(word);
  return bits;
}

std::uint64_t FieldBits(const Catalogues& catalogues,
                        const std::vector<std::string>& words) {
  std::uint64_t bits = 0;
  for (const std::string& word : words) bits |= catalogues.fields.Bit(word);
  return bits;
}

bool IsAny(const std::vector<std::string>& words) {
  return words.size() == 1 && words[0] == "any";
}

}  // namespace

std::uint64_t AirLinkParties(const Agreement& agreement,
                             const Catalogues& catalogues) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < agreement.parties.size(); ++i) {
    const Profile* profile =
        catalogues.profiles.Find(agreement.parties[i].legal_profile);
    if (profile == nullptr || profile->air_link_flag) {
      out |= std::uint64_t{1} << i;
    }
  }
  return out;
}

std::uint64_t FieldsLeft(const ClauseBits& clause,
                         std::span<const RestrictionBits> restrictions,
                         std::size_t holder, std::uint8_t purpose) {
  std::uint64_t left = clause.fields;
  for (const RestrictionBits& r : restrictions) {
    if (r.flag_pairs == 0 && (r.by == kNobody || r.by == holder) &&
        r.Touches(clause.action, purpose)) {
      left &= ~r.fields;
    }
  }
  return left;
}

std::uint64_t PurposesLeft(const ClauseBits& clause,
                           std::span<const RestrictionBits> restrictions,
                           std::size_t holder) {
  std::uint64_t out = 0;
  for (std::uint8_t p = 0; p < 64; ++p) {
    if (((clause.purposes >> p) & 1U) != 0 &&
        FieldsLeft(clause, restrictions, holder, p) != 0) {
      out |= std::uint64_t{1} << p;
    }
  }
  return out;
}

bool ReceivesInTime(const Agreement& agreement, std::size_t asker) {
  return agreement.parties[asker].history_from < agreement.validity.until;
}

// Of bases the codes need not agree between agreements; within one the bit
// does.
bool SelectorsMeet(const ClauseBits& a, const ClauseBits& b) {
  return a.action == b.action && a.dataset == b.dataset &&
         (a.purposes & b.purposes) != 0 && (a.roles & b.roles) != 0 &&
         (a.routes & b.routes) != 0 && (a.urgency & b.urgency) != 0;
}

bool MeetsInPair(const ClauseBits& a, const ClauseBits& b) {
  const std::uint64_t holders = a.holders & b.holders;
  const std::uint64_t askers = a.askers & b.askers;
  const bool pair = holders != 0 && askers != 0 &&
                    !(holders == askers && std::has_single_bit(holders));
  return pair && (a.bases & b.bases) != 0 && SelectorsMeet(a, b);
}

ClauseBits Resolve(const Agreement& agreement, const Catalogues& catalogues,
                   const Clause& clause) {
  ClauseBits out;
  const std::uint64_t all = LowBits(agreement.parties.size());
  out.holders = clause.each() ? all : PartyBit(agreement, clause.holder);
  out.askers = clause.each() ? all : PartyBit(agreement, clause.asker);
  out.purposes = PurposeBits(catalogues, clause.purposes);
  out.fields = FieldBits(catalogues, clause.fields);
  out.offered = FieldBits(catalogues, clause.offered_fields);
  for (std::size_t i = 0; i < agreement.bases.size(); ++i) {
    for (const std::string& code : clause.bases) {
      if (agreement.bases[i].code == code) out.bases |= 1U << i;
    }
  }
  out.action = static_cast<std::uint8_t>(clause.action);
  out.dataset = static_cast<std::uint8_t>(clause.dataset);
  out.roles = static_cast<std::uint8_t>(clause.roles.bits);
  out.routes = static_cast<std::uint8_t>(clause.routes.bits);
  out.urgency = static_cast<std::uint8_t>(clause.urgency.bits);
  out.selector = kBasisPlace.Of(out.bases) | kActionPlace.One(out.action) |
                 kDatasetPlace.One(out.dataset) | kRolePlace.Of(out.roles) |
                 kRoutePlace.Of(out.routes) | kUrgencyPlace.Of(out.urgency);
  return out;
}

RestrictionBits Resolve(const Agreement& agreement,
                        const Catalogues& catalogues,
                        const Restriction& restriction) {
  RestrictionBits out;
  out.actions = restriction.any_action
                    ? kAllClauseActions
                    : static_cast<std::uint8_t>(restriction.actions.bits);
  out.purposes = IsAny(restriction.purposes)
                     ? catalogues.purposes.all()
                     : PurposeBits(catalogues, restriction.purposes);
  out.fields = IsAny(restriction.fields)
                   ? catalogues.fields.all()
                   : FieldBits(catalogues, restriction.fields);
  for (const std::string& word : restriction.fields) {
    if (word == "sensitive.any") out.fields |= catalogues.fields.sensitive();
  }
  for (std::size_t i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    const Flag flag = static_cast<Flag>(i);
    if (restriction.when.Has(flag)) out.flag_pairs |= PairBit(flag);
  }
  for (std::size_t i = 0; i < agreement.parties.size(); ++i) {
    if (agreement.parties[i].code == restriction.by) {
      out.by = static_cast<std::uint8_t>(i);
    }
  }
  return out;
}

}  // namespace entente::policy
