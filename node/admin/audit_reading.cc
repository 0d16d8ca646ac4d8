// Reading the log so that others can check it: bundles, proofs, opened bodies,
// a sample that nobody can choose. Each leaves its own entry first.

#include <algorithm>
#include <map>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "crypto/primitive/signature.h"
#include "node/admin/handlers.h"
#include "node/admin/sample.h"
#include "node/base/file.h"
#include "node/exchange/acts.h"
#include "node/ledger/bundle.h"
#include "node/upkeep/erasures.h"

namespace entente::admin {
namespace {

constexpr std::uint64_t kMostSampled = 1000;
constexpr std::uint64_t kMostOpened = 1000;

absl::Status Pruned() {
  return WithNext(WithReason(NotFound("the entry was removed at the end of its "
                                      "term; its hash stays in the log"),
                             "entry-pruned"),
                  "`entente audit show --type log.prune` says which went");
}

absl::StatusOr<ledger::Selection> SelectionOf(Request& request,
                                              std::uint64_t first,
                                              std::uint64_t size) {
  ledger::Selection out;
  TRY(const std::uint64_t from, request.args.Number("from", first));
  TRY(const std::uint64_t to,
      request.args.Number("to", size == 0 ? 0 : size - 1));
  if (from > to || to >= size) {
    return Invalid("the range is not within the ", std::to_string(size),
                   " published entries");
  }
  out.range = ledger::EntryRange{from, to + 1};
  out.types = request.args.All("type");
  if (const std::string exchange = request.args.Get("exchange");
      !exchange.empty()) {
    const absl::StatusOr<Bytes> raw = FromHex(exchange);
    if (!raw.ok() || raw->size() != sizeof(Id16))
      return Invalid("--exchange is the 32 hex digits of a batch or hit");
    TRY(out.exchange, ToArray<16>(*raw));
  }
  return out;
}

// Proofs that another log showed two histories: who reads this log sees why it
// cosigns that one no more.
absl::StatusOr<std::map<std::string, std::string>> EvidenceOf(
    exchange::Desk& desk) {
  std::map<std::string, std::string> out;
  TRY(auto files, desk.sightings.Evidence());
  for (auto& [name, file] : files) {
    out.emplace("evidence/" + name, std::move(file));
  }
  return out;
}

// Where a bundle lies until it is fetched.
absl::StatusOr<std::string> ExportFolder(const exchange::Desk& desk) {
  const std::string folder = desk.data_dir + "/exports";
  TRY_OK(base::MakeDirs(folder));
  return folder;
}

}  // namespace

absl::StatusOr<Reply> AuditExport(Context& context, Request& request) {
  exchange::Desk& desk = context.desk;
  base::MutexLock lock(*context.exports);
  TRY_OK(desk.log.Tick().status());  // what is shown must be published
  audit::AuditLog::ExportRequest what;
  TRY(what.selection, SelectionOf(request, desk.log.counts().pruned,
                                  desk.log.PublishedHead().size));
  const std::string reference = request.args.Get("case");
  TRY_OK(request.args.Finish());
  TRY(what.attachments, EvidenceOf(desk));
  TRY(const std::string folder, ExportFolder(desk));
  TRY(base::NewFile file,
      base::NewFile::Create(folder + "/" + ToHex(primitive::RandomArray<8>()) +
                            base::kTemporarySuffix));
  TRY(const ledger::BundleSummary summary,
      desk.log.Export(what,
                      [&file](ByteView piece) { return file.Append(piece); }));
  TRY(const primitive::PublicKey key, desk.keys.Public(keys::Purpose::kLog));
  const ledger::EntryRange range = *what.selection.range;
  ledger::Event entry("log.export");
  entry.Set("first", range.first)
      .Set("kid", primitive::KeyId(key))
      .Set("last", range.end - 1)
      .Set("sha256", summary.sha256)
      .Set("size", summary.bytes)
      .Seal("case", reference)
      .By(request.officer.id);
  // The bytes get their name only when the log says that they left.
  TRY_OK(exchange::LogOne(desk, std::move(entry)));
  const std::string path =
      folder + "/" +
      upkeep::ExportName(range.first, range.end - 1, summary.sha256);
  TRY_OK(std::move(file).Commit(path));
  Reply reply;
  reply.json = {{"file", path},
                {"sha256", ToHex(summary.sha256)},
                {"bytes", summary.bytes},
                {"size", summary.size},
                {"bodies", summary.bodies},
                {"erased", summary.absent}};
  reply.text = path + "\n  SHA-256 " + ToHex(summary.sha256) +
               "\n  anybody checks it with `entente audit verify` and this "
               "log's policy file, or in a browser";
  return reply;
}

absl::StatusOr<Reply> AuditProve(Context& context, Request& request) {
  TRY(const std::string word, request.args.Need("index"));
  TRY(const std::uint64_t index, request.args.Number("index", 0));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY_OK(desk.log.Tick().status());
  ledger::Event entry("log.read");
  entry.Set("filter", "prove")
      .Set("first", index)
      .Set("last", index)
      .Set("n", 1)
      .By(request.officer.id);
  TRY_OK(exchange::LogOne(desk, std::move(entry)));
  TRY(const std::string proof, desk.log.ProveInclusion(index));
  TRY(const std::vector<audit::Entry> entries, desk.log.Read(index, 1));
  if (entries.empty()) return NotFound("no such entry");
  if (entries[0].index != index) return Pruned();
  Reply reply;
  reply.json = {
      {"index", index}, {"leaf", AsText(entries[0].leaf)}, {"proof", proof}};
  reply.text = proof;
  return reply;
}

absl::StatusOr<Reply> AuditOpen(Context& context, Request& request) {
  TRY(const std::string first_word, request.args.Need("index"));
  TRY(const std::uint64_t first, request.args.Number("index", 0));
  TRY(const std::uint64_t last, request.args.Number("to", first));
  TRY(const std::string why, request.args.Need("why"));
  const std::string reference = request.args.Get("case");
  TRY_OK(request.args.Finish());
  if (last < first || last - first >= kMostOpened)
    return Invalid("at most ", std::to_string(kMostOpened),
                   " entries at a time, and --to not before the first");
  if (exchange::CodeOrDash(why) == "-")
    return Invalid("--why is a word of letters, digits, `.`, `_` and `-`");
  audit::AuditLog& log = context.desk.log;
  audit::Job job;
  job.events.push_back(ledger::Event("log.open")
                           .Set("first", first)
                           .Set("last", last)
                           .Set("n", last - first + 1)
                           .Set("why", why)
                           .Seal("case", reference)
                           .By(request.officer.id));
  TRY(const std::vector<audit::Receipt> receipts, log.Commit(std::move(job)));
  Reply reply;
  reply.json["entries"] = Json::array();
  for (std::uint64_t index = first; index <= last; ++index) {
    Json row = {{"index", index}, {"fields", Json::object()}};
    const auto slots = log.OpenBody(index, receipts.front());
    reply.text += std::to_string(index) + "\n";
    if (!slots.ok()) {
      row["closed"] = MessageOf(slots.status());
      reply.text += "  " + MessageOf(slots.status()) + "\n";
    } else {
      for (const ledger::Slot& slot : *slots) {
        if (slot.name.empty() || slot.value.empty()) continue;
        row["fields"][slot.name] = slot.value;
        reply.text += "  " + slot.name + ": " + slot.value + "\n";
      }
    }
    reply.json["entries"].push_back(std::move(row));
  }
  return reply;
}

// The numbers follow from the published root, which nobody can choose after the
// entries are written (sample.h).
absl::StatusOr<Reply> AuditSample(Context& context, Request& request) {
  TRY(const std::uint64_t n, request.args.Number("n", 30));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY_OK(desk.log.Tick().status());
  const audit::Head head = desk.log.PublishedHead();
  if (n == 0 || n > std::min(kMostSampled, head.size))
    return Invalid("--n is 1 to ",
                   std::to_string(std::min(kMostSampled, head.size)));
  const std::vector<std::uint64_t> drawn = DrawSample(head, n);
  const auto [low, high] = std::minmax_element(drawn.begin(), drawn.end());
  ledger::Event entry("log.read");
  entry.Set("filter", "sample")
      .Set("first", *low)
      .Set("last", *high)
      .Set("n", n)
      .By(request.officer.id);
  TRY_OK(exchange::LogOne(desk, std::move(entry)));
  Reply reply;
  reply.json = {{"size", head.size},
                {"root", ToHex(head.root)},
                {"entries", Json::array()}};
  reply.text = "drawn by the root of size " + std::to_string(head.size) + "\n";
  for (const std::uint64_t index : drawn) {
    TRY(const std::vector<audit::Entry> entries, desk.log.Read(index, 1));
    if (entries.empty()) return ProofFailed("an entry of the log is missing");
    if (entries[0].index != index) {
      reply.json["entries"].push_back({{"index", index}, {"pruned", true}});
      reply.text += std::to_string(index) +
                    "  removed at the end of its term, its hash stays\n";
      continue;
    }
    const Json leaf = Json::parse(AsText(entries[0].leaf), nullptr, false);
    reply.json["entries"].push_back({{"index", index}, {"leaf", leaf}});
    reply.text += std::to_string(index) + "  " + leaf.value("type", "") + "\n";
  }
  return reply;
}

}  // namespace entente::admin
