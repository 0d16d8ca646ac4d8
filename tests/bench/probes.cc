#include "tests/bench/probes.h"

// The one-shot SHA256() looks its algorithm up each time, which costs more than
// the hash.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <numeric>

#include "crypto/base/status.h"
#include "crypto/primitive/signature.h"

namespace entente::bench {
namespace {

constexpr std::size_t kHashes = 400'000;
constexpr std::size_t kVerifications = 500;
constexpr std::size_t kRowsABatch = 64;
constexpr std::size_t kRowBytes = 1'500;

// Keeps results alive: what nobody reads the compiler leaves out.
void Use(std::uint64_t value) {
  static std::atomic<std::uint64_t> sink;
  sink.store(value, std::memory_order_relaxed);
}

}  // namespace

double NowMs() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double RateOf(const std::vector<double>& each_ms) {
  const double sum = std::accumulate(each_ms.begin(), each_ms.end(), 0.0);
  return static_cast<double>(each_ms.size()) * 1000 / sum;
}

absl::StatusOr<std::vector<double>> SyncedWrites(
    const std::filesystem::path& folder, std::size_t count) {
  const std::string path = (folder / "probe").string();
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Unavailable("cannot create the probe's file");
  const std::string block(512, 'p');
  std::vector<double> each;
  bool good = true;
  for (std::size_t i = 0; i < count && good; ++i) {
    const double started = NowMs();
    good = ::write(fd, block.data(), block.size()) ==
               static_cast<ssize_t>(block.size()) &&
           ::fdatasync(fd) == 0;
    each.push_back(NowMs() - started);
  }
  ::close(fd);
  ::unlink(path.c_str());
  if (!good) return Unavailable("the probe's file cannot be written");
  return each;
}

absl::StatusOr<double> StoreRowRate(store::Store& store, std::size_t batches) {
  static std::uint64_t next = 0;
  const Bytes value(kRowBytes, 'v');
  const double started = NowMs();
  for (std::size_t i = 0; i < batches; ++i) {
    TRY_OK(store.Write([&value](store::Writer& writer) -> absl::Status {
      for (std::size_t row = 0; row < kRowsABatch; ++row) {
        Bytes key;
        for (int shift = 56; shift >= 0; shift -= 8) {
          key.push_back(static_cast<std::uint8_t>(next >> shift));
        }
        ++next;
        TRY_OK(writer.Put(store::Table::kAuditBody, key, value));
      }
      return absl::OkStatus();
    }));
  }
  return static_cast<double>(batches * kRowsABatch) * 1000 /
         (NowMs() - started);
}

double HashRate() {
  ByteArray<64> block{};
  const double started = NowMs();
  for (std::size_t i = 0; i < kHashes; ++i) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, block.data(), block.size());
    SHA256_Final(block.data(), &state);
  }
  Use(block[0]);
  return static_cast<double>(kHashes) * 1000 / (NowMs() - started);
}

double VerifyRate() {
  static const primitive::SigningKey key = primitive::SigningKey::Generate();
  const Bytes message(200, 'm');
  const primitive::Signature signature = key.Sign(message);
  std::uint64_t good = 0;
  const double started = NowMs();
  for (std::size_t i = 0; i < kVerifications; ++i) {
    good += primitive::VerifyEd25519(key.public_key(), message, signature);
  }
  Use(good);
  return static_cast<double>(kVerifications) * 1000 / (NowMs() - started);
}

}  // namespace entente::bench
