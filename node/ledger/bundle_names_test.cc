#include "node/ledger/bundle_names.h"

#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

TEST(BundleNamesTest, AreTheDocumentedOnes) {
  EXPECT_EQ(ProofName(5), "proofs/5.tlog-proof");
  EXPECT_EQ(LeafName(0), "proofs/0.leaf");
  EXPECT_EQ(OpeningName(128), "openings/128.opening");
  EXPECT_EQ(DayNoteName(Hash{0x40, 0x6b}, "2027-01-01"),
            "reconcile/406b000000000000-2027-01-01.note");
  for (const std::string& name :
       {ProofName(5), LeafName(0), OpeningName(128),
        DayNoteName(Hash{1}, "2027-01-01"),
        EvidenceMember("audit.qma.example/2027a", 128),
        std::string("checkpoint"), std::string("tile/0/001.p/64"),
        std::string("bodies"), std::string("SHA256SUMS"),
        std::string("previous.consistency")}) {
    EXPECT_TRUE(IsBundleMember(name)) << name;
  }
}

TEST(BundleNamesTest, EveryOtherNameIsRefused) {
  for (const char* name : {"",
                           "/checkpoint",
                           "../checkpoint",
                           "./policy",
                           "policy/",
                           "Policy",
                           "proofs/05.leaf",
                           "proofs/.leaf",
                           "proofs/../5.leaf",
                           "proofs/5.leaf/",
                           "proofs/5.opening",
                           "openings/5.leaf",
                           "proofs/-1.leaf",
                           "reconcile/406b00000000000-2027-01-01.note",
                           "reconcile/406b000000000000-2027-1-01.note",
                           "reconcile/406B000000000000-2027-01-01.note",
                           "evidence/0123456-8.split-view",
                           "evidence/01234567-.split-view",
                           "evidence/x.split-view",
                           "tile/0/000.p/256",
                           "bodies.gz"}) {
    EXPECT_FALSE(IsBundleMember(name)) << name;
  }
}

}  // namespace
}  // namespace entente::ledger
