// RFC 9497, A.1.3: ristretto255-SHA512 in mode POPRF.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/oprf/client.h"
#include "crypto/oprf/secret_reader.h"
#include "crypto/oprf/server.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::oprf {
namespace {

constexpr std::string_view kSeed =
    "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3";
constexpr std::string_view kKeyInfo = "74657374206b6579";
constexpr std::string_view kSecretKey =
    "145c79c108538421ac164ecbe131942136d5570b16d8bf41a24d4337da981e07";
constexpr std::string_view kPublicKey =
    "c647bef38497bc6ec077c22af65b696efa43bff3b4a1975a3e8e0a1c5a79d631";

// Lists are joined with commas, as in the published file.
struct Vector {
  std::string input, info, blind, blinded, evaluated, proof, nonce, output;
};

const Vector kOne = {
    "00",
    "7465737420696e666f",
    "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
    "c8713aa89241d6989ac142f22dba30596db635c772cbf25021fdd8f3d461f715",
    "1a4b860d808ff19624731e67b5eff20ceb2df3c3c03b906f5693e2078450d874",
    "41ad1a291aa02c80b0915fbfbb0c0afa15a57e2970067a602ddb9e8fd6b7100d"
    "e32e1ecff943a36f0b10e3dae6bd266cdeb8adf825d86ef27dbc6c0e30c52206",
    "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
    "ca688351e88afb1d841fde4401c79efebb2eb75e7998fa9737bd5a82a152406d"
    "38bd29f680504e54fd4587eddcf2f37a2617ac2fbd2993f7bdf45442ace7d221"};
const Vector kTwo = {
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    "7465737420696e666f",
    "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
    "f0f0b209dd4d5f1844dac679acc7761b91a2e704879656cb7c201e82a99ab07d",
    "8c3c9d064c334c6991e99f286ea2301d1bde170b54003fb9c44c6d7bd6fc1540",
    "4c39992d55ffba38232cdac88fe583af8a85441fefd7d1d4a8d0394cd1de7701"
    "8bf135c174f20281b3341ab1f453fe72b0293a7398703384bed822bfdeec8908",
    "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
    "7c6557b276a137922a0bcfc2aa2b35dd78322bd500235eb6d6b6f91bc5b56a52"
    "de2d65612d503236b321f5d0bebcbc52b64b92e426f29c9b8b69f52de98ae507"};
const Vector kBatch = {
    kOne.input + "," + kTwo.input,
    kOne.info,
    kOne.blind + "," + kOne.nonce,
    kOne.blinded +
        ",423a01c072e06eb1cce96d23acce06e1ea64a609d7ec9e9023f3049f2d64e50c",
    kOne.evaluated +
        ",aa1f16e903841036e38075da8a46655c94fc92341887eb5819f46312adfc0504",
    "43fdb53be399cbd3561186ae480320caa2b9f36cca0e5b160c4a677b8bbf4301"
    "b28f12c36aa8e11e5a7ef551da0781e863a6dc8c0b2bf5a149c9e00621f02006",
    "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
    kOne.output + "," + kTwo.output};

Bytes Hex(std::string_view text) {
  auto bytes = FromHex(text);
  CHECK(bytes.ok());
  return *std::move(bytes);
}

std::vector<Bytes> HexList(std::string_view text) {
  std::vector<Bytes> out;
  for (;;) {
    const std::size_t comma = text.find(',');
    out.push_back(Hex(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

template <class Items>
std::string JoinHex(const Items& items) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ',';
    if constexpr (requires { item.bytes(); }) {
      out += ToHex(item.bytes());
    } else {
      out += ToHex(item);
    }
  }
  return out;
}

void CheckVector(const ServerKey& key, const Vector& v) {
  const Bytes info = Hex(v.info);
  const std::vector<Bytes> inputs = HexList(v.input);
  Bytes blinds;
  for (const Bytes& blind : HexList(v.blind)) {
    blinds.insert(blinds.end(), blind.begin(), blind.end());
  }
  ASSERT_OK_AND_ASSIGN(auto scalars, group::SecretScalars::FromBytes(
                                         SecretBytes::CopyOf(blinds)));
  ASSERT_OK_AND_ASSIGN(BlindResult asked, BlindWith(std::move(scalars), inputs,
                                                    info, key.public_key()));
  EXPECT_EQ(JoinHex(asked.blinded), v.blinded);

  ASSERT_OK_AND_ASSIGN(
      const auto nonce,
      group::SecretScalar::FromBytes(SecretBytes::CopyOf(Hex(v.nonce))));
  ASSERT_OK_AND_ASSIGN(const Evaluation answer,
                       EvaluateWith(key, nonce, asked.blinded, info));
  EXPECT_EQ(JoinHex(answer.evaluated), v.evaluated);
  EXPECT_EQ(ToHex(answer.proof.Encode()), v.proof);

  ASSERT_OK_AND_ASSIGN(
      const std::vector<Token> tokens,
      Finalize(std::move(asked.blinds), answer.evaluated, answer.proof));
  EXPECT_EQ(JoinHex(tokens), v.output);
  ASSERT_OK_AND_ASSIGN(const std::vector<Token> known,
                       Tokens(key, inputs, info));
  EXPECT_EQ(tokens, known);
}

ServerKey DerivedKey(std::string_view seed, std::string_view info) {
  auto key =
      ServerKey::DeriveKeyPair(SecretBytes::CopyOf(Hex(seed)), Hex(info));
  CHECK(key.ok());
  return *std::move(key);
}

TEST(PoprfVectorsTest, DerivesTheKeyPair) {
  const ServerKey key = DerivedKey(kSeed, kKeyInfo);
  EXPECT_EQ(ToHex(SecretReader::View(key.secret())), kSecretKey);
  EXPECT_EQ(ToHex(key.public_key().bytes()), kPublicKey);
}

TEST(PoprfVectorsTest, PassesTheThreeVectorsOfTheRfc) {
  const ServerKey key = DerivedKey(kSeed, kKeyInfo);
  for (const Vector& v : {kOne, kTwo, kBatch}) CheckVector(key, v);
}

TEST(PoprfVectorsTest, PassesThePublishedFile) {
  SKIP_WITHOUT_SHARED("vectors/crypto/allVectors.json");
  const auto suites =
      nlohmann::json::parse(testing::ReadFile(testing::SharedDir() /
                                              "vectors/crypto/allVectors.json"),
                            nullptr, false);
  int checked = 0;
  for (const auto& suite : suites) {
    if (suite.at("identifier") != "ristretto255-SHA512" ||
        suite.at("mode") != 2) {
      continue;
    }
    const auto text = [](const auto& object, const char* name) {
      return object.at(name).template get<std::string>();
    };
    const ServerKey key =
        DerivedKey(text(suite, "seed"), text(suite, "keyInfo"));
    EXPECT_EQ(ToHex(SecretReader::View(key.secret())), text(suite, "skSm"));
    EXPECT_EQ(ToHex(key.public_key().bytes()), text(suite, "pkSm"));
    for (const auto& v : suite.at("vectors")) {
      CheckVector(key, {text(v, "Input"), text(v, "Info"), text(v, "Blind"),
                        text(v, "BlindedElement"), text(v, "EvaluationElement"),
                        text(v.at("Proof"), "proof"), text(v.at("Proof"), "r"),
                        text(v, "Output")});
      ++checked;
    }
  }
  EXPECT_EQ(checked, 3);
}

}  // namespace
}  // namespace entente::oprf
