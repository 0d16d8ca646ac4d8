#pragma once
// Private to this room: one run of VerifyBundle. verify_bundle.cc holds the
// container, the note and the head, bundle_tree.cc tiles and entries,
// bundle_bodies.cc what is sealed, opened or attached.

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
#include "node/ledger/bundle_file.h"
#include "node/ledger/bundle_parts.h"
#include "node/ledger/coverage.h"
#include "node/ledger/entry_rules.h"
#include "node/ledger/head_check.h"
#include "node/ledger/verify_bundle.h"

namespace entente::ledger {

class BundleCheck {
 public:
  BundleCheck(const BundleSource& source, const merkle::TrustPolicy& policy,
              const BundleOptions& options);

  absl::StatusOr<Report> Run();

 private:
  // Steps return errors of the source only; the first finding ends them.
  absl::Status Steps();

  // verify_bundle.cc
  absl::Status CheckContainer();
  absl::Status CheckTexts();
  absl::Status CheckHead();
  void HoldHead(const merkle::TrustPolicy::Trusted& head);
  absl::Status CheckNote();
  void CheckNoteSigner(std::string_view note);
  static bool HasHalfKnownLine(std::string_view note,
                               std::span<const merkle::VerifierKey> known);
  void CheckFiles();
  absl::Status CheckPrevious();
  absl::Status CheckKept();
  void CheckTimes();
  Verdict Conclude();

  // bundle_tree.cc
  absl::Status CheckRightEdge();
  absl::Status NameEdgeFault();
  absl::Status NameUpperFault();
  absl::Status CheckUpperTiles();
  absl::Status ReadEntries();
  absl::Status ReadTile(std::uint64_t tile);
  absl::Status JudgeTile(std::uint64_t tile, const std::vector<Hash>& entries,
                         const std::vector<Hash>& stored);
  absl::StatusOr<std::vector<Hash>> HashesOf(const merkle::FileRef& file);
  absl::StatusOr<std::vector<Hash>> EntryHashes(std::uint64_t tile);
  absl::StatusOr<Hash> ParentOf(unsigned level, std::uint64_t tile);
  absl::Status TakeLeaf(std::uint64_t index, const std::string& file,
                        ByteView bytes);
  std::string EntriesFile(std::uint64_t tile) const;
  void CheckRules();
  void SuspectRule(std::string_view claim, std::uint64_t index,
                   const std::string& file, const absl::Status& status);

  // bundle_bodies.cc
  absl::Status LoadSingles();
  absl::Status CheckSingle(std::uint64_t index);
  absl::StatusOr<Leaf> SingleLeaf(std::uint64_t index);
  absl::Status LoadSegments();
  absl::Status TakeSingleBodies(std::uint64_t first, std::uint64_t end);
  absl::Status TakeBody(std::uint64_t index, const Leaf& leaf);
  absl::Status NextBody();
  absl::Status CheckRecord(std::uint64_t index, const Leaf& leaf,
                           ByteView record);
  absl::StatusOr<std::optional<EntryKey>> KeyOf(const RecordParts& parts,
                                                const EntryName& name);
  absl::Status FinishBodies();
  void ExplainBodies();
  absl::StatusOr<std::string> Authority(const Coverage::Cover& cover);
  absl::StatusOr<Leaf> LeafAt(std::uint64_t index);
  absl::Status CheckOpenings();
  absl::Status CheckAttachments();
  absl::Status CheckEvidence(const std::string& name, std::size_t& unknown);
  absl::Status CheckDayNote(const std::string& name, std::size_t& unknown);

  merkle::TileReader Reader() const;
  void Find(Verdict verdict, Fault fault) {
    if (!found_) found_ = Finding{verdict, std::move(fault)};
  }
  // Told only when nothing more exact is found.
  void Suspect(Verdict verdict, Fault fault) {
    Mark(fault.claim, ClaimResult::kFails, fault.why);
    if (!suspect_) suspect_ = Finding{verdict, std::move(fault)};
  }
  void Hold(std::string_view id, std::string reason = {}) {
    Mark(id, ClaimResult::kHolds, std::move(reason));
  }
  void Mark(std::string_view id, ClaimResult result, std::string reason);

  const merkle::TrustPolicy& policy_;
  const BundleOptions& options_;
  BundleFile file_;
  Report report_;
  std::optional<Finding> found_;
  std::optional<Finding> suspect_;
  std::optional<Finding> rule_;  // of the entries, told after the tree's
  std::string note_;             // the checkpoint
  EntryRange range_;
  EntryRange whole_;  // rounded outward to whole tiles
  std::vector<merkle::TrustPolicy::Cosigned> cosigned_;
  std::optional<EntryRules> rules_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> parents_;

  Coverage coverage_;
  std::vector<std::uint64_t> singles_;
  std::optional<MemberStream> bodies_;
  struct BodyHead {
    std::uint64_t index = 0;
    std::size_t length = 0;
  };
  std::optional<BodyHead> next_body_;
  std::map<std::uint32_t, SegmentFile> segments_;
  std::map<std::uint32_t, std::optional<SegmentKey>> opened_segments_;
  std::set<std::uint32_t> used_segments_;
  std::set<std::uint32_t> announced_;
  struct Absent {
    std::uint64_t index = 0;
    Keep keep = Keep::kLaw;
    std::int64_t time = 0;
  };
  std::vector<Absent> absent_;
};

}  // namespace entente::ledger
