#pragma once
// The catalogues that this build knows, compiled in from docs/catalogues: an
// agreement that pins other ones is refused.

#include <absl/status/statusor.h>

#include "policy/catalogue.h"

namespace entente::app {

absl::StatusOr<policy::Catalogues> BuiltInCatalogues();

}  // namespace entente::app
