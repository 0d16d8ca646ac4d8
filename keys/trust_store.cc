#include "keys/trust_store.h"

#include <algorithm>
#include <set>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "keys/label.h"
#include "keys/tls.h"

namespace entente::keys {
namespace {

absl::Status Refuse(std::string_view reason, std::string_view text) {
  return WithReason(Unauthenticated(text), reason);
}

// Every key by which this party is known, TLS pins included.
std::set<Hash> KeysOf(const NodeCard& card) {
  std::set<Hash> keys = {card.statement_key, card.disclosure_key, card.log_key,
                         card.witness_key};
  for (const CardKey& key : card.signing_keys) keys.insert(key.key);
  for (const CardTls& tls : card.tls) keys.insert(tls.spki_pin);
  return keys;
}

bool IsFingerprint(std::string_view text) {
  if (text.size() != 8 * 8 + 7) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (i % 9 == 8 ? c != ' ' : !hex) return false;
  }
  return true;
}

absl::Status CheckSuccession(const NodeCard& old_card, ByteView old_body,
                             const NodeCard& next) {
  if (next.sequence != old_card.sequence + 1 ||
      next.previous != primitive::Sha256(old_body)) {
    return ProofFailed("the node card does not follow the one that is pinned");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TrustStore::CheckKeysUnshared(const NodeCard& card) const {
  const std::set<Hash> keys = KeysOf(card);
  for (const auto& [party, entry] : entries_) {
    if (party == card.party) continue;
    for (const Hash& key : KeysOf(entry.card)) {
      if (keys.contains(key)) {
        return Unready("the node card names a key of another party: ", party);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TrustStore::Pin(const SignedCard& card,
                                            std::string_view fingerprint) {
  if (!IsFingerprint(fingerprint)) {
    return Invalid("a fingerprint is eight groups of eight hex digits");
  }
  if (CardFingerprint(card.body) != fingerprint) {
    return WithNext(Denied("the node card has another fingerprint"),
                    "compare it again with the other state, by voice");
  }
  TRY(NodeCard parsed, VerifyCard(card));
  if (entries_.contains(parsed.party)) {
    return AlreadyExists("a node card of this party is pinned: ", parsed.party);
  }
  TRY_OK(CheckKeysUnshared(parsed));
  std::string party = parsed.party;
  entries_.emplace(party, Entry{card, std::move(parsed)});
  return party;
}

absl::StatusOr<std::string> TrustStore::Renew(const SignedCard& card,
                                              std::int64_t now) {
  // The signatures come before anything the card says: which party it claims is
  // only used to find the key that must have endorsed it.
  TRY(NodeCard next, VerifyCard(card));
  const auto at = entries_.find(next.party);
  if (at == entries_.end()) {
    return NotFound("no node card of this party is pinned: ", next.party);
  }
  const Entry& old = at->second;
  if (!primitive::VerifyEd25519(old.card.technical_key().key,
                                CardEndorsementInput(card.body),
                                card.endorsement)) {
    return ProofFailed("the pinned card's technical key did not endorse this");
  }
  TRY_OK(CheckSuccession(old.card, old.signed_card.body, next));
  if (!old.card.ValidAt(now)) {
    return WithNext(Unready("the pinned node card is not valid any more"),
                    "remove it and pin the new one by its fingerprint");
  }
  if (!next.ValidAt(now)) return Unready("the new node card is not valid now");
  TRY_OK(CheckKeysUnshared(next));
  at->second = Entry{card, std::move(next)};
  return at->first;
}

absl::Status TrustStore::Remove(std::string_view party) {
  const auto at = entries_.find(party);
  if (at == entries_.end()) {
    return NotFound("no node card of this party is pinned");
  }
  entries_.erase(at);
  return absl::OkStatus();
}

const NodeCard* TrustStore::Find(std::string_view party) const {
  const auto at = entries_.find(party);
  return at == entries_.end() ? nullptr : &at->second.card;
}

std::vector<std::string> TrustStore::Parties() const {
  std::vector<std::string> out;
  for (const auto& [party, entry] : entries_) out.push_back(party);
  return out;
}

absl::StatusOr<std::string> TrustStore::Admits(std::string_view uri,
                                               const Hash& spki_pin,
                                               std::int64_t now) const {
  const absl::StatusOr<std::string> party = PartyOfUri(uri);
  if (!party.ok()) {
    return Refuse("uri-malformed", "the certificate names no party");
  }
  const NodeCard* card = Find(*party);
  if (card == nullptr) {
    return Refuse("party-unknown", "no node card of that party is pinned");
  }
  if (!card->ValidAt(now)) {
    return Refuse("card-expired", "the party's node card is not valid now");
  }
  const bool pinned =
      std::any_of(card->tls.begin(), card->tls.end(),
                  [&](const CardTls& tls) { return tls.spki_pin == spki_pin; });
  if (!pinned) {
    return Refuse("spki-unpinned", "the party's node card has another key");
  }
  return *party;
}

absl::StatusOr<TrustedKey> TrustStore::KeyFor(std::string_view key_id) const {
  constexpr std::string_view kAlgorithm = "ed25519:";
  const std::size_t colon = key_id.rfind(':');
  if (!key_id.starts_with(kAlgorithm) || colon < kAlgorithm.size() ||
      !IsKeyLabel(
          key_id.substr(kAlgorithm.size(), colon - kAlgorithm.size())) ||
      key_id.size() - colon - 1 != 32 ||
      !FromHex(key_id.substr(colon + 1)).ok()) {
    return Invalid("a key id is `ed25519:label:kid`");
  }
  for (const auto& [party, entry] : entries_) {
    for (const CardKey& key : entry.card.signing_keys) {
      // A key id is public: it stands in every document.
      if (KeyIdText(key) == key_id) return TrustedKey{party, key};
    }
  }
  return NotFound("no pinned node card names this key: `", key_id, "`");
}

std::string TrustStore::TlsRoots(std::int64_t now) const {
  std::string out;
  for (const auto& [party, entry] : entries_) {
    if (!entry.card.ValidAt(now)) continue;
    for (const CardTls& tls : entry.card.tls) {
      out += CertificatePem(tls.certificate);
    }
  }
  return out;
}

absl::StatusOr<Bytes> TrustStore::EncodeEntry(std::string_view party) const {
  const auto at = entries_.find(party);
  if (at == entries_.end()) {
    return NotFound("no node card of this party is pinned");
  }
  return Encode(at->second.signed_card);
}

absl::Status TrustStore::Insert(ByteView entry) {
  TRY(const SignedCard card, Decode<SignedCard>(entry));
  return Pin(card, CardFingerprint(card.body)).status();
}

}  // namespace entente::keys
