#include "node/cli/audit_commands.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/proof_file.h"
#include "node/base/file.h"
#include "node/cli/local_commands.h"
#include "node/cli/output.h"
#include "node/cli/person.h"
#include "node/cli/reconcile_command.h"
#include "node/cli/review_command.h"
#include "node/ledger/catalogue.h"
#include "node/ledger/verify.h"
#include "node/ledger/verify_bundle.h"

namespace entente::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMaxText = std::size_t{1} << 20U;
constexpr std::size_t kMaxEvidence = 3 * kMaxText;

struct VerifyValues {
  std::string path;
  std::string proof;
  std::string leaf;
  std::string policy;
  std::string previous;
  std::vector<std::string> officers;
  bool open_bodies = false;
};

absl::StatusOr<std::string> ReadText(const std::string& path) {
  const absl::StatusOr<Bytes> bytes = base::ReadFile(path, kMaxText);
  if (!bytes.ok()) {
    return absl::Status(
        bytes.status().code(),
        "the file `" + path + "` cannot be read: " + MessageOf(bytes.status()));
  }
  return ToString(*bytes);
}

absl::StatusOr<merkle::TrustPolicy> ReadPolicy(const std::string& path) {
  TRY(const std::string text, ReadText(path));
  absl::StatusOr<merkle::TrustPolicy> policy = merkle::TrustPolicy::Parse(text);
  if (policy.ok()) return policy;
  return WithReason(ProofFailed("the policy file cannot be trusted: ",
                                MessageOf(policy.status())),
                    "policy-malformed");
}

absl::StatusOr<ledger::VerifyOptions> ReadOptions(const VerifyValues& values) {
  ledger::VerifyOptions out;
  if (!values.previous.empty()) {
    TRY(out.previous, ReadText(values.previous));
  }
  for (const std::string& vkey : values.officers) {
    TRY(merkle::VerifierKey key, merkle::VerifierKey::Parse(vkey));
    out.officers.push_back(std::move(key));
  }
  return out;
}

absl::StatusOr<ledger::Report> VerifyFolder(const VerifyValues& values,
                                            const merkle::TrustPolicy& policy) {
  TRY(const ledger::VerifyOptions options, ReadOptions(values));
  const std::string& folder = values.path;
  ledger::Folder files;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, error);
       !error && it != std::filesystem::recursive_directory_iterator();
       it.increment(error)) {
    if (it->is_directory() && !it->is_symlink()) continue;
    files.files.push_back(
        std::filesystem::relative(it->path(), folder).string());
  }
  if (error) return NotFound("the log's folder cannot be read");
  files.read = [&folder](const std::string& path) {
    return base::ReadFile(folder + "/" + path, std::size_t{64} << 20U);
  };
  return ledger::VerifyFolder(files, policy, options);
}

// The file read at any place, never as a whole.
absl::StatusOr<ledger::BundleSource> OpenBundle(const std::string& path) {
  auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (!*file || error) return NotFound("the file cannot be read");
  ledger::BundleSource source;
  source.size = size;
  source.read = [file](std::uint64_t offset,
                       std::size_t length) -> absl::StatusOr<Bytes> {
    file->clear();
    file->seekg(static_cast<std::streamoff>(offset));
    std::string text(length, '\0');
    file->read(text.data(), static_cast<std::streamsize>(length));
    if (!*file) return Unavailable("the file cannot be read");
    return ToBytes(text);
  };
  return source;
}

absl::StatusOr<ledger::Report> VerifyBundle(const VerifyValues& values,
                                            const merkle::TrustPolicy& policy,
                                            const RemoteOptions& remote) {
  ledger::BundleOptions options;
  TRY(static_cast<ledger::VerifyOptions&>(options), ReadOptions(values));
  std::optional<keys::PersonKey> person;
  if (values.open_bodies) {
    TRY(person, LoadPerson(remote.key_file, remote.passphrase_file));
    options.opener = ledger::Opener{
        person->hpke_key(),
        [&person](ByteView enc, ByteView info, ByteView aad, ByteView sealed) {
          return person->OpenSealed(enc, info, aad, sealed);
        }};
  }
  TRY(const ledger::BundleSource source, OpenBundle(values.path));
  return ledger::VerifyBundle(source, policy, options);
}

absl::StatusOr<ledger::Report> Verify(const VerifyValues& values,
                                      const RemoteOptions& options) {
  TRY(const merkle::TrustPolicy policy, ReadPolicy(values.policy));
  std::error_code error;
  if (std::filesystem::is_directory(values.path, error)) {
    return VerifyFolder(values, policy);
  }
  return VerifyBundle(values, policy, options);
}

std::string_view ResultWord(ledger::ClaimResult result) {
  switch (result) {
    case ledger::ClaimResult::kHolds:
      return "holds";
    case ledger::ClaimResult::kFails:
      return "fails";
    case ledger::ClaimResult::kNotChecked:
      return "not-checked";
  }
  return "not-checked";
}

void AddRemarks(const ledger::Report& report, Json& json) {
  json["remarks"] = Json::array();
  for (const ledger::Remark& remark : report.remarks) {
    json["remarks"].push_back({{"first", remark.first},
                               {"last", remark.last},
                               {"text", remark.text}});
  }
}

void AddBundleParts(const ledger::Report& report, Json& json) {
  AddRemarks(report, json);
  if (!report.range) return;
  json["range"] = {report.range->first, report.range->end};
  json["singles"] = report.singles;
  json["bodies"] = report.bodies;
  json["unsealed"] = report.unsealed;
  json["expired"] = report.expired;
  json["opened"] = Json::array();
  for (const ledger::OpenedField& field : report.opened) {
    json["opened"].push_back(
        {{"index", field.index}, {"name", field.name}, {"value", field.value}});
  }
}

Json ReportJson(const ledger::Report& report) {
  Json json = {{"verdict", ledger::VerdictName(report.verdict)},
               {"origin", report.origin},
               {"size", report.size},
               {"entries", report.entries},
               {"witnesses", report.witnesses},
               {"sealed", report.sealed},
               {"erased", report.erased}};
  AddBundleParts(report, json);
  json["claims"] = Json::array();
  for (const ledger::Claim& claim : report.claims) {
    json["claims"].push_back(
        {{"id", claim.id},
         {"what", claim.what},
         {"holds", claim.result == ledger::ClaimResult::kHolds},
         {"result", ResultWord(claim.result)},
         {"reason", claim.reason}});
  }
  json["warnings"] = report.warnings;
  if (report.fault) {
    json["fault"] = {{"claim", report.fault->claim},
                     {"file", report.fault->file},
                     {"why", report.fault->why}};
    if (report.fault->index) json["fault"]["index"] = *report.fault->index;
  }
  return json;
}

int AuditVerify(const VerifyValues& values, const RemoteOptions& options) {
  const absl::StatusOr<ledger::Report> report = Verify(values, options);
  if (!report.ok()) return ReportError(report.status(), options.json);
  return ReportResult(
      ledger::IsVerified(report->verdict) ? kDone : kProof,
      ReportJson(*report).dump(-1, ' ', false,
                               nlohmann::json::error_handler_t::replace),
      Printable(ledger::ReportText(*report)), options.json);
}

// One entry by its `.tlog-proof` and `.leaf`.
absl::StatusOr<std::pair<Json, std::string>> VerifyProof(
    const VerifyValues& values) {
  TRY(const merkle::TrustPolicy policy, ReadPolicy(values.policy));
  TRY(const std::string proof, ReadText(values.proof));
  TRY(const std::string leaf, ReadText(values.leaf));
  TRY_OK(merkle::VerifyProofFile(proof, AsBytes(leaf), policy));
  TRY(const merkle::ProofFile file, merkle::ParseProofFile(proof));
  TRY(const merkle::NoteParts note, merkle::SplitNote(file.checkpoint));
  TRY(const merkle::Checkpoint head, merkle::ParseCheckpoint(note.text));
  return std::pair(Json{{"verdict", "VERIFIED"},
                        {"origin", head.origin},
                        {"size", head.size},
                        {"index", file.index}},
                   Join({"VERIFIED\nentry ", std::to_string(file.index), " of ",
                         std::to_string(head.size), " in ", head.origin}));
}

// Whether a file proves that a log showed two histories.
absl::StatusOr<std::pair<Json, std::string>> CheckEvidence(
    const std::string& path, const std::string& vkey) {
  TRY(const merkle::VerifierKey log, merkle::VerifierKey::Parse(vkey));
  TRY(const Bytes file, base::ReadFile(path, kMaxEvidence));
  TRY_OK(merkle::VerifyEvidence(AsText(file), log));
  return std::pair(Json{{"verdict", "SPLIT-VIEW"}, {"origin", log.name()}},
                   "PROVED\n" + log.name() + " showed two histories");
}

// As the page says: whatever does not prove is a 4, whatever cannot be read
// a 1.
int FinishProof(const absl::StatusOr<std::pair<Json, std::string>>& result,
                bool json) {
  if (result.ok()) {
    return ReportResult(kDone, result->first.dump(), result->second, json);
  }
  const int code = ReportError(result.status(), json);
  return absl::IsNotFound(result.status()) ? code : kProof;
}

void AddVerify(Command audit, const RemoteOptions& options,
               std::function<int()>& run) {
  Command verify = audit.New(
      "verify",
      "verify a bundle, or a log's folder, with nothing but a policy file "
      "(offline)");
  auto values = std::make_shared<VerifyValues>();
  Option path = verify.Add("path", values->path,
                           "bundle, or folder such as DATA/audit/2026a");
  verify
      .Add("--policy", values->policy,
           "policy file: which log, which witnesses")
      .Required();
  verify.Add("--previous", values->previous,
             "signed head that you kept: the log may only add to it");
  verify.Add("--dpo", values->officers,
             "verifier key of an officer whose signatures count; may "
             "be given again");
  verify.Flag("--open-bodies", values->open_bodies,
              "open the sealed bodies of a bundle with --key and compare "
              "them with their commitments");
  Option proof = verify
                     .Add("--proof", values->proof,
                          "instead of a bundle: the .tlog-proof of one entry")
                     .Excludes(path);
  Option leaf =
      verify.Add("--leaf", values->leaf, "and its .leaf").Needs(proof);
  proof.Needs(leaf);
  verify.OnChosen([&run, &options, values] {
    run = [&options, values]() -> int {
      if (!values->proof.empty()) {
        return FinishProof(VerifyProof(*values), options.json);
      }
      if (!values->path.empty()) return AuditVerify(*values, options);
      std::fputs("a bundle, a folder or --proof is required\n", stderr);
      return kUsage;
    };
  });
}

void AddEvidence(Command audit, const RemoteOptions& options,
                 std::function<int()>& run) {
  Command evidence = audit.New(
      "evidence",
      "does a .split-view file prove that a log showed two histories? "
      "(offline)");
  auto values = std::make_shared<std::pair<std::string, std::string>>();
  evidence.Add("file", values->first, "the .split-view file").Required();
  evidence.Add("--log", values->second, "verifier key of the log").Required();
  evidence.OnChosen([&run, &options, values] {
    run = [&options, values] {
      return FinishProof(CheckEvidence(values->first, values->second),
                         options.json);
    };
  });
}

}  // namespace

void AddAuditCommands(Command app, const RemoteOptions& options,
                      std::function<int()>& run) {
  Command audit = app.Below("audit");
  AddVerify(audit, options, run);
  AddEvidence(audit, options, run);
  AddReview(audit, options, run);
  AddReconcile(audit, options, run);
  Command catalogue =
      audit.New("catalogue", "print the closed catalogue of events (offline)");
  catalogue.OnChosen([&run] {
    run = [] {
      // Its very bytes, without a line feed: their digest is the published one.
      std::fputs(ledger::CatalogueJson().c_str(), stdout);
      return kDone;
    };
  });
}

}  // namespace entente::cli
