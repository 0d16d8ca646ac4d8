#include <algorithm>

#include "crypto/base/status.h"
#include "node/ledger/verify.h"

namespace entente::ledger {
namespace {

std::string_view ResultName(ClaimResult result) {
  switch (result) {
    case ClaimResult::kHolds:
      return "holds";
    case ClaimResult::kFails:
      return "FAILS";
    case ClaimResult::kNotChecked:
      return "not checked";
  }
  return "not checked";
}

std::string FaultText(const Fault& fault) {
  std::string out = Join({"fault: ", fault.claim, ": ", fault.file});
  if (fault.index) out += ", entry " + std::to_string(*fault.index);
  return Join({out, ": ", fault.why, "\n"});
}

std::string RemarkText(const Remark& remark) {
  const bool one = remark.first == remark.last;
  std::string out = one ? "entry " : "entries ";
  out += std::to_string(remark.first);
  if (!one) out += " to " + std::to_string(remark.last);
  return Join({out, ": ", remark.text, "\n"});
}

std::string CountsText(const Report& report) {
  const auto number = [](std::uint64_t n) { return std::to_string(n); };
  if (report.range) {
    return Join({"log: ",
                 report.origin,
                 ", size ",
                 number(report.size),
                 ", root ",
                 ToHex(report.root),
                 "\n",
                 "entries: ",
                 number(report.range->first),
                 " up to ",
                 number(report.range->end),
                 " (end not included) whole, ",
                 number(report.singles),
                 " more by proof\n",
                 "sealed: ",
                 number(report.sealed),
                 ", of them ",
                 number(report.bodies),
                 " bodies, ",
                 number(report.erased),
                 " erased, ",
                 number(report.expired),
                 " expired\n"});
  }
  return Join(
      {"log: ", report.origin, ", size ", number(report.size), ", root ",
       ToHex(report.root), "\n", "entries: ", number(report.entries), " read, ",
       number(report.pads), " padding, ", number(report.sealed),
       " with a sealed body, ", number(report.erased), " of them erased\n",
       "witnesses: ", number(report.witnesses), "\n"});
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  static constexpr std::string_view kNames[] = {
      "VERIFIED",  "VERIFIED-UNWITNESSED",
      "TAMPERED",  "INCOMPLETE",
      "UNTRUSTED", "SPLIT-VIEW"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::string ReportText(const Report& report) {
  std::string out = Join({VerdictName(report.verdict), "\n"});
  if (report.fault) out += FaultText(*report.fault);
  if (!report.origin.empty()) out += CountsText(report);
  for (const Claim& claim : report.claims) {
    out += Join({claim.id, " ", ResultName(claim.result), ": ", claim.what});
    if (!claim.reason.empty()) out += Join({" (", claim.reason, ")"});
    out += '\n';
  }
  for (const Remark& remark : report.remarks) out += RemarkText(remark);
  for (const OpenedField& field : report.opened) {
    out += Join({"entry ", std::to_string(field.index), ", field `", field.name,
                 "`: ", field.value, "\n"});
  }
  for (const std::string& warning : report.warnings) {
    out += Join({"warning: ", warning, "\n"});
  }
  return out;
}

}  // namespace entente::ledger
