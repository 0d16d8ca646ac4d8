"""The canonical field encoding: one spelling per value (docs/protocol/encoding.md).

A type is an object with write(value, out) and read(reader). A record is a Record of named types and is a dict in Python.
Reading refuses truncation, trailing bytes, a bool that is neither 0 nor 1, an unknown enum value, and a count that the
input cannot hold; so encode(decode(x)) == x, or x is refused.
"""

from __future__ import annotations

from typing import Any, Protocol


class Malformed(ValueError):
    """The bytes are no encoding of the type."""


class Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left():
            raise Malformed("truncated")
        part = self._data[self._at:self._at + count]
        self._at += count
        return part


class Type(Protocol):
    def write(self, value: Any, out: bytearray) -> None: ...

    def read(self, reader: Reader) -> Any: ...


class Integer:
    """Big-endian, `width` bytes; two's complement when signed."""

    def __init__(self, width: int, signed: bool = False) -> None:
        self._width, self._signed = width, signed

    def write(self, value: int, out: bytearray) -> None:
        out += value.to_bytes(self._width, "big", signed=self._signed)

    def read(self, reader: Reader) -> int:
        return int.from_bytes(reader.take(self._width), "big", signed=self._signed)


class Bool:
    def write(self, value: bool, out: bytearray) -> None:
        out.append(1 if value else 0)

    def read(self, reader: Reader) -> bool:
        raw = reader.take(1)[0]
        if raw > 1:
            raise Malformed("bool")
        return raw == 1


class Enum:
    """One byte, at most `last`."""

    def __init__(self, last: int) -> None:
        self._last = last

    def write(self, value: int, out: bytearray) -> None:
        if not 0 <= value <= self._last:
            raise ValueError("enum")
        out.append(value)

    def read(self, reader: Reader) -> int:
        raw = reader.take(1)[0]
        if raw > self._last:
            raise Malformed("enum")
        return raw


class Fixed:
    """A byte array of a known length: its bytes, without a length."""

    def __init__(self, size: int) -> None:
        self._size = size

    def write(self, value: bytes, out: bytearray) -> None:
        if len(value) != self._size:
            raise ValueError("size")
        out += value

    def read(self, reader: Reader) -> bytes:
        return reader.take(self._size)


class Blob:
    """Four bytes of length, then the bytes."""

    def write(self, value: bytes, out: bytearray) -> None:
        U32.write(len(value), out)
        out += value

    def read(self, reader: Reader) -> bytes:
        return reader.take(U32.read(reader))


class Text:
    """As Blob; UTF-8 in Python. Bytes that are not UTF-8 come back unchanged (surrogateescape)."""

    def write(self, value: str, out: bytearray) -> None:
        Blob().write(value.encode("utf-8", "surrogateescape"), out)

    def read(self, reader: Reader) -> str:
        return Blob().read(reader).decode("utf-8", "surrogateescape")


class Vector:
    """Four bytes of count, then each element."""

    def __init__(self, element: Type) -> None:
        self._element = element

    def write(self, value: list[Any], out: bytearray) -> None:
        U32.write(len(value), out)
        for item in value:
            self._element.write(item, out)

    def read(self, reader: Reader) -> list[Any]:
        count = U32.read(reader)
        if count > reader.left():  # an element takes at least one byte
            raise Malformed("count")
        return [self._element.read(reader) for _ in range(count)]


class Record:
    """Its fields in order, nothing between them."""

    def __init__(self, **fields: Type) -> None:
        self._fields = fields

    def write(self, value: dict[str, Any], out: bytearray) -> None:
        if value.keys() != self._fields.keys():
            raise ValueError("fields")
        for name, kind in self._fields.items():
            kind.write(value[name], out)

    def read(self, reader: Reader) -> dict[str, Any]:
        return {name: kind.read(reader) for name, kind in self._fields.items()}


U8, U16, U32, U64 = Integer(1), Integer(2), Integer(4), Integer(8)
I64 = Integer(8, signed=True)
BOOL, TEXT, BLOB = Bool(), Text(), Blob()
HASH, ID16 = Fixed(32), Fixed(16)


def encode(kind: Type, value: Any) -> bytes:
    out = bytearray()
    kind.write(value, out)
    return bytes(out)


def decode(kind: Type, data: bytes) -> Any:
    reader = Reader(data)
    value = kind.read(reader)
    if reader.left():
        raise Malformed("bytes after the end")
    return value


def encode_statement(label: str, kind: Type, value: Any) -> bytes:
    """A statement is its label as a text field, then the record."""
    return encode(TEXT, label) + encode(kind, value)


def decode_statement(label: str, kind: Type, data: bytes) -> Any:
    reader = Reader(data)
    if TEXT.read(reader) != label:
        raise Malformed("a statement of another type")
    value = kind.read(reader)
    if reader.left():
        raise Malformed("bytes after the end")
    return value
