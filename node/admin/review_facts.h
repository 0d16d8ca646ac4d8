#pragma once
// Private to the room: what the entries of some months say, for the data
// protection officer's review. Pure; everything follows from leaves, so whoever
// has the bundle can count again. Holds pseudonyms and random ids, no person.

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "node/ledger/leaf.h"

namespace entente::admin {

class ReviewFacts {
 public:
  // Types that say by when something must be done; those before the period are
  // given with TakeBefore, so that what was overdue in it is seen.
  static std::vector<std::string_view> DutyTypes();

  void TakeBefore(std::uint64_t index, const ledger::Leaf& leaf);
  // The entries of the period, in order.
  void Take(std::uint64_t index, const ledger::Leaf& leaf);
  // The period in POSIX seconds, its end not included: a duty is overdue when
  // its due date lies before the end and it is not done, late when it was done
  // in the period and after its due date. Lists hold at most kMostRows rows;
  // `left_out` says how many more there were.
  nlohmann::ordered_json Give(std::int64_t from, std::int64_t until) const;
  static constexpr std::size_t kMostRows = 2000;

 private:
  using Json = nlohmann::ordered_json;
  struct Duty {
    std::string kind;  // the type that opened it
    std::string about;
    std::uint64_t index = 0;
    std::int64_t due = 0;
    std::int64_t done = 0;  // 0: not yet
  };
  struct Flow {
    std::uint64_t times = 0;
    std::uint64_t persons = 0;
  };

  void TakeDuty(std::uint64_t index, const ledger::Leaf& leaf, bool open);
  void TakeFlow(const ledger::Leaf& leaf);
  void AddRow(Json& list, std::uint64_t index, const ledger::Leaf& leaf);
  Json Duties(std::int64_t from, std::int64_t until) const;

  std::map<std::string, std::uint64_t> counts_;
  std::map<std::tuple<std::string, std::string, std::string, std::string>, Flow>
      flows_;                 // type, peer, clause, purpose
  std::vector<Duty> duties_;  // in order of the log
  std::map<std::pair<std::string, std::string>, std::size_t> open_;
  std::map<std::pair<std::string, std::string>, Flow> reads_;  // actor, type
  Json quotas_ = Json::array();
  Json recalls_ = Json::array();
  Json troubles_ = Json::array();
  std::uint64_t left_out_ = 0;
};

}  // namespace entente::admin
