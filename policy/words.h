#pragma once
// The closed words of agreement/1. A word's index is its place in the list
// here; Facts carry these indexes, so a list is never reordered. A new word is
// a new format version.
//
// Source: agreements.md 2.2.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace entente::policy {

// The last three stand in no clause: the format itself answers them.
enum class Action : std::uint8_t {
  kScreen,
  kQuery,
  kDisclose,
  kOnward,
  kExport,
  kRetain,
  kUnmask,
  kCorrect,
  kLast = kCorrect
};
inline constexpr std::size_t kClauseActions = 5;

enum class Dataset : std::uint8_t { kApi, kPnr, kList, kLast = kList };
enum class Role : std::uint8_t {
  kNode,
  kOfficer,
  kApprover,
  kDpo,
  kLast = kDpo
};
enum class Route : std::uint8_t {
  kArrives,
  kDeparts,
  kTransits,
  kNone,
  kLast = kNone
};
enum class Urgency : std::uint8_t { kRoutine, kUrgent, kVital, kLast = kVital };
// kNone is never written: a clause without a match set has no such key.
enum class MatchSet : std::uint8_t {
  kNone,
  kStandard,
  kNarrow,
  kWide,
  kLast = kWide
};
enum class Review : std::uint8_t {
  kNone,
  kHolder,
  kBothSides,
  kLast = kBothSides
};
enum class Nationals : std::uint8_t {
  kNone,
  kHolder,
  kAsker,
  kBoth,
  kLast = kBoth
};
enum class Handling : std::uint8_t { kH0, kH1, kH2, kLast = kH2 };
enum class Caveat : std::uint8_t {
  kAskBeforeAction,
  kDeferSubjectNotice,
  kNotForDetention,
  kProtectSource,
  kLast = kProtectSource
};
enum class Flag : std::uint8_t {
  kDeathPenaltyRisk,
  kIdentityUnconfirmed,
  kMinor,
  kNoAirLink,
  kOwnNational,
  kOwnNationalMinor,
  kPoliticalOffence,
  kProtectedPerson,
  kRefoulementRisk,
  kTortureRisk,
  kLast = kTortureRisk
};
enum class Padding : std::uint8_t {
  kOctave1,
  kOctave2,
  kOctave4,
  kOctave8,
  kLast = kOctave8
};
enum class SuppressedHit : std::uint8_t { kNoHit, kRefused, kLast = kRefused };
enum class SplitView : std::uint8_t { kStop, kAlarm, kLast = kAlarm };
enum class State : std::uint8_t {
  kDraft,
  kProposed,
  kSignedBySome,
  kSigned,
  kActive,
  kSuperseded,
  kSuspended,
  kTerminated,
  kClosed,
  kLast = kClosed
};
enum class StopReason : std::uint8_t {
  kRights,
  kLegal,
  kSecurity,
  kTechnical,
  kOther,
  kLast = kOther
};

template <class E>
struct WordList;

#define ENTENTE_WORDS(type, count, ...)                                       \
  template <>                                                                 \
  struct WordList<type> {                                                     \
    static constexpr std::array<std::string_view, count> kWords{__VA_ARGS__}; \
    static_assert(count == static_cast<std::size_t>(type::kLast) + 1);        \
  }

ENTENTE_WORDS(Action, 8, "screen", "query", "disclose", "onward", "export",
              "retain", "unmask", "correct");
ENTENTE_WORDS(Dataset, 3, "api", "pnr", "list");
ENTENTE_WORDS(Role, 4, "node", "officer", "approver", "dpo");
ENTENTE_WORDS(Route, 4, "arrives", "departs", "transits", "none");
ENTENTE_WORDS(Urgency, 3, "routine", "urgent", "vital");
ENTENTE_WORDS(MatchSet, 4, "", "standard", "narrow", "wide");
ENTENTE_WORDS(Review, 3, "none", "holder", "both-sides");
ENTENTE_WORDS(Nationals, 4, "none", "holder", "asker", "both");
ENTENTE_WORDS(Handling, 3, "H0", "H1", "H2");
ENTENTE_WORDS(Caveat, 4, "ask-before-action", "defer-subject-notice",
              "not-for-detention", "protect-source");
ENTENTE_WORDS(Flag, 10, "death-penalty-risk", "identity-unconfirmed", "minor",
              "no-air-link", "own-national", "own-national-minor",
              "political-offence", "protected-person", "refoulement-risk",
              "torture-risk");
ENTENTE_WORDS(Padding, 4, "octave-1", "octave-2", "octave-4", "octave-8");
ENTENTE_WORDS(SuppressedHit, 2, "no-hit", "refused");
ENTENTE_WORDS(SplitView, 2, "stop", "alarm");
ENTENTE_WORDS(State, 9, "draft", "proposed", "signed-by-some", "signed",
              "active", "superseded", "suspended", "terminated", "closed");
ENTENTE_WORDS(StopReason, 5, "rights", "legal", "security", "technical",
              "other");
#undef ENTENTE_WORDS

template <class E>
constexpr std::string_view Word(E value) {
  return WordList<E>::kWords[static_cast<std::size_t>(value)];
}

// Nothing for a word that is not in the list; unknown means refuse.
template <class E>
constexpr std::optional<E> FromWord(std::string_view word) {
  for (std::size_t i = 0; i < WordList<E>::kWords.size(); ++i) {
    if (!word.empty() && WordList<E>::kWords[i] == word) {
      return static_cast<E>(i);
    }
  }
  return std::nullopt;
}

// A set of words, one bit each.
template <class E>
struct WordSet {
  std::uint32_t bits = 0;

  static constexpr WordSet Of(std::initializer_list<E> words) {
    WordSet set;
    for (E word : words) set.Add(word);
    return set;
  }
  constexpr bool Has(E value) const {
    return ((bits >> static_cast<unsigned>(value)) & 1U) != 0;
  }
  constexpr void Add(E value) { bits |= 1U << static_cast<unsigned>(value); }
  constexpr bool empty() const { return bits == 0; }
  constexpr bool operator==(const WordSet&) const = default;
};

// The k of `octave-k`: a tag set is raised to the next m * 2^e, k <= m < 2k.
constexpr std::uint32_t OctaveSteps(Padding padding) {
  return 1U << static_cast<unsigned>(padding);
}

}  // namespace entente::policy
