// The data protection officer's review of the log: the facts of a period, which
// the officer's terminal makes a report of, and the entry that says who signed
// which report.

#include <algorithm>
#include <functional>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/note.h"
#include "crypto/merkle/policy.h"
#include "crypto/merkle/tree.h"
#include "node/admin/handlers.h"
#include "node/admin/review_facts.h"
#include "node/admin/sample.h"
#include "node/base/file.h"
#include "node/base/time.h"
#include "node/exchange/acts.h"
#include "node/ledger/review.h"
#include "node/ledger/verify.h"

namespace entente::admin {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::size_t kPage = 1024;
constexpr std::uint64_t kMostSampled = 200;
constexpr std::uint64_t kDrawnForOne = 40;
constexpr std::size_t kMaxRemarks = 2000;  // of the 4,096 bytes of a slot
constexpr int kVerifyAttempts = 3;

struct Period {
  std::int64_t from = 0;  // POSIX seconds
  std::int64_t until = 0;
  std::uint64_t first = 0;  // entries [first, end)
  std::uint64_t end = 0;
};

// `2027-01-31` or `2027-01-31T00:00:00Z`.
absl::StatusOr<std::int64_t> TimeArgument(const std::string& text) {
  return text.size() == 10 ? base::ParseDate(text) : base::ParseTime(text);
}

// Six months before, the same day of the month where there is one.
absl::StatusOr<std::int64_t> HalfAYearBefore(std::int64_t time) {
  const std::string date = base::FormatDate(time);
  int year = std::atoi(date.substr(0, 4).c_str());
  int month = std::atoi(date.substr(5, 2).c_str()) - 6;
  if (month < 1) {
    month += 12;
    --year;
  }
  const auto two = [](int n) {
    return std::string(n < 10 ? "0" : "") + std::to_string(n);
  };
  for (int day = std::atoi(date.substr(8, 2).c_str()); day > 27; --day) {
    const auto found = base::ParseDate(
        Join({std::to_string(year), "-", two(month), "-", two(day)}));
    if (found.ok()) return *found;
  }
  return base::ParseDate(
      Join({std::to_string(year), "-", two(month), "-", date.substr(8, 2)}));
}

absl::StatusOr<ledger::Leaf> LeafAt(audit::AuditLog& log, std::uint64_t index) {
  TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
  if (entries.empty()) return NotFound("no such entry");
  return ledger::ParseLeaf(entries[0].leaf);
}

// The first index whose time is `time` or later. Times never fall.
absl::StatusOr<std::uint64_t> FirstFrom(audit::AuditLog& log,
                                        std::uint64_t size, std::int64_t time) {
  std::uint64_t low = 0;
  std::uint64_t high = size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TRY(const ledger::Leaf leaf, LeafAt(log, middle));
    if (leaf.time / kMicros < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::StatusOr<Period> PeriodOf(Context& context, Request& request,
                                std::uint64_t size) {
  const std::int64_t now = context.desk.clock.NowSeconds();
  const std::string from = request.args.Get("from");
  const std::string until = request.args.Get("until");
  Period out;
  out.until = now;
  if (!until.empty()) {
    TRY(out.until, TimeArgument(until));
  }
  if (from.empty()) {
    TRY(out.from, HalfAYearBefore(out.until));
  } else {
    TRY(out.from, TimeArgument(from));
  }
  if (out.from >= out.until) return Invalid("--from is not before --until");
  audit::AuditLog& log = context.desk.log;
  TRY(out.first, FirstFrom(log, size, out.from));
  TRY(out.end, FirstFrom(log, size, out.until));
  // The present second is not over: what it holds counts too.
  if (until.empty()) out.end = size;
  if (out.first == out.end)
    return NotFound("the log has no entry of this period");
  return out;
}

absl::Status EachLeaf(
    audit::AuditLog& log, std::uint64_t first, std::uint64_t end,
    const std::function<void(std::uint64_t, const ledger::Leaf&)>& take) {
  while (first < end) {
    TRY(const std::vector<audit::Entry> entries,
        log.Read(first, std::min<std::uint64_t>(kPage, end - first)));
    if (entries.empty()) return ProofFailed("an entry of the log is missing");
    for (const audit::Entry& entry : entries) {
      first = entry.index + 1;  // over those that were pruned
      if (entry.index >= end) break;
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entry.leaf));
      take(entry.index, leaf);
    }
  }
  return absl::OkStatus();
}

// What was still due when the period began, in the log's order.
absl::Status TakeBefore(audit::AuditLog& log, std::uint64_t first,
                        ReviewFacts& facts) {
  std::vector<std::uint64_t> indexes;
  for (const std::string_view type : ReviewFacts::DutyTypes()) {
    for (std::uint64_t from = 0; from < first;) {
      TRY(const std::vector<std::uint64_t> some,
          log.Find(audit::AuditLog::Key::kType, type, from, kPage));
      if (some.empty()) break;
      indexes.insert(indexes.end(), some.begin(), some.end());
      from = some.back() + 1;
    }
  }
  std::sort(indexes.begin(), indexes.end());
  for (const std::uint64_t index : indexes) {
    if (index >= first) break;
    TRY(const ledger::Leaf leaf, LeafAt(log, index));
    facts.TakeBefore(index, leaf);
  }
  return absl::OkStatus();
}

absl::StatusOr<ledger::Report> VerifyFolderOnce(const std::string& folder,
                                                const std::string& policy) {
  TRY(const merkle::TrustPolicy trust, merkle::TrustPolicy::Parse(policy));
  TRY(const std::vector<std::string> files, base::ListFiles(folder));
  return ledger::VerifyFolder(
      {files,
       [&folder](const std::string& name) {
         return base::ReadFile(folder + "/" + name, ledger::MaxFileBytes(name));
       }},
      trust);
}

// The published folder, as an off-line verifier would see it. A publication in
// the middle changes files under its eyes: then once more.
absl::StatusOr<ledger::Report> VerifyPublished(Context& context,
                                               const std::string& policy) {
  audit::AuditLog& log = context.desk.log;
  const std::string folder = Join({context.desk.data_dir, "/audit/",
                                   merkle::VolumeOf(context.facts.log_origin)});
  for (int attempt = 1;; ++attempt) {
    const std::uint64_t before = log.PublishedHead().size;
    absl::StatusOr<ledger::Report> report = VerifyFolderOnce(folder, policy);
    const bool moved = log.PublishedHead().size != before;
    if (!moved || attempt == kVerifyAttempts) return report;
  }
}

absl::StatusOr<Json> Verification(Context& context, Request& request) {
  TRY(const Reply policy, AuditPolicy(context, request));
  TRY(const ledger::Report report,
      VerifyPublished(context, policy.json["policy"].get<std::string>()));
  audit::AuditLog& log = context.desk.log;
  const absl::Status self = log.SelfCheck();
  const bool good = ledger::IsVerified(report.verdict) && self.ok();
  ledger::Event entry("log.verify");
  entry.Set("first", 0)
      .Set("last", report.size == 0 ? 0 : report.size - 1)
      .Set("result", good ? "verified" : "not-verified")
      .Set("size", report.size)
      .By(request.officer.id);
  TRY_OK(exchange::LogOne(context.desk, std::move(entry)));
  Json out = {{"verified", good},
              {"verdict", ledger::VerdictName(report.verdict)},
              {"size", report.size},
              {"root", ToHex(report.root)},
              {"entries", report.entries},
              {"witnesses", report.witnesses},
              {"sealed", report.sealed},
              {"erased", report.erased},
              {"self_check", self.ok() ? "holds" : MessageOf(self)},
              {"state", audit::LogName(log.state())},
              {"claims", Json::array()}};
  for (const ledger::Claim& claim : report.claims) {
    out["claims"].push_back(
        {{"id", claim.id},
         {"what", claim.what},
         {"result", claim.result == ledger::ClaimResult::kHolds   ? "holds"
                    : claim.result == ledger::ClaimResult::kFails ? "fails"
                                                                  : "-"}});
  }
  if (report.fault) out["fault"] = report.fault->why;
  return out;
}

// Padding says nothing: the draw goes on behind it, up to a bound.
absl::StatusOr<Json> Sample(audit::AuditLog& log, const audit::Head& head,
                            std::uint64_t n) {
  Json out = {{"size", head.size},
              {"root", ToHex(head.root)},
              {"entries", Json::array()}};
  for (const std::uint64_t index :
       DrawSample(head, std::min(head.size, n * kDrawnForOne))) {
    if (out["entries"].size() == n) break;
    TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
    if (entries.empty()) return ProofFailed("an entry of the log is missing");
    if (entries[0].index != index) continue;  // pruned
    TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries[0].leaf));
    if (leaf.type->name == "pad") continue;
    out["entries"].push_back(
        {{"index", index},
         {"time", base::FormatTime(leaf.time / kMicros)},
         {"type", leaf.type->name},
         {"leaf_hash", ToHex(merkle::LeafHash(entries[0].leaf))}});
  }
  return out;
}

}  // namespace

absl::StatusOr<Reply> AuditReview(Context& context, Request& request) {
  exchange::Desk& desk = context.desk;
  TRY_OK(desk.log.Tick().status());  // what is read must be published
  const audit::Head head = desk.log.PublishedHead();
  TRY(const Period period, PeriodOf(context, request, head.size));
  TRY(const std::uint64_t n, request.args.Number("n", 30));
  const std::string reference = request.args.Get("case");
  TRY_OK(request.args.Finish());
  if (n == 0 || n > kMostSampled)
    return Invalid("--n is 1 to ", std::to_string(kMostSampled));
  // Reading leaves a trace, before anything is shown.
  ledger::Event entry("log.read");
  entry.Set("filter", "review")
      .Set("first", period.first)
      .Set("last", period.end - 1)
      .Set("n", period.end - period.first)
      .Seal("case", reference)
      .By(request.officer.id);
  TRY_OK(exchange::LogOne(desk, std::move(entry)));
  ReviewFacts facts;
  TRY_OK(TakeBefore(desk.log, period.first, facts));
  TRY_OK(EachLeaf(desk.log, period.first, period.end,
                  [&facts](std::uint64_t index, const ledger::Leaf& leaf) {
                    facts.Take(index, leaf);
                  }));
  Reply reply;
  reply.json = {{"party", desk.party},
                {"name", context.facts.name},
                {"origin", context.facts.log_origin},
                {"made", base::FormatTime(desk.clock.NowSeconds())},
                {"officer", request.officer.id},
                {"from", base::FormatTime(period.from)},
                {"until", base::FormatTime(period.until)},
                {"from_seconds", period.from},
                {"until_seconds", period.until},
                {"first", period.first},
                {"last", period.end - 1},
                {"entries", period.end - period.first}};
  reply.json.update(facts.Give(period.from, period.until));
  TRY(reply.json["sample"], Sample(desk.log, head, n));
  TRY(reply.json["verification"], Verification(context, request));
  return reply;
}

absl::StatusOr<Reply> AuditReviewSign(Context& context, Request& request) {
  TRY(const std::string note, request.args.Need("signature"));
  TRY(const std::string result, request.args.Need("result"));
  const std::string remarks = request.args.Get("remarks");
  TRY_OK(request.args.Finish());
  if (result != "verified" && result != "not-verified")
    return Invalid("the result is `verified` or `not-verified`");
  if (remarks.size() > kMaxRemarks)
    return Invalid("remarks are at most ", std::to_string(kMaxRemarks),
                   " bytes");
  exchange::Desk& desk = context.desk;
  // With the key that this node knows the officer by, whatever the note says.
  TRY(const merkle::VerifierKey officer,
      merkle::VerifierKey::Make(request.officer.id,
                                merkle::NoteKeyType::kEd25519,
                                request.officer.key));
  const auto opened = merkle::OpenNote(note, {&officer, 1});
  if (!opened.ok()) {
    return WithReason(
        ProofFailed("the review is not signed with your registered key"),
        "review-signature");
  }
  TRY(const ledger::ReviewStatement statement,
      ledger::ParseReviewStatement(opened->note.text));
  if (statement.origin != context.facts.log_origin ||
      statement.last >= desk.log.SignedHead().size) {
    return WithReason(ProofFailed("the review is of another log"),
                      "review-signature");
  }
  const merkle::NoteLine& line =
      opened->note.lines[opened->verified.front().line];
  audit::Job job;
  job.events.push_back(ledger::Event("log.review")
                           .Set("first", statement.first)
                           .Set("last", statement.last)
                           .Set("n", statement.last - statement.first + 1)
                           .Set("result", result)
                           .Seal("text", statement.Text() + remarks)
                           .Seal("sig", ToBase64(line.signature))
                           .By(request.officer.id));
  TRY(const std::vector<audit::Receipt> receipts,
      desk.log.Commit(std::move(job)));
  Reply reply;
  reply.json = {{"index", receipts.front().index()},
                {"officer_key", officer.Text()}};
  return reply;
}

}  // namespace entente::admin
