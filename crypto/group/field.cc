#include "crypto/group/field.h"

namespace entente::group {
namespace {

std::uint64_t LoadLittleEndian(const ByteArray<32>& in, std::size_t at) {
  std::uint64_t out = 0;
  for (std::size_t i = 8; i-- > 0;) out = (out << 8U) | in[at + i];
  return out;
}

void StoreLittleEndian(std::uint64_t v, ByteArray<32>& out, std::size_t at) {
  for (std::size_t i = 0; i < 8; ++i) {
    out[at + i] = static_cast<std::uint8_t>(v >> (8 * i));
  }
}

Field SquareTimes(Field f, int times) {
  for (int i = 0; i < times; ++i) f = Square(f);
  return f;
}

// f^((p - 5) / 8) = f^(2^252 - 3).
Field PowP58(const Field& f) {
  const Field f2 = Square(f);
  const Field f9 = Mul(f, SquareTimes(f2, 2));
  const Field f11 = Mul(f2, f9);
  const Field e5 = Mul(f9, Square(f11));  // f^(2^5 - 1), and so on
  const Field e10 = Mul(SquareTimes(e5, 5), e5);
  const Field e20 = Mul(SquareTimes(e10, 10), e10);
  const Field e40 = Mul(SquareTimes(e20, 20), e20);
  const Field e50 = Mul(SquareTimes(e40, 10), e10);
  const Field e100 = Mul(SquareTimes(e50, 50), e50);
  const Field e200 = Mul(SquareTimes(e100, 100), e100);
  const Field e250 = Mul(SquareTimes(e200, 50), e50);
  return Mul(SquareTimes(e250, 2), f);
}

}  // namespace

Field FieldFromBytes(const ByteArray<32>& bytes) {
  Field out;
  out.limb[0] = LoadLittleEndian(bytes, 0) & kLimbMask;
  out.limb[1] = (LoadLittleEndian(bytes, 6) >> 3U) & kLimbMask;
  out.limb[2] = (LoadLittleEndian(bytes, 12) >> 6U) & kLimbMask;
  out.limb[3] = (LoadLittleEndian(bytes, 19) >> 1U) & kLimbMask;
  out.limb[4] = (LoadLittleEndian(bytes, 24) >> 12U) & kLimbMask;
  return out;
}

ByteArray<32> FieldToBytes(const Field& f) {
  // After Carry the value is below 2^255 + 2^65, so p comes off at most once.
  auto [a0, a1, a2, a3, a4] = Carry(f).limb;
  std::uint64_t q = (a0 + 19) >> 51U;  // 1 when f >= p, found by adding 19
  q = (a1 + q) >> 51U;
  q = (a2 + q) >> 51U;
  q = (a3 + q) >> 51U;
  q = (a4 + q) >> 51U;
  a0 += 19 * q;
  a1 += a0 >> 51U;
  a2 += a1 >> 51U;
  a3 += a2 >> 51U;
  a4 += a3 >> 51U;
  a0 &= kLimbMask;
  a1 &= kLimbMask;
  a2 &= kLimbMask;
  a3 &= kLimbMask;
  a4 &= kLimbMask;  // drops 2^255 when q was 1
  ByteArray<32> out;
  StoreLittleEndian(a0 | (a1 << 51U), out, 0);
  StoreLittleEndian((a1 >> 13U) | (a2 << 38U), out, 8);
  StoreLittleEndian((a2 >> 26U) | (a3 << 25U), out, 16);
  StoreLittleEndian((a3 >> 39U) | (a4 << 12U), out, 24);
  return out;
}

bool FieldEqual(const Field& f, const Field& g) {
  return FieldToBytes(f) == FieldToBytes(g);
}

bool FieldNegative(const Field& f) { return (FieldToBytes(f)[0] & 1U) != 0; }

Field FieldAbs(const Field& f) { return FieldNegative(f) ? Negate(f) : f; }

SquareRoot SqrtRatio(const Field& u, const Field& v) {
  const Field v3 = Mul(Square(v), v);
  const Field v7 = Mul(Square(v3), v);
  Field root = Mul(Mul(u, v3), PowP58(Mul(u, v7)));
  const Field check = Mul(v, Square(root));
  const bool correct = FieldEqual(check, u);
  const bool flipped = FieldEqual(check, Negate(u));
  const bool flipped_i = FieldEqual(check, Negate(Mul(u, kSqrtMinusOne)));
  if (flipped || flipped_i) root = Mul(root, kSqrtMinusOne);
  return {correct || flipped, FieldAbs(root)};
}

}  // namespace entente::group
