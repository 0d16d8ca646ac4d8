#include "crypto/group/edwards.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::group {
namespace {

struct Coordinates {
  Field x;
  Field y;
};

Coordinates Decompress(const Point& point) {
  const Field s = FieldFromBytes(point.bytes());
  const Field ss = Square(s);
  const Field u1 = Sub(kFieldOne, ss);
  const Field u2 = Add(kFieldOne, ss);
  const Field u2_squared = Square(u2);
  const Field v = Negate(Add(Mul(kD, Square(u1)), u2_squared));
  const SquareRoot inverse = SqrtRatio(kFieldOne, Mul(v, u2_squared));
  const Field den_x = Mul(inverse.root, u2);
  const Field den_y = Mul(Mul(inverse.root, den_x), v);
  const Field x = FieldAbs(Mul(Add(s, s), den_x));
  const Field y = Mul(u1, den_y);
  CHECK(inverse.was_square && !FieldNegative(Mul(x, y)));
  return {x, y};
}

// The last step of both additions, from E, F, G, H.
Extended Finish(const Field& e, const Field& f, const Field& g,
                const Field& h) {
  return {Mul(e, f), Mul(g, h), Mul(f, g), Mul(e, h)};
}

}  // namespace

Extended Add(const Extended& p, const Cached& q) {
  const Field a = Mul(Sub(p.y, p.x), q.minus);
  const Field b = Mul(Add(p.y, p.x), q.plus);
  const Field c = Mul(p.t, q.t2d);
  const Field d = Mul(p.z, q.z2);
  return Finish(Sub(b, a), Sub(d, c), Add(d, c), Add(b, a));
}

Extended Sub(const Extended& p, const Cached& q) {
  const Field a = Mul(Sub(p.y, p.x), q.plus);
  const Field b = Mul(Add(p.y, p.x), q.minus);
  const Field c = Mul(p.t, q.t2d);
  const Field d = Mul(p.z, q.z2);
  return Finish(Sub(b, a), Add(d, c), Sub(d, c), Add(b, a));
}

Extended Add(const Extended& p, const Affine& q) {
  const Field a = Mul(Sub(p.y, p.x), q.minus);
  const Field b = Mul(Add(p.y, p.x), q.plus);
  const Field c = Mul(p.t, q.xy2d);
  const Field d = Add(p.z, p.z);
  return Finish(Sub(b, a), Sub(d, c), Add(d, c), Add(b, a));
}

Extended Sub(const Extended& p, const Affine& q) {
  const Field a = Mul(Sub(p.y, p.x), q.plus);
  const Field b = Mul(Add(p.y, p.x), q.minus);
  const Field c = Mul(p.t, q.xy2d);
  const Field d = Add(p.z, p.z);
  return Finish(Sub(b, a), Add(d, c), Sub(d, c), Add(b, a));
}

Extended Double(const Extended& p) {
  const Field a = Square(p.x);
  const Field b = Square(p.y);
  const Field zz = Square(p.z);
  const Field h = Add(a, b);
  const Field e = Sub(h, Square(Add(p.x, p.y)));
  const Field g = Sub(a, b);
  const Field f = Add(Add(zz, zz), g);
  return Finish(e, f, g, h);
}

Cached ToCached(const Extended& p) {
  return {Add(p.y, p.x), Sub(p.y, p.x), Add(p.z, p.z), Mul(p.t, kTwoD)};
}

Affine DecodeAffine(const Point& point) {
  const auto [x, y] = Decompress(point);
  return {Add(y, x), Sub(y, x), Mul(Mul(x, y), kTwoD)};
}

Extended DecodeExtended(const Point& point) {
  const auto [x, y] = Decompress(point);
  return {x, y, kFieldOne, Mul(x, y)};
}

ByteArray<32> Encode(const Extended& p) {
  const Field u1 = Mul(Add(p.z, p.y), Sub(p.z, p.y));
  const Field u2 = Mul(p.x, p.y);
  const SquareRoot inverse = SqrtRatio(kFieldOne, Mul(u1, Square(u2)));
  const Field den1 = Mul(inverse.root, u1);
  const Field den2 = Mul(inverse.root, u2);
  const Field z_inverse = Mul(Mul(den1, den2), p.t);
  Field x = p.x;
  Field y = p.y;
  Field den = den2;
  if (FieldNegative(Mul(p.t, z_inverse))) {
    x = Mul(p.y, kSqrtMinusOne);
    y = Mul(p.x, kSqrtMinusOne);
    den = Mul(den1, kInvSqrtAMinusD);
  }
  if (FieldNegative(Mul(x, z_inverse))) y = Negate(y);
  return FieldToBytes(FieldAbs(Mul(den, Sub(p.z, y))));
}

}  // namespace entente::group
