#include "policy/text/matrix.h"

#include <algorithm>
#include <bit>
#include <map>

#include "crypto/base/status.h"
#include "policy/resolve.h"

namespace entente::policy {
namespace {

constexpr std::string_view kLetters = "SQDOE";
constexpr std::size_t kWidestTable = 20;

std::size_t Count(std::uint64_t bits) {
  return static_cast<std::size_t>(std::popcount(bits));
}

std::string Padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

class Resolved {
 public:
  Resolved(const Agreement& agreement, const Catalogues& catalogues)
      : agreement_(agreement) {
    for (const Clause& clause : agreement.clauses) {
      clauses_.push_back(Resolve(agreement, catalogues, clause));
    }
    for (const Prohibition& prohibition : agreement.prohibitions) {
      restrictions_.push_back(Resolve(agreement, catalogues, prohibition));
    }
    for (const Reservation& reservation : agreement.reservations) {
      restrictions_.push_back(Resolve(agreement, catalogues, reservation));
    }
  }

  PairFlows Between(std::size_t holder, std::size_t asker) const {
    PairFlows out{holder, asker, {}};
    if (!ReceivesInTime(agreement_, asker)) return out;
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
      if (!clauses_[i].Covers(holder, asker)) continue;
      Flow flow{agreement_.clauses[i].id, agreement_.clauses[i].action, 0, 0};
      flow.purposes = PurposesLeft(clauses_[i], restrictions_, holder);
      for (std::uint8_t p = 0; p < 64; ++p) {
        if (((flow.purposes >> p) & 1U) == 0) continue;
        flow.fields |= FieldsLeft(clauses_[i], restrictions_, holder, p);
      }
      if (flow.purposes != 0) out.flows.push_back(std::move(flow));
    }
    return out;
  }

 private:
  const Agreement& agreement_;
  std::vector<ClauseBits> clauses_;
  std::vector<RestrictionBits> restrictions_;
};

const PairFlows& PairAt(const std::vector<PairFlows>& pairs, std::size_t n,
                        std::size_t holder, std::size_t asker) {
  return pairs[holder * (n - 1) + asker - (asker > holder ? 1 : 0)];
}

std::string Table(const Agreement& agreement,
                  const std::vector<PairFlows>& pairs) {
  const std::size_t n = agreement.parties.size();
  std::size_t width = 3;
  for (const PairFlows& pair : pairs) {
    width = std::max(width, pair.Letters().size());
  }
  std::string out = Padded("gives to:", 10);
  for (const Party& party : agreement.parties) {
    out += " " + Padded(party.code, width);
  }
  for (std::size_t h = 0; h < n; ++h) {
    out += "\n" + Padded(agreement.parties[h].code, 10);
    for (std::size_t a = 0; a < n; ++a) {
      const std::string letters =
          h == a ? "-" : PairAt(pairs, n, h, a).Letters();
      out += " " + Padded(letters.empty() ? "." : letters, width);
    }
  }
  return out + "\n";
}

// ` QMB QMC ...`, twenty codes a line.
std::string CodeList(const std::vector<std::string>& codes) {
  constexpr std::size_t kALine = 20;
  std::string out;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out += (i > 0 && i % kALine == 0 ? "\n             " : " ") + codes[i];
  }
  return out;
}

// The askers of one kind of flow: all, all but a few, or each by its code.
std::string Askers(const Agreement& agreement, std::size_t holder,
                   const std::vector<std::string>& codes) {
  const std::size_t others = agreement.parties.size() - 1;
  if (codes.size() == others) {
    return " all " + std::to_string(others) + " others";
  }
  if (codes.size() * 2 <= others) return CodeList(codes);
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < agreement.parties.size(); ++i) {
    const std::string& code = agreement.parties[i].code;
    if (i != holder &&
        std::find(codes.begin(), codes.end(), code) == codes.end()) {
      rest.push_back(code);
    }
  }
  return " all " + std::to_string(codes.size()) + " others but" +
         CodeList(rest);
}

// For each holder a line for each kind of flow.
std::string Lists(const Agreement& agreement,
                  const std::vector<PairFlows>& pairs) {
  const std::size_t n = agreement.parties.size();
  std::string out;
  for (std::size_t h = 0; h < n; ++h) {
    std::map<std::string, std::vector<std::string>> askers;
    for (std::size_t a = 0; a < n; ++a) {
      if (a == h) continue;
      askers[PairAt(pairs, n, h, a).Letters()].push_back(
          agreement.parties[a].code);
    }
    out += agreement.parties[h].code + " gives";
    for (const auto& [letters, codes] : askers) {
      out += "\n  " + Padded(letters.empty() ? "nothing" : letters, 8) + "to" +
             Askers(agreement, h, codes);
    }
    out += "\n";
  }
  return out;
}

std::string FlowText(const Catalogues& catalogues, const Flow& flow) {
  std::string purposes;
  for (const std::string& word : PurposeWords(catalogues, flow.purposes)) {
    purposes.append(purposes.empty() ? "" : ", ").append(word);
  }
  return Join({Word(flow.action), " ", flow.clause, ": ",
               std::to_string(Count(flow.fields)), " fields, for ", purposes});
}

// `QMA to QMB, ...`, eight pairs a line.
std::string PairList(const std::vector<std::string>& pairs,
                     std::size_t all_pairs) {
  constexpr std::size_t kALine = 8;
  if (pairs.size() == all_pairs && all_pairs > 2) return "every ordered pair";
  std::string out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0) out += i % kALine == 0 ? ",\n" : ", ";
    out += pairs[i];
  }
  return out;
}

// Pairs with the same flows stand together.
std::string Details(const Agreement& agreement, const Catalogues& catalogues,
                    const std::vector<PairFlows>& pairs) {
  std::vector<std::pair<std::string, std::vector<std::string>>> kinds;
  for (const PairFlows& pair : pairs) {
    std::string flows;
    for (const Flow& flow : pair.flows) {
      flows += "  " + FlowText(catalogues, flow) + "\n";
    }
    auto known =
        std::find_if(kinds.begin(), kinds.end(),
                     [&](const auto& kind) { return kind.first == flows; });
    if (known == kinds.end()) {
      kinds.emplace_back(flows, std::vector<std::string>());
      known = kinds.end() - 1;
    }
    known->second.push_back(agreement.parties[pair.holder].code + " to " +
                            agreement.parties[pair.asker].code);
  }
  std::string out;
  for (const auto& [flows, who] : kinds) {
    out += PairList(who, pairs.size()) + "\n" +
           (flows.empty() ? "  nothing\n" : flows);
  }
  return out;
}

}  // namespace

std::string PairFlows::Letters() const {
  std::string out;
  for (std::size_t action = 0; action < kLetters.size(); ++action) {
    const bool there =
        std::any_of(flows.begin(), flows.end(), [action](const Flow& flow) {
          return static_cast<std::size_t>(flow.action) == action;
        });
    if (there) out += kLetters[action];
  }
  return out;
}

std::uint64_t PairFlows::purposes() const {
  std::uint64_t out = 0;
  for (const Flow& flow : flows) out |= flow.purposes;
  return out;
}

std::size_t PairFlows::fields() const {
  std::size_t out = 0;
  for (const Flow& flow : flows) out = std::max(out, Count(flow.fields));
  return out;
}

std::vector<PairFlows> Matrix(const Agreement& agreement,
                              const Catalogues& catalogues) {
  const Resolved resolved(agreement, catalogues);
  std::vector<PairFlows> out;
  for (std::size_t h = 0; h < agreement.parties.size(); ++h) {
    for (std::size_t a = 0; a < agreement.parties.size(); ++a) {
      if (a != h) out.push_back(resolved.Between(h, a));
    }
  }
  return out;
}

std::vector<std::string> PurposeWords(const Catalogues& catalogues,
                                      std::uint64_t purposes) {
  std::vector<std::string> out;
  std::uint64_t said = 0;
  const std::vector<Purpose>& all = catalogues.purposes.purposes();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::uint64_t leaf = std::uint64_t{1} << i;
    if ((purposes & leaf & ~said) == 0) continue;
    const std::string group = all[i].code.substr(0, all[i].code.find('.'));
    const std::uint64_t whole = catalogues.purposes.Expand(group);
    const bool complete = (whole & ~purposes) == 0;
    said |= complete ? whole : leaf;
    out.push_back(complete ? group : all[i].code);
  }
  return out;
}

std::string MatrixText(const Agreement& agreement, const Catalogues& catalogues,
                       const std::vector<PairFlows>& pairs) {
  const std::size_t n = agreement.parties.size();
  const std::string head = agreement.id + " version " +
                           std::to_string(agreement.version) + ", " +
                           std::to_string(n) + " parties, " +
                           std::to_string(pairs.size()) + " ordered pairs\n\n";
  const std::string legend =
      "\nS screen, Q query, D disclose, O onward, E export; . nothing\n";
  if (n > kWidestTable) return head + Lists(agreement, pairs) + legend;
  return head + Table(agreement, pairs) + legend + "\n" +
         Details(agreement, catalogues, pairs);
}

std::string MatrixCsv(const Agreement& agreement,
                      const std::vector<PairFlows>& pairs) {
  std::string out = "holder,asker,actions,clauses,purposes,fields\n";
  for (const PairFlows& pair : pairs) {
    std::string clauses;
    for (const Flow& flow : pair.flows) {
      clauses.append(clauses.empty() ? "" : " ").append(flow.clause);
    }
    out += Join({agreement.parties[pair.holder].code, ",",
                 agreement.parties[pair.asker].code, ",", pair.Letters(), ",",
                 clauses, ",", std::to_string(Count(pair.purposes())), ",",
                 std::to_string(pair.fields()), "\n"});
  }
  return out;
}

}  // namespace entente::policy
