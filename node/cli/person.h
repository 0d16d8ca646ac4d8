#pragma once
// Personal keys at the terminal: the passphrase comes from a file of mode 0600
// or is asked for without an echo.

#include <absl/status/statusor.h>

#include <string>

#include "keys/person_key.h"
#include "keys/sealing.h"

namespace entente::cli {

// INVALID_ARGUMENT: no key file was named. Others as keys::PersonKey::Load.
absl::StatusOr<keys::PersonKey> LoadPerson(const std::string& key_file,
                                           const std::string& passphrase_file);

// The sealing for a new key file.
absl::StatusOr<keys::Sealing> SealingFor(const std::string& passphrase_file);

}  // namespace entente::cli
