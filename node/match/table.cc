#include "node/match/table.h"

#include <algorithm>
#include <array>

namespace entente::match {
namespace {

// ICAO Doc 9303-3 section 6 for Latin and Cyrillic, ELOT 743 for Greek, Arabic
// folded to plain letters. In the order of the code points.
constexpr Letter kLetters[] = {
    {0x00C4, "AE"},   {0x00C5, "AA"}, {0x00C6, "AE"}, {0x00D0, "D"},
    {0x00D1, "N"},    {0x00D6, "OE"}, {0x00D8, "OE"}, {0x00DC, "UE"},
    {0x00DE, "TH"},   {0x00DF, "SS"}, {0x0110, "D"},  {0x0126, "H"},
    {0x0130, "I"},    {0x0131, "I"},  {0x0138, "Q"},  {0x013F, "L"},
    {0x0141, "L"},    {0x014A, "N"},  {0x0152, "OE"}, {0x0166, "T"},
    {0x018F, "E"},    {0x0391, "A"},  {0x0392, "V"},  {0x0393, "G"},
    {0x0394, "D"},    {0x0395, "E"},  {0x0396, "Z"},  {0x0397, "I"},
    {0x0398, "TH"},   {0x0399, "I"},  {0x039A, "K"},  {0x039B, "L"},
    {0x039C, "M"},    {0x039D, "N"},  {0x039E, "X"},  {0x039F, "O"},
    {0x03A0, "P"},    {0x03A1, "R"},  {0x03A3, "S"},  {0x03A4, "T"},
    {0x03A5, "Y"},    {0x03A6, "F"},  {0x03A7, "CH"}, {0x03A8, "PS"},
    {0x03A9, "O"},    {0x0401, "E"},  {0x0402, "D"},  {0x0403, "G"},
    {0x0404, "IE"},   {0x0405, "DZ"}, {0x0406, "I"},  {0x0407, "I"},
    {0x0408, "J"},    {0x0409, "LJ"}, {0x040A, "NJ"}, {0x040B, "C"},
    {0x040C, "K"},    {0x040E, "U"},  {0x040F, "DZ"}, {0x0410, "A"},
    {0x0411, "B"},    {0x0412, "V"},  {0x0413, "G"},  {0x0414, "D"},
    {0x0415, "E"},    {0x0416, "ZH"}, {0x0417, "Z"},  {0x0418, "I"},
    {0x0419, "I"},    {0x041A, "K"},  {0x041B, "L"},  {0x041C, "M"},
    {0x041D, "N"},    {0x041E, "O"},  {0x041F, "P"},  {0x0420, "R"},
    {0x0421, "S"},    {0x0422, "T"},  {0x0423, "U"},  {0x0424, "F"},
    {0x0425, "KH"},   {0x0426, "TS"}, {0x0427, "CH"}, {0x0428, "SH"},
    {0x0429, "SHCH"}, {0x042A, "IE"}, {0x042B, "Y"},  {0x042C, ""},
    {0x042D, "E"},    {0x042E, "IU"}, {0x042F, "IA"}, {0x046A, "U"},
    {0x0490, "G"},    {0x0621, ""},   {0x0622, "A"},  {0x0623, "A"},
    {0x0624, "W"},    {0x0625, "I"},  {0x0626, "Y"},  {0x0627, "A"},
    {0x0628, "B"},    {0x0629, "H"},  {0x062A, "T"},  {0x062B, "TH"},
    {0x062C, "J"},    {0x062D, "H"},  {0x062E, "KH"}, {0x062F, "D"},
    {0x0630, "DH"},   {0x0631, "R"},  {0x0632, "Z"},  {0x0633, "S"},
    {0x0634, "SH"},   {0x0635, "S"},  {0x0636, "D"},  {0x0637, "T"},
    {0x0638, "Z"},    {0x0639, "A"},  {0x063A, "G"},  {0x0640, ""},
    {0x0641, "F"},    {0x0642, "Q"},  {0x0643, "K"},  {0x0644, "L"},
    {0x0645, "M"},    {0x0646, "N"},  {0x0647, "H"},  {0x0648, "W"},
    {0x0649, "A"},    {0x064A, "Y"},  {0x0671, "A"},  {0x0679, "T"},
    {0x067E, "P"},    {0x0686, "CH"}, {0x0688, "D"},  {0x0691, "R"},
    {0x0698, "ZH"},   {0x06A9, "K"},  {0x06AF, "G"},  {0x06BA, "N"},
    {0x06BE, "H"},    {0x06C1, "H"},  {0x06CC, "Y"},  {0x06D2, "Y"},
    {0x1E9E, "SS"}};
static_assert(std::is_sorted(std::begin(kLetters), std::end(kLetters),
                             [](const Letter& a, const Letter& b) {
                               return a.code_point < b.code_point;
                             }));

}  // namespace

std::span<const Letter> Letters() { return kLetters; }

const Letter* FindLetter(char32_t code_point) {
  const auto* at = std::lower_bound(
      std::begin(kLetters), std::end(kLetters), code_point,
      [](const Letter& letter, char32_t c) { return letter.code_point < c; });
  return at != std::end(kLetters) && at->code_point == code_point ? at
                                                                  : nullptr;
}

}  // namespace entente::match
