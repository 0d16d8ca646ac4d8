#include "crypto/base/secret.h"

#include <sodium.h>

#include <array>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "crypto/base/status.h"

namespace entente {

void EnsureSodium() {
  static const int ready = sodium_init();
  CHECK(ready >= 0);
}

namespace {

// Locked and fenced regions that were wiped and wait for the next secret of
// their size: a fresh one costs the kernel ten calls, four of which stop every
// other processor of the process (TLB). Lives for ever, since secrets may
// outlast any static object. Thread-safe.
class Regions {
 public:
  static Regions& Get() {
    static Regions* const regions = new Regions;
    return *regions;
  }
  // Zeroes.
  std::uint8_t* Take(std::size_t size) {
    if (size < free_.size()) {
      const std::lock_guard lock(mutex_);
      std::vector<std::uint8_t*>& waiting = free_[size];
      if (!waiting.empty()) {
        std::uint8_t* const out = waiting.back();
        waiting.pop_back();
        return out;
      }
    }
    auto* const out = static_cast<std::uint8_t*>(sodium_malloc(size));
    CHECK(out != nullptr);
    std::memset(out, 0, size);
    return out;
  }
  void Give(std::uint8_t* data, std::size_t size) {
    if (size < free_.size()) {
      sodium_memzero(data, size);
      const std::lock_guard lock(mutex_);
      std::vector<std::uint8_t*>& waiting = free_[size];
      if (waiting.size() < kMostWaiting) {
        waiting.push_back(data);
        return;
      }
    }
    sodium_free(data);  // wipes before it frees
  }

 private:
  // Keys and their like; three pages each.
  static constexpr std::size_t kLargest = 64;
  static constexpr std::size_t kMostWaiting = 64;
  std::mutex mutex_;
  std::array<std::vector<std::uint8_t*>, kLargest + 1> free_;
};

}  // namespace

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  EnsureSodium();
  if (size > 0) data_ = Regions::Get().Take(size);
}

SecretBytes SecretBytes::CopyOf(ByteView bytes) {
  SecretBytes out(bytes.size());
  if (!bytes.empty()) std::memcpy(out.data_, bytes.data(), bytes.size());
  return out;
}

SecretBytes SecretBytes::Random(std::size_t size) {
  SecretBytes out(size);
  if (size > 0) randombytes_buf(out.data_, size);
  return out;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) Regions::Get().Give(data_, size_);
}

SecretBytes SecretBytes::Clone() const { return CopyOf({data_, size_}); }

void Wipe(MutableByteView bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace entente
