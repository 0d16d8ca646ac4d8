#include "policy/local.h"

#include "crypto/base/status.h"
#include "policy/compiled.h"

namespace entente::policy {
namespace {

// Evaluate asks no local restriction before it keeps, deletes or corrects, so
// one that names them would change nothing.
constexpr std::uint8_t kNeverCut =
    (1U << static_cast<unsigned>(Action::kRetain)) |
    (1U << static_cast<unsigned>(Action::kCorrect));

template <class E>
absl::Status AddWords(const std::vector<std::string>& words,
                      std::uint8_t& bits) {
  for (const std::string& text : words) {
    const auto word = FromWord<E>(text);
    if (!word) return Invalid("local restriction: unknown word `", text, "`");
    bits =
        static_cast<std::uint8_t>(bits | (1U << static_cast<unsigned>(*word)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Local> ResolveLocal(const Compiled& compiled,
                                   const LocalRules& rules) {
  Local local;
  local.quota_per_day = rules.quota_per_day;
  TRY_OK(AddWords<Action>(rules.actions, local.actions));
  if ((local.actions & kNeverCut) != 0) {
    return Invalid("local restriction: nothing may stop retain or correct");
  }
  TRY_OK(AddWords<Dataset>(rules.datasets, local.datasets));
  for (const std::string& code : rules.parties) {
    const auto index = compiled.PartyIndex(code);
    if (!index) return Invalid("local restriction: no party `", code, "`");
    local.parties |= std::uint64_t{1} << *index;
  }
  for (const std::string& word : rules.purposes) {
    const std::uint64_t bits = compiled.purposes().Expand(word);
    if (bits == 0) return Invalid("local restriction: no purpose `", word, "`");
    local.purposes |= bits;
  }
  for (const std::string& code : rules.fields) {
    const std::uint64_t bit = compiled.fields().Bit(code);
    if (bit == 0) return Invalid("local restriction: no field `", code, "`");
    local.fields |= bit;
  }
  return local;
}

}  // namespace entente::policy
