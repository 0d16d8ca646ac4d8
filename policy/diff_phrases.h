#pragma once
// The words for values of boxes: `5 of 6 terrorism purposes (not financing)`,
// `uses 4 and 5 in one case`. English only; the parts of diff and overlap share
// them. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "policy/box.h"
#include "policy/permitted.h"

namespace entente::policy::phrases {

// `a`, `a and b`, `a, b and c`.
std::string JoinWords(const std::vector<std::string>& words,
                      std::string_view last = "and");
std::vector<std::string> CodesOf(const IndexSet& set,
                                 const std::vector<std::string>& codes);

std::string Purposes(const IndexSet& purposes, const Universe& universe);
std::string Urgencies(const IndexSet& urgency, std::string_view last);
std::string Roles(const IndexSet& roles);
// `death-penalty-risk and minor checked absent`, or how many.
std::string NeededFlags(std::uint32_t absent);
// `at most 3`, `at least 2`, `no limit`: what a clause sets on the axis.
std::string Limit(RangeAxis axis, const Range& range);
// What a box says on one axis (the numbers of box.h, `Apart`).
std::string Axis(std::size_t axis, const Box& box, const Universe& universe);

}  // namespace entente::policy::phrases
