#include "node/cli/review_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/base/file.h"
#include "node/base/time.h"
#include "node/cli/command_parts.h"
#include "node/cli/output.h"
#include "node/cli/person.h"
#include "node/cli/review_page.h"
#include "node/ledger/review.h"

namespace entente::cli {
namespace {

constexpr std::size_t kMaxReport = std::size_t{64} << 20U;
constexpr std::string_view kSignature = ".sig";

struct ReviewValues {
  std::string from;
  std::string until;
  std::string sample;
  std::string reference;
  std::string remarks;
  std::string out;
  std::string check;
  std::string officer;
};

using Said = std::pair<Json, std::string>;

// What the node refused it says itself.
absl::StatusOr<Json> AskJson(const RemoteOptions& options,
                             const std::string& name,
                             std::vector<model::Argument> arguments,
                             std::optional<int>& refused) {
  TRY(const rpc::AdminReply reply, Ask(options, name, std::move(arguments)));
  if (reply.exit_code != 0) {
    refused =
        ReportResult(reply.exit_code, reply.json, reply.text, options.json);
  }
  return Json::parse(reply.json, nullptr, false);
}

std::vector<model::Argument> Words(const ReviewValues& values) {
  std::vector<model::Argument> out;
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"from", values.from},
        {"until", values.until},
        {"n", values.sample},
        {"case", values.reference}}) {
    if (!value.empty()) out.push_back({name, value});
  }
  return out;
}

absl::StatusOr<ledger::ReviewStatement> StatementOf(const Json& facts,
                                                    ByteView report) {
  ledger::ReviewStatement out;
  try {
    out.origin = facts.at("origin").get<std::string>();
    out.from = facts.at("from_seconds").get<std::int64_t>();
    out.until = facts.at("until_seconds").get<std::int64_t>();
    out.first = facts.at("first").get<std::uint64_t>();
    out.last = facts.at("last").get<std::uint64_t>();
  } catch (const nlohmann::json::exception&) {
    return Internal("the node's answer is not that of a review");
  }
  out.report = primitive::Sha256(report);
  return out;
}

// Neither file is there unless the log has the entry.
absl::Status Keep(const std::string& path, std::string_view page,
                  std::string_view signature,
                  const std::function<absl::Status()>& log) {
  const std::string beside = path + std::string(kSignature);
  if (base::FileExists(path) || base::FileExists(beside)) {
    return WithNext(AlreadyExists("there is a file `", path, "` or its .sig"),
                    "name another file with --out");
  }
  absl::Status status = base::WriteFileAtomic(path, AsBytes(page));
  if (status.ok()) status = base::WriteFileAtomic(beside, AsBytes(signature));
  if (status.ok()) status = log();
  if (status.ok()) return status;
  (void)base::RemoveFile(path);
  (void)base::RemoveFile(beside);
  return status;
}

int Finish(const absl::Status& status, const std::optional<int>& refused,
           bool json) {
  return refused ? *refused : ReportError(status, json);
}

int MakeReview(const ReviewValues& values, const RemoteOptions& options) {
  std::optional<int> refused;
  const absl::StatusOr<Json> facts =
      AskJson(options, "audit review", Words(values), refused);
  if (!facts.ok() || refused) {
    return Finish(facts.status(), refused, options.json);
  }
  Json told;
  const absl::Status status = [&]() -> absl::Status {
    const std::string page = ReviewPage(*facts, values.remarks);
    TRY(const ledger::ReviewStatement statement,
        StatementOf(*facts, AsBytes(page)));
    TRY(const keys::PersonKey person,
        LoadPerson(options.key_file, options.passphrase_file));
    TRY(const merkle::VerifierKey key,
        merkle::VerifierKey::Make(person.label(), merkle::NoteKeyType::kEd25519,
                                  person.public_key()));
    TRY(const std::string note,
        ledger::SignReview(statement, key,
                           [&person](ByteView m) { return person.Sign(m); }));
    const bool good = (*facts)["verification"].value("verified", false);
    const std::string path =
        values.out.empty()
            ? "review-" + base::FormatDate(statement.until) + ".html"
            : values.out;
    TRY_OK(Keep(path, page, note, [&]() -> absl::Status {
      TRY(const Json signed_reply,
          AskJson(options, "audit review sign",
                  {{"signature", note},
                   {"result", good ? "verified" : "not-verified"},
                   {"remarks", values.remarks}},
                  refused));
      if (refused) return Unready("the node did not take the signature");
      told = signed_reply;
      return absl::OkStatus();
    }));
    told["file"] = path;
    told["signature"] = path + std::string(kSignature);
    told["sha256"] = ToHex(statement.report);
    told["verified"] = good;
    told["facts"] = *facts;
    return absl::OkStatus();
  }();
  if (!status.ok()) return Finish(status, refused, options.json);
  const std::string text =
      Join({told["file"].get<std::string>(), " and its .sig\n  SHA-256 ",
            told["sha256"].get<std::string>(), "\n  entry ",
            told["index"].dump(), " of the log says that you signed it\n  ",
            told["verified"].get<bool>() ? "the log verifies"
                                         : "the log does NOT verify",
            "\n  anybody checks it: entente audit review --check ",
            told["file"].get<std::string>(), " --dpo ",
            told["officer_key"].get<std::string>()});
  return ReportResult(told["verified"].get<bool>() ? kDone : kProof,
                      told.dump(), text, options.json);
}

absl::StatusOr<Said> CheckReview(const ReviewValues& values) {
  TRY(const merkle::VerifierKey officer,
      merkle::VerifierKey::Parse(values.officer));
  TRY(const Bytes report, base::ReadFile(values.check, kMaxReport));
  TRY(const Bytes note,
      base::ReadFile(values.check + std::string(kSignature), kMaxReport));
  TRY(const ledger::ReviewStatement statement,
      ledger::OpenReview(AsText(note), report, officer));
  return Said(
      Json{{"verdict", "VERIFIED"},
           {"officer", officer.name()},
           {"origin", statement.origin},
           {"from", base::FormatTime(statement.from)},
           {"until", base::FormatTime(statement.until)},
           {"first", statement.first},
           {"last", statement.last},
           {"sha256", ToHex(statement.report)}},
      Join({"VERIFIED\n", officer.name(), " signed this report of ",
            statement.origin, ", entries ", std::to_string(statement.first),
            " to ", std::to_string(statement.last)}));
}

int RunCheck(const ReviewValues& values, const RemoteOptions& options) {
  if (values.officer.empty()) {
    std::fputs("--dpo is required with --check\n", stderr);
    return kUsage;
  }
  const absl::StatusOr<Said> said = CheckReview(values);
  if (said.ok()) {
    return ReportResult(kDone, said->first.dump(), said->second, options.json);
  }
  const int code = ReportError(said.status(), options.json);
  return absl::IsNotFound(said.status()) ? code : kProof;
}

}  // namespace

void AddReview(Command audit, const RemoteOptions& options,
               std::function<int()>& run) {
  Command review = audit.New(
      "review",
      "the half-yearly review: a report of the log, signed with your key, as "
      "one HTML file that prints (dpo)");
  auto values = std::make_shared<ReviewValues>();
  review.Add("--from", values->from,
             "day or time (default: six months before --until)");
  review.Add("--until", values->until, "day or time (default: now)");
  review.Add("--n", values->sample, "entries of the sample (default 30)");
  review.Add("--case", values->reference, "why, sealed in the log");
  review.Add("--remarks", values->remarks,
             "your words, in the report and sealed in the log");
  review.Add("--out", values->out,
             "the report (default: review-UNTIL.html); its signature "
             "ends in .sig");
  Option check =
      review.Add("--check", values->check,
                 "instead: does the .sig beside this report hold? (offline)");
  review
      .Add("--dpo", values->officer,
           "with --check: verifier key of the officer")
      .Needs(check);
  review.OnChosen([&run, &options, values] {
    run = [&options, values] {
      return values->check.empty() ? MakeReview(*values, options)
                                   : RunCheck(*values, options);
    };
  });
}

}  // namespace entente::cli
