#include "node/ingest/service_chars.h"

#include <algorithm>

#include "node/ingest/tags.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

// The length of the code point at the start of `text`; 0 when there is none
// that may be a service character.
std::size_t CodePoint(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<std::uint8_t>(text[0]);
  if (lead < 0x20 || lead == 0x7F) return 0;
  std::size_t n = 1;
  if (lead >= 0xF0) {
    n = 4;
  } else if (lead >= 0xE0) {
    n = 3;
  } else if (lead >= 0x80) {
    n = 2;
  }
  if (text.size() < n || !IsUtf8(text.substr(0, n))) return 0;
  return n;
}

bool Distinct(const std::array<Mark, 6>& marks) {
  for (std::size_t i = 0; i < marks.size(); ++i) {
    for (std::size_t j = i + 1; j < marks.size(); ++j) {
      // A blank says "not in use" and may repeat.
      if (marks[i] == marks[j] && marks[i] != Mark(" ")) return false;
    }
  }
  return true;
}

std::size_t SkipBlanks(std::string_view text, std::size_t i) {
  while (i < text.size() && text[i] == ' ') ++i;
  return i;
}

// Behind the four letters of the syntax identifier: `UNB+UNOA:4`.
Mark SniffComponent(std::string_view text, const Mark& element) {
  if (text.size() < 5) return Mark(":");
  for (std::size_t i = 0; i < 4; ++i) {
    if (!IsLetter(text[i])) return Mark(":");
  }
  const std::size_t n = CodePoint(text.substr(4));
  if (n == 0) return Mark(":");
  const Mark mark(text.substr(4, n));
  const char c = mark.first();
  if (IsLetter(c) || IsDigit(c) || c == ' ' || mark == element) {
    return Mark(":");
  }
  return mark;
}

Mark SniffTerminator(std::string_view window, const Mark& component,
                     const Mark& element) {
  constexpr std::array<std::string_view, 7> kCandidates = {
      "'", "\"", "*", "#", "$", "-", "\u2019"};
  Mark best("'");
  std::size_t most = 0;
  for (const std::string_view candidate : kCandidates) {
    const Mark mark(candidate);
    if (mark == component || mark == element) continue;
    const std::size_t n = CountBeforeTags(window, mark, element);
    if (n > most) {
      most = n;
      best = mark;
    }
  }
  return best;
}

Mark SniffRelease(std::string_view window, const ServiceChars& chars) {
  if (window.find('?') != std::string_view::npos) return Mark("?");
  for (std::size_t i = window.find('\\'); i != std::string_view::npos;
       i = window.find('\\', i + 1)) {
    if (chars.LengthAt(window.substr(i + 1)) != 0) return Mark("\\");
  }
  return Mark("?");
}

}  // namespace

Mark::Mark(std::string_view text)
    : size_(std::min(text.size(), bytes_.size())) {
  std::copy_n(text.begin(), size_, bytes_.begin());
}

std::size_t ServiceChars::LengthAt(std::string_view text) const {
  for (const Mark* mark :
       {&component, &element, &release, &repetition, &terminator}) {
    if (mark->Starts(text)) return mark->size();
  }
  return 0;
}

std::optional<ServiceChars> ParseUna(std::string_view text) {
  std::array<Mark, 6> marks;
  for (Mark& mark : marks) {
    const std::size_t n = CodePoint(text);
    if (n == 0 || IsLetter(text[0]) || IsDigit(text[0])) return std::nullopt;
    mark = Mark(text.substr(0, n));
    text.remove_prefix(n);
  }
  if (!text.starts_with(' ') && !text.starts_with("UNB")) return std::nullopt;
  if (!Distinct(marks)) return std::nullopt;
  const Mark blank(" ");
  ServiceChars chars;
  chars.component = marks[0];
  chars.element = marks[1];
  chars.release = marks[3] == blank ? Mark() : marks[3];
  chars.repetition = marks[4] == blank ? Mark() : marks[4];
  chars.terminator = marks[5];
  // Blank is "not in use" only where a message can do without the character.
  for (const Mark* mark :
       {&chars.component, &chars.element, &chars.terminator}) {
    if (*mark == blank) return std::nullopt;
  }
  return chars;
}

std::size_t CountBeforeTags(std::string_view window, const Mark& terminator,
                            const Mark& element) {
  std::size_t count = 0;
  for (std::size_t i = window.find(terminator.view());
       i != std::string_view::npos; i = window.find(terminator.view(), i + 1)) {
    const std::size_t tag = SkipBlanks(window, i + terminator.size());
    if (tag + 3 > window.size()) break;
    if (FindTag(Upper(window.substr(tag, 3))).empty()) continue;
    if (element.Starts(window.substr(SkipBlanks(window, tag + 3)))) ++count;
  }
  return count;
}

ServiceChars Sniff(std::string_view window) {
  ServiceChars chars;
  const std::size_t at =
      SkipBlanks(window, std::min<std::size_t>(3, window.size()));
  const std::size_t n = CodePoint(window.substr(at));
  if (n != 0) chars.element = Mark(window.substr(at, n));
  chars.component = SniffComponent(
      window.substr(std::min(at + n, window.size())), chars.element);
  chars.terminator = SniffTerminator(window, chars.component, chars.element);
  chars.release = SniffRelease(window, chars);
  return chars;
}

}  // namespace entente::ingest
