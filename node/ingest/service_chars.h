#pragma once
// The service characters of an interchange: from UNA, or sniffed. Private to
// the room. Source: ISO 9735-1; matching.md 2.1, step 2.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace entente::ingest {

// One code point in UTF-8, or nothing (size 0: not in use).
class Mark {
 public:
  Mark() = default;
  // `text`: one code point, at most four bytes.
  explicit Mark(std::string_view text);

  std::size_t size() const { return size_; }
  bool used() const { return size_ != 0; }
  char first() const { return bytes_[0]; }
  bool Starts(std::string_view text) const {
    return used() && text.substr(0, size_) == view();
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool operator==(const Mark& other) const { return view() == other.view(); }

 private:
  std::array<char, 4> bytes_{};
  std::size_t size_ = 0;
};

struct ServiceChars {
  Mark component{":"};
  Mark element{"+"};
  Mark release{"?"};
  Mark repetition;  // not in use unless UNA names one
  Mark terminator{"'"};

  // Length of the service character at the start of `text`, or 0.
  std::size_t LengthAt(std::string_view text) const;
};

// The six characters behind `UNA`. None: fewer than six, one is a letter, a
// digit, a control character or not UTF-8, two are equal, or what follows is
// neither blank nor `UNB`. `text` begins behind `UNA`, line breaks removed.
std::optional<ServiceChars> ParseUna(std::string_view text);

// Guesses from `window`, which begins with `UNB`: see the design page.
ServiceChars Sniff(std::string_view window);

// How often `terminator` stands before a known tag that `element` follows
// (blanks between allowed).
std::size_t CountBeforeTags(std::string_view window, const Mark& terminator,
                            const Mark& element);

}  // namespace entente::ingest
