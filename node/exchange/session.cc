// What two nodes tell each other before anything else: agreements, status,
// events.

#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/acts.h"
#include "node/exchange/checkpoints.h"
#include "node/exchange/draft_events.h"
#include "node/exchange/holder.h"
#include "node/exchange/unknown_key.h"

namespace entente::exchange {
namespace {

using model::SignedStatement;

constexpr auto kDeadline = std::chrono::seconds(20);

// How the end of an agreement is told: by notice, by what stays of it, by the
// proof that nothing else does.
std::string_view EndWord(policy::EventKind kind) {
  return kind == policy::EventKind::kNotice     ? "terminated"
         : kind == policy::EventKind::kCaseList ? "case-list"
                                                : "deletion-proof";
}

// The log entry of an event of the agreement.
ledger::Event EventEntry(const policy::Compiled& agreement,
                         const policy::Event& event, std::string_view own,
                         std::string_view user) {
  if (policy::IsPreparatory(event.kind)) {
    return DraftEntry(agreement.hash(), agreement.agreement(), event, own,
                      user);
  }
  const std::string peer = CodeOrDash(event.peer);
  ledger::Event entry("agreement.end");
  if (event.kind == policy::EventKind::kStop) {
    entry = ledger::Event("suspend.set")
                .Set("agr", agreement.hash())
                .Set("by", event.party)
                .Set("peer", peer)
                .Set("reason", policy::Word(event.stop_reason));
  } else if (event.kind == policy::EventKind::kResume) {
    entry = ledger::Event("suspend.lift")
                .Set("agr", agreement.hash())
                .Set("by", event.party)
                .Set("peer", peer)
                .Set("step", 2);
  } else if (event.kind == policy::EventKind::kAssessment) {
    entry = ledger::Event("assessment.record")
                .Set("kind", policy::Word(event.kind))
                .Set("sha256", event.hash)
                .Set("until", event.date);
  } else {
    entry.Set("agr", agreement.hash()).Set("reason", EndWord(event.kind));
  }
  ActedBy(entry, user);
  return entry;
}

absl::Status TakeStatus(Desk& desk, const policy::Compiled& agreement,
                        std::string_view party, ByteView envelope) {
  TRY(KnownStatus status, desk.book.VerifyStatus(agreement, party, envelope));
  audit::Job job;
  job.events.push_back(ledger::Event("agreement.status")
                           .Set("agr", agreement.hash())
                           .Set("party", party)
                           .Set("seq", status.highest_sequence)
                           .Set("until", desk.clock.NowSeconds() + 24 * 3600));
  job.changes = [&](store::Writer& writer, std::span<const audit::Staged>) {
    return desk.book.StoreStatus(writer, agreement, party, status);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  return desk.book.AdoptStatus(agreement, party, std::move(status));
}

absl::StatusOr<model::StatusExchange> OwnHalf(
    Desk& desk, const policy::Compiled& agreement) {
  TRY_OK(RefreshOwnStatus(desk, agreement, 1800));
  model::StatusExchange out;
  out.agreement = agreement.hash();
  TRY(const KnownStatus status, desk.book.MakeStatus(agreement));
  out.status = status.envelope;
  out.events = desk.book.EventsOf(agreement, desk.party);
  return out;
}

absl::Status TakeHalf(Desk& desk, const policy::Compiled& agreement,
                      std::string_view peer,
                      const model::StatusExchange& half) {
  if (half.events.size() > 1024)
    return WithReason(Invalid("too many events"), "statement-malformed");
  for (const Bytes& event : half.events)
    TRY_OK(TakeEvent(desk, agreement, event, ""));
  if (half.status.empty()) return absl::OkStatus();
  // A fresh one within the last minutes need not be kept again.
  if (desk.book.StatusAge(agreement, peer) < 600) return absl::OkStatus();
  return TakeStatus(desk, agreement, peer, half.status);
}

}  // namespace

absl::Status RefreshOwnStatus(Desk& desk, const policy::Compiled& agreement,
                              std::int64_t max_age) {
  const std::uint32_t age = desk.book.StatusAge(agreement, desk.party);
  if (age != policy::kNoStatus && age <= max_age) return absl::OkStatus();
  TRY(const KnownStatus status, desk.book.MakeStatus(agreement));
  return TakeStatus(desk, agreement, desk.party, status.envelope);
}

absl::Status TakeEvent(Desk& desk, const policy::Compiled& agreement,
                       ByteView envelope, std::string_view user,
                       const EventCheck& also) {
  absl::StatusOr<KnownEvent> verified =
      desk.book.VerifyEvent(agreement, envelope);
  if (!verified.ok()) {
    return user.empty()
               ? verified.status()
               : OfUnknownKey(verified.status(), envelope,
                              agreement.verified().signers(), desk.party);
  }
  KnownEvent event = *std::move(verified);
  if (desk.book.Knows(agreement, event.verified.hash()))
    return absl::OkStatus();
  const policy::Event said = event.verified.event();
  const KnownEvent stored_event = event;
  const bool stop = said.kind == policy::EventKind::kStop;
  // Stopping never waits for the log; and a key folder that cannot be written
  // does not keep the stop from the store.
  const absl::Status stopped =
      stop ? desk.book.AdoptEvent(agreement, event) : absl::OkStatus();
  audit::Job job;
  job.events.push_back(EventEntry(agreement, said, desk.party, user));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    if (also && !stop) TRY_OK(also(writer, said));
    return desk.book.StoreEvent(writer, agreement, stored_event);
  };
  absl::Status logged = desk.log.Commit(std::move(job)).status();
  // It came twice at the same time: the other call wrote it.
  if (ReasonOf(logged) == "event-known") logged = absl::OkStatus();
  if (!logged.ok() && stop) {
    // The entry goes to the spool; the stop itself must outlive a restart.
    const absl::Status stored = desk.store.Write([&](store::Writer& writer) {
      return desk.book.StoreEvent(writer, agreement, stored_event);
    });
    if (ReasonOf(stored) == "event-known") return stopped;  // entry and all
    TRY_OK(desk.log.NoteSafe(EventEntry(agreement, said, desk.party, user)));
    TRY_OK(stored);
    return stopped;
  }
  TRY_OK(logged);
  if (!stop) TRY_OK(desk.book.AdoptEvent(agreement, std::move(event)));
  return stopped;
}

absl::StatusOr<SignedStatement> Holder::AnswerHello(std::string_view from,
                                                    const SignedStatement& in) {
  TRY(const Opened<model::Hello> hello,
      desk_.courier.Open<model::Hello>(from, in));
  model::Hello answer;
  for (const Hash& hash : desk_.book.HashesWith(from)) {
    // Only what both name is told: a hash that the other side lacks says
    // nothing to it.
    for (const Hash& theirs : hello.value.agreements) {
      if (theirs == hash) answer.agreements.push_back(hash);
    }
  }
  return desk_.courier.Seal(answer, from);
}

absl::Status CompareAgreements(Desk& desk, const policy::Compiled& agreement,
                               std::string_view peer) {
  model::Hello hello;
  hello.agreements = {agreement.hash()};
  TRY(const auto answer,
      desk.courier.Call<model::Hello>(peer, method::kHello, hello, kDeadline));
  for (const Hash& hash : answer.value.agreements) {
    if (hash == agreement.hash()) return SwapCheckpoints(desk, peer);
  }
  return WithNext(
      WithReason(Unready(peer, " does not hold this version of the agreement"),
                 "agreement-differs"),
      "compare `entente agreement fingerprint` by telephone; one side must "
      "import the signed version");
}

absl::StatusOr<SignedStatement> Holder::AnswerStatus(
    std::string_view from, const SignedStatement& in) {
  TRY(const Opened<model::StatusExchange> theirs,
      desk_.courier.Open<model::StatusExchange>(from, in));
  const AgreementRef agreement = desk_.book.Find(theirs.value.agreement);
  if (agreement == nullptr || !agreement->PartyIndex(from)) {
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  }
  TRY_OK(TakeHalf(desk_, *agreement, from, theirs.value));
  TRY(model::StatusExchange ours, OwnHalf(desk_, *agreement));
  return desk_.courier.Seal(ours, from);
}

absl::Status ExchangeStatus(Desk& desk, const policy::Compiled& agreement,
                            std::string_view peer) {
  TRY(model::StatusExchange ours, OwnHalf(desk, agreement));
  TRY(const auto theirs, desk.courier.Call<model::StatusExchange>(
                             peer, method::kStatus, ours, kDeadline));
  if (theirs.value.agreement != agreement.hash()) {
    return WithReason(ProofFailed("the status is of another agreement"),
                      "agreement-differs");
  }
  return TakeHalf(desk, agreement, peer, theirs.value);
}

absl::Status ExchangeStatusIfStale(Desk& desk,
                                   const policy::Compiled& agreement,
                                   std::string_view peer) {
  if (desk.book.StatusAge(agreement, peer) < 3600)
    return RefreshOwnStatus(desk, agreement, 3600);
  return ExchangeStatus(desk, agreement, peer);
}

}  // namespace entente::exchange
