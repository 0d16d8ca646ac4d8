// docs/protocol/oprf.md says what the code does.

#include <gtest/gtest.h>

#include <vector>

#include "crypto/group/batch.h"
#include "crypto/group/hash_to.h"
#include "crypto/oprf/client.h"
#include "crypto/oprf/dleq.h"
#include "crypto/oprf/info.h"
#include "crypto/oprf/page_reader.h"
#include "crypto/oprf/secret_reader.h"
#include "crypto/oprf/server.h"
#include "crypto/oprf/suite.h"
#include "tests/testing/status_matchers.h"

namespace entente::oprf {
namespace {

// Blinds 3 and 5, so that a reader can follow by hand.
SecretBytes ExampleBlinds() {
  Bytes block(64);
  block[0] = 3;
  block[32] = 5;
  return SecretBytes::CopyOf(block);
}

TEST(OprfPageTest, TheWorkedExampleHolds) {
  PageReader page("oprf.md");
  const Bytes seed(32, 0x01);
  const Bytes key_info = ToBytes("example");
  ASSERT_OK_AND_ASSIGN(
      const ServerKey key,
      ServerKey::DeriveKeyPair(SecretBytes::CopyOf(seed), key_info));
  page.Expect("seed", ToHex(seed));
  page.Expect("key_info", ToHex(key_info));
  page.Expect("skS", ToHex(SecretReader::View(key.secret())));
  page.Expect("pkS", ToHex(key.public_key().bytes()));

  ScreeningContext context{{}, "QVA", "QOR", "screen-terrorism", "recipe/1", 7};
  context.agreement.fill(0xab);
  const Bytes info = ScreeningInfo(context);
  page.Expect("info", ToHex(info));
  ASSERT_OK_AND_ASSIGN(const group::Scalar m, InfoScalar(info));
  page.Expect("m", ToHex(m.bytes()));
  ASSERT_OK_AND_ASSIGN(const group::Point m_base, group::MultiplyBase(m));
  ASSERT_OK_AND_ASSIGN(const group::Point tweaked,
                       group::Add(m_base, key.public_key().point()));
  page.Expect("tweaked_key", ToHex(tweaked.bytes()));

  const std::vector<Bytes> inputs = {ToBytes("match key one"),
                                     ToBytes("match key two")};
  const std::vector<ByteView> views(inputs.begin(), inputs.end());
  std::vector<group::Point> hashed(2);
  ASSERT_OK(group::HashAll(views, AsBytes(kHashToGroupTag), hashed));
  ASSERT_OK_AND_ASSIGN(auto blinds,
                       group::SecretScalars::FromBytes(ExampleBlinds()));
  ASSERT_OK_AND_ASSIGN(BlindResult asked, BlindWith(std::move(blinds), inputs,
                                                    info, key.public_key()));
  ASSERT_OK_AND_ASSIGN(const Evaluation answer,
                       Evaluate(key, asked.blinded, info));
  const DleqStatement statement{PublicKey(tweaked), answer.evaluated,
                                asked.blinded};
  EXPECT_OK(Verify(statement, answer.proof));
  const auto block = ExampleBlinds();
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string n = "_" + std::to_string(i);
    page.Expect("input" + n, ToHex(inputs[i]));
    page.Expect("hashed" + n, ToHex(hashed[i].bytes()));
    page.Expect("blind" + n,
                ToHex(SecretReader::View(block).subspan(i * 32, 32)));
    page.Expect("blinded" + n, ToHex(asked.blinded[i].bytes()));
    page.Expect("evaluated" + n, ToHex(answer.evaluated[i].bytes()));
  }
  page.Expect("proof", ToHex(answer.proof.Encode()));
  ASSERT_OK_AND_ASSIGN(
      const std::vector<Token> tokens,
      Finalize(std::move(asked.blinds), answer.evaluated, answer.proof));
  page.Expect("token_0", ToHex(tokens[0]));
  page.Expect("token_1", ToHex(tokens[1]));
  page.ExpectNothingLeft();
}

}  // namespace
}  // namespace entente::oprf
