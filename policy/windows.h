#pragma once
// Keys of the quota windows: UTC day and UTC year. Pure.
// Source: agreements.md 2.2, `quota_per_day`, `quota_per_year`.

#include <cstdint>

namespace entente::policy {

// YYYYMMDD of a POSIX time.
std::uint32_t DayKey(std::int64_t now);
// YYYY.
std::uint32_t YearKey(std::int64_t now);
// 80 % of the quota is used: the DPOs are told once.
bool QuotaWarns(std::uint64_t used, std::uint64_t quota);

}  // namespace entente::policy
