#include "keys/node_card.h"

#include <algorithm>
#include <set>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "keys/armor.h"
#include "keys/label.h"
#include "keys/tls.h"

namespace entente::keys {
namespace {

constexpr std::string_view kTitle = "ENTENTE NODE CARD";
constexpr std::string_view kDomain = "entente/node-card/1\n";
constexpr std::string_view kSuccessorDomain = "entente/node-card-successor/1\n";
constexpr std::size_t kMaxFile = std::size_t{256} << 10U;

absl::Status CheckNames(const NodeCard& card) {
  if (!IsPartyCode(card.party)) return Invalid("card: not a party code");
  if (!IsDisplayName(card.name)) return Invalid("card: not a name");
  if (!IsEndpoint(card.endpoint)) return Invalid("card: not an endpoint");
  if (!IsLogName(card.log_origin)) return Invalid("card: not a log's origin");
  if (!IsLogName(card.witness_name)) {
    return Invalid("card: not a witness's name");
  }
  return absl::OkStatus();
}

absl::Status CheckPlace(const NodeCard& card) {
  const bool first = card.sequence == 1;
  if (card.sequence == 0 || first != (card.previous == Hash{})) {
    return Invalid("card: sequence and previous card do not fit");
  }
  if (card.not_before <= 0 || card.not_after <= card.not_before) {
    return Invalid("card: not a term of validity");
  }
  return absl::OkStatus();
}

absl::Status CheckTls(const NodeCard& card) {
  if (card.tls.empty() || card.tls.size() > 8) {
    return Invalid("card: 1 to 8 TLS certificates");
  }
  std::set<Hash> pins;
  for (const CardTls& tls : card.tls) {
    TRY(const CertificateFacts facts, ReadCertificate(tls.certificate));
    if (facts.spki_pin != tls.spki_pin || !pins.insert(tls.spki_pin).second) {
      return Invalid("card: a TLS pin is not that of its certificate");
    }
    if (facts.uri != PartyUri(card.party)) {
      return Invalid("card: a TLS certificate of another party");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckKeys(const NodeCard& card) {
  if (card.signing_keys.size() < 2 || card.signing_keys.size() > 32) {
    return Invalid("card: 2 to 32 signing keys");
  }
  std::set<primitive::PublicKey> keys = {card.statement_key, card.log_key,
                                         card.witness_key, card.disclosure_key};
  std::set<std::string> labels;
  int technical = 0;
  int legal = 0;
  for (const CardKey& key : card.signing_keys) {
    if (!IsKeyLabel(key.label)) return Invalid("card: not a label of a key");
    if (key.kid != primitive::KeyId(key.key)) {
      return Invalid("card: a key id is not that of its key");
    }
    keys.insert(key.key);
    labels.insert(key.label);
    if (key.kind == CardKeyKind::kTechnical) ++technical;
    if (key.kind == CardKeyKind::kLegal) ++legal;
  }
  if (keys.size() != 4 + card.signing_keys.size() ||
      labels.size() != card.signing_keys.size()) {
    return Invalid("card: keys and labels are all different");
  }
  if (technical != 1 || legal == 0) {
    return Invalid("card: exactly one technical key and at least one legal");
  }
  return absl::OkStatus();
}

absl::Status CheckCard(const NodeCard& card) {
  TRY_OK(CheckNames(card));
  TRY_OK(CheckPlace(card));
  TRY_OK(CheckTls(card));
  return CheckKeys(card);
}

}  // namespace

std::string KeyIdText(const CardKey& key) {
  return Join({"ed25519:", key.label, ":", ToHex(key.kid)});
}

const CardKey& NodeCard::technical_key() const {
  const auto at = std::find_if(
      signing_keys.begin(), signing_keys.end(),
      [](const CardKey& k) { return k.kind == CardKeyKind::kTechnical; });
  CHECK(at != signing_keys.end());
  return *at;
}

Bytes CardSigningInput(ByteView body) {
  return Concat({AsBytes(kDomain), body});
}

Bytes CardEndorsementInput(ByteView body) {
  return Concat({AsBytes(kSuccessorDomain), body});
}

absl::StatusOr<SignedCard> SignCard(const NodeCard& card, const Signer& sign,
                                    const Signer& endorse) {
  TRY_OK(CheckCard(card));
  if ((endorse != nullptr) != (card.sequence > 1)) {
    return Invalid("a successor is endorsed, a first card is not");
  }
  SignedCard out;
  out.body = EncodeStatement(card);
  TRY(out.signature, sign(CardSigningInput(out.body)));
  if (endorse) {
    TRY(const primitive::Signature endorsement,
        endorse(CardEndorsementInput(out.body)));
    out.endorsement = ToBytes(endorsement);
  }
  TRY_OK(VerifyCard(out).status());
  return out;
}

absl::StatusOr<NodeCard> ParseCard(ByteView body) {
  TRY(NodeCard card, DecodeStatement<NodeCard>(body));
  TRY_OK(CheckCard(card));
  return card;
}

absl::StatusOr<NodeCard> VerifyCard(const SignedCard& card) {
  TRY(NodeCard out, ParseCard(card.body));
  if (!primitive::VerifyEd25519(out.technical_key().key,
                                CardSigningInput(card.body), card.signature)) {
    return ProofFailed("the signature of the node card does not hold");
  }
  if (card.endorsement.empty() != (out.sequence == 1)) {
    return Invalid("a successor is endorsed, a first card is not");
  }
  return out;
}

std::string CardFingerprint(ByteView body) {
  const std::string hex = ToHex(primitive::Sha256(body));
  std::string out;
  for (std::size_t at = 0; at < hex.size(); at += 8) {
    if (at > 0) out += ' ';
    out += hex.substr(at, 8);
  }
  return out;
}

std::string WriteCard(const SignedCard& card) {
  return WriteArmor(kTitle, Encode(card));
}

absl::StatusOr<SignedCard> ReadCard(std::string_view text) {
  if (text.size() > kMaxFile) return Invalid("the node card is too long");
  TRY(const Bytes bytes, ReadArmor(kTitle, text));
  return Decode<SignedCard>(bytes);
}

}  // namespace entente::keys
