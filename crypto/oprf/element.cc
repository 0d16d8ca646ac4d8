#include "crypto/oprf/element.h"

#include <algorithm>

namespace entente::oprf {

absl::StatusOr<Proof> Proof::Decode(ByteView bytes) {
  if (bytes.size() != kSize) return Invalid("proof: not 64 bytes");
  TRY(const auto c, group::Scalar::Decode(bytes.first(group::Scalar::kSize)));
  TRY(const auto s, group::Scalar::Decode(bytes.last(group::Scalar::kSize)));
  return Proof{c, s};
}

ByteArray<Proof::kSize> Proof::Encode() const {
  ByteArray<kSize> out;
  std::copy(c.bytes().begin(), c.bytes().end(), out.begin());
  std::copy(s.bytes().begin(), s.bytes().end(),
            out.begin() + group::Scalar::kSize);
  return out;
}

}  // namespace entente::oprf
