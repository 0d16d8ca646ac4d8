#pragma once
// The three lists of words of recipe/1. Constant; thread-safe. Source:
// docs/protocol/recipe-1.md, sections 1 and 3.

#include <span>
#include <string_view>

namespace entente::match {

// Stands for a missing name, such as FNU.
bool IsPlaceholder(std::string_view word);
// A title or an honorific, such as MRS.
bool IsTitle(std::string_view word);
// A particle of a name, such as VAN.
bool IsParticle(std::string_view word);

// The lists themselves, in byte order.
std::span<const std::string_view> Placeholders();
std::span<const std::string_view> Titles();
std::span<const std::string_view> Particles();

}  // namespace entente::match
