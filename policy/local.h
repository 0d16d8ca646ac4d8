#pragma once
// A party's own private restrictions: they only subtract, and nobody else sees
// them. Empty restricts nothing.
// Source: agreements.md 5, "Local restrictions".

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "policy/words.h"

namespace entente::policy {

class Compiled;

inline constexpr std::uint32_t kNoLocalQuota = 0xFFFFFFFFU;

struct Local {
  std::uint64_t parties = 0;   // bits by party index: nothing with them
  std::uint8_t actions = 0;    // bits by Action
  std::uint8_t datasets = 0;   // bits by Dataset
  std::uint64_t purposes = 0;  // bits by leaf
  std::uint64_t fields = 0;    // bits by field
  std::uint32_t quota_per_day = kNoLocalQuota;  // per pair and clause
  bool operator==(const Local&) const = default;
};

// The same in codes, as a person writes them.
struct LocalRules {
  std::vector<std::string> parties{};
  std::vector<std::string> actions{};
  std::vector<std::string> datasets{};
  std::vector<std::string> purposes{};  // leaves or inner nodes
  std::vector<std::string> fields{};
  std::uint32_t quota_per_day = kNoLocalQuota;
};
// INVALID_ARGUMENT: an unknown word. A restriction that cannot be read must not
// vanish, so the caller refuses to start the exchange.
absl::StatusOr<Local> ResolveLocal(const Compiled& compiled,
                                   const LocalRules& rules);

}  // namespace entente::policy
