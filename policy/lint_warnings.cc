// Warnings that the document alone gives rise to: nothing is wrong, but a
// signer should have meant it.

#include <algorithm>
#include <bit>
#include <set>
#include <string_view>

#include "policy/lint_rules.h"

namespace entente::policy {
namespace {

std::string RootOf(const std::string& leaf) {
  return leaf.substr(0, leaf.find('.'));
}

std::set<std::string> RootsOf(const LintInput& in, std::uint64_t purposes) {
  std::set<std::string> roots;
  const std::vector<Purpose>& all = in.catalogues.purposes.purposes();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (((purposes >> i) & 1U) != 0) roots.insert(RootOf(all[i].code));
  }
  return roots;
}

void WarnPurposes(LintInput& in, const Clause& clause, const ClauseBits& bits) {
  const std::string path = "clause." + clause.id + ".purposes";
  const std::uint64_t serious = in.catalogues.purposes.Expand("serious");
  if (serious != 0 && (serious & ~bits.purposes) == 0) {
    in.Report(302, path,
              clause.id + ": the whole root \"serious\" is granted, " +
                  std::to_string(std::popcount(serious)) + " purposes",
              "name the purposes that are needed");
  }
  const std::set<std::string> roots = RootsOf(in, bits.purposes);
  if (clause.action != Action::kScreen || roots.size() < 2) return;
  std::string list;
  for (const std::string& root : roots) {
    list.append(list.empty() ? "" : " and ").append(root);
  }
  in.Report(303, path,
            clause.id + ": one tag set cannot keep " + list + " apart",
            "write a clause for each root");
}

// The same right the other way round, for at least one of the purposes.
bool HasReturn(const LintInput& in, const ClauseBits& clause) {
  return std::any_of(in.clauses.begin(), in.clauses.end(),
                     [&](const ClauseBits& other) {
                       return other.action == clause.action &&
                              other.dataset == clause.dataset &&
                              (other.purposes & clause.purposes) != 0 &&
                              (other.holders & clause.askers) != 0 &&
                              (other.askers & clause.holders) != 0;
                     });
}

// Whether the prohibition takes a field from any clause, or from what an asker
// may send.
bool Cuts(const LintInput& in, const RestrictionBits& bits) {
  return std::any_of(
      in.clauses.begin(), in.clauses.end(), [&](const ClauseBits& clause) {
        return ((bits.actions >> clause.action) & 1U) != 0 &&
               (bits.purposes & clause.purposes) != 0 &&
               (bits.fields & (clause.fields | clause.offered)) != 0;
      });
}

}  // namespace

void LintWarnings(LintInput& in) {
  const Agreement& a = in.agreement;
  if (a.screening.suppressed_hit == SuppressedHit::kRefused) {
    in.Report(301, "screening.suppressed_hit",
              "suppressed_hit = \"refused\" tells the other side that there is "
              "something",
              "write \"no-hit\", or file the opinion of every data protection "
              "officer");
  }
  for (std::size_t i = 0; i < in.clauses.size(); ++i) {
    const Clause& clause = a.clauses[i];
    WarnPurposes(in, clause, in.clauses[i]);
    if (clause.each() || HasReturn(in, in.clauses[i])) continue;
    in.Report(307, "clause." + clause.id + ".holder",
              clause.id + ": " + clause.holder + " gives " + clause.asker +
                  " this " + std::string(Word(clause.action)) +
                  " right, and gets none like it",
              "nothing, if that is meant");
  }
  for (std::size_t i = 0; i < a.prohibitions.size(); ++i) {
    if (CutsAllSensitive(a.prohibitions[i]) || Cuts(in, in.prohibitions[i])) {
      continue;
    }
    const std::string& id = a.prohibitions[i].id;
    in.Report(309, "prohibition." + id + ".id",
              id + " takes nothing away: no clause grants what it names",
              "remove it, or correct its actions, purposes or fields");
  }
}

}  // namespace entente::policy
