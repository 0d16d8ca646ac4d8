// The protected persons come in here, all or none.

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/import_report.h"
#include "node/admin/import_source.h"
#include "node/exchange/key.h"
#include "node/exchange/tag_sets.h"
#include "node/ingest/files.h"
#include "node/store/record.h"

namespace entente::admin {

using exchange::RecordKey;

// They are kept in memory, so that nobody is asked about while it is read.
constexpr std::size_t kMostProtected = 50'000;

absl::StatusOr<Reply> ProtectImport(Context& context, Request& request) {
  request.args.Get("file");
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  struct Persons final : ingest::Sink {
    void OnDiagnostic(const ingest::Diagnostic& diagnostic) override {
      report.Add(diagnostic);
    }
    void OnMessage(const ingest::MessageReport&) override {}
    void OnJourney(const model::Journey&) override {}
    void OnPerson(model::Person&& person) override {
      if (persons.size() < kMostProtected) {
        persons.push_back(std::move(person));
      } else {
        too_many = true;
      }
    }
    bool too_many = false;
    ImportReport report;
    std::vector<model::Person> persons;
  } sink;
  TRY(const Head head, ReadHead(request));
  ingest::PassengerFileReader reader(ingest::FileFormat::kCsv, {}, sink);
  TRY_OK(Pump(reader, request, head, [] { return absl::OkStatus(); }));
  if (sink.too_many) {
    return WithReason(
        Exhausted("this file has more than ", std::to_string(kMostProtected),
                  " persons: the protected set stays as it is"),
        "import-too-large");
  }
  // All or nothing: a person whose line was skipped or cut short would go
  // unprotected, and nobody would be told.
  const auto cut = sink.report.diagnostics.find(ingest::Code::kLineShort);
  const std::uint64_t bad =
      reader.totals().lines_skipped +
      (cut == sink.report.diagnostics.end() ? 0U : cut->second);
  if (bad > 0 || sink.persons.empty()) {
    return WithReason(
        Invalid(std::to_string(bad),
                " lines of this file are damaged: the protected set stays as "
                "it is\n",
                sink.report.ToText()),
        "protect-incomplete");
  }
  base::MutexLock lock(*context.lists);
  audit::Job job;
  job.events.push_back(
      ledger::MakeGuard("set", {"protected", sink.persons.size(), "", "", ""}));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY(const std::vector<store::Row> rows,
        writer.Scan(store::Table::kProtected, {}, {}, 1'000'000));
    for (const store::Row& row : rows)
      TRY_OK(writer.Delete(store::Table::kProtected, row.key));
    std::uint64_t number = 0;
    for (const model::Person& person : sink.persons) {
      TRY_OK(store::PutRecord(writer, store::Table::kProtected,
                              RecordKey().Number(number++), person));
    }
    TRY_OK(exchange::CountProtectedChange(writer));
    return exchange::MarkTagSetsStale(writer);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  TRY(const std::unique_ptr<store::Reader> view, desk.store.Read());
  TRY(std::shared_ptr<const exchange::ProtectedIndex> index,
      exchange::ProtectedIndex::Load(*view));
  context.hidden.Set(std::move(index));
  Reply reply;
  reply.json = {{"protected", sink.persons.size()}};
  reply.text = std::to_string(sink.persons.size()) +
               " protected persons: none of them is asked about, and none "
               "shows in a tag set";
  return reply;
}

}  // namespace entente::admin
