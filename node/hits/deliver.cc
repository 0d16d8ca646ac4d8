// Sends what waits: a statement is kept, signed, until the other side
// acknowledged it.

#include <set>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/hits/rows.h"
#include "node/hits/trail.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::RequestRecord;
using model::RequestState;
using model::SignedStatement;

// OK once the peer said that exactly this arrived.
absl::Status Send(Desk& desk, std::string_view peer, std::string_view method,
                  const SignedStatement& statement,
                  model::Acknowledgement* said = nullptr) {
  TRY(const SignedStatement answer,
      desk.courier.link().Call(peer, method, statement, kCallDeadline));
  TRY(const auto opened,
      desk.courier.Open<model::Acknowledgement>(peer, answer));
  if (opened.value.of != primitive::Sha256(statement.body)) {
    return WithReason(ProofFailed("the acknowledgement is for something else"),
                      "answer-misplaced");
  }
  if (said != nullptr) *said = opened.value;
  return KeepTrail(desk, peer, method, statement, answer);
}

absl::Status Keep(Desk& desk, const RequestRecord& record,
                  const std::function<absl::Status(RequestRecord&)>& change) {
  return desk.store.Write([&](store::Writer& writer) {
    return ChangeRequest(writer, record.way, record.hit, change);
  });
}

// The agreement that a kept request is about, and whether it lets things flow.
absl::StatusOr<bool> MayGo(Desk& desk, const RequestRecord& record) {
  TRY(const auto request,
      DecodeStatement<model::DisclosureRequest>(record.request.body));
  const bool in = record.way == model::Way::kIn;
  return Flows(desk, request.agreement, in ? desk.party : record.peer,
               in ? record.peer : desk.party);
}

// The asker's request: until acknowledged it has no answer_by. A refusal by the
// peer ends it.
absl::StatusOr<bool> SendRequest(Desk& desk, RequestRecord record) {
  if (record.way != model::Way::kOut ||
      record.state != RequestState::kPending || record.answer_by != 0)
    return false;
  TRY(const bool may_go, MayGo(desk, record));
  if (!may_go) return false;
  model::Acknowledgement said;
  const absl::Status sent =
      Send(desk, record.peer, exchange::method::kRequestDisclosure,
           record.request, &said);
  if (sent.ok()) {
    TRY_OK(Keep(desk, record, [&said](RequestRecord& now) {
      now.answer_by = said.answer_by;
      now.peer_leaf = said.leaf;
      return absl::OkStatus();
    }));
    return true;
  }
  // What the peer will never take ends here; what another day may cure waits.
  if (sent.code() != absl::StatusCode::kPermissionDenied &&
      sent.code() != absl::StatusCode::kInvalidArgument &&
      ReasonOf(sent) != "agreement-differs") {
    return sent;
  }
  TRY(model::HitRecord hit, GetHit(desk, record.hit));
  ledger::Event event("disclose.refuse");
  event.Set("dir", "in")
      .Set("hit", record.hit)
      .Set("peer", record.peer)
      .Set("peer_leaf", "-")
      .Seal("reasons", ReasonOf(sent));
  TRY_OK(CommitOne(desk, std::move(event),
                   [&](store::Writer& writer,
                       std::span<const audit::Staged>) -> absl::Status {
                     hit.state = model::HitState::kRefused;
                     TRY_OK(store::PutRecord(writer, store::Table::kHit,
                                             hit.hit, hit, hit.due));
                     return ChangeRequest(
                         writer, record.way, record.hit,
                         [](RequestRecord& now) {
                           if (now.state != RequestState::kPending)
                             return AnsweredBefore();
                           now.state = RequestState::kRefused;
                           return absl::OkStatus();
                         });
                   })
             .status());
  return WithEntry(sent);
}

// A request that nobody released by its deadline, or that was declined, is
// refused then and not sooner: R00, so that neither word nor time tells why.
absl::StatusOr<bool> RefuseAtDeadline(Desk& desk, RequestRecord& record) {
  const bool waits = record.state == RequestState::kPending ||
                     record.state == RequestState::kReady;
  if (record.way != model::Way::kIn || !waits ||
      desk.clock.NowSeconds() < record.answer_by)
    return false;
  TRY(const auto request,
      DecodeStatement<model::DisclosureRequest>(record.request.body));
  model::Disclosure refusal;
  refusal.agreement = request.agreement;
  refusal.clause = request.clause;
  refusal.hit = record.hit;
  refusal.request = record.request_hash;
  refusal.reason = "R00";
  desk.courier.Draft(refusal, record.peer);
  ledger::Event event("disclose.refuse");
  event.Set("dir", "out")
      .Set("hit", record.hit)
      .Set("peer", record.peer)
      .Set("peer_leaf", record.peer_leaf)
      .Seal("reasons", "R00");
  TRY_OK(CommitOne(desk, std::move(event),
                   [&](store::Writer& writer,
                       std::span<const audit::Staged> staged) -> absl::Status {
                     refusal.leaf = staged[0].leaf_hash;
                     TRY(const SignedStatement sealed,
                         desk.courier.SealDrafted(refusal));
                     return ChangeRequest(
                         writer, record.way, record.hit,
                         [&sealed](RequestRecord& now) {
                           if (now.state != RequestState::kPending &&
                               now.state != RequestState::kReady)
                             return AnsweredBefore();
                           now.answer = sealed;
                           now.state = RequestState::kReleased;
                           return absl::OkStatus();
                         });
                   })
             .status());
  return true;
}

absl::StatusOr<bool> SendAnswer(Desk& desk, RequestRecord record) {
  if (record.way != model::Way::kIn || record.state != RequestState::kReleased)
    return false;
  // What was released before a stop does not leave after it.
  TRY(const bool may_go, MayGo(desk, record));
  if (!may_go) return false;
  TRY_OK(Send(desk, record.peer, exchange::method::kDeliver, record.answer));
  TRY_OK(Keep(desk, record, [](RequestRecord& now) {
    if (now.state == RequestState::kReleased)
      now.state = RequestState::kDelivered;
    return absl::OkStatus();
  }));
  return true;
}

absl::StatusOr<bool> SendRecallNow(Desk& desk, model::RecallRecord recall) {
  const bool out = recall.way == model::Way::kOut && !recall.delivered;
  const bool in = recall.way == model::Way::kIn && recall.receipt == 0;
  if (!out && !in) return false;
  TRY_OK(
      Send(desk, recall.peer,
           out ? exchange::method::kRecall : exchange::method::kRecallReceipt,
           out ? recall.recall : recall.answer));
  TRY_OK(desk.store.Write([&](store::Writer& writer) -> absl::Status {
    // The receipt may have come while we sent: keep what the row says now.
    TRY(model::RecallRecord now,
        store::NeedRecord<model::RecallRecord>(
            writer, store::Table::kRecall, RecallRow(recall.way, recall.hit),
            "recall"));
    now.delivered = true;
    if (in) now.receipt = desk.clock.NowSeconds();
    return store::PutRecord(writer, store::Table::kRecall,
                            RecallRow(recall.way, recall.hit), now);
  }));
  return true;
}

absl::StatusOr<bool> SendOutcomeNow(Desk& desk, const Bytes& key,
                                    const RequestRecord& request,
                                    const SignedStatement& statement) {
  TRY_OK(Send(desk, request.peer, exchange::method::kOutcome, statement));
  TRY_OK(desk.store.Write([&](store::Writer& writer) {
    return writer.Delete(store::Table::kTask, key);
  }));
  return true;
}

}  // namespace

absl::StatusOr<std::size_t> Deliver(Desk& desk, const Id16* about) {
  std::size_t sent = 0;
  absl::Status refused;
  std::set<std::string> away;
  // A peer that is away stops nothing: the next round tries again, and this one
  // waits for it once only. A refusal is told to the caller whom it concerns.
  const auto count = [&](const std::string& peer, const Id16& hit,
                         const absl::StatusOr<bool>& result) {
    if (result.ok()) {
      sent += *result ? 1U : 0U;
      return;
    }
    const absl::StatusCode code = result.status().code();
    if (code == absl::StatusCode::kUnavailable ||
        code == absl::StatusCode::kDeadlineExceeded)
      away.insert(peer);
    if (code == absl::StatusCode::kPermissionDenied && refused.ok() &&
        (about == nullptr || *about == hit))
      refused = result.status();
  };
  TRY(std::vector<RequestRecord> requests, Requests(desk));
  for (RequestRecord& record : requests) {
    count(record.peer, record.hit, RefuseAtDeadline(desk, record));
    if (away.contains(record.peer)) continue;
    count(record.peer, record.hit, SendRequest(desk, record));
    if (away.contains(record.peer)) continue;
    count(record.peer, record.hit, SendAnswer(desk, record));
  }
  TRY(const std::vector<model::RecallRecord> recalls, Recalls(desk));
  for (const model::RecallRecord& recall : recalls) {
    if (!away.contains(recall.peer))
      count(recall.peer, recall.hit, SendRecallNow(desk, recall));
  }
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto outcomes, store::AllRecords<SignedStatement>(
                               *reader, store::Table::kTask, AsBytes("o")));
  for (const auto& [key, statement] : outcomes) {
    TRY(const Id16 id, ToArray<16>(ByteView(key).last(16)));
    const auto request = GetRequest(desk, model::Way::kOut, id);
    if (!request.ok() || away.contains(request->peer)) continue;
    count(request->peer, id, SendOutcomeNow(desk, key, *request, statement));
  }
  if (!refused.ok()) return refused;
  return sent;
}

}  // namespace entente::hits
