"""ristretto255 (RFC 9496) over Python integers. Slow and not constant time: a model, never for real keys.

A point is kept in extended coordinates (X, Y, Z, T) of edwards25519 with a = -1. Two points are the same element when
their encodings are; `==` compares as RFC 9496 section 4.3.3 does.
"""

from __future__ import annotations

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def is_negative(x: int) -> bool:
    return x & 1 == 1


def absolute(x: int) -> int:
    return P - x if is_negative(x) else x


def sqrt_ratio(u: int, v: int) -> tuple[bool, int]:
    """RFC 9496 section 4.2: (was_square, the nonnegative root of u/v, or of SQRT_M1*u/v)."""
    r = u * v**3 * pow(u * v**7 % P, (P - 5) // 8, P) % P
    check = v * r * r % P
    correct = check == u % P
    flipped = check == -u % P
    flipped_i = check == -u * SQRT_M1 % P
    if flipped or flipped_i:
        r = r * SQRT_M1 % P
    return correct or flipped, absolute(r)


def _constant_root(u: int, v: int) -> int:
    was_square, root = sqrt_ratio(u % P, v % P)
    if not was_square:
        raise AssertionError("not a square")
    return root


# The signs of the RFC: each constant is given there as one of two roots.
SQRT_AD_MINUS_ONE = P - _constant_root(-D - 1, 1)
INVSQRT_A_MINUS_D = _constant_root(1, -1 - D)
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) ** 2 % P


class BadEncoding(ValueError):
    """Not the encoding of an element that is accepted here."""


class Point:
    __slots__ = ("x", "y", "z", "t")

    def __init__(self, x: int, y: int, z: int, t: int) -> None:
        self.x, self.y, self.z, self.t = x % P, y % P, z % P, t % P

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Point):
            return NotImplemented
        return (self.x * other.y - self.y * other.x) % P == 0 or (self.y * other.y - self.x * other.x) % P == 0

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Point) -> Point:
        a = (self.y - self.x) * (other.y - other.x) % P
        b = (self.y + self.x) * (other.y + other.x) % P
        c = 2 * D * self.t * other.t % P
        d = 2 * self.z * other.z % P
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f, g * h, f * g, e * h)

    def __neg__(self) -> Point:
        return Point(-self.x, self.y, self.z, -self.t)

    def __rmul__(self, scalar: int) -> Point:
        result, addend = IDENTITY, self
        scalar %= ORDER
        while scalar:
            if scalar & 1:
                result = result + addend
            addend = addend + addend
            scalar >>= 1
        return result

    def is_identity(self) -> bool:
        return self == IDENTITY

    def encode(self) -> bytes:
        """RFC 9496 section 4.3.2."""
        u1 = (self.z + self.y) * (self.z - self.y) % P
        u2 = self.x * self.y % P
        _, root = sqrt_ratio(1, u1 * u2 * u2 % P)
        den1, den2 = root * u1 % P, root * u2 % P
        z_inv = den1 * den2 * self.t % P
        x, y, den = self.x, self.y, den2
        if is_negative(self.t * z_inv % P):
            x, y = self.y * SQRT_M1 % P, self.x * SQRT_M1 % P
            den = den1 * INVSQRT_A_MINUS_D % P
        if is_negative(x * z_inv % P):
            y = -y % P
        return absolute(den * (self.z - y) % P).to_bytes(32, "little")


IDENTITY = Point(0, 1, 1, 0)


def decode(data: bytes, accept_identity: bool = False) -> Point:
    """RFC 9496 section 4.3.1. Refuses another length, s >= p (bit 255 included), a negative s, what is no point, and,
    as RFC 9497 demands of what comes from a peer, the identity."""
    if len(data) != 32:
        raise BadEncoding("length")
    s = int.from_bytes(data, "little")
    if s >= P:
        raise BadEncoding("not canonical")
    if is_negative(s):
        raise BadEncoding("negative")
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    u2_sqr = u2 * u2 % P
    v = (-(D * u1 * u1) - u2_sqr) % P
    was_square, root = sqrt_ratio(1, v * u2_sqr % P)
    den_x = root * u2 % P
    den_y = root * den_x * v % P
    x = absolute(2 * s * den_x % P)
    y = u1 * den_y % P
    t = x * y % P
    if not was_square or is_negative(t) or y == 0:
        raise BadEncoding("not a point")
    point = Point(x, y, 1, t)
    if s == 0 and not accept_identity:
        raise BadEncoding("identity")
    return point


def _map(t: int) -> Point:
    """RFC 9496 section 4.3.4, MAP."""
    r = SQRT_M1 * t * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    was_square, s = sqrt_ratio(u, v)
    c = -1
    if not was_square:
        s = -absolute(s * t % P) % P
        c = r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0 = 2 * s * v
    w1 = n * SQRT_AD_MINUS_ONE
    w2, w3 = 1 - s * s, 1 + s * s
    return Point(w0 * w3, w2 * w1, w1 * w3, w0 * w2)


def from_uniform(data: bytes) -> Point:
    """The one-way map: 64 uniform bytes to an element."""
    if len(data) != 64:
        raise ValueError("64 bytes")
    mask = 2**255 - 1
    halves = [int.from_bytes(half, "little") & mask for half in (data[:32], data[32:])]
    return _map(halves[0] % P) + _map(halves[1] % P)


# The generator, RFC 9496 section 4.
GENERATOR = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
