#include "crypto/primitive/hkdf.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/secret_reader.h"

namespace entente::primitive {

SecretBytes HkdfExtract(ByteView salt, const SecretBytes& ikm) {
  // An empty salt equals a salt of zeroes: HMAC pads its key with zeroes.
  Hash prk = HmacSha256(salt, {SecretReader::View(ikm)});
  WipeAtEnd wipe(prk);
  return SecretBytes::CopyOf(prk);
}

SecretBytes HkdfExpand(const SecretBytes& prk, ByteView info,
                       std::size_t length) {
  CHECK(length <= 255U * 32U);
  SecretBytes out(length);
  const MutableByteView okm = SecretReader::MutableView(out);
  Hash block{};
  WipeAtEnd wipe(block);
  std::uint8_t counter = 1;
  for (std::size_t at = 0; at < length; at += block.size(), ++counter) {
    const ByteView previous = at == 0 ? ByteView() : ByteView(block);
    block = HmacSha256(prk, {previous, info, {&counter, 1}});
    const std::size_t take = std::min(block.size(), length - at);
    std::copy_n(block.begin(), take,
                okm.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return out;
}

SecretBytes Hkdf(const SecretBytes& ikm, ByteView salt, ByteView info,
                 std::size_t length) {
  return HkdfExpand(HkdfExtract(salt, ikm), info, length);
}

}  // namespace entente::primitive
