#pragma once
// The pages of an SQLCipher 4 file in clear, free ones and those of its
// write-ahead log included: to look for what should be gone. Private to tests.
//
// A page of 4,096 bytes is AES-256-CBC over its first 4,016, then the IV (16)
// and a code (64); the first page starts with 16 bytes of salt in clear. In the
// write-ahead log each page follows a frame header of 24 bytes, after a file
// header of 32. With a raw key the key is the cipher's own.

#include <openssl/evp.h>

#include <algorithm>
#include <string>

#include "crypto/base/bytes.h"
#include "tests/testing/shared_data.h"

namespace entente::testing {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kPageCipher = 4016;

// `cipher`: whole blocks of one page, from `skip` on.
inline void AppendClear(const std::string& page, std::size_t skip,
                        const Bytes& key, std::string& out) {
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  const auto* bytes = reinterpret_cast<const unsigned char*>(page.data());
  EVP_DecryptInit_ex(context, EVP_aes_256_cbc(), nullptr, key.data(),
                     bytes + kPageCipher);
  EVP_CIPHER_CTX_set_padding(context, 0);
  std::string clear(kPageCipher + 32, '\0');
  int size = 0;
  EVP_DecryptUpdate(context, reinterpret_cast<unsigned char*>(clear.data()),
                    &size, bytes + skip, static_cast<int>(kPageCipher - skip));
  EVP_CIPHER_CTX_free(context);
  out.append(clear, 0, static_cast<std::size_t>(size));
}

// All pages of the store's file at `path`.
inline std::string ClearPages(const std::string& path, const Bytes& key) {
  const std::string file = ReadFile(path);
  std::string out;
  for (std::size_t at = 0; at + kPageBytes <= file.size(); at += kPageBytes) {
    AppendClear(file.substr(at, kPageBytes), at == 0 ? 16 : 0, key, out);
  }
  return out;
}

// All frames that lie in its write-ahead log, valid or left over.
inline std::string ClearFrames(const std::string& path, const Bytes& key) {
  constexpr std::size_t kHead = 32;
  constexpr std::size_t kFrameHead = 24;
  const std::string file = ReadFile(path + "-wal");
  std::string out;
  for (std::size_t at = kHead; at + kFrameHead + kPageBytes <= file.size();
       at += kFrameHead + kPageBytes) {
    const std::string page = file.substr(at + kFrameHead, kPageBytes);
    // Page 1 keeps its salt in clear; its number stands first in the header.
    const bool first = file.compare(at, 4, std::string("\0\0\0\1", 4)) == 0;
    AppendClear(page, first ? 16 : 0, key, out);
  }
  return out;
}

}  // namespace entente::testing
