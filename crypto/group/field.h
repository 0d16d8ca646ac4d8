#pragma once
// Private to this room: integers modulo p = 2^255 - 19, five limbs of 51 bits,
// for products over public data.
//
// SAFETY: used on public data only. The arithmetic itself has no branch on a
// value, but its callers do, and it was not written to protect a secret.
//
// INVARIANT: a Field that Mul or Square returns has limbs below 2^51 + 2^13.
// Add and Sub do not carry; Mul takes limbs below 2^54. So at most two chained
// additions, or one addition and one subtraction, may stand before a Mul, and
// the second operand of Sub has limbs below 2^52 + 2^15 (one Add).

#include <array>
#include <cstdint>

#include "crypto/base/bytes.h"

namespace entente::group {

struct Field {
  std::array<std::uint64_t, 5> limb{};
};

// __extension__: the 128-bit type is the compiler's, not the standard's.
__extension__ typedef unsigned __int128 Wide;

inline constexpr std::uint64_t kLimbMask = (std::uint64_t{1} << 51U) - 1;

inline constexpr Field kFieldZero{{0, 0, 0, 0, 0}};
inline constexpr Field kFieldOne{{1, 0, 0, 0, 0}};
// d = -121665 / 121666 of edwards25519, and twice it.
inline constexpr Field kD{{0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029,
                           0x739c663a03cbb, 0x52036cee2b6ff}};
inline constexpr Field kTwoD{{0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052,
                              0x6738cc7407977, 0x2406d9dc56dff}};
// The even square root of -1.
inline constexpr Field kSqrtMinusOne{{0x61b274a0ea0b0, 0x0d5a5fc8f189d,
                                      0x7ef5e9cbd0c60, 0x78595a6804c9e,
                                      0x2b8324804fc1d}};
// 1 / sqrt(a - d), RFC 9496, 4.1.
inline constexpr Field kInvSqrtAMinusD{{0x0fdaa805d40ea, 0x2eb482e57d339,
                                        0x007610274bc58, 0x6510b613dc8ff,
                                        0x786c8905cfaff}};

inline Field Add(const Field& f, const Field& g) {
  Field out;
  for (std::size_t i = 0; i < 5; ++i) out.limb[i] = f.limb[i] + g.limb[i];
  return out;
}

// f - g, by adding 4p so that no limb goes below zero.
inline Field Sub(const Field& f, const Field& g) {
  constexpr std::uint64_t kFourP0 = (std::uint64_t{1} << 53U) - 76;
  constexpr std::uint64_t kFourP = (std::uint64_t{1} << 53U) - 4;
  Field out;
  out.limb[0] = f.limb[0] + kFourP0 - g.limb[0];
  for (std::size_t i = 1; i < 5; ++i) {
    out.limb[i] = f.limb[i] + kFourP - g.limb[i];
  }
  return out;
}

// Brings five 115-bit sums back into five limbs.
inline Field CarryWide(Wide r0, Wide r1, Wide r2, Wide r3, Wide r4) {
  Field out;
  r1 += static_cast<std::uint64_t>(r0 >> 51U);
  r2 += static_cast<std::uint64_t>(r1 >> 51U);
  r3 += static_cast<std::uint64_t>(r2 >> 51U);
  r4 += static_cast<std::uint64_t>(r3 >> 51U);
  const std::uint64_t low = (static_cast<std::uint64_t>(r0) & kLimbMask) +
                            19 * static_cast<std::uint64_t>(r4 >> 51U);
  out.limb[0] = low & kLimbMask;
  out.limb[1] = (static_cast<std::uint64_t>(r1) & kLimbMask) + (low >> 51U);
  out.limb[2] = static_cast<std::uint64_t>(r2) & kLimbMask;
  out.limb[3] = static_cast<std::uint64_t>(r3) & kLimbMask;
  out.limb[4] = static_cast<std::uint64_t>(r4) & kLimbMask;
  return out;
}

inline Field Mul(const Field& f, const Field& g) {
  const auto [f0, f1, f2, f3, f4] = f.limb;
  const auto [g0, g1, g2, g3, g4] = g.limb;
  const std::uint64_t h1 = 19 * g1;
  const std::uint64_t h2 = 19 * g2;
  const std::uint64_t h3 = 19 * g3;
  const std::uint64_t h4 = 19 * g4;
  const auto w = [](std::uint64_t a, std::uint64_t b) { return Wide{a} * b; };
  return CarryWide(w(f0, g0) + w(f1, h4) + w(f2, h3) + w(f3, h2) + w(f4, h1),
                   w(f0, g1) + w(f1, g0) + w(f2, h4) + w(f3, h3) + w(f4, h2),
                   w(f0, g2) + w(f1, g1) + w(f2, g0) + w(f3, h4) + w(f4, h3),
                   w(f0, g3) + w(f1, g2) + w(f2, g1) + w(f3, g0) + w(f4, h4),
                   w(f0, g4) + w(f1, g3) + w(f2, g2) + w(f3, g1) + w(f4, g0));
}

inline Field Square(const Field& f) {
  const auto [f0, f1, f2, f3, f4] = f.limb;
  const std::uint64_t d0 = 2 * f0;
  const std::uint64_t d1 = 2 * f1;
  const std::uint64_t d2 = 2 * f2;
  const std::uint64_t h3 = 19 * f3;
  const std::uint64_t h4 = 19 * f4;
  const auto w = [](std::uint64_t a, std::uint64_t b) { return Wide{a} * b; };
  return CarryWide(
      w(f0, f0) + w(d1, h4) + w(d2, h3), w(d0, f1) + w(d2, h4) + w(f3, h3),
      w(d0, f2) + w(f1, f1) + w(2 * f3, h4), w(d0, f3) + w(d1, f2) + w(f4, h4),
      w(d0, f4) + w(d1, f3) + w(f2, f2));
}

// The same value with limbs below 2^51 + 2^13, from limbs below 2^54.
inline Field Carry(const Field& f) {
  return CarryWide(f.limb[0], f.limb[1], f.limb[2], f.limb[3], f.limb[4]);
}
inline Field Negate(const Field& f) { return Carry(Sub(kFieldZero, f)); }

// The 255-bit little-endian integer; bit 255 is ignored.
Field FieldFromBytes(const ByteArray<32>& bytes);
// The one spelling, below p.
ByteArray<32> FieldToBytes(const Field& f);
bool FieldEqual(const Field& f, const Field& g);
// Odd, in its one spelling: "negative" in RFC 9496.
bool FieldNegative(const Field& f);
// The one of f and -f that is not negative.
Field FieldAbs(const Field& f);

struct SquareRoot {
  bool was_square = false;
  Field root;  // not negative
};
// sqrt(u / v), or sqrt(i * u / v) when u / v is no square.
// Source: RFC 9496, 4.2 (SQRT_RATIO_M1).
SquareRoot SqrtRatio(const Field& u, const Field& v);

}  // namespace entente::group
