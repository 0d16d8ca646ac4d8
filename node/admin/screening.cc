// Screenings and tag sets, as a person asks for them.

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/exchange/epochs.h"
#include "node/exchange/holder.h"
#include "node/exchange/tag_sets.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

std::string_view StateName(model::BatchState state) {
  return model::kBatchStates[static_cast<std::size_t>(state)];
}

template <class Word>
absl::StatusOr<Word> ParseWord(const std::string& text, std::string_view what) {
  const auto word = policy::FromWord<Word>(text);
  if (!word) return Invalid("`", exchange::CodeOrDash(text), "` is no ", what);
  return *word;
}

Json BatchJson(const exchange::BatchResult& batch) {
  return {{"batch", ToHex(batch.batch)}, {"state", StateName(batch.state)},
          {"reason", batch.reason},      {"persons", batch.persons},
          {"asked_as", batch.padded},    {"elements", batch.elements},
          {"chunks", batch.chunks},      {"hits", batch.hits}};
}

std::string BatchText(const exchange::BatchResult& batch) {
  std::string text = "batch " + ToHex(batch.batch).substr(0, 12) + ": " +
                     std::string(StateName(batch.state));
  if (batch.state == model::BatchState::kComplete) {
    text += ", " + std::to_string(batch.persons) + " travellers asked as " +
            std::to_string(batch.padded) + " (" +
            std::to_string(batch.elements) + " elements in " +
            std::to_string(batch.chunks) + " chunks), " +
            std::to_string(batch.hits) + " hits";
  } else {
    text += " (" + batch.reason + "): this is not \"nothing found\"";
    if (batch.hits > 0)
      text += "; " + std::to_string(batch.hits) + " hits in what was answered";
  }
  return text + "\n";
}

absl::StatusOr<Id16> ParseBatch(exchange::Desk& desk, const std::string& text) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto records, store::AllRecords<model::BatchRecord>(
                              *reader, store::Table::kBatch, AsBytes("b")));
  std::vector<Id16> fits;
  for (const auto& [key, record] : records) {
    if (text.size() >= 4 && ToHex(record.batch).starts_with(text))
      fits.push_back(record.batch);
  }
  if (fits.size() != 1)
    return NotFound("no one screening begins with these digits");
  return fits[0];
}

}  // namespace

absl::StatusOr<Reply> Screen(Context& context, Request& request) {
  exchange::ScreenOrder order;
  TRY(const std::string flight, request.args.Need("flight"));
  TRY(order.flight, FromHex(flight));
  TRY(order.peer, request.args.Need("peer"));
  TRY(order.clause, request.args.Need("clause"));
  TRY(order.purpose, request.args.Need("purpose"));
  TRY(order.basis, request.args.Need("basis"));
  order.agreement = request.args.Get("agreement");
  order.reference = request.args.Get("case");
  TRY(order.route,
      ParseWord<policy::Route>(request.args.Get("route", "arrives"), "route"));
  TRY(order.urgency, ParseWord<policy::Urgency>(
                         request.args.Get("urgency", "routine"), "urgency"));
  TRY_OK(request.args.Finish());
  order.role = request.officer.Has(model::Role::kOfficer)
                   ? policy::Role::kOfficer
                   : policy::Role::kApprover;
  order.user = request.officer.id;
  const std::int64_t started = context.desk.clock.MonotonicMicros();
  TRY(const exchange::ScreenResult result,
      context.asker.Screen(order, context.hidden));
  Reply reply;
  reply.json = {{"agreement", result.agreement},
                {"peer", order.peer},
                {"clause", order.clause},
                {"batches", Json::array()}};
  std::uint32_t hits = 0;
  for (const exchange::BatchResult& batch : result.batches) {
    reply.json["batches"].push_back(BatchJson(batch));
    reply.text += BatchText(batch);
    hits += batch.hits;
    if (batch.state != model::BatchState::kComplete) reply.exit_code = 1;
  }
  reply.json["hits"] = hits;
  reply.json["micros"] = context.desk.clock.MonotonicMicros() - started;
  reply.text += std::to_string(hits) +
                " hits; a hit is not evidence and not a ground for refusal by "
                "itself: people review it\n";
  return reply;
}

absl::StatusOr<Reply> ScreenList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
  TRY(const auto records, store::AllRecords<model::BatchRecord>(
                              *reader, store::Table::kBatch, AsBytes("b")));
  Reply reply;
  reply.json["batches"] = Json::array();
  for (const auto& [key, record] : records) {
    reply.json["batches"].push_back(
        {{"batch", ToHex(record.batch)},
         {"peer", record.peer},
         {"clause", record.clause},
         {"purpose", record.purpose},
         {"state", StateName(record.state)},
         {"reason", record.reason},
         {"asked_as", record.padded},
         {"hits", record.hits},
         {"opened", base::FormatTime(record.opened)}});
    reply.text += base::FormatTime(record.opened) + "  " +
                  ToHex(record.batch).substr(0, 12) + "  " + record.peer +
                  "  " + record.clause + "  " +
                  std::string(StateName(record.state)) + "  hits " +
                  std::to_string(record.hits) + "\n";
  }
  return reply;
}

absl::StatusOr<Reply> ScreenResume(Context& context, Request& request) {
  TRY(const std::string text, request.args.Need("batch"));
  TRY_OK(request.args.Finish());
  TRY(const Id16 batch, ParseBatch(context.desk, text));
  TRY(const exchange::BatchResult result, context.asker.Resume(batch));
  Reply reply;
  reply.json = BatchJson(result);
  reply.text = BatchText(result);
  if (result.state != model::BatchState::kComplete) reply.exit_code = 1;
  return reply;
}

absl::StatusOr<Reply> TagSetFetch(Context& context, Request& request) {
  TRY(const std::string peer, request.args.Need("peer"));
  TRY(const std::string clause, request.args.Need("clause"));
  const std::string id = request.args.Get("agreement");
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY(const exchange::AgreementRef agreement,
      desk.book.FindFor(peer, desk.party, clause, id));
  TRY_OK(exchange::CompareAgreements(desk, *agreement, peer));
  TRY_OK(exchange::ExchangeStatus(desk, *agreement, peer));
  TRY_OK(exchange::PeerEpoch(desk, *agreement, peer).status());
  TRY(const auto replica,
      exchange::FetchTagSet(desk, *agreement, clause, peer));
  Reply reply;
  const psi::TagSetHeader& header = replica->view().header();
  reply.json = {{"peer", peer},
                {"clause", clause},
                {"epoch", header.epoch},
                {"sequence", header.sequence},
                {"entries", header.count}};
  reply.text = "tag set of " + peer + " for " + clause + ": epoch " +
               std::to_string(header.epoch) + ", sequence " +
               std::to_string(header.sequence) + ", " +
               std::to_string(header.count) + " entries, padding included";
  return reply;
}

absl::StatusOr<Reply> TagSetList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
  Reply reply;
  reply.json["tag_sets"] = Json::array();
  for (const char way : {'o', 'i'}) {
    const auto letter = static_cast<std::uint8_t>(way);
    TRY(const auto records,
        store::AllRecords<model::TagSetRecord>(*reader, store::Table::kTagSet,
                                               ByteView(&letter, 1)));
    for (const auto& [key, record] : records) {
      if (record.sequence == 0) continue;  // not built yet
      reply.json["tag_sets"].push_back({{"way", way == 'o' ? "built" : "taken"},
                                        {"epoch", record.epoch},
                                        {"sequence", record.sequence},
                                        {"entries", record.count},
                                        {"bytes", record.size},
                                        {"delta_bytes", record.delta_size},
                                        {"stale", record.stale},
                                        {"root", ToHex(record.root)}});
      reply.text += std::string(way == 'o' ? "built  " : "taken  ") + "epoch " +
                    std::to_string(record.epoch) + "  sequence " +
                    std::to_string(record.sequence) + "  " +
                    std::to_string(record.count) + " entries  " +
                    std::to_string(record.size) + " bytes" +
                    (record.stale ? "  (the list changed since)" : "") + "\n";
    }
  }
  if (reply.text.empty()) reply.text = "no tag set is built or taken";
  return reply;
}

}  // namespace entente::admin
