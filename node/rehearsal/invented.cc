#include "node/rehearsal/invented.h"

#include <array>

#include "crypto/primitive/hash.h"

namespace entente::rehearsal {
namespace {

struct Letter {
  char latin;
  std::string_view cyrillic;
};
// Letters that every table turns into one another, one to one.
constexpr std::array<Letter, 14> kConsonants{{{'B', "Б"},
                                              {'D', "Д"},
                                              {'F', "Ф"},
                                              {'G', "Г"},
                                              {'K', "К"},
                                              {'L', "Л"},
                                              {'M', "М"},
                                              {'N', "Н"},
                                              {'P', "П"},
                                              {'R', "Р"},
                                              {'S', "С"},
                                              {'T', "Т"},
                                              {'V', "В"},
                                              {'Z', "З"}}};
constexpr std::array<Letter, 4> kVowels{
    {{'A', "А"}, {'I', "И"}, {'O', "О"}, {'U', "У"}}};
constexpr std::array<std::string_view, 8> kStates{"QMA", "QMB", "QNC", "QRS",
                                                  "QSD", "QTM", "QXE", "QZZ"};

std::string Name(SeedStream& stream, std::uint32_t syllables) {
  std::string out;
  for (std::uint32_t i = 0; i < syllables; ++i) {
    out += kConsonants[stream.Below(kConsonants.size())].latin;
    out += kVowels[stream.Below(kVowels.size())].latin;
  }
  return out + kConsonants[stream.Below(kConsonants.size())].latin;
}

std::string Padded(std::uint32_t number, std::size_t width) {
  std::string out = std::to_string(number);
  return std::string(width - std::min(width, out.size()), '0') + out;
}

std::string Date(std::uint32_t year, SeedStream& stream) {
  const std::uint32_t month = 1 + stream.Below(12);
  return Padded(year, 4) + Padded(month, 2) + Padded(13 + stream.Below(15), 2);
}

}  // namespace

std::uint8_t SeedStream::Next() {
  if (used_ == block_.size()) {
    const std::array<std::uint8_t, 4> counter{
        static_cast<std::uint8_t>(number_ >> 24U),
        static_cast<std::uint8_t>(number_ >> 16U),
        static_cast<std::uint8_t>(number_ >> 8U),
        static_cast<std::uint8_t>(number_)};
    block_ = primitive::Sha256({ByteView(seed_), ByteView(counter)});
    ++number_;
    used_ = 0;
  }
  return block_[used_++];
}

std::uint32_t SeedStream::Below(std::uint32_t bound) {
  const std::uint32_t limit = 0x1000000U / bound * bound;
  while (true) {
    std::uint32_t value = Next();
    value = (value << 8U) | Next();
    value = (value << 8U) | Next();
    if (value < limit) return value % bound;
  }
}

std::string InventNumber(SeedStream& stream) {
  std::string out;
  for (int i = 0; i < 2; ++i)
    out += kConsonants[stream.Below(kConsonants.size())].latin;
  for (int i = 0; i < 7; ++i) out += static_cast<char>('0' + stream.Below(10));
  return out;
}

Invented InventPerson(SeedStream& stream, std::string_view holder,
                      std::string_view asker) {
  Invented out;
  out.surname = Name(stream, 3);
  out.given = Name(stream, 2);
  out.dob = Date(1950 + stream.Below(50), stream);
  out.sex = stream.Below(2) == 0 ? "F" : "M";
  do {
    out.nationality = kStates[stream.Below(kStates.size())];
  } while (out.nationality == holder || out.nationality == asker);
  out.number = InventNumber(stream);
  return out;
}

std::string OtherDate(SeedStream& stream, const std::string& dob) {
  const auto year = static_cast<std::uint32_t>(std::stoul(dob.substr(0, 4)));
  const std::uint32_t away = 5 + stream.Below(10);
  return Date(year < 1975 ? year + away : year - away, stream);
}

std::string InCyrillic(std::string_view latin) {
  std::string out;
  for (const char letter : latin) {
    for (const Letter& l : kConsonants) {
      if (l.latin == letter) out += l.cyrillic;
    }
    for (const Letter& l : kVowels) {
      if (l.latin == letter) out += l.cyrillic;
    }
  }
  return out;
}

std::string WithTypo(SeedStream& stream, std::string_view name) {
  std::string out(name);
  const auto inner = static_cast<std::uint32_t>(name.size() - 2);
  out.erase(1 + stream.Below(inner), 1);
  return out;
}

}  // namespace entente::rehearsal
