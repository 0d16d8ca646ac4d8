#include "crypto/base/secret.h"

#include <sched.h>
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
// other processor of the process (TLB). Each processor has its own, which is in
// its cache; with one list for all, two threads that seal entries took a
// quarter longer. Lives for ever, since secrets may outlast any static object.
// Thread-safe.
class Regions {
 public:
  static Regions& Get() {
    static Regions* const regions = new Regions;
    return *regions;
  }
  // Zeroes.
  std::uint8_t* Take(std::size_t size) {
    std::uint8_t* out = nullptr;
    if (size <= kLargest) {
      Each([&](List& list) {
        std::vector<std::uint8_t*>& waiting = list.of_size[size];
        if (waiting.empty()) return false;
        out = waiting.back();
        waiting.pop_back();
        return true;
      });
    }
    if (out != nullptr) return out;
    out = static_cast<std::uint8_t*>(sodium_malloc(size));
    CHECK(out != nullptr);
    std::memset(out, 0, size);
    return out;
  }
  void Give(std::uint8_t* data, std::size_t size) {
    if (size <= kLargest) {
      sodium_memzero(data, size);
      const bool kept = Each([&](List& list) {
        std::vector<std::uint8_t*>& waiting = list.of_size[size];
        if (waiting.size() == kMostWaiting) return false;
        waiting.push_back(data);
        return true;
      });
      if (kept) return;
    }
    sodium_free(data);  // wipes before it frees
  }

 private:
  // Keys and their like; three pages each.
  static constexpr std::size_t kLargest = 64;
  static constexpr std::size_t kLists = 8;
  static constexpr std::size_t kMostWaiting = 8;
  struct alignas(64) List {
    std::mutex mutex;
    std::array<std::vector<std::uint8_t*>, kLargest + 1> of_size;
  };

  // Tries this processor's list, then the others', until `use` takes one.
  template <class Use>
  bool Each(const Use& use) {
    const int processor = sched_getcpu();
    const auto own = processor < 0 ? 0U : static_cast<std::size_t>(processor);
    for (std::size_t i = 0; i < kLists; ++i) {
      List& list = lists_[(own + i) % kLists];
      const std::lock_guard lock(list.mutex);
      if (use(list)) return true;
    }
    return false;
  }

  std::array<List, kLists> lists_;
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
