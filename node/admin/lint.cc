// What is wrong with a document, or worth a second look, with what this node
// knows around it.

#include <algorithm>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/lint_context.h"
#include "node/exchange/drafts.h"
#include "policy/envelope.h"

namespace entente::admin {
namespace {

// On the table, held, or a file that goes along.
absl::StatusOr<Bytes> DocumentOf(exchange::Desk& desk, Request& request) {
  const std::string named = request.args.Get("agreement");
  if (named.empty()) {
    request.args.Get("file");
    TRY_OK(request.args.Finish());
    TRY(Bytes file, WholeFile(request, policy::kMaxEnvelopeBytes));
    if (file.empty() || file[0] != '{') return file;
    TRY(policy::Envelope envelope, policy::ParseEnvelope(file));
    return std::move(envelope.payload);
  }
  TRY(const Hash hash, HashArgument(request));
  TRY_OK(request.args.Finish());
  if (const exchange::AgreementRef held = desk.book.Find(hash); held != nullptr)
    return held->verified().body();
  TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
  TRY(policy::Envelope envelope, policy::ParseEnvelope(draft.envelope));
  return std::move(envelope.payload);
}

}  // namespace

absl::StatusOr<Reply> AgreementLint(Context& context, Request& request) {
  exchange::Desk& desk = context.desk;
  TRY(const Bytes document, DocumentOf(desk, request));
  policy::ParsedAgreement parsed = policy::ParseAgreement(document);
  policy::Findings findings = parsed.findings;
  if (parsed.agreement) {
    TRY(findings, LintHere(desk, *parsed.agreement, request.officer.id));
  }
  const auto errors = std::count_if(
      findings.begin(), findings.end(),
      [](const policy::Finding& finding) { return policy::IsError(finding); });
  const auto warnings = static_cast<std::ptrdiff_t>(findings.size()) - errors;
  const auto many = [](std::ptrdiff_t n, const std::string& one) {
    return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
  };
  Reply reply;
  reply.exit_code = errors == 0 ? 0 : 3;
  reply.json = {{"errors", errors},
                {"warnings", warnings},
                {"findings", FindingsJson(findings)}};
  reply.text = FindingsText(findings, "agreement.toml") +
               many(errors, "error") + ", " + many(warnings, "warning");
  return reply;
}

}  // namespace entente::admin
