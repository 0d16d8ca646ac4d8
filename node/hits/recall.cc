// Recall: what was disclosed in error is erased or corrected at the asker, and
// a signed receipt says so.

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::RecallKind;
using model::RecallRecord;
using model::SignedStatement;

constexpr std::string_view kReasons[] = {"wrong-person", "entry-deleted",
                                         "entry-corrected", "court", "other"};

bool KnownReason(std::string_view reason) {
  for (std::string_view known : kReasons) {
    if (known == reason) return true;
  }
  return false;
}

std::string_view KindName(RecallKind kind) {
  return kind == RecallKind::kErase ? "erase" : "correct";
}

absl::StatusOr<RecallRecord> GetRecall(Desk& desk, model::Way way,
                                       const Id16& hit) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  return store::NeedRecord<RecallRecord>(*reader, store::Table::kRecall,
                                         RecallRow(way, hit), "recall");
}

// The term that the agreement of the disclosure sets.
absl::StatusOr<std::int64_t> DueOf(Desk& desk,
                                   const model::RequestRecord& request,
                                   RecallKind kind) {
  TRY(const auto asked,
      DecodeStatement<model::DisclosureRequest>(request.request.body));
  const exchange::AgreementRef agreement = desk.book.Find(asked.agreement);
  if (agreement == nullptr)
    return WithReason(Unready("the agreement is no longer held"),
                      "agreement-differs");
  const policy::Rights& rights = agreement->agreement().rights;
  const std::uint32_t hours = kind == RecallKind::kErase
                                  ? rights.erasure_propagates_hours
                                  : rights.correction_propagates_hours;
  return desk.clock.NowSeconds() + std::int64_t{hours} * 3600;
}

}  // namespace

absl::Status WriteRecall(Desk& desk, const model::Officer& officer,
                         const Id16& hit, std::string_view reason,
                         RecallKind kind) {
  TRY(const model::RequestRecord request,
      GetRequest(desk, model::Way::kIn, hit));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, request.peer, hit, role);
  if (!DisclosureFor(request)) {
    return WithReason(Unready("nothing was disclosed for this request"),
                      "hit-state");
  }
  if (!KnownReason(reason)) {
    return Invalid(
        "the reason is one of wrong-person, entry-deleted, entry-corrected, "
        "court, other");
  }
  model::Recall recall;
  recall.hit = hit;
  recall.kind = kind;
  recall.reason = std::string(reason);
  TRY(recall.due, DueOf(desk, request, kind));
  desk.courier.Draft(recall, request.peer);
  RecallRecord record;
  record.hit = hit;
  record.way = model::Way::kOut;
  record.peer = request.peer;
  record.due = recall.due;
  ledger::Event event("recall.send");
  event.Set("due", recall.due)
      .Set("hit", hit)
      .Set("kind", KindName(kind))
      .Set("peer", request.peer)
      .Set("reason", reason)
      .Seal("refs", ToHex(hit))
      .By(officer.id);
  return CommitOne(desk, std::move(event),
                   [&](store::Writer& writer,
                       std::span<const audit::Staged> staged) -> absl::Status {
                     recall.leaf = staged[0].leaf_hash;
                     TRY(record.recall, desk.courier.SealDrafted(recall));
                     record.recall_hash = primitive::Sha256(record.recall.body);
                     return store::PutRecord(writer, store::Table::kRecall,
                                             RecallRow(model::Way::kOut, hit),
                                             record);
                   })
      .status();
}

absl::StatusOr<RecallRecord> SendRecall(Desk& desk,
                                        const model::Officer& officer,
                                        const Id16& hit,
                                        std::string_view reason,
                                        RecallKind kind) {
  TRY_OK(WriteRecall(desk, officer, hit, reason, kind));
  TRY_OK(Deliver(desk, &hit).status());
  return GetRecall(desk, model::Way::kOut, hit);
}

absl::StatusOr<SignedStatement> TakeRecall(Desk& desk, std::string_view from,
                                           const SignedStatement& in) {
  TRY(const exchange::Opened<model::Recall> opened,
      desk.courier.Open<model::Recall>(from, in));
  const model::Recall& recall = opened.value;
  absl::StatusOr<model::RequestRecord> request =
      GetRequest(desk, model::Way::kOut, recall.hit);
  if (!request.ok() || request->peer != from)
    return WithReason(Denied("nothing of that was disclosed here"),
                      "request-unknown");
  if (!KnownReason(recall.reason))
    return WithReason(Invalid("recall reason"), "statement-malformed");
  model::Acknowledgement answer;
  answer.hit = recall.hit;
  answer.of = opened.hash;
  if (const auto known = GetRecall(desk, model::Way::kIn, recall.hit);
      known.ok() && known->recall_hash == opened.hash) {
    return desk.courier.Seal(answer, from);
  }
  // A hit whose own term has passed is gone already; the receipt is owed all
  // the same, or the holder would never answer again.
  absl::StatusOr<model::HitRecord> hit = GetHit(desk, recall.hit);
  if (!hit.ok() && hit.status().code() != absl::StatusCode::kNotFound)
    return hit.status();
  RecallRecord record;
  record.hit = recall.hit;
  record.way = model::Way::kIn;
  record.peer = std::string(from);
  record.recall = in;
  record.recall_hash = opened.hash;
  record.due = recall.due;
  model::RecallReceipt receipt;
  receipt.hit = recall.hit;
  receipt.recall = opened.hash;
  receipt.kind = recall.kind;
  desk.courier.Draft(receipt, from);
  // Order taken, data gone, receipt ready: one transaction. A correction erases
  // too; the corrected data come as a new disclosure.
  audit::Job job;
  job.events.push_back(ledger::Event("recall.take")
                           .Set("due", recall.due)
                           .Set("hit", recall.hit)
                           .Set("kind", KindName(recall.kind))
                           .Set("peer", from)
                           .Set("peer_leaf", recall.leaf));
  ledger::Event done("recall.done");
  done.Set("hit", recall.hit)
      .Set("kind", KindName(recall.kind))
      .Set("peer", from)
      .Set("peer_leaf", recall.leaf);
  std::uint32_t records = 0;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(const std::optional<Bytes> item,
        reader->Get(store::Table::kDisclosure, ItemRow(recall.hit)));
    records = item ? 1 : 0;
  }
  done.Set("n", records).Seal("refs", ToHex(recall.hit));
  job.events.push_back(std::move(done));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged> staged) -> absl::Status {
    receipt.records = records;
    receipt.leaf = staged[1].leaf_hash;
    TRY(record.answer, desk.courier.SealDrafted(receipt));
    TRY_OK(EraseItem(writer, recall.hit));
    if (hit.ok()) {
      hit->state = model::HitState::kErased;
      TRY_OK(store::PutRecord(writer, store::Table::kHit, hit->hit, *hit,
                              hit->due));
    }
    request->state = model::RequestState::kErased;
    TRY_OK(PutRequest(writer, *request));
    return store::PutRecord(writer, store::Table::kRecall,
                            RecallRow(model::Way::kIn, recall.hit), record);
  };
  TRY(const std::vector<audit::Receipt> receipts,
      desk.log.Commit(std::move(job)));
  TRY_OK(desk.store.Scrub());  // erased bytes leave the write-ahead log too
  answer.leaf = receipts[0].leaf_hash();
  return desk.courier.Seal(answer, from);
}

absl::StatusOr<SignedStatement> TakeRecallReceipt(Desk& desk,
                                                  std::string_view from,
                                                  const SignedStatement& in) {
  TRY(const exchange::Opened<model::RecallReceipt> opened,
      desk.courier.Open<model::RecallReceipt>(from, in));
  absl::StatusOr<RecallRecord> known =
      GetRecall(desk, model::Way::kOut, opened.value.hit);
  if (!known.ok() || known->peer != from ||
      known->recall_hash != opened.value.recall) {
    return WithReason(Denied("no such recall"), "request-unknown");
  }
  RecallRecord record = *std::move(known);
  model::Acknowledgement answer;
  answer.hit = record.hit;
  answer.of = opened.hash;
  if (record.receipt == 0) {
    record.receipt = desk.clock.NowSeconds();
    record.answer = in;
    ledger::Event event("recall.receipt");
    event.Set("due", record.due)
        .Set("hit", record.hit)
        .Set("kind", KindName(opened.value.kind))
        .Set("peer", from)
        .Set("peer_leaf", opened.value.leaf);
    TRY(const audit::Receipt receipt,
        CommitOne(desk, std::move(event),
                  [&](store::Writer& writer, std::span<const audit::Staged>) {
                    return store::PutRecord(
                        writer, store::Table::kRecall,
                        RecallRow(model::Way::kOut, record.hit), record);
                  }));
    answer.leaf = receipt.leaf_hash();
  }
  return desk.courier.Seal(answer, from);
}

absl::StatusOr<std::vector<RecallRecord>> Recalls(Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto rows,
      store::AllRecords<RecallRecord>(*reader, store::Table::kRecall));
  std::vector<RecallRecord> out;
  for (auto& [key, recall] : rows) out.push_back(std::move(recall));
  return out;
}

}  // namespace entente::hits
