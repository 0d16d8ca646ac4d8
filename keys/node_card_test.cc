#include "keys/node_card.h"

#include <functional>

#include "keys/card_for_test.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

TEST(NodeCardTest, ComesBackAsItWasSigned) {
  StateForTest state("QVA");
  const SignedCard signed_card = state.First();
  ASSERT_OK_AND_ASSIGN(const NodeCard card, VerifyCard(signed_card));
  EXPECT_EQ(card, state.card());
  EXPECT_EQ(EncodeStatement(card), signed_card.body);
  EXPECT_EQ(card.technical_key().label, "tech");
}

TEST(NodeCardTest, CrossesAsATextFile) {
  const SignedCard card = StateForTest("QVA").First();
  const std::string text = WriteCard(card);
  EXPECT_TRUE(text.starts_with("-----BEGIN ENTENTE NODE CARD-----\n"));
  ASSERT_OK_AND_ASSIGN(const SignedCard back, ReadCard(text));
  EXPECT_EQ(back.body, card.body);
  EXPECT_EQ(back.signature, card.signature);
}

TEST(NodeCardTest, HasOneSpellingAsAFile) {
  const std::string text = WriteCard(StateForTest("QVA").First());
  std::string crlf;
  for (char c : text) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  std::string joined = text;
  joined.erase(joined.find('\n', 40), 1);
  for (const std::string& bad :
       {std::string(), crlf, joined, text + "\n", " " + text, text.substr(1),
        text.substr(0, text.size() - 1), text + text,
        std::string("-----BEGIN ENTENTE NODE CARD-----\n"
                    "-----END ENTENTE NODE CARD-----\n"),
        std::string(300000, 'A')}) {
    EXPECT_THAT(ReadCard(bad), HasCode(kInvalid));
  }
}

TEST(NodeCardTest, RefusesEveryFlippedByte) {
  const SignedCard good = StateForTest("QVA").First();
  for (std::size_t i = 0; i < good.body.size(); ++i) {
    SignedCard bad = good;
    bad.body[i] ^= 1U;
    const absl::Status status = VerifyCard(bad).status();
    EXPECT_TRUE(absl::IsDataLoss(status) || absl::IsInvalidArgument(status))
        << i;
  }
  for (std::size_t i = 0; i < good.signature.size(); ++i) {
    SignedCard bad = good;
    bad.signature[i] ^= 1U;
    EXPECT_THAT(VerifyCard(bad), HasCode(kDataLoss));
  }
}

TEST(NodeCardTest, RefusesTheSignatureOfAnotherKey) {
  StateForTest state("QVA");
  EXPECT_THAT(SignCard(state.card(), state.legal().signer()),
              HasCode(kDataLoss));
  SignedCard card = state.First();
  card.signature = state.legal().Sign(CardSigningInput(card.body));
  EXPECT_THAT(VerifyCard(card), HasCode(kDataLoss));
  // An endorsement says something else than a signature.
  card.signature = state.technical().Sign(CardEndorsementInput(card.body));
  EXPECT_THAT(VerifyCard(card), HasCode(kDataLoss));
}

TEST(NodeCardTest, EndorsesSuccessorsAndNothingElse) {
  StateForTest state("QVA");
  EXPECT_THAT(SignCard(state.card(), state.technical().signer(),
                       state.technical().signer()),
              HasCode(kInvalid));
  const NodeCard next = state.Next(state.First());
  EXPECT_THAT(SignCard(next, state.technical().signer()), HasCode(kInvalid));
  SignedCard first = state.First();
  first.endorsement = Bytes(64);
  EXPECT_THAT(VerifyCard(first), HasCode(kInvalid));
  SignedCard second = state.Sign(next, state.technical(), &state.technical());
  ASSERT_OK(VerifyCard(second));
  second.endorsement.clear();
  EXPECT_THAT(VerifyCard(second), HasCode(kInvalid));
}

TEST(NodeCardTest, ShowsItsFingerprintInGroups) {
  const SignedCard card = StateForTest("QVA").First();
  const std::string print = CardFingerprint(card.body);
  ASSERT_EQ(print.size(), 71U);
  EXPECT_EQ(print.substr(0, 8),
            ToHex(primitive::Sha256(card.body)).substr(0, 8));
  EXPECT_EQ(print[8], ' ');
}

TEST(NodeCardTest, NamesAKeyAsAgreementsDo) {
  StateForTest state("QVA");
  const CardKey key = state.legal().ForCard(CardKeyKind::kLegal);
  EXPECT_EQ(KeyIdText(key),
            "ed25519:legal:" + ToHex(primitive::KeyId(key.key)));
  EXPECT_EQ(state.legal().key_id(), KeyIdText(key));
}

// The worked example of docs/protocol/node-card.md.
TEST(NodeCardTest, ReadsTheExampleOfItsPage) {
  const std::string page =
      testing::ReadFile(testing::SourceDir() / "docs/protocol/node-card.md");
  const std::size_t begin = page.rfind("-----BEGIN ENTENTE");
  const std::size_t end = page.rfind("```");
  ASSERT_LT(begin, end);
  ASSERT_OK_AND_ASSIGN(const SignedCard card,
                       ReadCard(page.substr(begin, end - begin)));
  ASSERT_OK_AND_ASSIGN(const NodeCard parsed, VerifyCard(card));
  EXPECT_NE(page.find("Fingerprint: `" + CardFingerprint(card.body) + "`"),
            std::string::npos);
  EXPECT_NE(page.find("`" + ToHex(card.body).substr(0, 96) + "`"),
            std::string::npos);
  EXPECT_EQ(card.body.size(), 1072U);
  const auto key = [](const std::string& label) {
    return PersonKey::FromSeed(label,
                               SecretBytes::CopyOf(primitive::Sha256(
                                   AsBytes("entente example key " + label))))
        ->public_key();
  };
  EXPECT_EQ(parsed.technical_key().key, key("qor-tech-2026"));
  EXPECT_EQ(parsed.statement_key, key("qor-statement"));
  // The key id that the example agreement names.
  EXPECT_EQ(KeyIdText(parsed.technical_key()),
            "ed25519:qor-tech-2026:69762979764da3e09f97040b27338356");
}

struct BadCard {
  const char* what;
  std::function<void(NodeCard&)> spoil;
};

class BadCardTest : public ::testing::TestWithParam<BadCard> {};

TEST_P(BadCardTest, IsRefused) {
  StateForTest state("QVA");
  NodeCard card = state.card();
  GetParam().spoil(card);
  EXPECT_THAT(ParseCard(EncodeStatement(card)), HasCode(kInvalid));
  EXPECT_THAT(SignCard(card, state.technical().signer()), HasCode(kInvalid));
}

CardKey KeyNamed(const std::string& label, CardKeyKind kind) {
  return StateForTest::Person(label).ForCard(kind);
}

const BadCard kBadCards[] = {
    {"lower case party", [](NodeCard& c) { c.party = "qva"; }},
    {"party of four", [](NodeCard& c) { c.party = "QVAX"; }},
    {"other party than in its certificate",
     [](NodeCard& c) { c.party = "QOR"; }},
    {"no name", [](NodeCard& c) { c.name.clear(); }},
    {"control in the name", [](NodeCard& c) { c.name = "A\x1b[2J"; }},
    {"sequence 0", [](NodeCard& c) { c.sequence = 0; }},
    {"sequence without previous", [](NodeCard& c) { c.sequence = 2; }},
    {"previous on a first card", [](NodeCard& c) { c.previous[0] = 1; }},
    {"no port", [](NodeCard& c) { c.endpoint = "node.example"; }},
    {"port 0", [](NodeCard& c) { c.endpoint = "node.example:0"; }},
    {"port too high", [](NodeCard& c) { c.endpoint = "node.example:65536"; }},
    {"port with zero", [](NodeCard& c) { c.endpoint = "node.example:07"; }},
    {"host with space", [](NodeCard& c) { c.endpoint = "no de:7"; }},
    {"address without brackets", [](NodeCard& c) { c.endpoint = "::1:7"; }},
    {"no certificate", [](NodeCard& c) { c.tls.clear(); }},
    {"certificate twice", [](NodeCard& c) { c.tls.push_back(c.tls[0]); }},
    {"nine certificates", [](NodeCard& c) { c.tls.assign(9, c.tls[0]); }},
    {"false pin", [](NodeCard& c) { c.tls[0].spki_pin[0] ^= 1U; }},
    {"certificate cut", [](NodeCard& c) { c.tls[0].certificate.pop_back(); }},
    {"bytes after it", [](NodeCard& c) { c.tls[0].certificate.push_back(0); }},
    {"origin without volume",
     [](NodeCard& c) { c.log_origin = "audit.example"; }},
    {"origin in capitals", [](NodeCard& c) { c.log_origin = "Audit/a"; }},
    {"origin with empty part", [](NodeCard& c) { c.log_origin = "a//b"; }},
    {"witness too long",
     [](NodeCard& c) { c.witness_name = "w/" + std::string(127, 'a'); }},
    {"log key is witness key", [](NodeCard& c) { c.log_key = c.witness_key; }},
    {"signing key is statement key",
     [](NodeCard& c) { c.statement_key = c.signing_keys[1].key; }},
    {"no technical key",
     [](NodeCard& c) { c.signing_keys[0].kind = CardKeyKind::kDuty; }},
    {"two technical keys",
     [](NodeCard& c) { c.signing_keys[1].kind = CardKeyKind::kTechnical; }},
    {"no legal key",
     [](NodeCard& c) { c.signing_keys[1].kind = CardKeyKind::kDpo; }},
    {"one key only", [](NodeCard& c) { c.signing_keys.pop_back(); }},
    {"a label twice",
     [](NodeCard& c) {
       c.signing_keys.push_back(KeyNamed("legal", CardKeyKind::kDpo));
     }},
    {"a key twice",
     [](NodeCard& c) {
       c.signing_keys.push_back(c.signing_keys[1]);
       c.signing_keys.back().label = "dpo";
     }},
    {"33 keys",
     [](NodeCard& c) {
       for (int i = 0; i < 31; ++i) {
         c.signing_keys.push_back(
             KeyNamed("k" + std::to_string(i), CardKeyKind::kDuty));
       }
     }},
    {"false kid", [](NodeCard& c) { c.signing_keys[1].kid[0] ^= 1U; }},
    {"label in capitals",
     [](NodeCard& c) { c.signing_keys[1].label = "Legal"; }},
    {"ends before it begins", [](NodeCard& c) { c.not_after = c.not_before; }},
    {"no begin", [](NodeCard& c) { c.not_before = 0; }},
};

INSTANTIATE_TEST_SUITE_P(All, BadCardTest, ::testing::ValuesIn(kBadCards),
                         [](const auto& row) {
                           std::string name = row.param.what;
                           for (char& c : name) {
                             if (c == ' ') c = '_';
                           }
                           return name;
                         });

TEST(NodeCardTest, TakesEveryGoodEndpoint) {
  StateForTest state("QVA");
  for (const char* endpoint :
       {"127.0.0.1:1", "[::1]:65535", "a-b.c.example:443"}) {
    NodeCard card = state.card();
    card.endpoint = endpoint;
    EXPECT_OK(ParseCard(EncodeStatement(card))) << endpoint;
  }
}

TEST(NodeCardTest, RefusesTruncationAndBytesAfterTheEnd) {
  Bytes body = StateForTest("QVA").First().body;
  body.push_back(0);
  EXPECT_THAT(ParseCard(body), HasCode(kInvalid));
  body.resize(body.size() - 2);
  EXPECT_THAT(ParseCard(body), HasCode(kInvalid));
  EXPECT_THAT(ParseCard({}), HasCode(kInvalid));
}

}  // namespace
}  // namespace entente::keys
