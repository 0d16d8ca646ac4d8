#include "node/match/skeleton.h"

#include <cstddef>
#include <cstdint>

namespace entente::match {
namespace {

struct Replacement {
  std::string_view from;
  char to;
};

// In this order, each over the whole token.
constexpr Replacement kReplacements[] = {
    {"SHCH", 'X'}, {"TSCH", 'X'}, {"SCH", 'X'}, {"TCH", 'X'}, {"CH", 'X'},
    {"SH", 'X'},   {"CZ", 'X'},   {"SZ", 'X'},  {"ZH", 'J'},  {"DZ", 'J'},
    {"DJ", 'J'},   {"PH", 'F'},   {"KH", 'K'},  {"GH", 'G'},  {"TH", 'T'},
    {"DH", 'T'},   {"CK", 'K'},   {"QU", 'K'},  {"TS", 'S'},  {"TZ", 'S'}};

// A set of letters, a bit each; characters other than A-Z have none.
using LetterSet = std::uint32_t;

constexpr LetterSet BitOf(char c) {
  return c >= 'A' && c <= 'Z' ? LetterSet{1} << static_cast<unsigned>(c - 'A')
                              : 0;
}
constexpr LetterSet SetOf(std::string_view text) {
  LetterSet set = 0;
  for (const char c : text) set |= BitOf(c);
  return set;
}
constexpr LetterSet kVowels = SetOf("AEIOU");
constexpr LetterSet kOpen = SetOf("AEIOUYH");
constexpr LetterSet kSoftens = SetOf("EIY");

constexpr bool In(char c, LetterSet set) { return (BitOf(c) & set) != 0; }

// Over text[0, size): returns the new size.
std::size_t Replace(char* text, std::size_t size, const Replacement& what) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < size;) {
    if (std::string_view(text + from, size - from).starts_with(what.from)) {
      text[to++] = what.to;
      from += what.from.size();
    } else {
      text[to++] = text[from++];
    }
  }
  return to;
}

std::size_t Collapse(char* text, std::size_t size) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < size; ++from) {
    if (to == 0 || text[to - 1] != text[from]) text[to++] = text[from];
  }
  return to;
}

// The class of a consonant; 0 for any other character.
constexpr char ClassOf(char c) {
  switch (c) {
    case 'V':
    case 'W':
      return 'F';
    case 'C':
    case 'Q':
      return 'K';
    case 'Z':
      return 'S';
    case 'D':
      return 'T';
    case 'B':
    case 'P':
    case 'F':
    case 'K':
    case 'X':
    case 'S':
    case 'T':
    case 'G':
    case 'J':
    case 'M':
    case 'N':
    case 'L':
    case 'R':
      return c;
    default:
      return 0;
  }
}

char FirstOther(std::string_view text) {
  if (text[0] == 'H') return 'H';
  if (text[0] == 'Y' && text.size() > 1 && In(text[1], kVowels)) return 'J';
  return 'A';
}

// Step 4 in place: writing never overtakes reading.
std::size_t Classify(char* text, std::size_t size) {
  const char first =
      ClassOf(text[0]) != 0 ? ClassOf(text[0]) : FirstOther({text, size});
  std::size_t to = 0;
  char before = text[0];
  text[to++] = first;
  for (std::size_t i = 1; i < size; ++i) {
    const char c = text[i];
    const char kind = c == 'W' ? '\0' : ClassOf(c);
    if (kind != 0 && (kind != text[to - 1] || In(before, kOpen))) {
      text[to++] = kind;
    }
    before = c;
  }
  return to;
}

}  // namespace

void AppendSkeleton(std::string_view token, std::string& out) {
  if (token.empty()) return;
  const std::size_t start = out.size();
  out.append(token);
  char* const text = out.data() + start;
  std::size_t size = token.size();
  LetterSet present = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (text[i] == 'C' && i + 1 < size && In(text[i + 1], kSoftens)) {
      text[i] = 'S';
    }
    present |= BitOf(text[i]);
  }
  for (const Replacement& what : kReplacements) {
    // Most tokens hold none of them: look at the set of letters first.
    const LetterSet needed = SetOf(what.from);
    if ((present & needed) != needed) continue;
    size = Replace(text, size, what);
    present |= BitOf(what.to);
  }
  size = Collapse(text, size);
  size = Classify(text, size);
  out.resize(start + size);
}

std::string Skeleton(std::string_view token) {
  std::string out;
  AppendSkeleton(token, out);
  return out;
}

}  // namespace entente::match
