#pragma once
// The data files that this build carries: catalogues, languages, templates,
// the word list. Compiled in, so no file of a node's disk can change what a
// word means.
// Pure, thread-safe.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/catalogue.h"

namespace entente::policy {

// The content of `FOLDER/NAME`, such as `lang/fr`; empty: there is none.
std::string_view EmbeddedFile(std::string_view name);
// The names in a folder, in order.
std::vector<std::string> EmbeddedNames(std::string_view folder);

// The catalogues of docs/catalogues/: an agreement that pins other ones is
// refused by a node of this build.
absl::StatusOr<Catalogues> BuiltInCatalogues();

}  // namespace entente::policy
