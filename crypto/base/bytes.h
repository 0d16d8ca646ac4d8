#pragma once
// Byte strings and their two spellings, hex and base64. Decoders are strict:
// one spelling per value.

#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace entente {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;
using Hash = ByteArray<32>;  // a SHA-256 value
using Id16 = ByteArray<16>;  // a random identifier

// The bytes of `text`, borrowed.
ByteView AsBytes(std::string_view text);
// `bytes` as text, borrowed; no check of the encoding.
std::string_view AsText(ByteView bytes);
Bytes ToBytes(ByteView view);
Bytes ToBytes(std::string_view text);
std::string ToString(ByteView view);
// All parts, one after the other.
Bytes Concat(std::initializer_list<ByteView> parts);

// Lower-case hex, two digits a byte.
std::string ToHex(ByteView bytes);
// INVALID_ARGUMENT: odd length, or a digit outside 0-9a-f (upper case is
// another spelling and refused).
absl::StatusOr<Bytes> FromHex(std::string_view hex);

// RFC 4648 section 4, with padding.
std::string ToBase64(ByteView bytes);
// INVALID_ARGUMENT: white space, missing padding, another alphabet, non-zero
// spare bits.
absl::StatusOr<Bytes> FromBase64(std::string_view text);

// Copies exactly N bytes. INVALID_ARGUMENT: another length.
absl::Status WrongLength(std::size_t have, std::size_t want);
template <std::size_t N>
absl::StatusOr<ByteArray<N>> ToArray(ByteView bytes) {
  if (bytes.size() != N) return WrongLength(bytes.size(), N);
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// Equality in time that depends on the lengths only.
bool ConstantTimeEqual(ByteView a, ByteView b);

}  // namespace entente
