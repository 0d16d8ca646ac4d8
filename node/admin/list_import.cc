// A list comes in here: its file is read into the store's stage, its entries
// are written as a new generation, and one row makes that the list.

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/import_report.h"
#include "node/admin/import_source.h"
#include "node/admin/list_generation.h"
#include "node/admin/list_stage.h"
#include "node/exchange/acts.h"
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
              std::size_t recalls) {
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
  if (entries.unknown_ground > 0) {
    reply.text +=
        std::to_string(entries.unknown_ground) +
        " entries refused: their ground is no purpose of the catalogue\n";
  }
  return reply;
}

// From the stage to a list in force.
absl::StatusOr<Reply> Replace(Context& context, const std::string& list,
                              const std::string& by,
                              ingest::WatchlistReader& reader,
                              NewGeneration& entries) {
  TRY_OK(reader.Finish());
  TRY_OK(entries.Finish());
  if (entries.rows() == 0) {
    return WithReason(
        Invalid("no entry of this file can be taken, so `", list,
                "` stays as it is; ", std::to_string(entries.unknown_ground),
                " name no purpose of the catalogue\n", entries.report.ToText()),
        "list-empty");
  }
  TRY_OK(entries.Publish(by));
  TRY(const std::size_t recalls, FinishList(context, list));
  return ReplyOf(list, entries, recalls);
}

absl::StatusOr<Reply> Import(Context& context, const Request& request,
                             const std::string& list, Format format,
                             const Head& head, ListStage& stage) {
  TRY_OK(stage.Clear());
  TRY(model::ListRecord before, ListNow(context.desk, list));
  NewGeneration entries(context, std::move(before));
  ingest::WatchlistReader reader(FileFormatOf(format), {}, stage, entries);
  TRY_OK(PumpPieces(reader, request, head, [] { return absl::OkStatus(); }));
  base::MutexLock lock(*context.lists);
  TRY_OK(FinishList(context, list).status());
  absl::StatusOr<Reply> reply =
      Replace(context, list, request.officer.id, reader, entries);
  // What never came into force does not stay.
  if (!reply.ok()) FinishList(context, list).status().IgnoreError();
  return reply;
}

}  // namespace

absl::StatusOr<Reply> ListImport(Context& context, Request& request) {
  TRY(const std::string list, request.args.Need("list"));
  const std::string named = request.args.Get("format");
  request.args.Get("file");
  TRY_OK(request.args.Finish());
  if (exchange::CodeOrDash(list) == "-")
    return Invalid("a list's name holds letters, digits, `.`, `_` and `-`");
  base::MutexLock importing(*context.imports);
  TRY(const Head head, ReadHead(request));
  TRY(const Format format, FormatOf(named, head.first, false));
  ListStage stage(context.desk.store, list,
                  context.desk.clock.NowSeconds() + kStageSeconds);
  absl::StatusOr<Reply> reply =
      Import(context, request, list, format, head, stage);
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
