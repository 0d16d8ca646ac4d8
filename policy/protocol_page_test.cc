// docs/protocol/agreement.md must say what the code does: its example is read
// from the page and compared.

#include <gtest/gtest.h>

#include "policy/fixture.h"
#include "tests/testing/shared_data.h"

namespace entente::policy {
namespace {

std::string Example() {
  const Compiled demo = fixture::Compile(fixture::DemoAgreement());
  const Facts facts = fixture::ScreenFacts(demo);
  Facts shown = facts;
  shown.agreement = DocumentHash(fixture::HitAgreement());
  return "facts     " + ToHex(ByteView(EncodeFacts(shown)).first(64)) +
         "\n          " + ToHex(ByteView(EncodeFacts(shown)).last(64)) +
         "\nH(facts)  " + ToHex(FactsHash(shown)) + "\ndecision  " +
         ToHex(EncodeDecision(Evaluate(demo, {}, facts))) + "\n";
}

TEST(ProtocolPageTest, TheExampleOfThePageIsWhatTheCodeGives) {
  const std::string page = testing::ReadFile(testing::SourceDir() / "docs" /
                                             "protocol" / "agreement.md");
  EXPECT_NE(page.find("```\n" + Example() + "```\n"), std::string::npos)
      << Example();
}

TEST(ProtocolPageTest, ThePageNamesThePublishedVectors) {
  const std::string page = testing::ReadFile(testing::SourceDir() / "docs" /
                                             "protocol" / "agreement.md");
  const Bytes body = fixture::HitAgreement();
  const Bytes pae = SignPayload(kAgreementType, body);
  for (const std::string& value :
       {ToHex(DocumentHash(body)), ToHex(primitive::Sha256(pae)),
        ToHex(fixture::ExampleKey("qor-legal-2026").Sign(pae))}) {
    EXPECT_NE(page.find(value), std::string::npos) << value;
  }
}

}  // namespace
}  // namespace entente::policy
