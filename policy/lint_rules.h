#pragma once
// The pieces of lint, each a small set of rules over the same input.

#include <string>
#include <vector>

#include "policy/agreement.h"
#include "policy/catalogue.h"
#include "policy/finding.h"
#include "policy/lint.h"
#include "policy/resolve.h"

namespace entente::policy {

struct LintInput {
  const Agreement& agreement;
  const Catalogues& catalogues;
  Findings& findings;
  std::vector<ClauseBits> clauses;
  std::vector<RestrictionBits> prohibitions;
  std::vector<RestrictionBits> reservations;

  void Report(int code, const std::string& path, std::string message,
              std::string next);
};

void LintHashes(LintInput& in);                               // 111
void LintWords(LintInput& in);                                // 110, 210
void LintBases(LintInput& in);                                // 206, 207, 222
void LintDates(LintInput& in);                                // 216
void LintKeys(LintInput& in);                                 // 217
void LintVersion(LintInput& in, const LintContext& context);  // 218
void LintClauses(LintInput& in);   // 203, 204, 211 to 214, 219, 221
void LintFlows(LintInput& in);     // 201, 202, 205, 220
void LintProfiles(LintInput& in);  // 208, 209
void LintAssessments(LintInput& in, const LintContext& context);  // 215
void LintOpinions(LintInput& in, const LintContext& context);     // 223
// 301 to 303, 307, 309: from the document alone.
void LintWarnings(LintInput& in);
// 304, 305, 306, 308: from what the node knows.
void LintSurroundings(LintInput& in, const LintContext& context);

// The prohibition that 220 asks for.
bool CutsAllSensitive(const Prohibition& prohibition);

}  // namespace entente::policy
