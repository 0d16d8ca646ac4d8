// Reproduces the sample volume entente-v1 byte for byte from its inputs.

#include <nlohmann/json.hpp>

#include "crypto/base/status.h"
#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/signature.h"
#include "node/ledger/bundle.h"
#include "node/ledger/entry.h"
#include "node/ledger/erasure.h"
#include "node/ledger/exchange_record.h"
#include "node/ledger/opening.h"
#include "node/ledger/verify_bundle.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::testing {
struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
};
}  // namespace entente::testing

namespace entente::ledger {
namespace {

using nlohmann::json;

Bytes Hex(const json& value) { return *FromHex(value.get<std::string>()); }
template <std::size_t N>
ByteArray<N> HexArray(const json& value) {
  return *ToArray<N>(Hex(value));
}
SecretBytes HexSecret(const json& value) {
  return SecretBytes::CopyOf(Hex(value));
}

class SampleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SKIP_WITHOUT_SHARED("vectors/tlog/entente-v1");
    vectors_ = json::parse(File("vectors.json"));
    origin_ = vectors_["origin"];
    segment_ = {0, HexSecret(vectors_["keys"]["segment_0_key"])};
    for (const char* name : {"dpo-1", "dpo-2"}) {
      officers_.push_back(Recipient(name));
    }
  }

  std::string File(const std::string& name) const {
    return testing::ReadFile(testing::SharedDir() / "vectors/tlog/entente-v1" /
                             name);
  }
  primitive::HpkePublicKey Recipient(const char* name) const {
    return HexArray<32>(vectors_["keys"]["recipients"][name]["public"]);
  }
  primitive::HpkePrivateKey PrivateOf(const char* name) const {
    return *primitive::HpkePrivateKey::FromBytes(
        HexSecret(vectors_["keys"]["recipients"][name]["private"]));
  }
  primitive::HpkePrivateKey Ephemeral(const std::string& name) const {
    return *primitive::HpkePrivateKey::FromBytes(
        HexSecret(vectors_["hpke_ephemeral_seeds"][name]));
  }
  SealTo To() const { return {origin_, &segment_, officers_}; }

  static Event EventOf(const json& input) {
    Event event(input["type"].get<std::string>());
    for (const auto& [key, value] : input["data"].items()) {
      if (value.is_number()) {
        event.Set(key, value.get<std::int64_t>());
      } else {
        event.Set(key, value.get<std::string>());
      }
    }
    if (input.contains("fields")) {
      for (const auto& [name, text] : input["fields"].items()) {
        event.Seal(name, text.get<std::string>());
      }
    }
    const std::string user = input["user"];
    if (user != "-") event.By(user);
    return event;
  }

  PreparedEntry Entry(const json& input) const {
    const std::string user = input["user"];
    std::optional<Id16> actor;
    if (user != "-") {
      actor = ActorPseudonym(HexSecret(vectors_["keys"]["actor_key"]), user);
    }
    const bool sealed = input.contains("entry_key");
    const auto nonce = [&](const char* key) {
      return input.contains(key) ? HexArray<12>(input[key])
                                 : primitive::Nonce12{};
    };
    EntrySecrets secrets{
        HexArray<16>(input["id"]),
        *EntryKey::FromBytes(sealed ? HexSecret(input["entry_key"])
                                    : SecretBytes::Random(32)),
        nonce("body_nonce"),
        nonce("wrap_nonce"),
        {}};
    if (input["type"] == "guard") {
      secrets.ephemerals.push_back(Ephemeral("guard 6 dpo-1"));
      secrets.ephemerals.push_back(Ephemeral("guard 6 dpo-2"));
    }
    return *PrepareWith(EventOf(input), To(), actor, secrets);
  }

  json vectors_;
  std::string origin_;
  SegmentKey segment_;
  std::vector<primitive::HpkePublicKey> officers_;
};

TEST_F(SampleTest, LeavesTilesAndRecordsComeOutTheSame) {
  merkle::TileEdge edge;
  std::vector<merkle::TileEdge::Tile> tiles;
  std::map<std::uint64_t, Bytes> bundles;
  for (const json& input : vectors_["inputs"]) {
    const PreparedEntry entry = Entry(input);
    ASSERT_OK_AND_ASSIGN(const FinishedLeaf leaf,
                         FinishLeaf(entry, input["time"]));
    const std::uint64_t index = input["index"];
    ASSERT_EQ(edge.size(), index);
    merkle::AppendEntry(bundles[index / 256], leaf.bytes);
    edge.Append(leaf.hash, tiles);
    if (input.contains("record_sha256")) {
      EXPECT_EQ(ToHex(primitive::Sha256(entry.record)),
                input["record_sha256"].get<std::string>())
          << index;
    }
    const auto root = vectors_["roots"].find(std::to_string(edge.size()));
    if (root != vectors_["roots"].end()) {
      EXPECT_EQ(ToHex(edge.Root()), root->get<std::string>());
    }
  }
  for (const auto& tile : edge.Partials()) tiles.push_back(tile);
  for (const auto& tile : tiles) {
    EXPECT_TRUE(ToString(tile.bytes) ==
                File("log/" + merkle::PathOf(tile.file)))
        << merkle::PathOf(tile.file);
  }
  EXPECT_TRUE(ToString(bundles[0]) == File("log/tile/entries/000"));
  EXPECT_TRUE(ToString(bundles[1]) == File("log/tile/entries/001.p/64"));
  EXPECT_EQ(tiles.size(), 3U);
  EXPECT_EQ(ToHex(edge.Root()), vectors_["root"].get<std::string>());
}

TEST_F(SampleTest, TheEntryOfTheCheckValue) {
  const json& e = vectors_["entry"];
  ASSERT_OK_AND_ASSIGN(const FinishedLeaf leaf,
                       FinishLeaf(Entry(e), e["time"]));
  EXPECT_EQ(ToString(leaf.bytes), e["leaf"].get<std::string>());
  EXPECT_EQ(ToHex(leaf.hash), e["leaf_hash"].get<std::string>());
  EXPECT_EQ(ToHex(Entry(e).record), e["record"].get<std::string>());

  ASSERT_OK_AND_ASSIGN(const EntryKey key,
                       EntryKey::FromBytes(HexSecret(e["entry_key"])));
  const EntryName name{origin_, HexArray<16>(e["id"])};
  ASSERT_OK_AND_ASSIGN(
      const Slots slots,
      MakeSlots(*FindEventType("screen.open"), "m.ilves", EventOf(e).sealed()));
  for (std::size_t j = 0; j < kSlots; ++j) {
    EXPECT_EQ(ToHex(SlotBytes(slots[j])), e["slots"][j].get<std::string>());
    EXPECT_EQ(ToHex(key.Salt(j)), e["salts"][j].get<std::string>());
  }
  EXPECT_EQ(ToHex(key.CommitKey()), e["commit_key"].get<std::string>());
  EXPECT_EQ(ToHex(testing::SecretReader::View(key.BodyKey())),
            e["body_key"].get<std::string>());
  EXPECT_EQ(ToHex(BodyRoot(key, slots)), e["body_root"].get<std::string>());
}

TEST_F(SampleTest, BodiesOpenAgain) {
  std::size_t opened = 0;
  for (const json& input : vectors_["inputs"]) {
    if (!input.contains("entry_key")) continue;
    const PreparedEntry entry = Entry(input);
    const EntryName name{origin_, entry.id};
    ASSERT_OK_AND_ASSIGN(const RecordParts record, ParseRecord(entry.record));
    const bool guard = entry.type == "guard";
    ASSERT_OK_AND_ASSIGN(
        const EntryKey key,
        guard ? UnwrapWithRecipient(record, name, PrivateOf("dpo-2"))
              : UnwrapWithSegment(record, name, segment_));
    ASSERT_OK_AND_ASSIGN(
        const Slots slots,
        OpenBodyOf(key, name, record.body, HexArray<32>(input["commitment"])));
    EXPECT_EQ(slots[0].value, entry.type);
    for (const auto& [field, text] : input["fields"].items()) {
      const auto slot = std::find_if(
          slots.begin(), slots.end(),
          [&want = field](const Slot& s) { return s.name == want; });
      ASSERT_NE(slot, slots.end());
      EXPECT_EQ(slot->value, text.get<std::string>());
    }
    // The node's own key does not open a guard entry.
    if (guard) {
      EXPECT_THAT(UnwrapWithRecipient(record, name, PrivateOf("node")),
                  testing::HasCode(absl::StatusCode::kNotFound));
    }
    ++opened;
  }
  EXPECT_EQ(opened, 11U);
}

TEST_F(SampleTest, TheSegmentFileAndItsRecipients) {
  const primitive::HpkePublicKey to[] = {Recipient("node"), officers_[0],
                                         officers_[1]};
  Ephemerals ephemerals;
  for (const char* name : {"node", "dpo-1", "dpo-2"}) {
    ephemerals.push_back(Ephemeral("segment 0 " + std::string(name)));
  }
  ASSERT_OK_AND_ASSIGN(const Bytes file,
                       MakeSegmentFile(segment_, origin_, to, ephemerals));
  EXPECT_EQ(ToHex(file), vectors_["segments"].get<std::string>());
  EXPECT_EQ(RecipientsText(to),
            vectors_["inputs"][2]["data"]["recipients"].get<std::string>());
  ASSERT_OK_AND_ASSIGN(const SegmentFile parsed, ParseSegmentFile(file));
  for (const char* name : {"node", "dpo-1", "dpo-2"}) {
    ASSERT_OK_AND_ASSIGN(const SegmentKey key,
                         OpenSegmentFile(parsed, origin_, PrivateOf(name)));
    EXPECT_TRUE(ConstantTimeEqual(testing::SecretReader::View(key.key),
                                  testing::SecretReader::View(segment_.key)));
  }
}

TEST_F(SampleTest, SetRootSubjectTagAndPseudonym) {
  const json& set = vectors_["set_root"];
  std::vector<Bytes> keys;
  for (const json& key : set["match_keys"]) {
    keys.push_back(ToBytes(key.get<std::string>()));
  }
  const json& tag = vectors_["subject_tag"];
  EXPECT_EQ(ToHex(SubjectTag(HexSecret(tag["index_key"]),
                             AsBytes(tag["match_key"].get<std::string>()))),
            tag["tag"].get<std::string>());
  EXPECT_EQ(ToHex(ActorPseudonym(HexSecret(vectors_["keys"]["actor_key"]),
                                 "m.ilves")),
            vectors_["actor"]["out"].get<std::string>());
  ASSERT_OK_AND_ASSIGN(
      const EntryKey key,
      EntryKey::FromBytes(HexSecret(vectors_["entry"]["entry_key"])));
  EXPECT_EQ(ToHex(key.SetRoot(keys)), set["root"].get<std::string>());
}

TEST_F(SampleTest, TheOpeningOfOneField) {
  const json& e = vectors_["entry"];
  ASSERT_OK_AND_ASSIGN(const EntryKey key,
                       EntryKey::FromBytes(HexSecret(e["entry_key"])));
  const EntryName name{origin_, HexArray<16>(e["id"])};
  ASSERT_OK_AND_ASSIGN(
      const Slots slots,
      MakeSlots(*FindEventType("screen.open"), "m.ilves", EventOf(e).sealed()));
  const std::size_t which[] = {3};
  ASSERT_OK_AND_ASSIGN(const Opening opening,
                       MakeOpening(5, name, key, slots, which));
  const std::string text = File("openings/5.opening");
  EXPECT_EQ(opening.Text(), text);
  ASSERT_OK_AND_ASSIGN(const Opening parsed, ParseOpening(text));
  const std::string leaf_text = File("proofs/5.leaf");
  ASSERT_OK_AND_ASSIGN(const Leaf leaf, ParseLeaf(AsBytes(leaf_text)));
  EXPECT_OK(CheckOpening(parsed, leaf));
}

TEST_F(SampleTest, TheErasureAndItsSignature) {
  const std::string leaf_text = File("proofs/128.leaf");
  ASSERT_OK_AND_ASSIGN(const Leaf leaf, ParseLeaf(AsBytes(leaf_text)));
  EXPECT_EQ(ErasureText(origin_, leaf.Text("ranges"), leaf.Text("ground"),
                        leaf.Text("case")),
            vectors_["erasure"]["text"].get<std::string>());
  ASSERT_OK_AND_ASSIGN(
      const merkle::VerifierKey officer,
      merkle::VerifierKey::Parse(
          vectors_["keys"]["dpo_sign_vkey"].get<std::string>()));
  EXPECT_OK(CheckErasure(origin_, 128, leaf, {officer}));
  EXPECT_FALSE(CheckErasure("another.origin/1", 128, leaf, {officer}).ok());
  EXPECT_FALSE(CheckErasure(origin_, 65, leaf, {officer}).ok());
  EXPECT_FALSE(CheckErasure(origin_, 128, leaf, {}).ok());
}

TEST_F(SampleTest, TheCheckpointWithItsCosignatures) {
  const std::string note = File("log/checkpoint");
  const auto signer = [&](const char* seed) -> merkle::Signer {
    return [this, seed](ByteView m) -> absl::StatusOr<primitive::Signature> {
      return primitive::SigningKey::FromSeed(HexSecret(vectors_["keys"][seed]))
          ->Sign(m);
    };
  };
  const auto vkey = [&](const char* name) {
    return *merkle::VerifierKey::Parse(
        vectors_["keys"][name].get<std::string>());
  };
  const merkle::Checkpoint head{origin_, 320, HexArray<32>(vectors_["root"])};
  ASSERT_OK_AND_ASSIGN(
      std::string made,
      merkle::SignCheckpoint(head, vkey("log_vkey"), signer("log_seed")));
  ASSERT_OK_AND_ASSIGN(const merkle::Note parsed, merkle::ParseNote(note));
  ASSERT_EQ(parsed.lines.size(), 3U);
  for (std::size_t i : {1U, 2U}) {
    const char* name = i == 1 ? "w1_vkey" : "w2_vkey";
    const char* seed = i == 1 ? "w1_seed" : "w2_seed";
    const std::uint64_t time =
        merkle::TimeOfCosignature(parsed.lines[i].signature);
    ASSERT_OK_AND_ASSIGN(
        const merkle::NoteLine line,
        merkle::Cosign(vkey(name), time, head.Text(), signer(seed)));
    made += line.Text();
  }
  EXPECT_EQ(made, note);
}

TEST_F(SampleTest, ProofsOutOfTheTiles) {
  const auto read = [&](const merkle::FileRef& file) -> absl::StatusOr<Bytes> {
    return ToBytes(File("log/" + merkle::PathOf(file)));
  };
  const std::string note = File("log/checkpoint");
  for (std::uint64_t index : {0U, 5U, 66U, 128U, 255U, 256U, 319U}) {
    const merkle::HashSource source = merkle::HashesFromTiles(320, read);
    ASSERT_OK_AND_ASSIGN(const merkle::Proof proof,
                         merkle::ProveInclusion(index, 320, source));
    const std::string name = "proofs/" + std::to_string(index);
    EXPECT_EQ((merkle::ProofFile{index, proof, note}.Text()),
              File(name + ".tlog-proof"));
  }
  for (std::uint64_t size : {64U, 128U, 256U}) {
    const merkle::HashSource source = merkle::HashesFromTiles(320, read);
    ASSERT_OK_AND_ASSIGN(const merkle::Proof proof,
                         merkle::ProveConsistency(size, 320, source));
    const std::string name = "consistency/" + std::to_string(size) + "-320";
    EXPECT_EQ(merkle::ProofLines(proof), File(name + ".consistency"));
    EXPECT_EQ((merkle::AddCheckpoint{size, proof, note}.Text()),
              File(name + ".add-checkpoint"));
  }
}

TEST_F(SampleTest, TheAnswersOfAScreening) {
  const Bytes item = Hex(vectors_["answers"]["items"][0]);
  const std::optional<ChunkAnswer> chunks[] = {
      ChunkAnswer{*ToArray<32>(ByteView(item).first(32)),
                  *ToArray<32>(ByteView(item).subspan(32))}};
  EXPECT_EQ(ToHex(AnswersRoot(chunks)),
            vectors_["answers"]["root"].get<std::string>());
}

TEST_F(SampleTest, TheRecordsOfADay) {
  const json& r = vectors_["reconcile"];
  const std::string record = r["first"]["record"];
  ASSERT_OK_AND_ASSIGN(const ExchangeRecord parsed,
                       ParseExchangeRecord(record));
  EXPECT_EQ(parsed.Text(), record);
  EXPECT_EQ(ToHex(parsed.Digest()), r["first"]["digest"].get<std::string>());
  EXPECT_EQ(
      ToHex(ExchangeKey(Step::kScreen, HexArray<16>(r["first"]["ident"]), 0)),
      r["first"]["key"].get<std::string>());

  const std::string file = File("reconcile/day.set");
  ASSERT_OK_AND_ASSIGN(DaySet set, ParseDaySet(AsBytes(file)));
  EXPECT_EQ(set.size(), r["count"].get<std::size_t>());
  EXPECT_EQ(ToString(DaySetBytes(set)), file);
  EXPECT_EQ(ToHex(DayRoot(set)), r["root"].get<std::string>());
  const std::string note = File("reconcile/day.note");
  ASSERT_OK_AND_ASSIGN(const merkle::Note day, merkle::ParseNote(note));
  EXPECT_EQ(DayNoteText(parsed.agreement, "2027-01-01", set), day.text);
  set.erase(HexArray<32>(r["first"]["key"]));
  EXPECT_EQ(ToHex(DayRoot(set)), r["root_without_first"].get<std::string>());
  EXPECT_EQ(ToHex(DayRoot({})), r["empty"].get<std::string>());
}

// The whole bundle, down to its last byte, and it verifies.
TEST_F(SampleTest, TheBundleComesOutTheSame) {
  std::map<std::uint64_t, Bytes> records;
  for (const json& input : vectors_["inputs"]) {
    if (!input.contains("entry_key")) continue;
    const std::uint64_t index = input["index"];
    if (index == 64 || index == 65) continue;  // erased by entry 128
    records[index] = Entry(input).record;
  }
  const auto dpo = *merkle::VerifierKey::Parse(
      vectors_["keys"]["dpo_sign_vkey"].get<std::string>());
  const BundleInput input{
      .read = [&](const merkle::FileRef& file) -> absl::StatusOr<Bytes> {
        return ToBytes(File("log/" + merkle::PathOf(file)));
      },
      .policy = File("policy"),
      .range = {0, 320},
      .singles = {},
      .body = [&](std::uint64_t index) -> absl::StatusOr<Bytes> {
        if (!records.contains(index)) return NotFound("erased");
        return records.at(index);
      },
      .segment = [&](std::uint32_t) -> absl::StatusOr<Bytes> {
        return Hex(vectors_["segments"]);
      },
      .previous = File("consistency/64.checkpoint"),
      .exporter = dpo,
      .sign = [&](ByteView m) -> absl::StatusOr<primitive::Signature> {
        return primitive::SigningKey::FromSeed(
                   HexSecret(vectors_["keys"]["dpo_sign_seed"]))
            ->Sign(m);
      }};
  Bytes made;
  ASSERT_OK_AND_ASSIGN(const BundleSummary summary,
                       WriteBundle(input, [&](ByteView bytes) {
                         made.insert(made.end(), bytes.begin(), bytes.end());
                         return absl::OkStatus();
                       }));
  EXPECT_TRUE(ToString(made) == File("sample.entente-audit.tar"));
  EXPECT_EQ(ToHex(summary.sha256),
            vectors_["bundle_sha256"].get<std::string>());
  EXPECT_EQ(summary.absent, 2U);

  ASSERT_OK_AND_ASSIGN(const merkle::TrustPolicy policy,
                       merkle::TrustPolicy::Parse(File("policy")));
  BundleOptions options;
  options.officers = {dpo};
  const primitive::HpkePrivateKey key = PrivateOf("dpo-1");
  options.opener = Opener::With(key);
  ASSERT_OK_AND_ASSIGN(const Report report,
                       VerifyBundle(BundleSource::Of(made), policy, options));
  EXPECT_EQ(report.verdict, Verdict::kVerified)
      << (report.fault ? report.fault->why : "");
  EXPECT_EQ(report.unsealed, 9U);
  EXPECT_EQ(report.erased, 2U);
}

}  // namespace
}  // namespace entente::ledger
