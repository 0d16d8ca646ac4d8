#pragma once
// The values of a list entry under the codes of the field catalogue: what
// minimisation picks from.

#include <string>
#include <vector>

#include "node/model/person.h"
#include "node/model/statements.h"

namespace entente::hits {

// The values for exactly `codes`, in their order; a code that the entry has no
// value for is left out, as is one that no list entry has. Several names or
// documents give several values under one code.
std::vector<model::FieldValue> FieldsOf(const model::ListEntry& entry,
                                        const std::vector<std::string>& codes);

}  // namespace entente::hits
