#pragma once
// The node card: how a state's node is known to the others. Signed by the
// state's technical key, compared by fingerprint when first pinned, and renewed
// by a successor that the key of the card before it endorses.
// docs/protocol/node-card.md is the byte-exact page.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"

namespace entente::keys {

enum class CardKeyKind : std::uint8_t {
  kLegal,
  kTechnical,
  kDpo,
  kDuty,
  kLast = kDuty
};

// A key of a person that signs agreements or stops them.
struct CardKey {
  std::string label;  // `[a-z0-9-]{1,64}`
  Id16 kid{};         // KeyId of `key`
  primitive::PublicKey key{};
  CardKeyKind kind = CardKeyKind::kLegal;
  template <class A>
  void Fields(A& f) {
    f(label, kid, key, kind);
  }
  friend bool operator==(const CardKey&, const CardKey&) = default;
};

// `ed25519:label:kid`, as agreements name a key.
std::string KeyIdText(const CardKey& key);

// A TLS certificate of the node. gRPC needs the whole of it as its own root;
// the pin is repeated for people who read the card.
struct CardTls {
  Hash spki_pin{};
  Bytes certificate;  // DER
  template <class A>
  void Fields(A& f) {
    f(spki_pin, certificate);
  }
  friend bool operator==(const CardTls&, const CardTls&) = default;
};

// Times are POSIX seconds. The order of the fields is the format.
struct NodeCard {
  static constexpr std::string_view kLabel = "entente/node-card/1";
  std::string party;           // `[A-Z]{3}`
  std::string name;            // printable ASCII, 1 to 200 bytes
  std::uint64_t sequence = 1;  // of this party's cards, from 1
  std::string endpoint;        // `host:port`
  std::vector<CardTls> tls;    // 1 to 8; two while a rotation lasts
  primitive::PublicKey statement_key{};
  primitive::HpkePublicKey disclosure_key{};
  std::string log_origin;
  primitive::PublicKey log_key{};
  std::string witness_name;
  primitive::PublicKey witness_key{};
  std::vector<CardKey> signing_keys;  // 2 to 32: exactly one technical, a legal
  Hash previous{};  // SHA-256 of the body before it; zero for the first
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
  template <class A>
  void Fields(A& f) {
    f(party, name, sequence, endpoint, tls, statement_key, disclosure_key,
      log_origin, log_key, witness_name, witness_key, signing_keys, previous,
      not_before, not_after);
  }

  bool ValidAt(std::int64_t now) const {
    return not_before <= now && now < not_after;
  }
  // The key that signs this card. Only for a card that parsed.
  const CardKey& technical_key() const;
  friend bool operator==(const NodeCard&, const NodeCard&) = default;
};

struct SignedCard {
  Bytes body;  // canonical bytes, kept as they came
  // By the card's own technical key, over "entente/node-card/1" LF || body.
  primitive::Signature signature{};
  // By the technical key of the card before it, over
  // "entente/node-card-successor/1" LF || body; empty on a first card.
  Bytes endorsement;
  template <class A>
  void Fields(A& f) {
    f(body, signature, endorsement);
  }
};

// What the two signatures are over.
Bytes CardSigningInput(ByteView body);
Bytes CardEndorsementInput(ByteView body);

// Signs outside of this room: a PersonKey, or a device.
using Signer =
    std::function<absl::StatusOr<primitive::Signature>(ByteView message)>;

// Checks the card as ParseCard does, and signs it; the technical key must be
// the card's own. `endorse` is the technical key of the card before it, null
// for a first card.
//   INVALID_ARGUMENT   the card is not well formed, or `endorse` is missing or
//                      in vain
//   DATA_LOSS          `sign` is not the card's technical key
absl::StatusOr<SignedCard> SignCard(const NodeCard& card, const Signer& sign,
                                    const Signer& endorse = nullptr);

// Strict: every field as described, keys of one card all different, kids and
// pins true, certificates of this party. INVALID_ARGUMENT. No signature is
// looked at.
absl::StatusOr<NodeCard> ParseCard(ByteView body);

// The card inside, when its own signature holds. That says only that it was
// made by whoever holds its technical key: trust comes from TrustStore.
//   DATA_LOSS          the signature does not hold
//   INVALID_ARGUMENT   malformed
absl::StatusOr<NodeCard> VerifyCard(const SignedCard& card);

// Eight groups of eight hex digits: SHA-256 of the body, to be read aloud.
std::string CardFingerprint(ByteView body);

// The card as a text file between BEGIN and END lines. ReadCard is strict.
std::string WriteCard(const SignedCard& card);
absl::StatusOr<SignedCard> ReadCard(std::string_view text);

}  // namespace entente::keys
