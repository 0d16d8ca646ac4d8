#include "node/cli/audit_erase_command.h"

#include <cstdio>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "node/cli/local_commands.h"
#include "node/cli/output.h"
#include "node/cli/person.h"
#include "node/ledger/erasure.h"

namespace entente::cli {
namespace {

absl::Status Usage(absl::Status status) {
  return WithReason(std::move(status), kUsageReason);
}

// The log that the node writes; its name is part of what is signed.
absl::StatusOr<std::string> OriginOf(const RemoteOptions& options) {
  TRY(const rpc::AdminReply reply, Ask(options, "status", {}));
  const Json said = Json::parse(reply.json, nullptr, false);
  if (said.is_discarded() || !said.contains("log"))
    return Internal("the node's answer is no JSON");
  return said["log"].value("origin", "");
}

absl::StatusOr<rpc::AdminReply> Erase(Values& v, const RemoteOptions& options) {
  const std::string& ranges = v.one["entries"];
  if (const auto parsed = ledger::ParseRanges(ranges); !parsed.ok())
    return WithNext(Usage(parsed.status()),
                    "write entries as `12,99-105`: rising, without blanks");
  std::string& number = v.one["case"];
  if (number.empty()) number = ToHex(primitive::RandomArray<16>());
  if (const auto raw = FromHex(number); !raw.ok() || raw->size() != 16)
    return Usage(Invalid("--case is the 32 hex digits of a case"));
  TRY(const std::string origin, OriginOf(options));
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  const std::string text =
      ledger::ErasureText(origin, ranges, v.one["ground"], number);
  if (!options.json) {
    std::fputs(Printable("signed by " + key.label() + ":\n" + text).c_str(),
               stderr);
  }
  return Ask(options, "audit erase",
             {{"entries", ranges},
              {"ground", v.one["ground"]},
              {"case", number},
              {"signature", ToHex(key.Sign(AsBytes(text)))}});
}

int Run(Values& v, const RemoteOptions& options) {
  const absl::StatusOr<rpc::AdminReply> reply = Erase(v, options);
  if (!reply.ok()) return ReportError(reply.status(), options.json);
  return ReportResult(reply->exit_code, reply->json, reply->text, options.json);
}

}  // namespace

void AddAuditErase(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(app, "audit", "erase",
                    "destroy the sealed parts of entries for good; you sign "
                    "for it here, and the log keeps your signature (dpo)");
  at.Add("entries", values->one["entries"],
         "which entries, such as `12,99-105`")
      .Required();
  at.Add("--ground", values->one["ground"],
         "a word: subject-request, court, error, ...; it stays "
         "readable in the log")
      .Required();
  at.Add("--case", values->one["case"],
         "32 hex digits of the case (default: a fresh number, printed: "
         "write it into the file)");
  BindRun(shared, at, values, Run);
}

}  // namespace entente::cli
