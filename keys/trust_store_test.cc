#include "keys/trust_store.h"

#include "keys/card_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kDenied = absl::StatusCode::kPermissionDenied;
constexpr absl::StatusCode kExists = absl::StatusCode::kAlreadyExists;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr absl::StatusCode kUnready = absl::StatusCode::kFailedPrecondition;
constexpr absl::StatusCode kUnknown = absl::StatusCode::kUnauthenticated;
constexpr std::int64_t kNow = StateForTest::kFrom + 1000;

class TrustStoreTest : public ::testing::Test {
 protected:
  void Pin(const SignedCard& card) {
    ASSERT_OK(trust_.Pin(card, CardFingerprint(card.body)));
  }
  std::string ReasonOfAdmits(std::string_view uri, const Hash& pin,
                             std::int64_t now) {
    const absl::StatusOr<std::string> party = trust_.Admits(uri, pin, now);
    EXPECT_THAT(party, HasCode(kUnknown));
    return ReasonOf(party.status());
  }

  StateForTest qor_{"QOR"};
  StateForTest qva_{"QVA"};
  TrustStore trust_;
};

TEST_F(TrustStoreTest, PinsACardByItsFingerprint) {
  const SignedCard card = qor_.First();
  EXPECT_EQ(*trust_.Pin(card, CardFingerprint(card.body)), "QOR");
  ASSERT_NE(trust_.Find("QOR"), nullptr);
  EXPECT_EQ(*trust_.Find("QOR"), qor_.card());
  EXPECT_EQ(trust_.Find("QVA"), nullptr);
  EXPECT_EQ(trust_.Parties(), std::vector<std::string>{"QOR"});
}

TEST_F(TrustStoreTest, RefusesAnotherFingerprint) {
  const SignedCard card = qor_.First();
  std::string print = CardFingerprint(card.body);
  print[0] = print[0] == '0' ? '1' : '0';
  EXPECT_THAT(trust_.Pin(card, print), HasCode(kDenied));
  for (const std::string& bad :
       {std::string(), print.substr(1), print + "0", std::string(71, '0'),
        std::string(71, ' '), ToHex(primitive::Sha256(card.body))}) {
    EXPECT_THAT(trust_.Pin(card, bad), HasCode(kInvalid));
  }
  EXPECT_TRUE(trust_.Parties().empty());
}

TEST_F(TrustStoreTest, RefusesACardWithoutItsSignature) {
  SignedCard card = qor_.First();
  card.signature[5] ^= 1U;
  EXPECT_THAT(trust_.Pin(card, CardFingerprint(card.body)), HasCode(kDataLoss));
}

TEST_F(TrustStoreTest, DoesNotPinOverACard) {
  Pin(qor_.First());
  StateForTest impostor("QOR");
  const SignedCard card = impostor.First();
  EXPECT_THAT(trust_.Pin(card, CardFingerprint(card.body)), HasCode(kExists));
  ASSERT_OK(trust_.Remove("QOR"));
  EXPECT_THAT(trust_.Remove("QOR"), HasCode(kNotFound));
  Pin(card);
}

TEST_F(TrustStoreTest, RefusesACardWithAnotherPartysKey) {
  Pin(qor_.First());
  NodeCard card = qva_.card();
  card.log_key = qor_.card().statement_key;
  SignedCard signed_card = qva_.Sign(card, qva_.technical());
  EXPECT_THAT(trust_.Pin(signed_card, CardFingerprint(signed_card.body)),
              HasCode(kUnready));
  card = qva_.card();
  card.signing_keys.push_back(qor_.legal().ForCard(CardKeyKind::kDpo));
  card.signing_keys.back().label = "dpo";
  signed_card = qva_.Sign(card, qva_.technical());
  EXPECT_THAT(trust_.Pin(signed_card, CardFingerprint(signed_card.body)),
              HasCode(kUnready));
}

TEST_F(TrustStoreTest, AdmitsTheNameAndTheKeyTogether) {
  Pin(qor_.First());
  Pin(qva_.First());
  const Hash qor_pin = qor_.card().tls[0].spki_pin;
  EXPECT_EQ(*trust_.Admits("entente://party/QOR", qor_pin, kNow), "QOR");
  // Another state's name with a key that is pinned, but not for it.
  EXPECT_EQ(ReasonOfAdmits("entente://party/QVA", qor_pin, kNow),
            "spki-unpinned");
  // The right name with a key that nobody pinned.
  EXPECT_EQ(ReasonOfAdmits("entente://party/QOR", Hash{9}, kNow),
            "spki-unpinned");
  EXPECT_EQ(ReasonOfAdmits("entente://party/QTA", qor_pin, kNow),
            "party-unknown");
  for (const char* uri :
       {"", "QOR", "entente://party/", "entente://party/QORX",
        "entente://party/qor", "entente://party/QOR/", "ENTENTE://party/QOR"}) {
    EXPECT_EQ(ReasonOfAdmits(uri, qor_pin, kNow), "uri-malformed") << uri;
  }
}

TEST_F(TrustStoreTest, RefusesACardOutsideItsTerm) {
  Pin(qor_.First());
  const Hash pin = qor_.card().tls[0].spki_pin;
  EXPECT_OK(trust_.Admits("entente://party/QOR", pin, StateForTest::kFrom));
  EXPECT_EQ(ReasonOfAdmits("entente://party/QOR", pin, StateForTest::kFrom - 1),
            "card-expired");
  EXPECT_OK(
      trust_.Admits("entente://party/QOR", pin, StateForTest::kUntil - 1));
  EXPECT_EQ(ReasonOfAdmits("entente://party/QOR", pin, StateForTest::kUntil),
            "card-expired");
  EXPECT_FALSE(trust_.TlsRoots(kNow).empty());
  EXPECT_TRUE(trust_.TlsRoots(StateForTest::kUntil).empty());
}

TEST_F(TrustStoreTest, RenewsByAChain) {
  const SignedCard first = qor_.First();
  Pin(first);
  // The second card brings a new TLS key and a new technical key; the old one
  // endorses it. The third is endorsed by the new one.
  const PersonKey technical = StateForTest::Person("tech-2028");
  NodeCard second = qor_.Next(first);
  second.tls.push_back(qor_.MakeTls());
  second.signing_keys[0] = technical.ForCard(CardKeyKind::kTechnical);
  const SignedCard signed_second =
      qor_.Sign(second, technical, &qor_.technical());
  EXPECT_EQ(*trust_.Renew(signed_second, kNow), "QOR");
  EXPECT_EQ(*trust_.Find("QOR"), second);
  EXPECT_OK(trust_.Admits("entente://party/QOR", second.tls[0].spki_pin, kNow));
  EXPECT_OK(trust_.Admits("entente://party/QOR", second.tls[1].spki_pin, kNow));

  NodeCard third = qor_.Next(signed_second);
  third.tls.erase(third.tls.begin());
  EXPECT_THAT(
      trust_.Renew(qor_.Sign(third, technical, &qor_.technical()), kNow),
      HasCode(kDataLoss));
  EXPECT_EQ(*trust_.Renew(qor_.Sign(third, technical, &technical), kNow),
            "QOR");
  EXPECT_THAT(
      trust_.Admits("entente://party/QOR", second.tls[0].spki_pin, kNow),
      HasCode(kUnknown));
}

TEST_F(TrustStoreTest, RefusesABrokenChain) {
  const SignedCard first = qor_.First();
  const NodeCard good = qor_.Next(first);
  const SignedCard second =
      qor_.Sign(good, qor_.technical(), &qor_.technical());
  EXPECT_THAT(trust_.Renew(second, kNow), HasCode(kNotFound));
  Pin(first);

  NodeCard skipped = good;
  skipped.sequence = 3;
  EXPECT_THAT(
      trust_.Renew(qor_.Sign(skipped, qor_.technical(), &qor_.technical()),
                   kNow),
      HasCode(kDataLoss));
  NodeCard foreign = good;
  foreign.previous[0] ^= 1U;
  EXPECT_THAT(
      trust_.Renew(qor_.Sign(foreign, qor_.technical(), &qor_.technical()),
                   kNow),
      HasCode(kDataLoss));
  SignedCard unsigned_card = second;
  unsigned_card.endorsement[0] ^= 1U;
  EXPECT_THAT(trust_.Renew(unsigned_card, kNow), HasCode(kDataLoss));
  unsigned_card = second;
  unsigned_card.endorsement.pop_back();
  EXPECT_THAT(trust_.Renew(unsigned_card, kNow), HasCode(kDataLoss));
  unsigned_card = second;
  unsigned_card.signature[0] ^= 1U;
  EXPECT_THAT(trust_.Renew(unsigned_card, kNow), HasCode(kDataLoss));
  EXPECT_THAT(trust_.Renew(first, kNow), HasCode(kDataLoss));
  EXPECT_EQ(trust_.Find("QOR")->sequence, 1U);

  ASSERT_OK(trust_.Renew(second, kNow));
  EXPECT_THAT(trust_.Renew(second, kNow), HasCode(kDataLoss));
}

TEST_F(TrustStoreTest, RenewsOnlyInsideBothTerms) {
  const SignedCard first = qor_.First();
  Pin(first);
  NodeCard next = qor_.Next(first);
  next.not_before = kNow + 10;
  next.not_after = StateForTest::kUntil + 86400;
  const SignedCard second =
      qor_.Sign(next, qor_.technical(), &qor_.technical());
  EXPECT_THAT(trust_.Renew(second, kNow), HasCode(kUnready));
  EXPECT_THAT(trust_.Renew(second, StateForTest::kUntil), HasCode(kUnready));
  EXPECT_OK(trust_.Renew(second, kNow + 10));
}

TEST_F(TrustStoreTest, RefusesASuccessorWithAnotherPartysKey) {
  const SignedCard first = qor_.First();
  Pin(first);
  Pin(qva_.First());
  NodeCard next = qor_.Next(first);
  next.witness_key = qva_.card().log_key;
  EXPECT_THAT(
      trust_.Renew(qor_.Sign(next, qor_.technical(), &qor_.technical()), kNow),
      HasCode(kUnready));
}

TEST_F(TrustStoreTest, FindsTheKeysOfAgreements) {
  Pin(qor_.First());
  Pin(qva_.First());
  ASSERT_OK_AND_ASSIGN(const TrustedKey key,
                       trust_.KeyFor(qva_.legal().key_id()));
  EXPECT_EQ(key.party, "QVA");
  EXPECT_EQ(key.key.key, qva_.legal().public_key());
  EXPECT_EQ(key.key.kind, CardKeyKind::kLegal);
  // Both states have a key that they call `legal`; the kid tells them apart.
  EXPECT_EQ(trust_.KeyFor(qor_.legal().key_id())->party, "QOR");
  const std::string kid = ToHex(primitive::KeyId(qva_.legal().public_key()));
  EXPECT_THAT(trust_.KeyFor("ed25519:other:" + kid), HasCode(kNotFound));
  EXPECT_THAT(trust_.KeyFor("ed25519:legal:" + std::string(32, '0')),
              HasCode(kNotFound));
  for (const std::string& bad :
       {std::string(), "legal:" + kid, "ed25519:" + kid, "ed25519::" + kid,
        std::string("ed25519:legal:"), "ed25519:legal:" + kid + "0",
        "ecdsa:legal:" + kid, "ed25519:Legal:" + kid}) {
    EXPECT_THAT(trust_.KeyFor(bad), HasCode(kInvalid)) << bad;
  }
}

TEST_F(TrustStoreTest, ComesBackFromItsEntries) {
  Pin(qor_.First());
  Pin(qva_.First());
  TrustStore back;
  for (const std::string& party : trust_.Parties()) {
    ASSERT_OK_AND_ASSIGN(const Bytes entry, trust_.EncodeEntry(party));
    ASSERT_OK(back.Insert(entry));
    EXPECT_THAT(back.Insert(entry), HasCode(kExists));
    Bytes bad = entry;
    bad.pop_back();
    EXPECT_THAT(TrustStore().Insert(bad), HasCode(kInvalid));
    bad = entry;
    bad[40] ^= 1U;
    EXPECT_FALSE(TrustStore().Insert(bad).ok());
  }
  EXPECT_EQ(*back.Find("QVA"), qva_.card());
  EXPECT_EQ(back.TlsRoots(kNow), trust_.TlsRoots(kNow));
  EXPECT_THAT(trust_.EncodeEntry("QTA"), HasCode(kNotFound));
  const TrustStore copy = trust_;
  ASSERT_OK(trust_.Remove("QOR"));
  EXPECT_NE(copy.Find("QOR"), nullptr);
}

TEST_F(TrustStoreTest, GivesRootsThatOpenAsTheirPins) {
  Pin(qor_.First());
  ASSERT_OK_AND_ASSIGN(const Hash pin, SpkiPinOfPem(trust_.TlsRoots(kNow)));
  EXPECT_EQ(pin, qor_.card().tls[0].spki_pin);
}

}  // namespace
}  // namespace entente::keys
