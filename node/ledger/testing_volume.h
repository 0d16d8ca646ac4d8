#pragma once
// For tests of logs only: a volume in memory, with keys from small numbers,
// that can also be built wrongly.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitive/signature.h"
#include "node/ledger/entry.h"
#include "node/ledger/erasure.h"
#include "node/ledger/verify.h"

namespace entente::ledger {

inline constexpr char kOrigin[] = "audit.qma.example/2027a";
inline constexpr std::int64_t kStart = 1'798'761'600'000'000;

struct TestKey {
  primitive::SigningKey key;
  merkle::VerifierKey verifier;

  TestKey(std::string_view name, merkle::NoteKeyType type, std::uint8_t seed)
      : key(*primitive::SigningKey::FromSeed(
            SecretBytes::CopyOf(Bytes(32, seed)))),
        verifier(*merkle::VerifierKey::Make(name, type, key.public_key())) {}
  merkle::Signer Sign() const {
    return [this](ByteView message) -> absl::StatusOr<primitive::Signature> {
      return key.Sign(message);
    };
  }
};

class TestVolume {
 public:
  TestVolume() {
    officers_ = {officer_box.public_key(),
                 primitive::HpkePrivateKey::Generate().public_key()};
    segment_file = *MakeSegmentFile(segment_, kOrigin, officers_);
  }

  TestKey log{kOrigin, merkle::NoteKeyType::kEd25519, 1};
  TestKey witness{"witness.qmb.example/w1", merkle::NoteKeyType::kCosignature,
                  2};
  TestKey officer{"dpo.qma.example/1", merkle::NoteKeyType::kEd25519, 3};
  primitive::HpkePrivateKey officer_box = primitive::HpkePrivateKey::Generate();

  static Event Genesis() {
    return Event("log.genesis")
        .Set("catalogue", CatalogueHash())
        .Set("reason", "first")
        .Set("volume", "2027a")
        .FillAbsent();
  }
  static Event Screen(std::uint64_t seq) {
    return Event("screen.open")
        .Set("agr", Hash{1, 2, 3})
        .Set("clause", "C1")
        .Set("peer", "QMB")
        .Set("seq", seq)
        .FillAbsent()
        .Seal("case", "QMA-2027-0001")
        .By("m.ilves");
  }
  Event Erasure(std::string_view ranges, std::uint64_t n) const {
    const std::string text = ErasureText(kOrigin, ranges, "request", "-");
    return Event("erasure")
        .Set("ranges", ranges)
        .Set("n", n)
        .Set("ground", "request")
        .Set("kid", primitive::KeyId(officer.key.public_key()))
        .Set("sig", ToBase64(officer.key.Sign(AsBytes(text))))
        .FillAbsent()
        .By("dpo.kask");
  }

  void Add(const Event& event) { Add(event, next_time_); }
  void Add(const Event& event, std::int64_t time) {
    const auto actor = event.user() == "-" ? std::optional<Id16>()
                                           : std::optional<Id16>(Id16{7, 7});
    const auto entry = Prepare(event, {kOrigin, &segment_, officers_}, actor);
    ASSERT_TRUE(entry.ok()) << entry.status();
    const auto leaf = FinishLeaf(*entry, time);
    ASSERT_TRUE(leaf.ok()) << leaf.status();
    if (!entry->record.empty()) records[leaves.size()] = entry->record;
    AddRaw(leaf->bytes);
  }
  void AddRaw(Bytes leaf) {
    leaves.push_back(std::move(leaf));
    next_time_ += 1'000'003;
  }
  void PadTo(std::size_t size) {
    while (leaves.size() < size) {
      AddRaw(FinishLeaf(MakePad(), next_time_)->bytes);
    }
  }
  // The entries that every sample starts with: 7 of them.
  void Begin() {
    Add(Genesis());
    Add(Event("node.start").Set("version", "0.1.0").FillAbsent());
    Add(Event("key.segment")
            .Set("recipients", RecipientsText(officers_))
            .FillAbsent());
    Add(Event("login.ok").Set("role", "officer").FillAbsent().By("m.ilves"));
    Add(Screen(1));
    Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    Add(Erasure("4", 1));
  }

  // Writes all files; `cosign` puts the witness under the head.
  void Publish(bool cosign, std::uint64_t time = kStart / 1'000'000 + 100) {
    files.clear();
    merkle::TileEdge edge;
    std::vector<merkle::TileEdge::Tile> tiles;
    Bytes bundle;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      edge.Append(merkle::LeafHash(leaves[i]), tiles);
      merkle::AppendEntry(bundle, leaves[i]);
      if (i % 256 == 255 || i + 1 == leaves.size()) {
        files[merkle::PathOf(merkle::FileRef::Entries(
            i / 256, static_cast<unsigned>(i % 256 + 1)))] = bundle;
        bundle.clear();
      }
    }
    for (const auto& tile : edge.Partials()) tiles.push_back(tile);
    for (const auto& tile : tiles) {
      files[merkle::PathOf(tile.file)] = tile.bytes;
    }
    head = {kOrigin, edge.size(), edge.Root()};
    files["checkpoint"] = ToBytes(SignedHead(cosign, time));
  }
  std::string SignedHead(bool cosign, std::uint64_t time) const {
    std::string note = *merkle::SignCheckpoint(head, log.verifier, log.Sign());
    if (cosign) {
      note +=
          merkle::Cosign(witness.verifier, time, head.Text(), witness.Sign())
              ->Text();
    }
    return note;
  }

  merkle::TrustPolicy Policy(std::string_view quorum) const {
    return *merkle::TrustPolicy::Parse(
        Join({"log ", log.verifier.Text(), "\nwitness w ",
              witness.verifier.Text(), "\nquorum ", quorum, "\n"}));
  }

  Report Verify(const merkle::TrustPolicy& policy,
                const VerifyOptions& options = {}) const {
    return *VerifyFolder(AsFolder(files), policy, options);
  }
  Report Verify(std::string_view quorum = "none") const {
    return Verify(Policy(quorum));
  }

  static Folder AsFolder(const std::map<std::string, Bytes>& files) {
    Folder folder;
    for (const auto& [path, bytes] : files) folder.files.push_back(path);
    folder.read = [&files](const std::string& path) -> absl::StatusOr<Bytes> {
      const auto found = files.find(path);
      if (found == files.end()) return NotFound("gone");
      return found->second;
    };
    return folder;
  }

  std::vector<Bytes> leaves;
  std::map<std::uint64_t, Bytes> records;  // sealed bodies
  Bytes segment_file;
  std::map<std::string, Bytes> files;
  merkle::Checkpoint head;

 private:
  SegmentKey segment_ = SegmentKey::Random(0);
  std::vector<primitive::HpkePublicKey> officers_;
  std::int64_t next_time_ = kStart;
};

}  // namespace entente::ledger
