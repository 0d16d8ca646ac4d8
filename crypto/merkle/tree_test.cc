#include "crypto/merkle/tree.h"

#include <nlohmann/json.hpp>

#include "crypto/merkle/proof.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::merkle {
namespace {

using nlohmann::json;

std::vector<Hash> SomeLeaves(std::size_t n) {
  std::vector<Hash> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back(LeafHash(AsBytes("leaf " + std::to_string(i))));
  }
  return out;
}

// The definition of RFC 6962, word by word.
Hash SlowRoot(std::span<const Hash> leaves) {
  if (leaves.empty()) return EmptyRoot();
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return NodeHash(SlowRoot(leaves.first(k)), SlowRoot(leaves.subspan(k)));
}

// The eight leaves of certificate-transparency's merkle_tree_test.cc.
constexpr const char* kLeaves[] = {"",
                                   "00",
                                   "10",
                                   "2021",
                                   "3031",
                                   "40414243",
                                   "5051525354555657",
                                   "606162636465666768696a6b6c6d6e6f"};

TEST(TreeTest, MatchesThePublishedRootsOfEightLeaves) {
  Tree tree;
  EXPECT_EQ(ToHex(tree.Root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (const char* hex : kLeaves) {
    ASSERT_OK_AND_ASSIGN(const Bytes leaf, FromHex(hex));
    tree.Append(LeafHash(leaf));
  }
  EXPECT_EQ(ToHex(tree.Root()),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(TreeTest, MatchesThePublishedRootsOfEverySize) {
  SKIP_WITHOUT_SHARED("vectors/tlog/rfc6962-8leaf.json");
  const json data = json::parse(testing::ReadFile(
      testing::SharedDir() / "vectors/tlog/rfc6962-8leaf.json"));
  Tree tree;
  for (std::size_t n = 0; n <= 8; ++n) {
    EXPECT_EQ(ToHex(tree.Root()),
              data["root_hashes_hex_for_size_0..8"][n].get<std::string>());
    if (n == 8) break;
    ASSERT_OK_AND_ASSIGN(
        const Bytes leaf,
        FromHex(data["leaf_inputs_hex"][n].get<std::string>()));
    tree.Append(LeafHash(leaf));
  }
}

TEST(TreeTest, AgreesWithTheDefinitionAtEverySize) {
  const auto leaves = SomeLeaves(130);
  Tree tree;
  for (std::size_t n = 0; n <= leaves.size(); ++n) {
    const auto some = std::span(leaves).first(n);
    ASSERT_EQ(tree.Root(), SlowRoot(some)) << n;
    ASSERT_EQ(Root(some), SlowRoot(some)) << n;
    if (n < leaves.size()) tree.Append(leaves[n]);
  }
}

TEST(TreeTest, ResumesFromItsPeaks) {
  const auto leaves = SomeLeaves(75);
  Tree whole;
  for (std::size_t n = 0; n < leaves.size(); ++n) {
    ASSERT_OK_AND_ASSIGN(Tree part, Tree::Resume(n, whole.peaks()));
    whole.Append(leaves[n]);
    part.Append(leaves[n]);
    ASSERT_EQ(part.Root(), whole.Root()) << n;
  }
  EXPECT_FALSE(Tree::Resume(3, {leaves[0]}).ok());
  EXPECT_FALSE(Tree::Resume(0, {leaves[0]}).ok());
  EXPECT_FALSE(Tree::Resume(kSizeLimit, {leaves[0]}).ok());
}

TEST(ProofTest, EveryLeafOfEverySizeProvesItself) {
  const auto leaves = SomeLeaves(66);
  const HashSource source = HashesFromLeaves(leaves);
  for (std::uint64_t n = 1; n <= leaves.size(); ++n) {
    const Hash root = Root(std::span(leaves).first(n));
    for (std::uint64_t i = 0; i < n; ++i) {
      ASSERT_OK_AND_ASSIGN(const Proof proof, ProveInclusion(i, n, source));
      ASSERT_OK(VerifyInclusion(i, n, leaves[i], proof, root));
      // The neighbour, another index and another size do not pass.
      EXPECT_FALSE(
          VerifyInclusion(i, n, leaves[(i + 1) % leaves.size()], proof, root)
              .ok());
      EXPECT_FALSE(VerifyInclusion(i, n, leaves[i], proof, leaves[i]).ok() &&
                   n > 1);
      EXPECT_FALSE(VerifyInclusion(n, n, leaves[i], proof, root).ok());
    }
  }
}

TEST(ProofTest, EveryPairOfSizesIsConsistent) {
  const auto leaves = SomeLeaves(66);
  const HashSource source = HashesFromLeaves(leaves);
  for (std::uint64_t n = 0; n <= leaves.size(); ++n) {
    const Hash new_root = Root(std::span(leaves).first(n));
    for (std::uint64_t m = 0; m <= n; ++m) {
      const Hash old_root = Root(std::span(leaves).first(m));
      ASSERT_OK_AND_ASSIGN(const Proof proof, ProveConsistency(m, n, source));
      ASSERT_OK(VerifyConsistency(m, n, old_root, new_root, proof));
      if (m == 0) continue;
      EXPECT_FALSE(VerifyConsistency(m, n, EmptyRoot(), new_root, proof).ok());
      EXPECT_FALSE(VerifyConsistency(m, n, old_root, EmptyRoot(), proof).ok());
      EXPECT_FALSE(VerifyConsistency(n, m, new_root, old_root, proof).ok() &&
                   n != m);
    }
  }
}

TEST(ProofTest, AnyAlteredHashBreaksAProof) {
  const auto leaves = SomeLeaves(23);
  const HashSource source = HashesFromLeaves(leaves);
  const Hash root = Root(leaves);
  ASSERT_OK_AND_ASSIGN(const Proof in, ProveInclusion(9, 23, source));
  for (std::size_t i = 0; i < in.size(); ++i) {
    Proof bad = in;
    bad[i][i] ^= 1;
    EXPECT_FALSE(VerifyInclusion(9, 23, leaves[9], bad, root).ok());
    bad = in;
    bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(VerifyInclusion(9, 23, leaves[9], bad, root).ok());
    bad = in;
    bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(i), root);
    EXPECT_FALSE(VerifyInclusion(9, 23, leaves[9], bad, root).ok());
  }
  ASSERT_OK_AND_ASSIGN(const Proof con, ProveConsistency(11, 23, source));
  const Hash old_root = Root(std::span(leaves).first(11));
  for (std::size_t i = 0; i < con.size(); ++i) {
    Proof bad = con;
    bad[i][i] ^= 1;
    EXPECT_FALSE(VerifyConsistency(11, 23, old_root, root, bad).ok());
    bad = con;
    bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(VerifyConsistency(11, 23, old_root, root, bad).ok());
  }
}

TEST(ProofTest, RefusesSizesOutOfRange) {
  const auto leaves = SomeLeaves(4);
  const HashSource source = HashesFromLeaves(leaves);
  EXPECT_FALSE(ProveInclusion(4, 4, source).ok());
  EXPECT_FALSE(ProveInclusion(0, 5, source).ok());
  EXPECT_FALSE(ProveConsistency(4, 3, source).ok());
  EXPECT_FALSE(ProveInclusion(0, kSizeLimit, source).ok());
  EXPECT_FALSE(VerifyInclusion(0, kSizeLimit, leaves[0], {}, leaves[0]).ok());
  EXPECT_FALSE(VerifyConsistency(1, kSizeLimit, leaves[0], leaves[0], {}).ok());
}

TEST(ProofTest, LinesRoundTripAndAreLimited) {
  const auto leaves = SomeLeaves(64);
  const Proof most(leaves.begin(), leaves.begin() + 63);
  ASSERT_OK_AND_ASSIGN(const Proof back, ParseProofLines(ProofLines(most)));
  EXPECT_EQ(back, most);
  EXPECT_FALSE(ParseProofLines(ProofLines(leaves)).ok());
  EXPECT_FALSE(ParseProofLines("AAAA\n").ok());
  EXPECT_FALSE(ParseProofLines(ToBase64(leaves[0])).ok());
  EXPECT_FALSE(ParseProofLines("\n").ok());
}

// Hashes of the vectors; empty when one has another length (one file has).
struct HashOf {
  bool good = true;
  Hash operator()(const json& value) {
    const auto raw = FromBase64(value.get<std::string>());
    const auto hash = raw.ok() ? ToArray<32>(*raw) : raw.status();
    if (!hash.ok()) good = false;
    return hash.ok() ? *hash : Hash{};
  }
};

Proof ProofOf(const json& value, HashOf& read) {
  Proof out;
  if (value.is_null()) return out;
  for (const json& item : value) out.push_back(read(item));
  return out;
}

TEST(VectorTest, TransparencyDevInclusion) {
  SKIP_WITHOUT_SHARED("vectors/tlog/tdev-merkle");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           testing::SharedDir() /
           "vectors/tlog/tdev-merkle/testdata/inclusion")) {
    if (entry.path().extension() != ".json") continue;
    const json v = json::parse(testing::ReadFile(entry.path()));
    HashOf read;
    const Proof proof = ProofOf(v["proof"], read);
    const Hash leaf = read(v["leafHash"]);
    const Hash root = read(v["root"]);
    const bool good =
        read.good &&
        VerifyInclusion(v["leafIdx"], v["treeSize"], leaf, proof, root).ok();
    EXPECT_EQ(!good, v["wantErr"].get<bool>()) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 98U);
}

TEST(VectorTest, TransparencyDevConsistency) {
  SKIP_WITHOUT_SHARED("vectors/tlog/tdev-merkle");
  std::size_t files = 0;
  std::size_t foreign = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           testing::SharedDir() /
           "vectors/tlog/tdev-merkle/testdata/consistency")) {
    if (entry.path().extension() != ".json") continue;
    const json v = json::parse(testing::ReadFile(entry.path()));
    HashOf read;
    const Proof proof = ProofOf(v["proof"], read);
    const Hash old_root = read(v["root1"]);
    const Hash new_root = read(v["root2"]);
    ++files;
    if (!read.good && !v["wantErr"].get<bool>()) {
      ++foreign;  // a root of 12 bytes: not SHA-256
      continue;
    }
    const bool good = read.good && VerifyConsistency(v["size1"], v["size2"],
                                                     old_root, new_root, proof)
                                       .ok();
    EXPECT_EQ(!good, v["wantErr"].get<bool>()) << entry.path();
  }
  EXPECT_EQ(files, 98U);
  EXPECT_LE(foreign, 1U);
}

}  // namespace
}  // namespace entente::merkle
