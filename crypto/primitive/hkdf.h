#pragma once
// HKDF-SHA256 (RFC 5869).

#include "crypto/base/secret.h"

namespace entente::primitive {

SecretBytes HkdfExtract(ByteView salt, const SecretBytes& ikm);  // 32 bytes
SecretBytes HkdfExpand(const SecretBytes& prk, ByteView info,
                       std::size_t length);  // length <= 255 * 32
SecretBytes Hkdf(const SecretBytes& ikm, ByteView salt, ByteView info,
                 std::size_t length);

}  // namespace entente::primitive
