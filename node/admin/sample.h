#pragma once
// Private to the room: entries that nobody can choose.

#include <cstdint>
#include <vector>

#include "node/audit/log.h"

namespace entente::admin {

// `n` different indexes below the head's size (n <= size), in the order drawn:
// SHA-256("entente/audit-sample/1" LF || root || u64be(i)), its first eight
// bytes modulo the size, i = 0, 1, ..., doubles left out. The root is fixed
// before anybody knows which numbers follow from it.
std::vector<std::uint64_t> DrawSample(const audit::Head& head, std::uint64_t n);

}  // namespace entente::admin
