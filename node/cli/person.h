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

// The sealing for a new personal key: a passphrase from its file, or asked for.
absl::StatusOr<keys::Sealing> SealingFor(const std::string& passphrase_file);
// The same by a key file of 32 random bytes, made when it is absent.
absl::StatusOr<keys::Sealing> KeyFileSealing(const std::string& key_file);

}  // namespace entente::cli
