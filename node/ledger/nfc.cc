#include "node/ledger/nfc.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <cstdint>

#include "crypto/base/status.h"
#include "crypto/merkle/utf8.h"

namespace entente::ledger {
namespace {

const icu::Normalizer2& Nfc() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* instance = icu::Normalizer2::getNFCInstance(error);
  CHECK(U_SUCCESS(error) && instance != nullptr);
  return *instance;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<std::uint8_t>(c) < 0x80;
  });
}

// Short enough for ICU's lengths, and UTF-8.
bool IsText(std::string_view text) {
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  return text.size() <= kMost && merkle::IsUtf8(text);
}

icu::StringPiece Piece(std::string_view text) {
  return {text.data(), static_cast<std::int32_t>(text.size())};
}

}  // namespace

absl::StatusOr<std::string> ToNfc(std::string_view text) {
  if (IsAscii(text)) return std::string(text);
  if (!IsText(text)) return Invalid("a text that is not UTF-8");
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  UErrorCode error = U_ZERO_ERROR;
  Nfc().normalizeUTF8(0, Piece(text), sink, nullptr, error);
  if (U_FAILURE(error)) return Internal("a text could not be normalised");
  return out;
}

bool IsNfc(std::string_view text) {
  if (IsAscii(text)) return true;
  if (!IsText(text)) return false;
  UErrorCode error = U_ZERO_ERROR;
  return Nfc().isNormalizedUTF8(Piece(text), error) && U_SUCCESS(error);
}

std::string_view CutUtf8(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xc0U) == 0x80U) {
    --size;
  }
  return text.substr(0, size);
}

}  // namespace entente::ledger
