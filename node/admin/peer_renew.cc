// A peer's renewed card takes the place of the pinned one: the key of the card
// before it endorsed it, and two people of this node compared its fingerprint.
// Source: exchange.md, "Transport"; docs/protocol/node-card.md.

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "keys/node_card.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/exchange/key.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

constexpr std::size_t kMaxCard = std::size_t{256} * 1024;
constexpr std::int64_t kOfferSeconds = 7 * base::kSecondsPerDay;

// A renewal that waits for a second person.
struct CardOffer {
  std::string party;
  Bytes card;      // as WriteCard gives it
  std::string by;  // who brought it
  primitive::PublicKey key{};
  std::int64_t made = 0;
  template <class A>
  void Fields(A& f) {
    f(party, card, by, key, made);
  }
};

Bytes OfferRow(std::string_view party) {
  return exchange::RecordKey().Text("card-offer").Text(party).bytes();
}

// The fingerprint came from person to person; the file may have come any way.
absl::Status CheckFingerprint(const keys::SignedCard& card,
                              const std::string& said) {
  if (said == keys::CardFingerprint(card.body)) return absl::OkStatus();
  return WithNext(
      WithReason(Denied("the fingerprint is not this card's"),
                 "card-fingerprint"),
      "let the other side read it out again, by telephone or in person; "
      "`entente peer show-card` prints this file's");
}

bool HasKey(const keys::NodeCard& card, const policy::KeyId& id) {
  return std::any_of(card.signing_keys.begin(), card.signing_keys.end(),
                     [&id](const keys::CardKey& key) {
                       return keys::KeyIdText(key) == id.text;
                     });
}

// An agreement is verified again at every start, against the cards that are
// pinned then: a card without its keys would end it without a word.
absl::Status KeepsAgreements(exchange::Desk& desk, const keys::NodeCard& card) {
  for (const exchange::AgreementRef& held : desk.book.All()) {
    const policy::Agreement& text = held->agreement();
    const policy::Party* party = text.FindParty(card.party);
    if (party == nullptr) continue;
    const policy::State state =
        desk.book.View(*held, desk.party, card.party).state;
    if (state == policy::State::kSuperseded || state == policy::State::kClosed)
      continue;
    for (const policy::KeyId* id :
         {&party->sign_legal, &party->sign_technical}) {
      if (HasKey(card, *id)) continue;
      return WithNext(
          WithReason(Denied("this card lacks the key ", id->label(), " of ",
                            card.party, ", which signed ", text.id, " version ",
                            std::to_string(text.version)),
                     "card-keys"),
          "ask for a card that still has it, until a new version of the "
          "agreement names the new key");
    }
  }
  return absl::OkStatus();
}

// The trust store with the new card in it; nothing is kept yet.
absl::StatusOr<keys::TrustStore> Renewed(exchange::Desk& desk,
                                         const keys::SignedCard& card) {
  TRY(const keys::NodeCard read, keys::VerifyCard(card));
  if (read.party == desk.party)
    return WithReason(Denied("this is the own card: `entente peer own`"),
                      "card-foreign");
  keys::TrustStore trust = desk.trust.Copy();
  if (trust.Find(read.party) == nullptr) {
    return WithNext(
        WithReason(NotFound("no node card of ", read.party, " is pinned"),
                   "peer-unknown"),
        "pin its card first: `entente peer add`");
  }
  const absl::Status renewed =
      trust.Renew(card, desk.clock.NowSeconds()).status();
  if (!renewed.ok()) {
    return WithNext(
        WithReason(renewed, "card-successor"),
        "the next card is endorsed by the technical key of the pinned one and "
        "names its hash; ask for each card in turn");
  }
  TRY_OK(KeepsAgreements(desk, read));
  return trust;
}

absl::Status SecondPerson(const CardOffer& offer,
                          const model::Officer& officer) {
  if (officer.id != offer.by && officer.key != offer.key)
    return absl::OkStatus();
  return WithNext(
      WithReason(Denied("a second person with another key confirms a card"),
                 "same-person"),
      "let an approver or the data protection officer compare the fingerprint "
      "and confirm");
}

absl::StatusOr<CardOffer> OfferOf(exchange::Desk& desk,
                                  const std::string& party) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto offer, store::GetRecord<CardOffer>(*reader, store::Table::kTask,
                                              OfferRow(party)));
  if (offer && offer->made + kOfferSeconds > desk.clock.NowSeconds())
    return *std::move(offer);
  return WithNext(
      WithReason(NotFound("no renewed card of ", party, " waits here"),
                 "card-unknown"),
      "an administrator brings it: `entente peer renew CARD`");
}

}  // namespace

// The first of two people: the card is checked, kept and not used.
absl::StatusOr<Reply> PeerRenew(Context& context, Request& request) {
  TRY(const std::string fingerprint, request.args.Need("fingerprint"));
  request.args.Get("card");
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY(const Bytes file, WholeFile(request, kMaxCard));
  TRY(const keys::SignedCard card, keys::ReadCard(AsText(file)));
  TRY(const keys::NodeCard read, keys::VerifyCard(card));
  TRY_OK(CheckFingerprint(card, fingerprint));
  TRY_OK(Renewed(desk, card).status());
  const CardOffer offer{read.party, file, request.officer.id,
                        request.officer.key, desk.clock.NowSeconds()};
  audit::Job job;
  job.events.push_back(
      CardEvent(read.party, card.body, "offered", request.officer.id));
  job.changes = [&](store::Writer& writer, std::span<const audit::Staged>) {
    return store::PutRecord(writer, store::Table::kTask, OfferRow(read.party),
                            offer, offer.made + kOfferSeconds);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  Reply reply;
  reply.json = {{"party", read.party},
                {"sequence", read.sequence},
                {"waits_until", base::FormatTime(offer.made + kOfferSeconds)}};
  reply.text = read.party + "'s card " + std::to_string(read.sequence) +
               " waits for a second person: `entente peer confirm --party " +
               read.party + " --fingerprint ...`, until " +
               base::FormatTime(offer.made + kOfferSeconds);
  return reply;
}

// The second: everything is checked again, and the card is the pinned one.
absl::StatusOr<Reply> PeerConfirm(Context& context, Request& request) {
  TRY(const std::string party, request.args.Need("party"));
  TRY(const std::string fingerprint, request.args.Need("fingerprint"));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY(const CardOffer offer, OfferOf(desk, party));
  TRY_OK(SecondPerson(offer, request.officer));
  TRY(const keys::SignedCard card, keys::ReadCard(AsText(offer.card)));
  TRY_OK(CheckFingerprint(card, fingerprint));
  TRY(keys::TrustStore trust, Renewed(desk, card));
  audit::Job job;
  job.events.push_back(
      CardEvent(party, card.body, "renewed", request.officer.id));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    // Two confirmations at once: the second finds no offer.
    TRY(const auto still, writer.Get(store::Table::kTask, OfferRow(party)));
    if (!still)
      return WithReason(Unready("somebody else confirmed it"), "card-unknown");
    TRY_OK(exchange::TrustBook::StoreEntry(writer, trust, party));
    return writer.Delete(store::Table::kTask, OfferRow(party));
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  const std::uint64_t sequence = trust.Find(party)->sequence;
  desk.trust.Replace(std::move(trust));
  TRY_OK(context.peers_changed());
  Reply reply;
  reply.json = {{"party", party},
                {"sequence", sequence},
                {"fingerprint", keys::CardFingerprint(card.body)}};
  reply.text = party + "'s card " + std::to_string(sequence) + " is pinned";
  return reply;
}

}  // namespace entente::admin
