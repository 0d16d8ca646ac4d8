#include "node/ledger/verify.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/ledger/folder_check.h"
#include "node/ledger/kept.h"
#include "node/ledger/leaf.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::TrustPolicy;

namespace {

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

}  // namespace

FolderCheck::FolderCheck(const Folder& folder, const TrustPolicy& policy,
                         const VerifyOptions& options)
    : folder_(folder), policy_(policy), options_(options) {
  report_.claims = AllClaims();
}

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
  JudgePrunes();
  if (found_) return;
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
  report_.warnings = TimeWarnings(policy_, cosigned_, rules_->last_time());
  if (!report_.warnings.empty()) return Mark("V11", ClaimResult::kFails);
  Hold("V11");
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

std::size_t MaxFileBytes(std::string_view path) {
  if (ParseKeptPath(path).ok()) return kMaxLeafSize;
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
