#include "node/match/words.h"

#include <algorithm>
#include <iterator>

namespace entente::match {
namespace {

constexpr std::string_view kPlaceholders[] = {"FNU",    "LNU",     "NA", "NFN",
                                              "NONAME", "UNKNOWN", "XX", "XXX"};
static_assert(std::is_sorted(std::begin(kPlaceholders),
                             std::end(kPlaceholders)));

constexpr std::string_view kTitles[] = {
    "CAPT", "CHD",    "COL",    "DR",      "GEN",    "HAJI",  "HAJJ",   "HAJJI",
    "INF",  "LADY",   "MASTER", "MAULAVI", "MISS",   "MR",    "MRS",    "MS",
    "MSTR", "MULLAH", "PROF",   "SAYYID",  "SHAIKH", "SHEIK", "SHEIKH", "SIR"};
static_assert(std::is_sorted(std::begin(kTitles), std::end(kTitles)));

constexpr std::string_view kParticles[] = {
    "ABU", "AD",  "AL",    "BEN", "BIN", "BINT", "D",   "DA",  "DAS",
    "DE",  "DEL", "DELLA", "DEN", "DER", "DI",   "DO",  "DOS", "DU",
    "E",   "EL",  "I",     "IBN", "LA",  "LE",   "LES", "MAC", "MC",
    "O",   "SAN", "SANTA", "ST",  "TEN", "TER",  "UD",  "UL",  "VAN",
    "VON", "Y",   "ZU",    "ZUM", "ZUR"};
static_assert(std::is_sorted(std::begin(kParticles), std::end(kParticles)));

template <class List>
bool Holds(const List& list, std::string_view word) {
  return std::binary_search(std::begin(list), std::end(list), word);
}

}  // namespace

bool IsPlaceholder(std::string_view word) { return Holds(kPlaceholders, word); }
bool IsTitle(std::string_view word) { return Holds(kTitles, word); }
bool IsParticle(std::string_view word) { return Holds(kParticles, word); }

std::span<const std::string_view> Placeholders() { return kPlaceholders; }
std::span<const std::string_view> Titles() { return kTitles; }
std::span<const std::string_view> Particles() { return kParticles; }

}  // namespace entente::match
