#pragma once
// Whom a clause's `exclude_nationals` keeps out of a question: dummies stand in
// for them before anything is blinded. Pure, thread-safe.
// Source: agreements.md 2.2.

#include <span>
#include <string>
#include <string_view>

#include "policy/words.h"

namespace entente::policy {

// `nationalities`: three-letter codes of the traveller.
bool KeptOut(Nationals rule, std::span<const std::string> nationalities,
             std::string_view holder, std::string_view asker);

}  // namespace entente::policy
