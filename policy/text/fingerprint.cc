#include "policy/text/fingerprint.h"

#include <algorithm>
#include <vector>

#include "crypto/base/status.h"
#include "policy/text/embedded.h"

namespace entente::policy {
namespace {

constexpr std::size_t kTelling = 4;

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::vector<std::string> Heard(std::string_view text) {
  std::vector<std::string> out;
  bool inside = false;
  for (char c : text) {
    const bool gap = c == ' ' || c == '-' || c == '\n' || c == '\t';
    if (gap) {
      inside = false;
      continue;
    }
    if (!inside) out.emplace_back();
    inside = true;
    out.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

std::string_view FingerprintWord(std::size_t number) {
  static const std::vector<std::string_view> words =
      Lines(EmbeddedFile("text/words"));
  CHECK(words.size() == kWordCount && number < kWordCount);
  return words[number];
}

std::array<std::string_view, kFingerprintWords> FingerprintWords(
    const Hash& hash) {
  std::array<std::string_view, kFingerprintWords> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::size_t number = 0;
    for (std::size_t bit = i * kBitsOfAWord; bit < (i + 1) * kBitsOfAWord;
         ++bit) {
      number = number << 1U | ((hash[bit / 8] >> (7 - bit % 8)) & 1U);
    }
    out[i] = FingerprintWord(number);
  }
  return out;
}

std::string FingerprintText(const Hash& hash) {
  std::string out;
  for (std::string_view word : FingerprintWords(hash)) {
    out.append(out.empty() ? "" : " ").append(word);
  }
  return out;
}

std::string FingerprintGroups(const Hash& hash) {
  const std::string hex = ToHex(hash);
  std::string out;
  for (std::size_t at = 0; at < hex.size(); at += 8) {
    out.append(out.empty() ? "" : " ").append(hex, at, 8);
  }
  return out;
}

bool FingerprintMatches(const Hash& hash, std::string_view heard) {
  const std::vector<std::string> words = Heard(heard);
  const auto wanted = FingerprintWords(hash);
  return words.size() == wanted.size() &&
         std::equal(words.begin(), words.end(), wanted.begin(),
                    [](const std::string& have, std::string_view want) {
                      return have.size() >= std::min(kTelling, want.size()) &&
                             want.starts_with(have);
                    });
}

}  // namespace entente::policy
