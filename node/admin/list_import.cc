// A list comes in here: its file is read into the store's stage, its entries
// are written as a new generation, and one row makes that the list.

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/import_report.h"
#include "node/admin/import_source.h"
#include "node/admin/list_generation.h"
#include "node/admin/list_stage.h"
#include "node/admin/rehearsal.h"
#include "node/exchange/acts.h"
#include "node/hits/hits.h"
#include "node/ingest/files.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

// What a crash leaves of a file that was read halfway goes after this.
constexpr std::int64_t kStageSeconds = 86'400;

absl::StatusOr<model::ListRecord> ListNow(exchange::Desk& desk,
                                          const std::string& list) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto known, store::GetRecord<model::ListRecord>(
                      *reader, store::Table::kList, AsBytes(list)));
  if (known) return *std::move(known);
  model::ListRecord fresh;
  fresh.name = list;
  return fresh;
}

Reply ReplyOf(const std::string& list, const NewGeneration& entries,
              const absl::StatusOr<Finished>& finished) {
  const std::size_t recalls = finished.ok() ? finished->recalls : 0;
  Reply reply;
  reply.json = entries.report.ToJson();
  reply.json["recalls"] = recalls;
  reply.json["rows"] = entries.rows();
  reply.json["added"] = entries.added;
  reply.json["changed"] = entries.changed;
  reply.json["removed"] = entries.removed;
  reply.json["unknown_ground"] = entries.unknown_ground;
  reply.text = list + ": " + std::to_string(entries.rows()) + " entries (" +
               std::to_string(entries.added) + " new, " +
               std::to_string(entries.changed) + " changed, " +
               std::to_string(entries.removed) + " removed)\n" +
               entries.report.ToText();
  if (recalls > 0) {
    reply.text += std::to_string(recalls) +
                  " disclosures of removed or changed entries were recalled\n";
  }
  const absl::Status left = finished.ok() ? finished->left : finished.status();
  reply.json["recalls_left"] = ReasonOf(left);
  if (!left.ok()) {
    reply.text +=
        "some disclosures could not be recalled yet: " + MessageOf(left) +
        "; it is tried again at the next import and the next start\n";
  }
  if (entries.unknown_ground > 0) {
    reply.text +=
        std::to_string(entries.unknown_ground) +
        " entries refused: their ground is no purpose of the catalogue\n";
  }
  return reply;
}

absl::Status CheckWhole(const std::string& list, const NewGeneration& entries) {
  if (entries.report.diagnostics.contains(ingest::Code::kLimitEntries)) {
    return WithNext(
        WithReason(Exhausted("this file has more entries than a list may have; "
                             "`",
                             list, "` stays as it is"),
                   "import-too-large"),
        "split it into several lists");
  }
  if (entries.rows() > 0) return absl::OkStatus();
  return WithReason(
      Invalid("no entry of this file can be taken, so `", list,
              "` stays as it is; ", std::to_string(entries.unknown_ground),
              " name no purpose of the catalogue\n", entries.report.ToText()),
      "list-empty");
}

absl::StatusOr<Reply> Import(Context& context, const Request& request,
                             const std::string& list, Format format,
                             const Head& head, ListStage& stage) {
  TRY_OK(stage.Clear());
  TRY(model::ListRecord before, ListNow(context.desk, list));
  NewGeneration entries(context, std::move(before));
  ingest::WatchlistReader reader(FileFormatOf(format), {}, stage, entries);
  TRY_OK(PumpPieces(reader, request, head, [&stage] {
    stage.Pause();
    return absl::OkStatus();
  }));
  base::MutexLock lock(*context.lists);
  // What an import before this one has left must not mix with it; recalls that
  // still cannot be written do not keep a better list back.
  TRY_OK(FinishList(context, list).status());
  absl::Status done = reader.Finish();
  if (done.ok()) done = entries.Finish();
  if (done.ok()) done = CheckWhole(list, entries);
  if (done.ok())
    done = MayHold(context.desk, list, entries.rows(), entries.marked);
  if (done.ok()) done = entries.Publish(request.officer.id);
  const absl::StatusOr<Finished> finished = FinishList(context, list);
  TRY_OK(done);
  return ReplyOf(list, entries, finished);
}

}  // namespace

absl::StatusOr<Reply> ListImport(Context& context, Request& request) {
  TRY(const std::string list, request.args.Need("list"));
  const std::string named = request.args.Get("format");
  request.args.Get("file");
  TRY_OK(request.args.Finish());
  if (exchange::CodeOrDash(list) == "-")
    return Invalid("a list's name holds letters, digits, `.`, `_` and `-`");
  const ImportSlot slot(context);
  TRY_OK(slot.Check());
  TRY(const Head head, ReadHead(request));
  TRY(const Format format, FormatOf(named, head.first, false));
  ListStage stage(context.desk.store, list,
                  context.desk.clock.NowSeconds() + kStageSeconds);
  absl::StatusOr<Reply> reply =
      Import(context, request, list, format, head, stage);
  // Out of the locks: a peer that is away takes its time.
  if (reply.ok()) hits::Deliver(context.desk).status().IgnoreError();
  const absl::Status cleared = stage.Clear();
  // A list that is in force is not called a failure for what is left to erase:
  // the next import or the next start does that.
  if (!cleared.ok() && reply.ok()) {
    reply->text +=
        "the file's working copy is still to be erased: " + MessageOf(cleared) +
        "\n";
  }
  return reply;
}

}  // namespace entente::admin
