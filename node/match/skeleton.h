#pragma once
// The phonetic skeleton P(token): what makes spellings of one name in several
// scripts and languages equal. Pure; thread-safe. The result is personal data.
// Source: docs/protocol/recipe-1.md, section 2.

#include <string>
#include <string_view>

namespace entente::match {

// Appends P(token) to `out`; at most as long as `token`. `token`: A-Z and 0-9.
void AppendSkeleton(std::string_view token, std::string& out);
std::string Skeleton(std::string_view token);

}  // namespace entente::match
