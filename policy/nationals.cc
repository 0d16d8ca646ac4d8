#include "policy/nationals.h"

#include <algorithm>

namespace entente::policy {

bool KeptOut(Nationals rule, std::span<const std::string> nationalities,
             std::string_view holder, std::string_view asker) {
  const auto is = [&nationalities](std::string_view code) {
    return std::find(nationalities.begin(), nationalities.end(), code) !=
           nationalities.end();
  };
  switch (rule) {
    case Nationals::kNone:
      return false;
    case Nationals::kHolder:
      return is(holder);
    case Nationals::kAsker:
      return is(asker);
    case Nationals::kBoth:
      return is(holder) || is(asker);
  }
  return true;
}

}  // namespace entente::policy
