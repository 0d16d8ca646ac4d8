#include "node/ledger/verify.h"

#include <algorithm>
#include <set>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/tiles.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/entry_rules.h"
#include "node/ledger/erasure.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {
namespace {

using merkle::FileRef;
using merkle::TrustPolicy;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kCosignSlack = 300;  // seconds

std::vector<Claim> AllClaims() {
  return {{"V1", "every file belongs to the volume, under its one name"},
          {"V3", "the log signed the head, and the quorum cosigned it"},
          {"V4", "the volume only adds to the head that you kept"},
          {"V5", "every tile is there and leads to the signed root"},
          {"V6", "every entry is framed and hashed as the tiles say"},
          {"V7", "every entry is in the catalogue, and their order is right"},
          {"V8", "every commitment has its body (bodies are in bundles)"},
          {"V9", "every erasure is signed by an officer you named"},
          {"V11", "the witnesses saw the entries when these say"}};
}

// A finding that ends the check, or an error of the reader. `ok()`: go on.
struct Finding {
  Verdict verdict = Verdict::kTampered;
  Fault fault;
};

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
  FolderCheck(const Folder& folder, const TrustPolicy& policy,
              const VerifyOptions& options)
      : folder_(folder), policy_(policy), options_(options) {
    report_.claims = AllClaims();
  }

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
  void CheckHalfKnownLines(const TrustPolicy::Trusted& head);
  void CheckPrevious();
  void CheckFiles();
  absl::Status ReadEntries();
  absl::Status ReadBundle(std::uint64_t bundle);
  void TakeLeaf(std::uint64_t index, const std::string& file, ByteView bytes);
  absl::Status CompareTiles(const std::vector<merkle::TileEdge::Tile>& tiles);
  void CompareHashes(const FileRef& file, ByteView have, ByteView want);
  absl::Status FrameFault(std::uint64_t bundle, ByteView bytes,
                          std::string why);
  // The file that holds an entry.
  std::string EntriesFile(std::uint64_t index) const {
    return merkle::PathOf(
        FileRef::Entries(index / merkle::kTileWidth, WidthAt(index)));
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
  const TrustPolicy& policy_;
  const VerifyOptions& options_;
  Report report_;
  std::optional<Finding> found_;
  std::vector<TrustPolicy::Cosigned> cosigned_;
  std::optional<merkle::Checkpoint> previous_;
  std::optional<Hash> previous_root_;  // of our tree at that size
  merkle::TileEdge edge_;              // over the entries as read
  std::optional<EntryRules> rules_;
  Suspects suspects_;
};

absl::StatusOr<std::optional<Bytes>> FolderCheck::Read(
    std::string_view claim, const std::string& path) {
  auto bytes = folder_.read(path);
  if (bytes.ok()) return std::optional<Bytes>(*std::move(bytes));
  if (bytes.status().code() != absl::StatusCode::kNotFound) {
    return bytes.status();
  }
  Find(Verdict::kIncomplete, {claim, path, std::nullopt, "the file is gone"});
  return std::optional<Bytes>();
}

void FolderCheck::CheckNames() {
  std::set<std::string_view> seen;
  for (const std::string& path : folder_.files) {
    if (merkle::ParsePath(path).ok() && seen.insert(path).second) continue;
    Find(Verdict::kTampered,
         {"V1", path, std::nullopt, "a file that belongs to no volume"});
    return;
  }
  if (!seen.contains("checkpoint")) {
    Find(Verdict::kIncomplete,
         {"V3", "checkpoint", std::nullopt, "the checkpoint is missing"});
  }
}

absl::Status FolderCheck::CheckHead() {
  TRY(const std::optional<Bytes> note, Read("V3", "checkpoint"));
  if (!note) return absl::OkStatus();
  const auto head = policy_.Open(AsText(*note));
  if (!head.ok()) {
    const bool malformed =
        head.status().code() == absl::StatusCode::kInvalidArgument;
    Find(malformed ? Verdict::kTampered : Verdict::kUntrusted,
         {"V3", "checkpoint", std::nullopt, MessageOf(head.status())});
    return absl::OkStatus();
  }
  report_.origin = head->checkpoint.origin;
  report_.size = head->checkpoint.size;
  report_.root = head->checkpoint.root;
  report_.witnesses = head->cosigned.size();
  cosigned_ = head->cosigned;
  if (!merkle::IsOrigin(report_.origin)) {
    Find(Verdict::kUntrusted, {"V3", "checkpoint", std::nullopt,
                               "the origin is not that of an audit log"});
  }
  if (!head->quorum_met) {
    Find(Verdict::kUntrusted, {"V3", "checkpoint", std::nullopt,
                               "too few witnesses cosigned this head"});
  }
  CheckHalfKnownLines(*head);
  if (!found_) Hold("V3");
  return absl::OkStatus();
}

// A signed note ignores lines of unknown keys. Here a line that has the name of
// a witness of the policy but another id, or a known id under another name, is
// refused: it is what a damaged line of a known key looks like. The log's own
// name is exempt, since two keys sign while its key changes.
void FolderCheck::CheckHalfKnownLines(const TrustPolicy::Trusted& head) {
  for (const merkle::NoteLine& line : head.note.lines) {
    for (const auto& witness : policy_.witnesses()) {
      const bool name = witness.key.name() == line.name;
      const bool id = witness.key.id() == line.id;
      if (name != id) {
        Find(Verdict::kUntrusted,
             {"V3", "checkpoint", std::nullopt,
              "a signature line that half belongs to a known witness"});
      }
    }
    for (const auto& log : policy_.logs()) {
      if (log.key.id() == line.id && log.key.name() != line.name) {
        Find(Verdict::kUntrusted,
             {"V3", "checkpoint", std::nullopt,
              "a signature line that half belongs to the log"});
      }
    }
  }
}

void FolderCheck::CheckPrevious() {
  if (!options_.previous) return;
  const auto fail = [&](Verdict verdict, std::string why) {
    Find(verdict, {"V4", "previous checkpoint", std::nullopt, std::move(why)});
  };
  const auto head = policy_.Open(*options_.previous);
  if (!head.ok()) return fail(Verdict::kUntrusted, MessageOf(head.status()));
  if (head->checkpoint.origin != report_.origin) {
    return fail(Verdict::kUntrusted, "it is of another log");
  }
  previous_ = head->checkpoint;
  if (previous_->size > report_.size) {
    fail(Verdict::kIncomplete, "the volume is shorter than the head you kept");
  } else if (previous_->size == report_.size &&
             previous_->root != report_.root) {
    fail(Verdict::kSplitView, "the log signed two roots for one size");
  }
}

void FolderCheck::CheckFiles() {
  std::set<std::string_view> have(folder_.files.begin(), folder_.files.end());
  for (const std::string& path : folder_.files) {
    const auto file = merkle::ParsePath(path);
    if (file.ok() && merkle::Implied(*file, report_.size)) continue;
    Find(Verdict::kTampered, {"V1", path, std::nullopt,
                              "a file that a volume of this size does not "
                              "have"});
    return;
  }
  // Entry bundles first and one by one: a dishonest log may sign a size whose
  // list of files would fill the memory.
  for (std::uint64_t i = 0; i < report_.size; i += merkle::kTileWidth) {
    const std::string path = EntriesFile(i);
    if (have.contains(path)) continue;
    return Find(Verdict::kIncomplete,
                {"V5", path, std::nullopt, "the file is missing"});
  }
  for (const FileRef& file : merkle::FilesOf(report_.size)) {
    const std::string path = merkle::PathOf(file);
    if (have.contains(path)) continue;
    return Find(Verdict::kIncomplete,
                {"V5", path, std::nullopt, "the file is missing"});
  }
  Hold("V1");
}

absl::Status FolderCheck::ReadEntries() {
  rules_.emplace(report_.origin);
  if (previous_ && previous_->size == 0) previous_root_ = merkle::EmptyRoot();
  const std::uint64_t bundles =
      (report_.size + merkle::kTileWidth - 1) / merkle::kTileWidth;
  for (std::uint64_t i = 0; i < bundles && !found_; ++i) {
    TRY_OK(ReadBundle(i));
  }
  if (found_) return absl::OkStatus();
  return CompareTiles(edge_.Partials());
}

absl::Status FolderCheck::ReadBundle(std::uint64_t bundle) {
  const std::uint64_t first = bundle * merkle::kTileWidth;
  const std::string file = EntriesFile(first);
  TRY(const std::optional<Bytes> bytes, Read("V6", file));
  if (!bytes) return absl::OkStatus();
  const auto leaves = merkle::ParseBundle(*bytes, WidthAt(first));
  if (!leaves.ok()) {
    return FrameFault(bundle, *bytes, MessageOf(leaves.status()));
  }
  std::vector<merkle::TileEdge::Tile> full;
  for (std::uint64_t i = 0; i < leaves->size(); ++i) {
    TakeLeaf(first + i, file, (*leaves)[i]);
    edge_.Append(merkle::LeafHash((*leaves)[i]), full);
    if (previous_ && previous_->size == edge_.size()) {
      previous_root_ = edge_.Root();
    }
  }
  return CompareTiles(full);
}

// Names the first entry of a badly framed bundle that is not the one that its
// tile holds.
absl::Status FolderCheck::FrameFault(std::uint64_t bundle, ByteView bytes,
                                     std::string why) {
  const std::uint64_t first = bundle * merkle::kTileWidth;
  const unsigned width = WidthAt(first);
  TRY(const std::optional<Bytes> tile,
      Read("V5", merkle::PathOf(FileRef::Hashes(0, bundle, width))));
  if (!tile) return absl::OkStatus();
  std::uint64_t at = 0;
  for (; at < width && bytes.size() >= 2; ++at) {
    const std::size_t length = std::size_t{bytes[0]} << 8U | bytes[1];
    if (bytes.size() < 2 + length || tile->size() < (at + 1) * 32) break;
    const Hash hash = merkle::LeafHash(bytes.subspan(2, length));
    if (!std::equal(hash.begin(), hash.end(),
                    tile->begin() + static_cast<std::ptrdiff_t>(at * 32))) {
      break;
    }
    bytes = bytes.subspan(2 + length);
  }
  // Bytes after the last entry belong to no entry.
  const auto index = at < width ? std::optional(first + at) : std::nullopt;
  Find(Verdict::kTampered, {"V6", EntriesFile(first), index, std::move(why)});
  return absl::OkStatus();
}

void FolderCheck::TakeLeaf(std::uint64_t index, const std::string& file,
                           ByteView bytes) {
  ++report_.entries;
  const auto leaf = ParseLeaf(bytes);
  if (!leaf.ok()) return SuspectRule(index, file, leaf.status());
  SuspectRule(index, file, rules_->Next(index, *leaf));
  if (leaf->type->name == "erasure" && !options_.officers.empty()) {
    const absl::Status erasure =
        CheckErasure(report_.origin, index, *leaf, options_.officers);
    if (!erasure.ok() && !suspects_.rule) {
      SuspectRule(index, file, erasure);
      suspects_.rule->claim = "V9";
    }
  }
}

void FolderCheck::SuspectRule(std::uint64_t index, const std::string& file,
                              const absl::Status& status) {
  if (status.ok() || suspects_.rule) return;
  suspects_.rule = Fault{"V7", file, index, MessageOf(status)};
  if (status.code() == absl::StatusCode::kUnauthenticated) {
    suspects_.rule_verdict = Verdict::kUntrusted;
  }
}

absl::Status FolderCheck::CompareTiles(
    const std::vector<merkle::TileEdge::Tile>& tiles) {
  for (const merkle::TileEdge::Tile& tile : tiles) {
    TRY(const std::optional<Bytes> have, Read("V5", merkle::PathOf(tile.file)));
    if (!have) return absl::OkStatus();
    CompareHashes(tile.file, *have, tile.bytes);
  }
  return absl::OkStatus();
}

void FolderCheck::CompareHashes(const FileRef& file, ByteView have,
                                ByteView want) {
  if (std::equal(have.begin(), have.end(), want.begin(), want.end())) return;
  const std::string path = merkle::PathOf(file);
  if (have.size() != want.size()) {
    if (!suspects_.tile) {
      suspects_.tile =
          Fault{"V5", path, std::nullopt, "the tile has another length"};
    }
    return;
  }
  const auto at = std::mismatch(have.begin(), have.end(), want.begin()).first;
  const std::uint64_t position =
      file.index * merkle::kTileWidth +
      static_cast<std::uint64_t>(at - have.begin()) / 32;
  Fault fault{"V5", path, std::nullopt,
              "the tile is not the one over its entries"};
  if (file.level == 0) {
    fault.index = position;
    if (!suspects_.leaf) suspects_.leaf = std::move(fault);
  } else if (!suspects_.tile) {
    suspects_.tile = std::move(fault);
    if (file.level == 1) suspects_.bundle = position;
  }
}

// All entries and tiles are read. Names the right file: where the entries lead
// to the signed root, a differing tile is at fault, else an entry is.
void FolderCheck::Judge() {
  if (edge_.Root() != report_.root) return JudgeRoot();
  if (suspects_.leaf) return Find(Verdict::kTampered, *suspects_.leaf);
  if (suspects_.tile) return Find(Verdict::kTampered, *suspects_.tile);
  Hold("V5");
  Hold("V6");
  if (previous_) {
    if (previous_root_ != previous_->root) {
      return Find(Verdict::kSplitView,
                  {"V4", "previous checkpoint", std::nullopt,
                   "the log signed two histories"});
    }
    Hold("V4");
  }
  if (!suspects_.rule && report_.size > 0) CheckEnd();
  if (suspects_.rule) return Find(suspects_.rule_verdict, *suspects_.rule);
  Hold("V7");
  if (!options_.officers.empty()) Hold("V9");
}

// What only the whole volume shows.
void FolderCheck::CheckEnd() {
  const std::uint64_t last = report_.size - 1;
  SuspectRule(last, EntriesFile(last), rules_->Finish());
  const auto repeated = rules_->RepeatedId();
  if (!repeated) return;
  SuspectRule(*repeated, EntriesFile(*repeated),
              Invalid("an id that an earlier entry has"));
}

void FolderCheck::JudgeRoot() {
  if (suspects_.leaf) {
    Fault fault = *suspects_.leaf;
    fault.claim = "V6";
    fault.file = EntriesFile(*fault.index);
    fault.why = "the entry is not the one that the log hashed";
    return Find(Verdict::kTampered, std::move(fault));
  }
  if (suspects_.tile) {
    Fault fault = *suspects_.tile;
    if (suspects_.bundle) {
      fault.file = EntriesFile(*suspects_.bundle * merkle::kTileWidth);
      fault.why = "the entries are not those that the log hashed";
    }
    return Find(Verdict::kTampered, std::move(fault));
  }
  Find(Verdict::kTampered,
       {"V5", "checkpoint", std::nullopt,
        "the entries do not lead to the root that the log signed"});
}

void FolderCheck::CheckTimes() {
  if (cosigned_.empty()) return;
  for (const TrustPolicy::Cosigned& line : cosigned_) {
    const std::int64_t last = rules_->last_time() / kSecond;
    if (last > static_cast<std::int64_t>(line.time) + kCosignSlack) {
      report_.warnings.push_back(
          Join({"witness `", policy_.witnesses()[line.witness].name,
                "` cosigned this head long before its last entry says it was "
                "written"}));
      Mark("V11", ClaimResult::kFails);
    }
  }
  if (report_.warnings.empty()) Hold("V11");
}

Verdict FolderCheck::Conclude() {
  if (rules_) {
    report_.pads = rules_->pads();
    report_.sealed = rules_->sealed();
    report_.erased = rules_->Erased();
    report_.first_time = rules_->first_time();
    report_.last_time = rules_->last_time();
  }
  if (found_) {
    Mark(found_->fault.claim, ClaimResult::kFails);
    report_.fault = std::move(found_->fault);
    return found_->verdict;
  }
  return policy_.needs_witnesses() ? Verdict::kVerified
                                   : Verdict::kVerifiedUnwitnessed;
}

}  // namespace

std::size_t MaxFileBytes(std::string_view path) {
  const auto file = merkle::ParsePath(path);
  if (!file.ok()) return 0;
  switch (file->kind) {
    case FileRef::Kind::kCheckpoint:
      return merkle::kMaxNoteBytes;
    case FileRef::Kind::kHashes:
      return merkle::kTileWidth * 32;
    case FileRef::Kind::kEntries:
      return merkle::kTileWidth * (2 + kMaxLeafSize);
  }
  return 0;
}

absl::StatusOr<Report> VerifyFolder(const Folder& folder,
                                    const merkle::TrustPolicy& policy,
                                    const VerifyOptions& options) {
  return FolderCheck(folder, policy, options).Run();
}

}  // namespace entente::ledger
