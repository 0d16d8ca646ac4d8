#include "policy/windows.h"

#include "policy/civil.h"

namespace entente::policy {
namespace {

CivilDate DateOf(std::int64_t now) {
  return CivilFromDays(now / kDaySeconds - (now % kDaySeconds < 0 ? 1 : 0));
}

}  // namespace

std::uint32_t DayKey(std::int64_t now) {
  const CivilDate date = DateOf(now);
  return static_cast<std::uint32_t>(date.year) * 10000 + date.month * 100 +
         date.day;
}

std::uint32_t YearKey(std::int64_t now) {
  return static_cast<std::uint32_t>(DateOf(now).year);
}

bool QuotaWarns(std::uint64_t used, std::uint64_t quota) {
  return used * 5 >= quota * 4;
}

}  // namespace entente::policy
