#pragma once
// Small text work that every reader here needs. Private to the room.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace entente::ingest {

// Without outer blanks. Borrowed.
std::string_view Trim(std::string_view text);
// ASCII only; other bytes stay.
std::string Upper(std::string_view text);
bool IsLetter(char c);
bool IsDigit(char c);
bool AllDigits(std::string_view text);  // and not empty

// A value as it is kept: outer blanks off, control characters made blanks (a
// name must not steer an officer's terminal).
std::string Kept(std::string_view text);

// Well-formed UTF-8: no overlong form, no surrogate, at most U+10FFFF.
bool IsUtf8(std::string_view text);
// Every byte below 0x80.
bool IsAscii(std::string_view text);
// ISO 8859-1 made UTF-8.
std::string FromLatin1(std::string_view text);

// Codes in one field: `QOR;QVA`, also with `/`, `,` or blanks between.
std::vector<std::string_view> SplitList(std::string_view text);

// An unsigned number, or false: empty, another character, more than nine
// digits.
bool ReadCount(std::string_view text, std::uint64_t& out);

}  // namespace entente::ingest
