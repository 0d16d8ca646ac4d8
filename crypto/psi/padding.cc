#include "crypto/psi/padding.h"

#include <algorithm>
#include <array>
#include <bit>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"

namespace entente::psi {
namespace {

constexpr std::string_view kLabel = "entente/padding/1";
constexpr std::array<std::size_t, 7> kSizeClasses = {1,   8,   32,         64,
                                                     128, 256, kMaxPersons};

// HMAC blocks, given out byte by byte.
class SeededStream {
 public:
  explicit SeededStream(const SecretBytes& seed) : seed_(seed) {}
  void Fill(MutableByteView out) {
    for (std::uint8_t& byte : out) {
      if (used_ == block_.size()) NextBlock();
      byte = block_[used_++];
    }
  }

 private:
  void NextBlock() {
    ByteArray<8> counter;
    for (std::size_t i = 0; i < counter.size(); ++i) {
      counter[i] = static_cast<std::uint8_t>(counter_ >> (8 * (7 - i)));
    }
    block_ = primitive::HmacSha256(seed_, {AsBytes(kLabel), counter});
    ++counter_;
    used_ = 0;
  }

  const SecretBytes& seed_;
  std::uint64_t counter_ = 0;
  Hash block_{};
  std::size_t used_ = block_.size();
};

}  // namespace

absl::StatusOr<std::uint64_t> PaddedCount(std::uint64_t count,
                                          Padding padding) {
  if (count > kMaxEntries) return Invalid("tag set: too many entries");
  if (count <= kMinEntries) return kMinEntries;
  const auto k = static_cast<std::uint64_t>(padding);
  // count lies in [2^n, 2^(n+1)), which k steps of 2^n / k divide.
  const std::uint64_t step = std::bit_floor(count) / k;
  return (count + step - 1) / step * step;
}

PaddingSource RandomPadding() {
  return [](MutableByteView out) { primitive::RandomBytes(out); };
}

PaddingSource SeededPadding(const SecretBytes& seed) {
  CHECK(seed.size() == 32);
  return [stream = SeededStream(seed)](MutableByteView out) mutable {
    stream.Fill(out);
  };
}

absl::StatusOr<std::size_t> SizeClass(std::size_t persons) {
  if (persons == 0) return Invalid("screening: no person to ask about");
  for (const std::size_t size : kSizeClasses) {
    if (persons <= size) return size;
  }
  return Invalid("screening: more than 512 persons in one batch");
}

}  // namespace entente::psi
