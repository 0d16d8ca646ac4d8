#pragma once
// Private to this room: rows of agreements, their events and status statements.

#include "node/exchange/key.h"

namespace entente::exchange {

inline constexpr std::uint8_t kEnvelopeRow = 'a';
inline constexpr std::uint8_t kDraftRow = 'd';
inline constexpr std::uint8_t kEventRow = 'e';
inline constexpr std::uint8_t kStatusRow = 's';

inline RecordKey AgreementRow(std::uint8_t kind, const Hash& agreement) {
  RecordKey key;
  key.Raw(ByteView(&kind, 1)).Raw(agreement);
  return key;
}

}  // namespace entente::exchange
