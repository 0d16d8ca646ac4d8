#include "node/exchange/draft_events.h"

#include <string>

#include "crypto/primitive/signature.h"
#include "node/exchange/acts.h"

namespace entente::exchange {
namespace {

ledger::Event OpinionEntry(const Hash& hash, const policy::Event& event) {
  return ledger::Event("agreement.opinion")
      .Set("agr", hash)
      .Set("opinion", policy::Word(event.verdict))
      .Seal("text", event.party + " " + ToHex(event.text_hash));
}

ledger::Event RejectEntry(const Hash& hash, const policy::Agreement& agreement,
                          const policy::Event& event) {
  return ledger::Event("agreement.reject")
      .Set("agr", hash)
      .Set("id", agreement.id)
      .Set("peer", event.party)
      .Set("reason", "rejected")
      .Set("ver", agreement.version)
      .Seal("note", event.reason);
}

// What a signer had before their eyes: the hash of the prose, its language in
// the kind.
ledger::Event TextEntry(const Hash& hash, const policy::Event& event) {
  return ledger::Event("policy.change")
      .Set("kind", "text-" + event.language)
      .Set("new", event.text_hash)
      .Set("old", hash)
      .Seal("note", event.party + " " + event.by.front().text);
}

ledger::Event ProposalEntry(const Hash& hash,
                            const policy::Agreement& agreement,
                            const policy::Event& event, std::string_view own) {
  const bool ours = event.party == own;
  return ledger::Event(ours ? "agreement.propose" : "agreement.take")
      .Set("agr", hash)
      .Set("id", agreement.id)
      .Set("peer", ours ? std::string("-") : event.party)
      .Set("ver", agreement.version);
}

ledger::Event EntryOf(const Hash& hash, const policy::Agreement& agreement,
                      const policy::Event& event, std::string_view own) {
  switch (event.kind) {
    case policy::EventKind::kOpinion:
      return OpinionEntry(hash, event);
    case policy::EventKind::kReject:
      return RejectEntry(hash, agreement, event);
    case policy::EventKind::kSign:
      return TextEntry(hash, event);
    default:
      return ProposalEntry(hash, agreement, event, own);
  }
}

}  // namespace

ledger::Event DraftEntry(const Hash& hash, const policy::Agreement& agreement,
                         const policy::Event& event, std::string_view own,
                         std::string_view by) {
  ledger::Event entry = EntryOf(hash, agreement, event, own);
  ActedBy(entry, by);
  return entry;
}

ledger::Event SignEntry(const Hash& hash, const policy::Signer& signer,
                        std::string_view by) {
  ledger::Event entry("agreement.sign");
  entry.Set("agr", hash)
      .Set("kid", primitive::KeyId(signer.public_key))
      .Set("party", signer.party)
      .Set("role", policy::SignerRoleName(signer.role));
  ActedBy(entry, by);
  return entry;
}

ledger::Event ActiveEntry(const policy::Compiled& agreement, bool wider,
                          std::string_view by) {
  const policy::Agreement& text = agreement.agreement();
  ledger::Event entry("agreement.active");
  entry.Set("agr", agreement.hash())
      .Set("from", text.validity.from)
      .Set("id", text.id)
      .Set("prev", text.replaces ? ToHex(*text.replaces) : std::string("-"))
      .Set("until", text.validity.until)
      .Set("ver", text.version)
      .Set("wider", wider ? 1 : 0);
  ActedBy(entry, by);
  return entry;
}

}  // namespace entente::exchange
