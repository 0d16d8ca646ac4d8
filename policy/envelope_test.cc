#include "policy/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>

#include "policy/fixture.h"
#include "policy/rewrite.h"
#include "tests/testing/status_matchers.h"

namespace entente::policy {
namespace {

using fixture::DemoAgreement;
using fixture::ExampleSigners;
using fixture::SignAs;
using fixture::SignedEnvelope;
using fixture::TreatySigners;
using testing::HasCode;

static_assert(!std::is_default_constructible_v<VerifiedAgreement>);
static_assert(
    !std::is_constructible_v<VerifiedAgreement, Agreement, Bytes, Signers>);

absl::StatusOr<VerifiedAgreement> Open(const Envelope& envelope) {
  return VerifyEnvelope(EmitEnvelope(envelope), kAgreementType,
                        ExampleSigners());
}

Envelope Unsigned() {
  return {std::string(kAgreementType), DemoAgreement(), {}};
}
Envelope Signed(const std::vector<std::string>& labels) {
  Envelope envelope = Unsigned();
  for (const std::string& label : labels) {
    envelope.signatures.push_back(
        SignAs(label, kAgreementType, envelope.payload));
  }
  return envelope;
}

TEST(EnvelopeTest, ReproducesThePublishedVector) {
  const Bytes body = fixture::HitAgreement();
  const Bytes pae = SignPayload(kAgreementType, body);
  EXPECT_EQ(pae.size(), 5862U);
  EXPECT_EQ(ToHex(primitive::Sha256(pae)),
            "008e8ab25e6b91c7ad65da15f4a8bebc8a05b6571cba1c2152445ddbc9b20e85");
  const primitive::SigningKey key = fixture::ExampleKey("qor-legal-2026");
  EXPECT_EQ(ToHex(key.public_key()),
            "792e060efad4131b205165baf9f7607e1c0d31677cc0183a2b67754c8c1dccb4");
  EXPECT_EQ(MakeKeyId("qor-legal-2026", key.public_key()).text,
            "ed25519:qor-legal-2026:fa389106d1f5544f2498ca5d0ae51013");
  EXPECT_EQ(
      ToHex(key.Sign(pae)),
      "9c50f274d6bfd169857907c9ced68021363b887f19ea35aac0bcb75d9f31a3423d245de7"
      "81552be03128af7a624492392b0b8c2d19fcc2ffc953b0daaedf1506");
}

TEST(EnvelopeTest, EveryKeyIdOfTheExampleIsThatOfItsKey) {
  const Agreement example =
      fixture::Must(Agreement::Parse(fixture::HitAgreement()));
  for (const Party& party : example.parties) {
    for (const KeyId& key : party.suspend) {
      const auto public_key = fixture::ExampleKey(key.label()).public_key();
      EXPECT_EQ(MakeKeyId(key.label(), public_key), key);
    }
  }
}

// Only the full set of the four signers loads.
TEST(EnvelopeTest, NoSubsetOfTheSignersIsEnough) {
  for (unsigned set = 0; set < 16; ++set) {
    std::vector<std::string> labels;
    for (unsigned i = 0; i < 4; ++i) {
      if ((set >> i) & 1U) labels.push_back(TreatySigners()[i]);
    }
    const auto opened = Open(Signed(labels));
    if (set == 15) {
      EXPECT_OK(opened);
    } else {
      EXPECT_THAT(opened, HasCode(absl::StatusCode::kDataLoss)) << set;
      EXPECT_EQ(ReasonOf(opened.status()), "AG-501");
    }
  }
}

TEST(EnvelopeTest, MissingWrongAndStrippedGiveOneAnswer) {
  Envelope missing = Signed(TreatySigners());
  missing.signatures.erase(missing.signatures.begin() + 3);
  Envelope wrong = Signed(TreatySigners());
  wrong.signatures[3].signature[10] ^= 1U;
  Envelope stripped = Signed(TreatySigners());
  stripped.signatures[3].signature.clear();
  Envelope other_name = Signed(TreatySigners());
  other_name.signatures[3].key_id = "ed25519:x:y";
  const absl::Status status = Open(missing).status();
  EXPECT_EQ(ReasonOf(status), "AG-501");
  for (const Envelope& e : {wrong, stripped, other_name}) {
    EXPECT_EQ(Open(e).status(), status);
  }
}

TEST(EnvelopeTest, OrderDoublesAndForeignSignaturesChangeNothing) {
  std::vector<std::string> labels = TreatySigners();
  std::sort(labels.begin(), labels.end());
  do {
    EXPECT_OK(Open(Signed(labels)));
  } while (std::next_permutation(labels.begin(), labels.end()));
  Envelope more = Signed(TreatySigners());
  more.signatures.push_back(more.signatures[0]);
  more.signatures.push_back(SignAs("qzz-other", kAgreementType, more.payload));
  // A bad double before the good one must not hide it.
  EnvelopeSignature bad = more.signatures[1];
  bad.signature[0] ^= 1U;
  more.signatures.insert(more.signatures.begin(), bad);
  EXPECT_OK(Open(more));
  // And what is added never makes up for what is missing.
  Envelope three = Signed({"qor-legal-2026", "qor-tech-2026", "qva-legal-2026",
                           "qva-legal-2026", "qva-dpo-2026", "qzz-other"});
  EXPECT_EQ(ReasonOf(Open(three).status()), "AG-501");
}

TEST(EnvelopeTest, ASignatureOverAnotherTypeOrBodyIsNone) {
  Envelope envelope = Signed(TreatySigners());
  envelope.signatures[0] =
      SignAs("qor-legal-2026", kEventType, envelope.payload);
  EXPECT_EQ(ReasonOf(Open(envelope).status()), "AG-501");
  envelope = Signed(TreatySigners());
  envelope.payload.back() = ' ';
  EXPECT_EQ(ReasonOf(Open(envelope).status()), "AG-501");
}

TEST(EnvelopeTest, AnotherPayloadTypeIsRefusedFirst) {
  Envelope envelope = Signed(TreatySigners());
  envelope.payload_type = kCatalogueType;
  EXPECT_EQ(ReasonOf(Open(envelope).status()), "AG-502");
}

TEST(EnvelopeTest, NobodyTrustedMeansNobody) {
  const auto opened =
      VerifyEnvelope(EmitEnvelope(Signed(TreatySigners())), kAgreementType, {});
  EXPECT_EQ(ReasonOf(opened.status()), "AG-501");
}

TEST(EnvelopeTest, NothingIsParsedBeforeTheSignaturesHold) {
  Envelope nonsense = Unsigned();
  nonsense.payload = ToBytes("not a document");
  EXPECT_EQ(ReasonOf(Open(nonsense).status()), "AG-501");
  for (const std::string& label : TreatySigners()) {
    nonsense.signatures.push_back(
        SignAs(label, kAgreementType, nonsense.payload));
  }
  EXPECT_EQ(ReasonOf(Open(nonsense).status()), "AG-105");
}

TEST(EnvelopeTest, TheKeysOfTheDocumentMustBeTheTrustedOnes) {
  const Bytes good = EmitEnvelope(Signed(TreatySigners()));
  // One required key more than the document names.
  Signers more = ExampleSigners();
  more.push_back(
      fixture::ExampleSigner("qta-legal-2026", "QTA", SignerRole::kLegal));
  Envelope five = Signed({"qor-legal-2026", "qor-tech-2026", "qva-legal-2026",
                          "qva-tech-2026", "qta-legal-2026"});
  EXPECT_EQ(
      ReasonOf(
          VerifyEnvelope(EmitEnvelope(five), kAgreementType, more).status()),
      "AG-503");
  // The same keys with their roles exchanged.
  Signers swapped = ExampleSigners();
  std::swap(swapped[0].role, swapped[1].role);
  EXPECT_EQ(ReasonOf(VerifyEnvelope(good, kAgreementType, swapped).status()),
            "AG-503");
  // A key of another party.
  Signers moved = ExampleSigners();
  moved[0].party = "QVA";
  EXPECT_EQ(ReasonOf(VerifyEnvelope(good, kAgreementType, moved).status()),
            "AG-503");
}

TEST(EnvelopeTest, StopKeysMustBeTrustedAndOneIsTheDpos) {
  const Bytes good = EmitEnvelope(Signed(TreatySigners()));
  Signers unknown = ExampleSigners();
  unknown.erase(unknown.begin() + 3);  // QOR's duty officer
  EXPECT_EQ(ReasonOf(VerifyEnvelope(good, kAgreementType, unknown).status()),
            "AG-503");
  Signers no_dpo = ExampleSigners();
  no_dpo[2].role = SignerRole::kDuty;
  EXPECT_EQ(ReasonOf(VerifyEnvelope(good, kAgreementType, no_dpo).status()),
            "AG-503");
}

TEST(EnvelopeTest, AnotherPartysKeyIsNoStopKey) {
  const std::string legal = ExampleSigners()[0].key_id.text;
  const std::string dpo = ExampleSigners()[2].key_id.text;
  const std::string foreign = ExampleSigners()[7].key_id.text;
  const Bytes body = fixture::Must(
      Rewrite(DemoAgreement(),
              {{"party.QOR.suspend", legal + "," + dpo + "," + foreign}}));
  const auto opened =
      VerifyEnvelope(SignedEnvelope(kAgreementType, body, TreatySigners()),
                     kAgreementType, ExampleSigners());
  EXPECT_EQ(ReasonOf(opened.status()), "AG-503");
}

TEST(EnvelopeTest, OnePersonInTwoPlacesIsRefused) {
  Signers one_person = ExampleSigners();
  one_person[4].person = one_person[0].person;  // between two parties
  const Bytes good = EmitEnvelope(Signed(TreatySigners()));
  EXPECT_EQ(ReasonOf(VerifyEnvelope(good, kAgreementType, one_person).status()),
            "AG-504");
}

TEST(EnvelopeTest, OneKeyUnderTwoNamesIsRefused) {
  // QOR's technical key is its legal key with another label.
  const primitive::SigningKey key = fixture::ExampleKey("qor-legal-2026");
  const KeyId alias = MakeKeyId("qor-tech-2026", key.public_key());
  const Bytes body = fixture::Must(
      Rewrite(DemoAgreement(), {{"party.QOR.sign_technical", alias.text}}));
  Signers trusted = ExampleSigners();
  trusted[1].key_id = alias;
  trusted[1].public_key = key.public_key();
  Envelope envelope{std::string(kAgreementType), body, {}};
  for (const std::string& label : TreatySigners()) {
    envelope.signatures.push_back(SignAs(label, kAgreementType, body));
  }
  envelope.signatures.push_back(
      {alias.text, ToBytes(key.Sign(SignPayload(kAgreementType, body)))});
  EXPECT_EQ(
      ReasonOf(VerifyEnvelope(EmitEnvelope(envelope), kAgreementType, trusted)
                   .status()),
      "AG-504");
}

TEST(EnvelopeTest, AKeyIdThatIsNotItsKeysIsNoSignature) {
  Signers forged = ExampleSigners();
  forged[0].public_key = fixture::ExampleKey("qzz-other").public_key();
  Envelope envelope = Signed(TreatySigners());
  envelope.signatures[0] =
      SignAs("qzz-other", kAgreementType, envelope.payload);
  envelope.signatures[0].key_id = forged[0].key_id.text;
  EXPECT_EQ(
      ReasonOf(VerifyEnvelope(EmitEnvelope(envelope), kAgreementType, forged)
                   .status()),
      "AG-501");
}

TEST(EnvelopeTest, TheExpectedHashCounts) {
  const Bytes good = EmitEnvelope(Signed(TreatySigners()));
  EXPECT_OK(VerifyEnvelope(good, kAgreementType, ExampleSigners(),
                           DocumentHash(DemoAgreement())));
  const auto other =
      VerifyEnvelope(good, kAgreementType, ExampleSigners(), Hash{});
  EXPECT_THAT(other, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(ReasonOf(other.status()), "AG-505");
}

TEST(EnvelopeTest, ReadsBackWhatItWrites) {
  const Envelope envelope = Signed(TreatySigners());
  ASSERT_OK_AND_ASSIGN(const Envelope read,
                       ParseEnvelope(EmitEnvelope(envelope)));
  EXPECT_EQ(read, envelope);
}

TEST(EnvelopeTest, ReadsMembersInAnyOrderWithSpace) {
  ASSERT_OK_AND_ASSIGN(
      const Envelope read,
      ParseEnvelope(AsBytes("{ \"signatures\" : [ { \"sig\":\"AA==\", "
                            "\"keyid\": \"k\" } ],\n\"payload\":\"\", "
                            "\"payloadType\":\"t\" }\n")));
  EXPECT_EQ(read, (Envelope{"t", {}, {{"k", {0}}}}));
}

TEST(EnvelopeTest, RefusesOtherJson) {
  for (std::string_view json :
       {"", "null", "{}", "[]", "{\"payloadType\":\"t\",\"payload\":\"\"}",
        "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[],\"x\":"
        "\"y\"}",
        "{\"payloadType\":\"t\",\"payloadType\":\"t\",\"payload\":\"\","
        "\"signatures\":[]}",
        "{\"payloadType\":\"t\",\"payload\":\"A\",\"signatures\":[]}",
        "{\"payloadType\":\"t\",\"payload\":\"AB==\",\"signatures\":[]}",
        "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[]}x",
        "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[],}",
        "{\"payloadType\":\"\\u0074\",\"payload\":\"\",\"signatures\":[]}",
        "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":[[]]}",
        "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":"
        "[{\"keyid\":\"k\"}]}",
        "{\"payloadType\":\"t\",\"payload\":\"\",\"signatures\":"
        "[{\"keyid\":\"k\",\"keyid\":\"k\",\"sig\":\"\"}]}"}) {
    const auto parsed = ParseEnvelope(AsBytes(json));
    EXPECT_FALSE(parsed.ok()) << json;
    EXPECT_EQ(ReasonOf(parsed.status()), "AG-502") << json;
  }
}

TEST(EnvelopeTest, RefusesTooManySignatures) {
  Envelope envelope = Unsigned();
  envelope.payload = ToBytes("x");
  envelope.signatures.assign(kMaxSignatures, {"k", {1}});
  EXPECT_OK(ParseEnvelope(EmitEnvelope(envelope)));
  envelope.signatures.push_back({"k", {1}});
  EXPECT_FALSE(ParseEnvelope(EmitEnvelope(envelope)).ok());
}

TEST(EnvelopeTest, MergesSignaturesOfTheSameBytes) {
  const Envelope a = Signed({"qor-legal-2026", "qor-tech-2026"});
  const Envelope b =
      Signed({"qor-tech-2026", "qva-legal-2026", "qva-tech-2026"});
  ASSERT_OK_AND_ASSIGN(const Envelope both, MergeEnvelopes(a, b));
  EXPECT_EQ(both.signatures.size(), 4U);
  EXPECT_OK(Open(both));
  ASSERT_OK_AND_ASSIGN(const Envelope other, MergeEnvelopes(b, a));
  EXPECT_EQ(both, other);
  Envelope changed = b;
  changed.payload.push_back('\n');
  EXPECT_THAT(MergeEnvelopes(a, changed),
              HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST(EnvelopeTest, KeepsOnlyTheSignersOfTheParties) {
  const std::vector<std::string> parties{"QVA"};
  EXPECT_EQ(SignersOf(ExampleSigners(), parties).size(), 4U);
}

}  // namespace
}  // namespace entente::policy
