"""POPRF of RFC 9497, suite ristretto255-SHA512, both sides, bit for bit. A model: not constant time, never for real keys.

Names follow the RFC. Elements and scalars cross as bytes and are checked on the way in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from ristretto import GENERATOR, IDENTITY, ORDER, Point, decode, from_uniform

MODE_POPRF = 0x02
SUITE = b"ristretto255-SHA512"
CONTEXT = b"OPRFV1-" + bytes([MODE_POPRF]) + b"-" + SUITE


class Refused(ValueError):
    """An input that the RFC refuses, or a proof that does not hold."""


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """RFC 9380 section 5.3.1 with SHA-512."""
    if len(dst) > 255 or length > 255 * 64:
        raise ValueError("expand_message_xmd")
    dst_prime = dst + bytes([len(dst)])
    b0 = hashlib.sha512(bytes(128) + message + length.to_bytes(2, "big") + b"\x00" + dst_prime).digest()
    block, out = bytes(64), b""
    for i in range(1, -(-length // 64) + 1):
        block = hashlib.sha512(bytes(a ^ b for a, b in zip(b0, block)) + bytes([i]) + dst_prime).digest()
        out += block
    return out[:length]


def hash_to_group(message: bytes) -> Point:
    return from_uniform(expand_message_xmd(message, b"HashToGroup-" + CONTEXT, 64))


def hash_to_scalar(message: bytes, dst: bytes = b"HashToScalar-" + CONTEXT) -> int:
    return int.from_bytes(expand_message_xmd(message, dst, 64), "little") % ORDER


def random_scalar() -> int:
    return 1 + secrets.randbelow(ORDER - 1)


def encode_scalar(scalar: int) -> bytes:
    return (scalar % ORDER).to_bytes(32, "little")


def decode_scalar(data: bytes) -> int:
    value = int.from_bytes(data, "little")
    if len(data) != 32 or value >= ORDER:
        raise Refused("scalar")
    return value


def derive_key_pair(seed: bytes, info: bytes) -> tuple[int, bytes]:
    """RFC 9497 section 3.2.1: (skS, pkS)."""
    for counter in range(256):
        key = hash_to_scalar(seed + framed(info) + bytes([counter]), b"DeriveKeyPair" + CONTEXT)
        if key:
            return key, (key * GENERATOR).encode()
    raise Refused("no key from this seed")


def tweak(info: bytes) -> int:
    return hash_to_scalar(b"Info" + framed(info))


def tweaked_key(info: bytes, public_key: bytes) -> bytes:
    """What the proof of the holder is checked against."""
    key = tweak(info) * GENERATOR + decode(public_key)
    if key.is_identity():
        raise Refused("the tweaked key is the identity")
    return key.encode()


# Proofs, RFC 9497 section 2.2.

def _composites(b: bytes, c: list[bytes], d: list[bytes]) -> tuple[Point, Point]:
    seed = hashlib.sha512(framed(b) + framed(b"Seed-" + CONTEXT)).digest()
    m, z = IDENTITY, IDENTITY
    for i, (ci, di) in enumerate(zip(c, d, strict=True)):
        weight = hash_to_scalar(framed(seed) + i.to_bytes(2, "big") + framed(ci) + framed(di) + b"Composite")
        m = weight * decode(ci) + m
        z = weight * decode(di) + z
    return m, z


def _challenge(b: bytes, *parts: Point) -> int:
    return hash_to_scalar(framed(b) + b"".join(framed(part.encode()) for part in parts) + b"Challenge")


def generate_proof(k: int, b: bytes, c: list[bytes], d: list[bytes], r: int) -> bytes:
    """That d[i] = k c[i] and b = k G, without telling k."""
    m, _ = _composites(b, c, d)
    z = k * m
    challenge = _challenge(b, m, z, r * GENERATOR, r * m)
    return encode_scalar(challenge) + encode_scalar(r - challenge * k)


def verify_proof(b: bytes, c: list[bytes], d: list[bytes], proof: bytes) -> bool:
    if len(proof) != 64:
        return False
    challenge, s = decode_scalar(proof[:32]), decode_scalar(proof[32:])
    m, z = _composites(b, c, d)
    t2 = s * GENERATOR + challenge * decode(b)
    t3 = s * m + challenge * z
    return _challenge(b, m, z, t2, t3) == challenge


# The asker.

@dataclass(frozen=True)
class Blinded:
    inputs: list[bytes]
    blinds: list[int]
    elements: list[bytes]
    info: bytes
    key: bytes  # tweaked


def blind(inputs: list[bytes], info: bytes, public_key: bytes, blinds: list[int] | None = None) -> Blinded:
    """One blinded element per input; fresh blinds unless given."""
    key = tweaked_key(info, public_key)
    chosen = blinds if blinds is not None else [random_scalar() for _ in inputs]
    elements = []
    for text, scalar in zip(inputs, chosen, strict=True):
        point = hash_to_group(text)
        if point.is_identity():
            raise Refused("the input maps to the identity")
        elements.append((scalar * point).encode())
    return Blinded(inputs, chosen, elements, info, key)


def _output(text: bytes, info: bytes, unblinded: Point) -> bytes:
    return hashlib.sha512(framed(text) + framed(info) + framed(unblinded.encode()) + b"Finalize").digest()


def finalize(blinded: Blinded, evaluated: list[bytes], proof: bytes) -> list[bytes]:
    """One 64-byte token per input; nothing unless the proof over the whole batch holds."""
    if len(evaluated) != len(blinded.elements):
        raise Refused("count")
    if not verify_proof(blinded.key, evaluated, blinded.elements, proof):
        raise Refused("proof")
    return [_output(text, blinded.info, pow(scalar, -1, ORDER) * decode(element))
            for text, scalar, element in zip(blinded.inputs, blinded.blinds, evaluated, strict=True)]


# The holder.

def blind_evaluate(secret_key: int, elements: list[bytes], info: bytes, r: int | None = None) -> tuple[list[bytes], bytes]:
    """(evaluated elements, one proof for all of them)."""
    t = (secret_key + tweak(info)) % ORDER
    if t == 0:
        raise Refused("no inverse")
    inverse = pow(t, -1, ORDER)
    evaluated = [(inverse * decode(element)).encode() for element in elements]
    key = (t * GENERATOR).encode()
    return evaluated, generate_proof(t, key, evaluated, elements, r if r is not None else random_scalar())


def evaluate(secret_key: int, text: bytes, info: bytes) -> bytes:
    """The token of an input, for a holder who knows the key: how a tag set is built."""
    t = (secret_key + tweak(info)) % ORDER
    if t == 0:
        raise Refused("no inverse")
    return _output(text, info, pow(t, -1, ORDER) * hash_to_group(text))
