#pragma once
// What stands beside the log on a failing disk: a folder in memory, a witness
// on another disk, and a list of every head that was signed.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/witness.h"
#include "node/audit/testing_log.h"
#include "node/audit/witness.h"

namespace entente::audit {

namespace fs = std::filesystem;

// Memory, so that thousands of syncs cost nothing.
class MemoryDir {
 public:
  MemoryDir() {
    std::string name =
        fs::is_directory("/dev/shm")
            ? "/dev/shm/entente-test-XXXXXX"
            : (fs::temp_directory_path() / "entente-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~MemoryDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path() const { return path_; }

 private:
  fs::path path_;
};

// What the log said while the disk failed under it.
struct Said {
  std::vector<Receipt> receipts;
  std::vector<std::string> acts;  // rows of the jobs acknowledged
  std::size_t safe = 0;           // safe events taken
};

// The product's witness, with its record in memory: its disk is another one.
class MemoryWitness {
 public:
  explicit MemoryWitness(const merkle::VerifierKey& log)
      : known_{{kOrigin, {log}}} {}
  WitnessReply Answer(std::string_view body) {
    const auto decision = merkle::DecideWitness(
        body, known_, [this](const std::string&) { return record; },
        1'800'000'000);
    WitnessReply reply{decision->status, decision->body, ""};
    if (decision->status != 200) return reply;
    record = decision->record;
    reply.body =
        *merkle::WitnessAnswer(*decision, witness_.Key(), witness_.Signer());
    return reply;
  }
  std::string Policy(const merkle::VerifierKey& log) const {
    return Join({"log ", log.Text(), "\nwitness w ", witness_.Key().Text(),
                 "\nquorum w\n"});
  }
  // The last head that it cosigned.
  std::optional<merkle::WitnessRecord> record;

 private:
  const std::vector<merkle::KnownLog> known_;
  const TestWitness witness_{"valmara"};
};

// Every head that the key signed, over all starts.
class Signatures {
 public:
  // False: another root was signed for that size.
  void Note(ByteView message) {
    const auto checkpoint = merkle::ParseCheckpoint(AsText(message));
    if (!checkpoint.ok()) return;
    const std::lock_guard lock(mutex_);
    const auto [at, fresh] = heads_.emplace(checkpoint->size, checkpoint->root);
    if (!fresh && at->second != checkpoint->root) two_roots_ = true;
  }
  void Forget() {
    const std::lock_guard lock(mutex_);
    heads_.clear();
    two_roots_ = false;
  }
  bool two_roots() const {
    const std::lock_guard lock(mutex_);
    return two_roots_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return heads_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Hash> heads_;
  bool two_roots_ = false;
};

}  // namespace entente::audit
