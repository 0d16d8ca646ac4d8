#pragma once
// Private to this room: points of edwards25519 in extended coordinates, and
// their ristretto255 encoding, for products over public data.
//
// SAFETY: variable time; public data only.

#include "crypto/base/bytes.h"
#include "crypto/group/field.h"
#include "crypto/group/point.h"

namespace entente::group {

// x = X/Z, y = Y/Z, xy = T/Z.
struct Extended {
  Field x = kFieldZero;
  Field y = kFieldOne;
  Field z = kFieldOne;
  Field t = kFieldZero;
};

// A point with Z = 1, ready to be added: y + x, y - x, 2dxy.
struct Affine {
  Field plus;
  Field minus;
  Field xy2d;
};

// Any point, ready to be added.
struct Cached {
  Field plus;   // Y + X
  Field minus;  // Y - X
  Field z2;     // 2Z
  Field t2d;    // 2dT
};

// Complete formulas: no input is special, the identity included.
// Source: Hisil, Wong, Carter, Dawson, "Twisted Edwards curves revisited"
// (add-2008-hwcd-3, dbl-2008-hwcd).
Extended Add(const Extended& p, const Cached& q);
Extended Sub(const Extended& p, const Cached& q);
Extended Add(const Extended& p, const Affine& q);
Extended Sub(const Extended& p, const Affine& q);
Extended Double(const Extended& p);
Cached ToCached(const Extended& p);

// Source: RFC 9496, 4.3.1. A Point is valid, so this cannot fail.
Affine DecodeAffine(const Point& point);
Extended DecodeExtended(const Point& point);
// Source: RFC 9496, 4.3.2. The identity gives 32 zero bytes.
ByteArray<32> Encode(const Extended& p);

}  // namespace entente::group
