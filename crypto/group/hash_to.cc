#include "crypto/group/hash_to.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/group/secret_reader.h"

namespace entente::group {
namespace {

constexpr std::size_t kBlockSize = 128;  // SHA-512's input block
constexpr std::size_t kDigestSize = 64;  // and its output
constexpr std::size_t kMaxTag = 255;     // a longer DST would be hashed first
constexpr std::size_t kMaxBlocks = 255;

class Sha512Parts {
 public:
  Sha512Parts() { crypto_hash_sha512_init(&state_); }
  void Add(ByteView part) {
    crypto_hash_sha512_update(&state_, part.data(), part.size());
  }
  void AddByte(std::size_t value) {
    const auto byte = static_cast<std::uint8_t>(value);
    Add({&byte, 1});
  }
  void AddTag(ByteView dst) {  // DST_prime
    Add(dst);
    AddByte(dst.size());
  }
  ByteArray<kDigestSize> Finish() {  // wipes the state
    ByteArray<kDigestSize> out;
    crypto_hash_sha512_final(&state_, out.data());
    return out;
  }

 private:
  crypto_hash_sha512_state state_;
};

}  // namespace

void ExpandMessage(std::initializer_list<ByteView> message, ByteView dst,
                   MutableByteView out) {
  CHECK(!dst.empty() && dst.size() <= kMaxTag);
  CHECK(out.size() <= kMaxBlocks * kDigestSize);
  constexpr ByteArray<kBlockSize> kZeroes{};
  Sha512Parts first;
  first.Add(kZeroes);
  for (ByteView part : message) first.Add(part);
  first.AddByte(out.size() >> 8U);
  first.AddByte(out.size() & 0xffU);
  first.AddByte(0);
  first.AddTag(dst);
  ByteArray<kDigestSize> b0 = first.Finish();
  ByteArray<kDigestSize> block{};  // b_0 XOR b_(i-1), where b_0 stands alone
  const WipeAtEnd wipe_b0(b0);
  const WipeAtEnd wipe_block(block);
  for (std::size_t done = 0; done < out.size(); done += kDigestSize) {
    Sha512Parts next;
    for (std::size_t i = 0; i < kDigestSize; ++i) block[i] ^= b0[i];
    next.Add(block);
    next.AddByte(done / kDigestSize + 1);
    next.AddTag(dst);
    block = next.Finish();
    const std::size_t take = std::min(kDigestSize, out.size() - done);
    std::copy_n(block.begin(), take,
                out.begin() + static_cast<std::ptrdiff_t>(done));
  }
}

Scalar HashToScalar(std::initializer_list<ByteView> message, ByteView dst) {
  ByteArray<64> wide;
  ExpandMessage(message, dst, wide);
  return Scalar::FromWide(wide);
}

absl::StatusOr<SecretScalar> HashToSecretScalar(
    std::initializer_list<ByteView> message, ByteView dst) {
  SecretBytes wide(64);
  ExpandMessage(message, dst, SecretReader::MutableView(wide));
  return SecretScalar::FromWide(std::move(wide));
}

}  // namespace entente::group
