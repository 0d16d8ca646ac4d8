#pragma once
// Invented people by seed: the same bytes on every machine, for ever. Names are
// put together from syllables that are written the same way in Latin and
// Cyrillic letters. Nobody in here exists; codes are those of invented states.
// Source: docs/reference/test-pack.md.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::rehearsal {

// SHA-256(seed || number of the block), block by block. Thread-compatible.
class SeedStream {
 public:
  explicit SeedStream(const Hash& seed) : seed_(seed) {}
  // Uniform below `bound`, 1 to 2^16: what is beyond the last whole multiple
  // is drawn again.
  std::uint32_t Below(std::uint32_t bound);

 private:
  std::uint8_t Next();
  const Hash seed_;
  Hash block_{};
  std::uint32_t number_ = 0;
  std::size_t used_ = sizeof(Hash);
};

struct Invented {
  std::string surname;
  std::string given;
  std::string dob;  // YYYYMMDD
  std::string sex;  // F or M
  std::string nationality;
  std::string number;  // of the passport; empty: none
  bool operator==(const Invented&) const = default;
};

// `not_of`: a code that the nationality must not be; two of them.
Invented InventPerson(SeedStream& stream, std::string_view holder,
                      std::string_view asker);
std::string InventNumber(SeedStream& stream);
// A date of birth at least five years away from `dob`.
std::string OtherDate(SeedStream& stream, const std::string& dob);
// The name in Cyrillic letters, which the recipe reads as the same name.
std::string InCyrillic(std::string_view latin);
// One letter of the name left out, neither the first nor the last.
std::string WithTypo(SeedStream& stream, std::string_view name);

}  // namespace entente::rehearsal
