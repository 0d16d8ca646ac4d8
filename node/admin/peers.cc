// Other states' nodes: cards pinned after a talk between people, and a check
// that names what is wrong.

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "keys/node_card.h"
#include "keys/tls.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/exchange/holder.h"

namespace entente::admin {
namespace {

constexpr std::size_t kMaxCard = 256 * 1024;

absl::StatusOr<keys::CardKey> ParseAgreementKey(const std::string& text) {
  const std::size_t first = text.find('=');
  const std::size_t second =
      text.find('=', first == std::string::npos ? first : first + 1);
  if (second == std::string::npos)
    return Invalid("--agreement-key is LABEL=KIND=HEX");
  keys::CardKey out;
  out.label = text.substr(0, first);
  const std::string kind = text.substr(first + 1, second - first - 1);
  if (kind == "legal") {
    out.kind = keys::CardKeyKind::kLegal;
  } else if (kind == "technical") {
    out.kind = keys::CardKeyKind::kTechnical;
  } else if (kind == "dpo") {
    out.kind = keys::CardKeyKind::kDpo;
  } else if (kind == "duty") {
    out.kind = keys::CardKeyKind::kDuty;
  } else {
    return Invalid(
        "the kind of an agreement key is legal, technical, dpo or duty");
  }
  TRY(const Bytes raw, FromHex(text.substr(second + 1)));
  TRY(out.key, ToArray<32>(raw));
  out.kid = primitive::KeyId(out.key);
  return out;
}

std::string_view KeyKindWord(keys::CardKeyKind kind) {
  constexpr std::string_view kWords[] = {"legal", "technical", "dpo", "duty"};
  return kWords[static_cast<std::size_t>(kind)];
}

Json KeysJson(const keys::NodeCard& card) {
  Json out = Json::array();
  for (const keys::CardKey& key : card.signing_keys) {
    out.push_back(
        {{"key_id", keys::KeyIdText(key)}, {"kind", KeyKindWord(key.kind)}});
  }
  return out;
}

absl::Status Adopt(Context& context, keys::TrustStore trust,
                   const std::string& party, ByteView body,
                   std::string_view change, std::string_view by) {
  audit::Job job;
  job.events.push_back(CardEvent(party, body, change, by));
  job.changes = [&](store::Writer& writer, std::span<const audit::Staged>) {
    return exchange::TrustBook::StoreEntry(writer, trust, party);
  };
  TRY_OK(context.desk.log.Commit(std::move(job)).status());
  context.desk.trust.Replace(std::move(trust));
  return context.peers_changed();
}

// The card must be this very node's: its keys, its pin.
absl::Status CheckOwn(Context& context, const keys::NodeCard& card) {
  exchange::Desk& desk = context.desk;
  TRY(const primitive::PublicKey statement,
      desk.keys.Public(keys::Purpose::kStatement));
  TRY(const primitive::PublicKey log, desk.keys.Public(keys::Purpose::kLog));
  TRY(const primitive::HpkePublicKey disclosure,
      desk.keys.HpkePublic(keys::Purpose::kDisclosure));
  if (card.party != desk.party || card.statement_key != statement ||
      card.log_key != log || card.disclosure_key != disclosure) {
    return WithReason(
        Denied("the card is not this node's: its keys are others"),
        "card-foreign");
  }
  return absl::OkStatus();
}

}  // namespace

ledger::Event CardEvent(std::string_view peer, ByteView body,
                        std::string_view change, std::string_view by) {
  return ledger::Event("peer.card")
      .Set("card", primitive::Sha256(body))
      .Set("change", change)
      .Set("peer", peer)
      .By(by);
}

absl::StatusOr<Reply> PeerCard(Context& context, Request& request) {
  const std::vector<std::string> agreement_keys =
      request.args.All("agreement-key");
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  keys::NodeCard card;
  card.party = desk.party;
  card.name = context.facts.name;
  card.endpoint = context.facts.endpoint;
  TRY(const keys::TlsIdentity tls,
      keys::CurrentTlsIdentity(desk.data_dir + "/tls"));
  card.tls.push_back({tls.spki_pin, tls.certificate});
  TRY(card.statement_key, desk.keys.Public(keys::Purpose::kStatement));
  TRY(card.disclosure_key, desk.keys.HpkePublic(keys::Purpose::kDisclosure));
  card.log_origin = context.facts.log_origin;
  TRY(card.log_key, desk.keys.Public(keys::Purpose::kLog));
  card.witness_name = context.facts.witness_name;
  TRY(card.witness_key, desk.keys.Public(keys::Purpose::kWitness));
  for (const std::string& text : agreement_keys) {
    TRY(keys::CardKey key, ParseAgreementKey(text));
    card.signing_keys.push_back(std::move(key));
  }
  card.not_before = desk.clock.NowSeconds() - 300;
  card.not_after =
      card.not_before + context.facts.card_days * base::kSecondsPerDay;
  if (const auto before = desk.trust.Card(desk.party); before.ok()) {
    card.sequence = before->sequence + 1;
    card.previous = primitive::Sha256(EncodeStatement(*before));
  }
  const Bytes body = EncodeStatement(card);
  TRY_OK(keys::ParseCard(body).status());
  Reply reply;
  reply.json = {{"party", card.party},
                {"fingerprint", keys::CardFingerprint(body)},
                {"body", ToHex(body)}};
  reply.text = ToHex(body);
  return reply;
}

absl::StatusOr<Reply> PeerOwn(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const Bytes file, WholeFile(request, kMaxCard));
  TRY(const keys::SignedCard card, keys::ReadCard(AsText(file)));
  TRY(const keys::NodeCard read, keys::VerifyCard(card));
  TRY_OK(CheckOwn(context, read));
  keys::TrustStore trust = context.desk.trust.Copy();
  const bool first = trust.Find(read.party) == nullptr;
  if (first) {
    TRY_OK(trust.Pin(card, keys::CardFingerprint(card.body)).status());
  } else {
    TRY_OK(trust.Renew(card, context.desk.clock.NowSeconds()).status());
  }
  TRY_OK(Adopt(context, std::move(trust), read.party, card.body,
               first ? "added" : "renewed", request.officer.id));
  Reply reply;
  reply.json = {{"party", read.party},
                {"fingerprint", keys::CardFingerprint(card.body)}};
  reply.text =
      "own card in place; read this fingerprint to the other states' people:\n "
      " " +
      keys::CardFingerprint(card.body);
  return reply;
}

absl::StatusOr<Reply> PeerAdd(Context& context, Request& request) {
  TRY(const std::string fingerprint, request.args.Need("fingerprint"));
  TRY_OK(request.args.Finish());
  TRY(const Bytes file, WholeFile(request, kMaxCard));
  TRY(const keys::SignedCard card, keys::ReadCard(AsText(file)));
  keys::TrustStore trust = context.desk.trust.Copy();
  TRY(const std::string party, trust.Pin(card, fingerprint));
  if (party == context.desk.party)
    return Invalid("this is the own card: `entente peer own`");
  TRY_OK(Adopt(context, std::move(trust), party, card.body, "added",
               request.officer.id));
  Reply reply;
  reply.json = {{"party", party},
                {"fingerprint", keys::CardFingerprint(card.body)}};
  reply.text = party + " is pinned";
  return reply;
}

absl::StatusOr<Reply> PeerList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  Reply reply;
  reply.json["peers"] = Json::array();
  for (const keys::NodeCard& card : context.desk.trust.All()) {
    const bool own = card.party == context.desk.party;
    reply.json["peers"].push_back(
        {{"party", card.party},
         {"name", card.name},
         {"own", own},
         {"endpoint", card.endpoint},
         {"log_origin", card.log_origin},
         {"sequence", card.sequence},
         {"keys", KeysJson(card)},
         {"card_ends", base::FormatTime(card.not_after)}});
    reply.text += card.party + (own ? " (this node)  " : "  ") + card.name +
                  "  " + card.endpoint + "  card ends " +
                  base::FormatDate(card.not_after) + "\n";
    for (const keys::CardKey& key : card.signing_keys) {
      reply.text += "  " + std::string(KeyKindWord(key.kind)) + " " +
                    keys::KeyIdText(key) + "\n";
    }
  }
  return reply;
}

absl::StatusOr<Reply> PeerCheck(Context& context, Request& request) {
  TRY(const std::string party, request.args.Need("party"));
  TRY_OK(request.args.Finish());
  TRY(const keys::NodeCard card, context.desk.trust.Card(party));
  Reply reply;
  reply.json = {{"party", party},
                {"endpoint", card.endpoint},
                {"agreements", Json::array()}};
  reply.text = "card: pinned, ends " + base::FormatDate(card.not_after) + "\n";
  bool any = false;
  for (const exchange::AgreementRef& agreement : context.desk.book.All()) {
    if (!agreement->PartyIndex(party)) continue;
    any = true;
    absl::Status status =
        exchange::CompareAgreements(context.desk, *agreement, party);
    if (status.ok())
      status = exchange::ExchangeStatus(context.desk, *agreement, party);
    reply.json["agreements"].push_back({{"id", agreement->agreement().id},
                                        {"ok", status.ok()},
                                        {"reason", ReasonOf(status)},
                                        {"message", MessageOf(status)}});
    reply.text += agreement->agreement().id + ": " +
                  (status.ok() ? "both sides agree"
                               : ReasonOf(status) + ": " + MessageOf(status)) +
                  "\n";
    if (!status.ok()) reply.exit_code = 1;
  }
  if (!any) reply.text += "no agreement with " + party + " is held\n";
  return reply;
}

}  // namespace entente::admin
