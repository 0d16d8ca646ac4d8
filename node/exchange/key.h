#pragma once
// Keys of store records: length-prefixed parts, so that no two different lists
// of parts give one key, and big-endian numbers, so that order of keys is order
// of numbers.

#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::exchange {

class RecordKey {
 public:
  RecordKey& Text(std::string_view text) {
    bytes_.push_back(static_cast<std::uint8_t>(text.size()));
    const ByteView view = AsBytes(text);
    bytes_.insert(bytes_.end(), view.begin(), view.end());
    return *this;
  }
  RecordKey& Raw(ByteView fixed) {
    bytes_.insert(bytes_.end(), fixed.begin(), fixed.end());
    return *this;
  }
  RecordKey& Number(std::uint64_t n) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes_.push_back(
          static_cast<std::uint8_t>(n >> static_cast<unsigned>(shift)));
    }
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }
  operator ByteView() const { return bytes_; }  // NOLINT: a key is its bytes

 private:
  Bytes bytes_;
};

}  // namespace entente::exchange
