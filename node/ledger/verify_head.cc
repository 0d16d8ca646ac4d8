#include <set>
#include <string_view>
#include <utility>

#include "crypto/base/status.h"
#include "node/ledger/folder_check.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::TrustPolicy;

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

}  // namespace entente::ledger
