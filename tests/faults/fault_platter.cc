// What the disk would hold after a power cut.

#include <fstream>
#include <utility>

#include "tests/faults/fault_disk.h"

namespace entente::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSector = 512;

std::string DirOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

void FaultDisk::Apply(std::string& content, const Change& change) {
  const auto at = static_cast<std::size_t>(change.at);
  if (change.truncates) return content.resize(at);
  if (content.size() < at + change.bytes.size()) {
    content.resize(at + change.bytes.size());
  }
  content.replace(at, change.bytes.size(), change.bytes);
}

void FaultDisk::ApplyName(std::map<std::string, FileRef>& names,
                          std::map<std::string, bool>& dirs,
                          const NameChange& change) {
  switch (change.kind) {
    case NameKind::kLink:
      names[change.path] = change.file;
      break;
    case NameKind::kUnlink:
      names.erase(change.path);
      break;
    case NameKind::kRename:
      names.erase(change.path);
      names[change.to] = change.file;
      break;
    case NameKind::kDir:
      dirs[change.path] = true;
      break;
    case NameKind::kNoDir:
      dirs.erase(change.path);
      break;
  }
}

void FaultDisk::SyncNames(const std::string& dir) {
  std::string plain = dir;
  while (plain.ends_with('/')) plain.pop_back();
  std::vector<NameChange> left;
  for (NameChange& change : name_changes_) {
    if (DirOf(change.path) == plain) {
      ApplyName(synced_names_, synced_dirs_, change);
    } else {
      left.push_back(std::move(change));
    }
  }
  name_changes_ = std::move(left);
}

// Sectors of what was not synced come or do not come, in any order.
std::string FaultDisk::PartOf(const File& file) {
  std::string content = file.synced;
  const unsigned chance = static_cast<unsigned>(random_() % 4);  // 0: none
  for (const Change& change : file.pending) {
    if (change.truncates) {
      if (random_() % 4 < chance) Apply(content, change);
      continue;
    }
    for (std::size_t i = 0; i < change.bytes.size(); i += kSector) {
      if (random_() % 4 >= chance) continue;
      Apply(content, {change.at + static_cast<off_t>(i),
                      change.bytes.substr(i, kSector), false});
    }
  }
  return content;
}

void FaultDisk::MakePlatter() {
  // Of the names of one folder a first part, as journals do.
  std::map<std::string, std::size_t> keep;
  for (const NameChange& change : name_changes_) ++keep[DirOf(change.path)];
  for (auto& [dir, count] : keep) count = random_() % (count + 1);
  for (const NameChange& change : name_changes_) {
    std::size_t& left = keep[DirOf(change.path)];
    if (left == 0) continue;
    --left;
    ApplyName(synced_names_, synced_dirs_, change);
  }
  for (const auto& entry : fs::directory_iterator(root_)) {
    fs::remove_all(entry.path());
  }
  for (const auto& [dir, there] : synced_dirs_) {
    // A folder whose parent is gone is gone.
    if (dir == root_ || fs::exists(DirOf(dir))) fs::create_directory(dir);
  }
  for (const auto& [path, file] : synced_names_) {
    if (!fs::exists(DirOf(path))) continue;
    std::ofstream(path, std::ios::binary) << PartOf(*file);
  }
}

}  // namespace entente::testing
