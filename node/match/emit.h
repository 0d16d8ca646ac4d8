#pragma once
// The rules of the recipe, applied to the terms of one unit. Private to the
// room. Source: docs/protocol/recipe-1.md, section 5.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "node/match/rule.h"
#include "node/match/terms.h"

namespace entente::match {

enum class Side : std::uint8_t { kQuery, kList };

// Where finished key texts go. Add returns false when it takes no more, which
// ends the unit.
class KeySink {
 public:
  virtual ~KeySink() = default;
  virtual bool Add(std::uint8_t code, ByteView text) = 0;
};

// Writes key texts: `entente/recipe/1` 0x1F rule 0x1F field ... One at a time,
// into memory that is used again.
class KeyWriter {
 public:
  explicit KeyWriter(KeySink& sink) : sink_(sink) {}
  ~KeyWriter();
  KeyWriter(const KeyWriter&) = delete;
  KeyWriter& operator=(const KeyWriter&) = delete;

  // One key of `code` with these fields.
  void Put(std::uint8_t code, std::initializer_list<std::string_view> fields);
  // One key for each factor, its sex and nationality behind the fields.
  void PutWithFactors(std::uint8_t code,
                      std::initializer_list<std::string_view> fields,
                      const CommonTerms& common);
  bool full() const { return full_; }

 private:
  void Start(std::uint8_t code, std::initializer_list<std::string_view> fields);
  void Hand(std::uint8_t code);
  KeySink& sink_;
  std::string text_;
  bool full_ = false;
};

// One unit: name, date of birth, and what the person's units share.
struct Unit {
  const NameTerms& name;
  const CommonTerms& common;
  BirthDate date;
  Side side = Side::kQuery;
};

// All keys of the unit that a peer can test and that `wanted` holds, in the
// order of the recipe, duplicates included, until the sink is full.
struct RuleFilter {
  bool (*wants)(std::uint8_t code);
};
void EmitPeerRules(const Unit& unit, RuleFilter filter, KeyWriter& out);

// Calls each(year) for the four-digit years from `from` to `to` years after
// that of `date`, without those before 0001 or after 9999.
template <class Each>
void ForEachYear(const BirthDate& date, int from, int to, Each each) {
  int year = 0;
  for (const char c : date.year()) year = year * 10 + (c - '0');
  for (int y = year + from; y <= year + to; ++y) {
    if (y < 1 || y > 9999) continue;
    const char digits[] = {static_cast<char>('0' + y / 1000),
                           static_cast<char>('0' + y / 100 % 10),
                           static_cast<char>('0' + y / 10 % 10),
                           static_cast<char>('0' + y % 10)};
    each(std::string_view(digits, sizeof digits), y - year);
  }
}

// The (form, year) pairs of C3 and C3F.
template <class Each>
void ForEachForm(const Unit& unit, Each each) {
  const int reach = unit.side == Side::kList ? 1 : 0;
  const std::string apart = "T" + unit.name.pn;
  const std::string together = "J" + unit.name.together_skeleton;
  ForEachYear(unit.date, -reach, reach, [&](std::string_view year, int) {
    if (!unit.name.pn.empty()) each(std::string_view(apart), year);
    each(std::string_view(together), year);
  });
}

// The selections of skeletons of C5 and C5F.
template <class Each>
void ForEachSelection(const NameTerms& name, Each each) {
  if (name.ph.size() < 2) return;
  each(std::string_view(name.pn));
  if (name.ph.size() < 3) return;
  std::string selection;
  for (std::size_t without = 0; without < 7 && without < name.ph.size();
       ++without) {
    selection.clear();
    for (std::size_t i = 0; i < name.ph.size(); ++i) {
      if (i == without) continue;
      if (!selection.empty()) selection.push_back(' ');
      selection.append(name.ph[i]);
    }
    each(std::string_view(selection));
  }
}

}  // namespace entente::match
