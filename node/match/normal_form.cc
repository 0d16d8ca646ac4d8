#include "node/match/normal_form.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "node/match/icu.h"
#include "node/match/words.h"

namespace entente::match {
namespace {

// What one code point folds to when its neighbours cannot matter.
struct Spelling {
  enum class Kind : std::uint8_t { kAskIcu, kBlank, kText };
  Kind kind = Kind::kAskIcu;
  std::uint8_t size = 0;
  std::array<char, 4> text{};
};

// Code points of two UTF-8 bytes: Latin, Greek, Cyrillic, Arabic and their
// neighbours.
constexpr char32_t kFirst = 0x80;
constexpr char32_t kEnd = 0x800;
using Spellings = std::array<Spelling, kEnd - kFirst>;

Spelling SpellingOf(const Icu& icu, char32_t c) {
  const std::array<char, 2> utf8{static_cast<char>(0xC0U | (c >> 6U)),
                                 static_cast<char>(0x80U | (c & 0x3FU))};
  Spelling out;
  if (!icu.StandsAlone(c)) return out;
  bool transliterated = false;
  const std::string text =
      icu.Fold({utf8.data(), utf8.size()}, &transliterated);
  if (transliterated || text.size() > out.text.size()) return out;
  if (text == " ") {
    out.kind = Spelling::Kind::kBlank;
  } else if (text.find(' ') == std::string::npos) {
    out.kind = Spelling::Kind::kText;
    out.size = static_cast<std::uint8_t>(text.size());
    std::copy(text.begin(), text.end(), out.text.begin());
  }
  return out;
}

// Made once from ICU itself, constant afterwards.
const Spellings& SpellingTable() {
  static const Spellings table = [] {
    Spellings out;
    const Icu& icu = Icu::OfThread();
    if (!icu.usable()) return out;
    for (char32_t c = kFirst; c < kEnd; ++c) {
      out[c - kFirst] = SpellingOf(icu, c);
    }
    return out;
  }();
  return table;
}

// Joins letters to words with one blank between them.
class WordWriter {
 public:
  explicit WordWriter(std::string& out) : out_(out) { out_.clear(); }
  void Letter(char c) {
    if (blank_ && !out_.empty()) out_.push_back(' ');
    blank_ = false;
    out_.push_back(c);
  }
  void Blank() { blank_ = true; }

 private:
  std::string& out_;
  bool blank_ = false;
};

void WriteAscii(char c, WordWriter& out) {
  if (c >= 'a' && c <= 'z') {
    out.Letter(static_cast<char>(c - 'a' + 'A'));
  } else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
    out.Letter(c);
  } else if (c != '\'' && c != '`' && c != '.') {
    out.Blank();
  }
}

bool WriteTwoBytes(unsigned char lead, unsigned char next, WordWriter& out) {
  if (lead < 0xC2 || lead > 0xDF || (next & 0xC0U) != 0x80U) return false;
  const char32_t c = ((lead & 0x1FU) << 6U) | (next & 0x3FU);
  const Spelling& spelling = SpellingTable()[c - kFirst];
  switch (spelling.kind) {
    case Spelling::Kind::kAskIcu:
      return false;
    case Spelling::Kind::kBlank:
      out.Blank();
      return true;
    case Spelling::Kind::kText:
      for (std::size_t i = 0; i < spelling.size; ++i) {
        out.Letter(spelling.text[i]);
      }
      return true;
  }
  return false;
}

// False when the field needs ICU.
bool FoldQuickly(std::string_view field, WordWriter out) {
  for (std::size_t i = 0; i < field.size(); ++i) {
    const auto byte = static_cast<unsigned char>(field[i]);
    if (byte < 0x80) {
      WriteAscii(field[i], out);
      continue;
    }
    // The typographic apostrophes U+2018 and U+2019 vanish.
    const std::string_view three = field.substr(i, 3);
    if (three == "\u2018" || three == "\u2019") {
      i += 2;
      continue;
    }
    if (i + 1 >= field.size() ||
        !WriteTwoBytes(byte, static_cast<unsigned char>(field[i + 1]), out)) {
      return false;
    }
    ++i;
  }
  return true;
}

void Squeeze(std::string_view spelled, WordWriter out) {
  for (const char c : spelled) c == ' ' ? out.Blank() : out.Letter(c);
}

bool AllLetters(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

void FoldInto(std::string_view field, std::string& out) {
  if (FoldQuickly(field, WordWriter(out))) return;
  Squeeze(Icu::OfThread().Fold(field, nullptr), WordWriter(out));
}

std::string Fold(std::string_view field) {
  std::string out;
  FoldInto(field, out);
  return out;
}

std::string FoldPlainly(std::string_view field) {
  std::string out;
  Squeeze(Icu::OfThread().Fold(field, nullptr), WordWriter(out));
  return out;
}

bool NeedsTransliteration(std::string_view field) {
  bool transliterated = false;
  Icu::OfThread().Fold(field, &transliterated);
  return transliterated;
}

void CutGluedTitle(std::string& folded) {
  struct Glued {
    std::string_view title;
    std::size_t least;  // letters that must remain before it
  };
  constexpr Glued kGlued[] = {
      {"MSTR", 3}, {"MISS", 3}, {"MRS", 3}, {"MR", 3}, {"MS", 4}};
  const std::size_t blank = folded.rfind(' ');
  const std::string_view last = std::string_view(folded).substr(
      blank == std::string::npos ? 0 : blank + 1);
  for (const Glued& glued : kGlued) {
    if (!last.ends_with(glued.title)) continue;
    const std::string_view rest =
        last.substr(0, last.size() - glued.title.size());
    if (rest.size() < glued.least || !AllLetters(rest)) continue;
    folded.resize(folded.size() - glued.title.size());
    return;
  }
}

void Words(std::string_view folded, std::vector<std::string_view>& out) {
  out.clear();
  while (!folded.empty()) {
    const std::size_t end = std::min(folded.find(' '), folded.size());
    const std::string_view word = folded.substr(0, end);
    if (!word.empty() && !IsPlaceholder(word)) out.push_back(word);
    folded.remove_prefix(std::min(end + 1, folded.size()));
  }
  const auto titles = std::count_if(out.begin(), out.end(), IsTitle);
  if (titles > 0 && static_cast<std::size_t>(titles) < out.size()) {
    std::erase_if(out, IsTitle);
  }
}

void Core(const std::vector<std::string_view>& words, std::size_t least,
          std::vector<std::string_view>& out) {
  out.clear();
  std::copy_if(words.begin(), words.end(), std::back_inserter(out),
               [](std::string_view word) { return !IsParticle(word); });
  if (out.size() < std::min(least, words.size())) out = words;
}

}  // namespace entente::match
