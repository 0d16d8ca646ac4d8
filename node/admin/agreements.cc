// Agreements on the node: taken only when every required signature verifies,
// stopped by one key, resumed by all.

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/exchange/draft_events.h"
#include "node/exchange/drafts.h"
#include "node/exchange/holder.h"
#include "node/hits/hits.h"
#include "policy/envelope.h"

namespace entente::admin {
namespace {

constexpr std::size_t kMaxEnvelope = policy::kMaxEnvelopeBytes;

std::vector<ledger::Event> TakenEvents(const policy::Compiled& agreement,
                                       std::string_view own, std::int64_t now,
                                       std::string_view by) {
  const policy::Agreement& text = agreement.agreement();
  std::vector<ledger::Event> events;
  std::string peer = "-";
  for (const policy::Party& party : text.parties) {
    if (party.code != own) peer = party.code;
  }
  events.push_back(ledger::Event("agreement.take")
                       .Set("agr", agreement.hash())
                       .Set("id", text.id)
                       .Set("peer", text.parties.size() == 2 ? peer : "-")
                       .Set("ver", text.version)
                       .By(by));
  for (const policy::Signer& signer : agreement.verified().signers()) {
    if (signer.role == policy::SignerRole::kLegal ||
        signer.role == policy::SignerRole::kTechnical)
      events.push_back(exchange::SignEntry(agreement.hash(), signer, by));
  }
  if (now >= text.validity.from && now < text.validity.until)
    events.push_back(exchange::ActiveEntry(agreement, text.version == 1, by));
  return events;
}

// A document that nobody signed is the commonest wrong file.
absl::StatusOr<exchange::AgreementRef> VerifiedFile(exchange::Desk& desk,
                                                    ByteView file) {
  absl::StatusOr<exchange::AgreementRef> verified = desk.book.Verify(file);
  if (ReasonOf(verified.status()) != "AG-502" ||
      !policy::Agreement::Parse(file).ok())
    return verified;
  return WithNext(
      WithReason(Invalid("this is the bare document, and no envelope with its "
                         "signatures"),
                 "AG-502"),
      "put it on the table with `entente agreement draft`, or let the four "
      "keys sign it on paper first: `entente agreement sign FILE --out`");
}

}  // namespace

absl::StatusOr<Reply> AgreementImport(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const Bytes envelope, WholeFile(request, kMaxEnvelope));
  exchange::Desk& desk = context.desk;
  absl::StatusOr<exchange::AgreementRef> verified =
      VerifiedFile(desk, envelope);
  if (!verified.ok()) {
    // A refused agreement leaves its reason in the log; it changes nothing
    // else.
    audit::Job job;
    job.events.push_back(
        ledger::Event("agreement.reject")
            .Set("agr", primitive::Sha256(envelope))
            .Set("id", "-")
            .Set("peer", "-")
            .Set("reason", exchange::CodeOrDash(ReasonOf(verified.status())))
            .Set("ver", 0)
            .By(request.officer.id));
    TRY_OK(desk.log.Commit(std::move(job)).status());
    return WithEntry(verified.status());
  }
  const exchange::AgreementRef agreement = *std::move(verified);
  const std::string id = agreement->agreement().id;
  Reply reply;
  reply.json = {{"id", id},
                {"version", agreement->agreement().version},
                {"hash", ToHex(agreement->hash())}};
  if (desk.book.Find(agreement->hash()) != nullptr) {
    reply.text = id + " is held already";
    return reply;
  }
  for (const exchange::AgreementRef& held : desk.book.All()) {
    if (held->agreement().id == id &&
        held->agreement().version >= agreement->agreement().version) {
      return WithNext(
          WithReason(
              Denied("version ", std::to_string(held->agreement().version),
                     " of this agreement is held"),
              "AG-218"),
          Join({"only a higher version that replaces it is taken: version = ",
                std::to_string(held->agreement().version + 1),
                " and replaces = \"", policy::HashText(held->hash()), "\""}));
    }
  }
  audit::Job job;
  job.events = TakenEvents(*agreement, desk.party, desk.clock.NowSeconds(),
                           request.officer.id);
  job.changes = [&](store::Writer& writer, std::span<const audit::Staged>) {
    return desk.book.Store(writer, *agreement, envelope);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  desk.book.Adopt(agreement);
  TRY_OK(exchange::RefreshOwnStatus(desk, *agreement, 0));
  reply.text = id + " version " +
               std::to_string(agreement->agreement().version) +
               " is held: every required signature verified";
  return reply;
}

absl::StatusOr<Reply> AgreementList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  Reply reply;
  reply.json["agreements"] = Json::array();
  reply.json["unverified"] = desk.book.Unverified();
  for (const exchange::AgreementRef& agreement : desk.book.All()) {
    const policy::Agreement& text = agreement->agreement();
    Json row = {{"id", text.id},
                {"version", text.version},
                {"title", text.title},
                {"hash", ToHex(agreement->hash())},
                {"from", base::FormatTime(text.validity.from)},
                {"until", base::FormatTime(text.validity.until)}};
    reply.text += text.id + " version " + std::to_string(text.version) + ": " +
                  text.title + "\n";
    for (const policy::Party& party : text.parties) {
      if (party.code == desk.party) continue;
      const policy::PairView view =
          desk.book.View(*agreement, desk.party, party.code);
      row["pairs"].push_back({{"peer", party.code},
                              {"state", policy::Word(view.state)},
                              {"status_age_own", view.status_age_a},
                              {"status_age_peer", view.status_age_b},
                              {"open_stops", view.open_stops.size()}});
      reply.text += "  with " + party.code + ": " +
                    std::string(policy::Word(view.state)) +
                    (view.status_age_b == policy::kNoStatus
                         ? ", no fresh status of theirs yet"
                         : "") +
                    "\n";
    }
    for (const policy::Clause& clause : text.clauses) {
      row["clauses"].push_back(clause.id);
      reply.text += "  clause " + clause.id + ": " +
                    std::string(policy::Word(clause.action)) + ", " +
                    clause.article + "\n";
    }
    reply.json["agreements"].push_back(std::move(row));
  }
  if (reply.text.empty()) {
    TRY(const std::vector<exchange::DraftRecord> drafts,
        exchange::Drafts(desk));
    reply.text = drafts.empty() ? "no agreement is held"
                                : "no agreement is held yet; what is on the "
                                  "table: `entente agreement status`";
  }
  return reply;
}

absl::StatusOr<Reply> AgreementEvent(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const Bytes envelope, WholeFile(request, kMaxEnvelope));
  exchange::Desk& desk = context.desk;
  TRY(const policy::Envelope raw, policy::ParseEnvelope(envelope));
  TRY(const policy::Event event, policy::Event::Parse(raw.payload));
  const exchange::AgreementRef agreement = desk.book.Find(event.agreement_hash);
  if (agreement == nullptr)
    return WithReason(
        NotFound("the event is about an agreement that is not held"),
        "agreement-differs");
  TRY_OK(exchange::TakeEvent(
      desk, *agreement, envelope, request.officer.id,
      [&](store::Writer& writer, const policy::Event& said) {
        return hits::TakeOwnEnd(desk, writer, *agreement, said);
      }));
  Reply reply;
  reply.json = {{"agreement", agreement->agreement().id},
                {"told", Json::array()}};
  reply.text = std::string(policy::Word(event.kind)) + " of " + event.party +
               " is in force here\n";
  // The event counts from here on; what fails now is told, not made to look as
  // if it did not count.
  if (const absl::Status own = exchange::RefreshOwnStatus(desk, *agreement, -1);
      !own.ok()) {
    reply.text +=
        "the own status statement could not be renewed yet: " + MessageOf(own) +
        "\n";
  }
  for (const policy::Party& party : agreement->agreement().parties) {
    if (party.code == desk.party) continue;
    const absl::Status told =
        exchange::ExchangeStatus(desk, *agreement, party.code);
    reply.json["told"].push_back(
        {{"peer", party.code}, {"ok", told.ok()}, {"reason", ReasonOf(told)}});
    reply.text +=
        party.code + (told.ok()
                          ? " was told\n"
                          : " could not be told yet: " + ReasonOf(told) + "\n");
  }
  return reply;
}

}  // namespace entente::admin
