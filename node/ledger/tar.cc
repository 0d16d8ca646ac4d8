#include "node/ledger/tar.h"

#include <algorithm>

#include "crypto/base/status.h"

namespace entente::ledger {
namespace {

constexpr std::size_t kNameBytes = 100;
constexpr std::size_t kSizeAt = 124;
constexpr std::size_t kSizeDigits = 11;
constexpr std::size_t kChecksumAt = 148;

void Put(ByteArray<kTarBlock>& block, std::size_t at, std::string_view text) {
  std::copy(text.begin(), text.end(),
            block.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string Octal(std::uint64_t value, std::size_t digits) {
  std::string out(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 3U) {
    out[i] = static_cast<char>('0' + (value & 7U));
  }
  return out;
}

}  // namespace

ByteArray<kTarBlock> TarHeader(const TarMember& member) {
  CHECK(!member.name.empty() && member.name.size() <= kNameBytes);
  CHECK(member.size <= kMaxTarMember);
  ByteArray<kTarBlock> block{};
  Put(block, 0, member.name);
  Put(block, 100, "0000644");
  Put(block, 108, "0000000");
  Put(block, 116, "0000000");
  Put(block, kSizeAt, Octal(member.size, kSizeDigits));
  Put(block, 136, "00000000000");
  Put(block, kChecksumAt, "        ");
  Put(block, 156, "0");
  Put(block, 257, "ustar");
  Put(block, 263, "00");
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : block) sum += byte;
  Put(block, kChecksumAt, Octal(sum, 6));
  block[kChecksumAt + 6] = 0;  // then the space that is there
  return block;
}

// Reads name and size, writes the header again and compares: one spelling.
absl::StatusOr<TarMember> ParseTarHeader(ByteView block) {
  const absl::Status malformed = Invalid("a header that no bundle has");
  if (block.size() != kTarBlock) return malformed;
  const std::string_view text = AsText(block);
  TarMember out;
  out.name = text.substr(0, std::min(text.find('\0'), kNameBytes));
  if (out.name.empty()) return malformed;
  for (const char digit : text.substr(kSizeAt, kSizeDigits)) {
    if (digit < '0' || digit > '7') return malformed;
    out.size = out.size << 3U | static_cast<std::uint64_t>(digit - '0');
  }
  const ByteArray<kTarBlock> again = TarHeader(out);
  if (!std::equal(block.begin(), block.end(), again.begin())) return malformed;
  return out;
}

bool IsZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace entente::ledger
