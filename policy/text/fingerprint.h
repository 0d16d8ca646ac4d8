#pragma once
// Eight words to read over the telephone, so that two people know they hold the
// same document: the first 88 bits of its SHA-256, eleven bits a word, most
// significant first, out of 2,048 words.
//
// 88 bits stand against anybody who would slip in another document; a party
// that prepares two of its own could make them agree with 2^44 trials, so the
// words are a help and the signature is the proof: it covers every bit.
// Pure, thread-safe. Source: agreements.md 3.1, docs/protocol/
// agreement-fingerprint.md.

#include <array>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::policy {

inline constexpr std::size_t kFingerprintWords = 8;
inline constexpr unsigned kBitsOfAWord = 11;
inline constexpr std::size_t kWordCount = std::size_t{1} << kBitsOfAWord;

// The word of a number below 2,048. The list is sorted, and no two words share
// their first four letters.
std::string_view FingerprintWord(std::size_t number);

std::array<std::string_view, kFingerprintWords> FingerprintWords(
    const Hash& hash);
// `first second ... eighth`.
std::string FingerprintText(const Hash& hash);
// `174d8e9a 63227ba9 ...`: all 256 bits in eight groups of hex digits.
std::string FingerprintGroups(const Hash& hash);

// Whether `heard` is what FingerprintText gives: letters of any case, the first
// four of a word are enough, spaces or hyphens between.
bool FingerprintMatches(const Hash& hash, std::string_view heard);

}  // namespace entente::policy
