#include <set>
#include <string_view>
#include <utility>

#include "crypto/base/status.h"
#include "node/ledger/folder_check.h"
#include "node/ledger/kept.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::TrustPolicy;

void FolderCheck::CheckNames() {
  std::set<std::string_view> seen;
  for (const std::string& path : folder_.files) {
    const bool known = merkle::ParsePath(path).ok() || ParseKeptPath(path).ok();
    if (known && seen.insert(path).second) continue;
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
  const JudgedHead judged = JudgeHead(AsText(*note), policy_);
  if (judged.head) {
    report_.origin = judged.head->checkpoint.origin;
    report_.size = judged.head->checkpoint.size;
    report_.root = judged.head->checkpoint.root;
    report_.witnesses = judged.head->cosigned.size();
    cosigned_ = judged.head->cosigned;
  }
  if (judged.fault) {
    Find(judged.fault->verdict,
         {"V3", "checkpoint", std::nullopt, judged.fault->why});
  } else {
    Hold("V3");
  }
  return absl::OkStatus();
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
    if (NoteKept(path)) continue;
    const auto file = merkle::ParsePath(path);
    if (file.ok() && merkle::Implied(*file, report_.size)) continue;
    Find(Verdict::kTampered, {"V1", path, std::nullopt,
                              "a file that a volume of this size does not "
                              "have"});
    return;
  }
  first_bundle_ = FirstBundle();
  // Entry bundles first and one by one: a dishonest log may sign a size whose
  // list of files would fill the memory.
  for (std::uint64_t i = first_bundle_ * merkle::kTileWidth; i < report_.size;
       i += merkle::kTileWidth) {
    const std::string path = EntriesFile(i);
    if (have.contains(path)) continue;
    return Find(Verdict::kIncomplete,
                {"V5", path, std::nullopt, "the file is missing"});
  }
  for (const FileRef& file : merkle::FilesOf(report_.size)) {
    if (file.kind == FileRef::Kind::kEntries && file.index < first_bundle_) {
      continue;
    }
    const std::string path = merkle::PathOf(file);
    if (have.contains(path)) continue;
    return Find(Verdict::kIncomplete,
                {"V5", path, std::nullopt, "the file is missing"});
  }
  Hold("V1");
}

}  // namespace entente::ledger
