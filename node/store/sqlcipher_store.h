#pragma once
// The default driver of the store: one encrypted SQLCipher file.

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "crypto/base/secret.h"
#include "node/store/store.h"

namespace entente::store {

enum class OpenMode : std::uint8_t {
  kOpen,    // NOT_FOUND when there is no file
  kCreate,  // ALREADY_EXISTS when there is one
};

struct SqlCipherOptions {
  std::string path;  // of the database; its folder must exist
  OpenMode mode = OpenMode::kOpen;
};

// Opens or creates the file under `raw_key` (32 bytes, from `keys`; no key
// derivation). The file and the folder's lock file are mode 0600.
//   DATA_LOSS            wrong key or damaged file; or the file is in clear
//   UNAVAILABLE          another process holds the lock, or the disk fails
//   FAILED_PRECONDITION  the schema is newer than this program, or the linked
//                        library is not SQLCipher 4
//   INVALID_ARGUMENT     the key is not 32 bytes
// Source: design page platform.md, section 2.
absl::StatusOr<std::unique_ptr<Store>> OpenSqlCipher(
    const SqlCipherOptions& options, const SecretBytes& raw_key);

}  // namespace entente::store
