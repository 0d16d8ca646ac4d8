#pragma once
// For tests: people and cards of invented states.

#include <memory>
#include <string>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "keys/node_card.h"
#include "keys/person_key.h"
#include "keys/tls.h"
#include "tests/testing/temp_dir.h"

namespace entente::keys {

// One state with its people, its node's public keys and a TLS identity.
class StateForTest {
 public:
  static constexpr std::int64_t kFrom = 1800000000;
  static constexpr std::int64_t kUntil = kFrom + 365 * 86400;

  explicit StateForTest(const std::string& party)
      : technical_(Person("tech")), legal_(Person("legal")) {
    card_.party = party;
    card_.name = "Invented authority of " + party;
    card_.endpoint = "node.example:7101";
    card_.tls = {MakeTls()};
    card_.statement_key = primitive::SigningKey::Generate().public_key();
    card_.disclosure_key = primitive::HpkePrivateKey::Generate().public_key();
    card_.log_origin = "audit.node.example/2027a";
    card_.log_key = primitive::SigningKey::Generate().public_key();
    card_.witness_name = "witness.node.example/w1";
    card_.witness_key = primitive::SigningKey::Generate().public_key();
    card_.signing_keys = {technical_.ForCard(CardKeyKind::kTechnical),
                          legal_.ForCard(CardKeyKind::kLegal)};
    card_.not_before = kFrom;
    card_.not_after = kUntil;
  }

  static PersonKey Person(const std::string& label) {
    absl::StatusOr<PersonKey> key = PersonKey::Create(label);
    CHECK(key.ok());
    return *std::move(key);
  }
  CardTls MakeTls() const {
    absl::StatusOr<TlsIdentity> tls =
        PrepareTlsIdentity(dir_.Path("tls"), PartyUri(card_.party), kFrom, 30);
    CHECK(tls.ok());
    return {tls->spki_pin, tls->certificate};
  }

  // The card signed by this state; a first card unless `endorser` is given.
  SignedCard Sign(const NodeCard& card, const PersonKey& technical,
                  const PersonKey* endorser = nullptr) const {
    absl::StatusOr<SignedCard> out =
        SignCard(card, technical.signer(),
                 endorser != nullptr ? endorser->signer() : Signer());
    CHECK(out.ok());
    return *std::move(out);
  }
  SignedCard First() const { return Sign(card_, technical_); }
  // The next card after `before`, with the same keys.
  NodeCard Next(const SignedCard& before) const {
    absl::StatusOr<NodeCard> next = ParseCard(before.body);
    CHECK(next.ok());
    ++next->sequence;
    next->previous = primitive::Sha256(before.body);
    return *next;
  }

  NodeCard& card() { return card_; }
  const PersonKey& technical() const { return technical_; }
  const PersonKey& legal() const { return legal_; }

 private:
  testing::TempDir dir_;
  PersonKey technical_;
  PersonKey legal_;
  NodeCard card_;
};

}  // namespace entente::keys
