#pragma once
// Private to this room: one run of VerifyFolder. verify_head.cc holds the steps
// up to the entries, verify_entries.cc those over them, verify_pruned.cc those
// over entries that went at the end of their term, verify.cc the verdict.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/policy.h"
#include "crypto/merkle/tiles.h"
#include "node/ledger/entry_rules.h"
#include "node/ledger/head_check.h"
#include "node/ledger/verify.h"

namespace entente::ledger {

// The lowest entry at fault, by kind: which of them is named depends on whether
// the entries or the tiles lead to the signed root.
struct Suspects {
  std::optional<Fault> leaf;  // the stored hash is another one (level 0)
  std::optional<Fault> tile;  // a tile above, or of another length
  std::optional<std::uint64_t> bundle;  // under that tile, when it is level 1
  std::optional<Fault> rule;            // grammar, catalogue, order
  Verdict rule_verdict = Verdict::kTampered;
};

class FolderCheck {
 public:
  FolderCheck(const Folder& folder, const merkle::TrustPolicy& policy,
              const VerifyOptions& options);

  absl::StatusOr<Report> Run() {
    TRY_OK(Steps());
    report_.verdict = Conclude();
    return std::move(report_);
  }

 private:
  // Each step returns only errors of the reader; findings go to `found_`, and
  // the first one ends the steps.
  absl::Status Steps() {
    CheckNames();
    if (!found_) TRY_OK(CheckHead());
    if (!found_) CheckPrevious();
    if (!found_) CheckFiles();
    if (!found_) TRY_OK(ReadEntries());
    if (!found_) Judge();
    if (!found_) CheckTimes();
    return absl::OkStatus();
  }

  void CheckNames();
  absl::Status CheckHead();
  void CheckPrevious();
  void CheckFiles();
  absl::Status ReadEntries();
  absl::Status ReadBundle(std::uint64_t bundle);
  void TakeLeaf(std::uint64_t index, const std::string& file, ByteView bytes);
  void TakeSpecial(std::uint64_t index, const std::string& file,
                   const Leaf& leaf);

  // --- verify_pruned.cc
  // Whether the file is a leaf that stayed, then it is remembered.
  bool NoteKept(const std::string& path);
  // The first entry bundle that is there; 0 when none is.
  std::uint64_t FirstBundle() const;
  // Hashes of a bundle whose entries went, and the leaves that stayed of it.
  absl::Status ReadPruned(std::uint64_t bundle);
  // A kept leaf against the hash that the tile or the bundle gives.
  absl::Status TakeKept(std::uint64_t index, const Hash& hash);
  void NotePrune(std::uint64_t index, const std::string& file,
                 const Leaf& leaf);
  // Level 1 of the computed tiles: one root a bundle.
  void NoteRoots(const merkle::TileEdge::Tile& tile);
  void JudgePrunes();
  void NoteErasure(std::uint64_t index, const Leaf& leaf);
  absl::Status CompareTiles(const std::vector<merkle::TileEdge::Tile>& tiles);
  void CompareHashes(const merkle::FileRef& file, ByteView have, ByteView want);
  absl::Status FrameFault(std::uint64_t bundle, ByteView bytes,
                          std::string why);
  // The file that holds an entry.
  std::string EntriesFile(std::uint64_t index) const {
    return merkle::PathOf(
        merkle::FileRef::Entries(index / merkle::kTileWidth, WidthAt(index)));
  }
  unsigned WidthAt(std::uint64_t index) const {
    const std::uint64_t first = index - index % merkle::kTileWidth;
    return static_cast<unsigned>(
        std::min<std::uint64_t>(merkle::kTileWidth, report_.size - first));
  }
  void SuspectRule(std::uint64_t index, const std::string& file,
                   const absl::Status& status);
  void Judge();
  void JudgeRoot();
  void CheckEnd();
  void CheckTimes();
  Verdict Conclude();

  // The bytes of a file, or nullopt after a finding that it is gone.
  absl::StatusOr<std::optional<Bytes>> Read(std::string_view claim,
                                            const std::string& path);
  void Find(Verdict verdict, Fault fault) {
    if (!found_) found_ = Finding{verdict, std::move(fault)};
  }
  void Hold(std::string_view id) { Mark(id, ClaimResult::kHolds); }
  void Mark(std::string_view id, ClaimResult result) {
    for (Claim& claim : report_.claims) {
      if (claim.id == id) claim.result = result;
    }
  }

  const Folder& folder_;
  const merkle::TrustPolicy& policy_;
  const VerifyOptions& options_;
  Report report_;
  std::optional<Finding> found_;
  std::vector<merkle::TrustPolicy::Cosigned> cosigned_;
  std::optional<merkle::Checkpoint> previous_;
  std::optional<Hash> previous_root_;  // of our tree at that size
  merkle::TileEdge edge_;              // over the entries as read
  std::optional<EntryRules> rules_;
  Suspects suspects_;

  std::uint64_t first_bundle_ = 0;  // those below went
  std::set<std::uint64_t> kept_;    // entries with a file of their own
  std::vector<Hash> bundle_roots_;  // of full bundles, as computed
  struct Prune {
    std::uint64_t index = 0;
    std::string file;
    std::uint64_t before = 0;
    std::uint64_t n = 0;
    std::string kept_root;
    std::int64_t oldest = 0;
  };
  std::vector<Prune> prunes_;
};

}  // namespace entente::ledger
