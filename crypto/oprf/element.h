#pragma once
// What crosses between asker and holder. Blinded, evaluated and key elements
// are types that do not convert into each other: a blinded element can never
// be taken for an answer.

#include <absl/status/statusor.h>

#include <cstddef>
#include <utility>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"
#include "crypto/group/point.h"
#include "crypto/group/scalar.h"

namespace entente::oprf {

// A batch has 1 to kMaxBatch elements; one proof covers all of it.
inline constexpr std::size_t kMaxBatch = 4096;
// The longest input and the longest info, which carry two-byte lengths.
inline constexpr std::size_t kMaxInputSize = 65535;

template <class Tag>
class Element {
 public:
  static constexpr std::size_t kSize = group::Point::kSize;

  explicit Element(const group::Point& point) : point_(point) {}
  // INVALID_ARGUMENT: as group::Point::Decode.
  static absl::StatusOr<Element> Decode(ByteView bytes) {
    TRY(const group::Point point, group::Point::Decode(bytes));
    return Element(point);
  }

  const group::Point& point() const { return point_; }
  const ByteArray<kSize>& bytes() const { return point_.bytes(); }

  friend bool operator==(const Element&, const Element&) = default;

 private:
  group::Point point_;
};

using Blinded = Element<struct BlindedTag>;      // asker to holder
using Evaluated = Element<struct EvaluatedTag>;  // holder to asker
using PublicKey = Element<struct KeyTag>;        // pkS, announced by the holder

// The POPRF output of one input: 64 bytes, pseudorandom, equality only.
using Token = ByteArray<64>;

// A proof that one key made a whole batch: c || s on the wire.
struct Proof {
  static constexpr std::size_t kSize = 64;

  group::Scalar c;
  group::Scalar s;

  // INVALID_ARGUMENT: not 64 bytes, or a scalar is not canonical.
  static absl::StatusOr<Proof> Decode(ByteView bytes);
  ByteArray<kSize> Encode() const;

  friend bool operator==(const Proof&, const Proof&) = default;
};

}  // namespace entente::oprf
