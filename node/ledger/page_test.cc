// Recomputes the worked examples of docs/protocol/audit-log.md and
// audit-bundle.md.

#include <map>
#include <sstream>

#include "crypto/base/status.h"
#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/entry.h"
#include "node/ledger/exchange_record.h"
#include "node/ledger/opening.h"
#include "node/ledger/testing_bundle.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

constexpr char kLogPage[] = "docs/protocol/audit-log.md";
constexpr char kBundlePage[] = "docs/protocol/audit-bundle.md";

// The fenced block of this name, verbatim.
std::string Block(std::string_view name, const char* of = kLogPage) {
  const std::string page = testing::ReadFile(testing::SourceDir() / of);
  const std::string fence = Join({"\n```", name, "\n"});
  const std::size_t start = page.find(fence);
  if (start == std::string::npos) return {};
  const std::size_t first = start + fence.size();
  return page.substr(first, page.find("```", first) - first);
}

using Values = std::map<std::string, std::string>;

// `name value` lines; the value begins after the spaces.
Values Lines(std::string_view name, const char* of = kLogPage) {
  Values out;
  std::istringstream in(Block(name, of));
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    const std::size_t value = line.find_first_not_of(' ', space);
    out[line.substr(0, space)] =
        value == std::string::npos ? "" : line.substr(value);
  }
  return out;
}

class PageTest : public ::testing::Test {
 protected:
  Values in_ = Lines("inputs");
  std::vector<FinishedLeaf> leaves_;
  Values made_;

  template <std::size_t N>
  ByteArray<N> Hex(const char* name) const {
    return *ToArray<N>(*FromHex(in_.at(name)));
  }
  SecretBytes Secret(const char* name) const {
    return SecretBytes::CopyOf(*FromHex(in_.at(name)));
  }
  EntryKey Key() const { return *EntryKey::FromBytes(Secret("entry_key")); }

  void Add(const Event& event, const char* id, const char* time) {
    const SegmentKey segment{0, Secret("segment_key")};
    const EntrySecrets secrets{
        Hex<16>(id), Key(), Hex<12>("body_nonce"), Hex<12>("wrap_nonce"), {}};
    std::optional<Id16> actor;
    if (event.user() != "-") {
      actor = ActorPseudonym(Secret("actor_key"), event.user());
    }
    const auto entry =
        PrepareWith(event, {in_.at("origin"), &segment, {}}, actor, secrets);
    ASSERT_OK(entry);
    if (!entry->record.empty()) made_["record"] = ToHex(entry->record);
    leaves_.push_back(*FinishLeaf(*entry, std::stoll(in_.at(time))));
  }

  void SetUp() override {
    ASSERT_FALSE(in_.empty()) << "the page or its block is missing";
    Add(Event("log.genesis")
            .Set("catalogue", CatalogueHash())
            .Set("reason", "first")
            .Set("volume", "2027a")
            .FillAbsent(),
        "id_0", "time_0");
    Add(Event("node.start").Set("version", "0.1.0").FillAbsent(), "id_1",
        "time_1");
    Add(Event("suspend.set")
            .Set("agr", "-")
            .Set("by", "duty")
            .Set("peer", "QMB")
            .Set("reason", "rights")
            .Seal("note", in_.at("note"))
            .By(in_.at("user")),
        "id_2", "time_2");
  }

  Slots TheSlots() const {
    return *MakeSlots(*FindEventType("suspend.set"), in_.at("user"),
                      {{"note", in_.at("note")}});
  }
  EntryName Name() const { return {in_.at("origin"), Hex<16>("id_2")}; }
  merkle::Checkpoint Head() const {
    std::vector<Hash> hashes;
    for (const FinishedLeaf& leaf : leaves_) hashes.push_back(leaf.hash);
    return {in_.at("origin"), leaves_.size(), merkle::Root(hashes)};
  }
  merkle::Signer SignerOf(const char* name) const {
    return [this, name](ByteView m) -> absl::StatusOr<primitive::Signature> {
      return primitive::SigningKey::FromSeed(Secret(name))->Sign(m);
    };
  }
  merkle::VerifierKey KeyOf(const char* name, const char* seed,
                            merkle::NoteKeyType type) const {
    return *merkle::VerifierKey::Make(
        in_.at(name), type,
        primitive::SigningKey::FromSeed(Secret(seed))->public_key());
  }
  merkle::VerifierKey LogKey() const {
    return KeyOf("origin", "log_seed", merkle::NoteKeyType::kEd25519);
  }
  std::string Note() const {
    std::string note =
        *merkle::SignCheckpoint(Head(), LogKey(), SignerOf("log_seed"));
    note += merkle::Cosign(KeyOf("witness", "witness_seed",
                                 merkle::NoteKeyType::kCosignature),
                           std::stoull(in_.at("cosign_time")), Head().Text(),
                           SignerOf("witness_seed"))
                ->Text();
    return note;
  }
  std::map<std::string, Bytes> Files() const {
    std::map<std::string, Bytes> files;
    merkle::TileEdge edge;
    std::vector<merkle::TileEdge::Tile> full;
    for (const FinishedLeaf& leaf : leaves_) {
      merkle::AppendEntry(files["tile/entries/000.p/3"], leaf.bytes);
      edge.Append(leaf.hash, full);
    }
    files["tile/0/000.p/3"] = edge.Partials()[0].bytes;
    files["checkpoint"] = ToBytes(Note());
    return files;
  }
};

TEST_F(PageTest, TheSealedEntry) {
  const Slots slots = TheSlots();
  const EntryKey key = Key();
  made_["slot_0"] = ToHex(SlotBytes(slots[0]));
  made_["slot_1"] = ToHex(SlotBytes(slots[1]));
  made_["slot_2"] = ToHex(SlotBytes(slots[2]));
  made_["slot_3"] = ToHex(SlotBytes(slots[3]));
  made_["salt_2"] = ToHex(key.Salt(2));
  made_["body_root"] = ToHex(BodyRoot(key, slots));
  made_["commit_key"] = ToHex(key.CommitKey());
  made_["commitment"] =
      ToHex(Commitment(key.CommitKey(), Name(), BodyRoot(key, slots)));
  made_["actor"] = ToHex(ActorPseudonym(Secret("actor_key"), in_.at("user")));
  made_["leaf_hash"] = ToHex(leaves_[2].hash);
  EXPECT_EQ(Lines("outputs"), made_);
  std::string leaves;
  for (const FinishedLeaf& leaf : leaves_)
    leaves += ToString(leaf.bytes) + "\n";
  EXPECT_EQ(Block("leaves"), leaves);
}

TEST_F(PageTest, TheHeadItsProofAndAnOpening) {
  EXPECT_EQ(Block("checkpoint"), Note());
  std::vector<Hash> hashes;
  for (const FinishedLeaf& leaf : leaves_) hashes.push_back(leaf.hash);
  const auto source = merkle::HashesFromLeaves(hashes);
  const merkle::ProofFile proof{2, *merkle::ProveInclusion(2, 3, source),
                                Note()};
  EXPECT_EQ(Block("tlog-proof"), proof.Text());
  const merkle::AddCheckpoint body{2, *merkle::ProveConsistency(2, 3, source),
                                   Note()};
  EXPECT_EQ(Block("add-checkpoint"), body.Text());
  const std::size_t which[] = {2};
  const Opening opening = *MakeOpening(2, Name(), Key(), TheSlots(), which);
  EXPECT_EQ(Block("opening"), opening.Text() + "\n");
  EXPECT_OK(CheckOpening(opening, *ParseLeaf(leaves_[2].bytes)));
}

TEST_F(PageTest, TheVolumeVerifiesUnderThePolicyOfThePage) {
  const std::map<std::string, Bytes> files = Files();
  const auto policy = merkle::TrustPolicy::Parse(Block("policy"));
  ASSERT_OK(policy);
  const auto report = VerifyFolder(TestVolume::AsFolder(files), *policy);
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::kVerified) << ReportText(*report);
}

TEST_F(PageTest, TheExchangeRecord) {
  const std::string text = Block("exchange");
  ASSERT_OK_AND_ASSIGN(const ExchangeRecord record, ParseExchangeRecord(text));
  EXPECT_EQ(record.key, ExchangeKey(record.step, Hex<16>("id_2"), 0));
  const Values day = Lines("day");
  EXPECT_EQ(day.at("record"), ToHex(record.Digest()));
  EXPECT_EQ(day.at("root"), ToHex(DayRoot({{record.key, record.Digest()}})));
}

TEST_F(PageTest, TheBundleOfOneEntry) {
  const Values keys = Lines("inputs", kBundlePage);
  const auto box = [&](const char* name) {
    return *primitive::HpkePrivateKey::FromBytes(
        SecretBytes::CopyOf(*FromHex(keys.at(name))));
  };
  const primitive::HpkePublicKey to[] = {box("officer_key").public_key()};
  Ephemerals ephemerals;
  ephemerals.push_back(box("ephemeral_key"));
  const Bytes segment = *MakeSegmentFile({0, Secret("segment_key")},
                                         in_.at("origin"), to, ephemerals);
  const std::map<std::string, Bytes> files = Files();
  const std::size_t which[] = {2};
  const BundleInput input{
      .read = [&](const merkle::FileRef& file) -> absl::StatusOr<Bytes> {
        return files.at(merkle::PathOf(file));
      },
      .policy = Block("policy"),
      .range = {},
      .singles = {2},
      .body = [&](std::uint64_t) { return FromHex(made_.at("record")); },
      .segment = [&](std::uint32_t) -> absl::StatusOr<Bytes> {
        return segment;
      },
      .openings = {*MakeOpening(2, Name(), Key(), TheSlots(), which)},
      .exporter = LogKey(),
      .sign = SignerOf("log_seed")};
  const auto bundle = BundleOf(input);
  ASSERT_OK(bundle);
  const Members members = Unpack(*bundle);
  EXPECT_EQ(Block("SHA256SUMS", kBundlePage),
            ToString(members.at("SHA256SUMS")));
  EXPECT_EQ(Block("bundle.note", kBundlePage),
            ToString(members.at("bundle.note")));
  EXPECT_EQ(Block("VERIFY.txt", kBundlePage),
            ToString(members.at("VERIFY.txt")));
  const Values shown = {
      {"bytes", std::to_string(bundle->size())},
      {"sha256", ToHex(primitive::Sha256(*bundle))},
      {"header", ToHex(ByteView(*bundle).first(265))},
      {"segments", ToHex(members.at("segments"))},
      {"bodies_head", ToHex(ByteView(members.at("bodies")).first(12))}};
  EXPECT_EQ(Lines("bundle", kBundlePage), shown);
  const auto policy = merkle::TrustPolicy::Parse(Block("policy"));
  const auto report = VerifyBundle(BundleSource::Of(*bundle), *policy);
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::kVerified) << ReportText(*report);
  EXPECT_EQ(report->opened.front().value, in_.at("note"));
}

}  // namespace
}  // namespace entente::ledger
