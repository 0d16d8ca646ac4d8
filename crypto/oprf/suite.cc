#include "crypto/oprf/suite.h"

#include "crypto/base/status.h"
#include "crypto/group/hash_to.h"
#include "crypto/primitive/hash.h"

namespace entente::oprf {

ByteArray<2> TwoBytes(std::size_t value) {
  CHECK(value <= kMaxInputSize);
  return {static_cast<std::uint8_t>(value >> 8U),
          static_cast<std::uint8_t>(value & 0xffU)};
}

absl::StatusOr<group::Scalar> InfoScalar(ByteView info) {
  if (info.size() > kMaxInputSize) return Invalid("oprf: info is too long");
  return group::HashToScalar({AsBytes("Info"), TwoBytes(info.size()), info},
                             AsBytes(kHashToScalarTag));
}

Token MakeToken(ByteView input, ByteView info, const group::Point& element) {
  return primitive::Sha512(
      {TwoBytes(input.size()), input, TwoBytes(info.size()), info,
       TwoBytes(element.bytes().size()), element.bytes(), AsBytes("Finalize")});
}

}  // namespace entente::oprf
