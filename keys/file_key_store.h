#pragma once
// The key store as a folder: one sealed file per key, written whole or not at
// all. docs/protocol has nothing on it: the format is this node's own.
//
// LIMIT: a copy of the folder made before a destruction, together with what
// seals it, still opens. Backups leave epoch and partition keys out.
// LIMIT: overwriting reaches the blocks of the file only where the disk and
// file system write in place; elsewhere the sealed file may survive for a while
// and rests on the sealing.

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "keys/key_store.h"
#include "keys/sealing.h"

namespace entente::keys {

class FileKeyStore final {
 public:
  // Makes the folder (mode 0700) and an empty store in it.
  //   ALREADY_EXISTS        the folder holds a store
  //   FAILED_PRECONDITION   the folder is open to others
  //   UNAVAILABLE           another process holds it, or the disk fails
  static absl::StatusOr<std::unique_ptr<KeyStore>> Create(
      const std::string& dir, const Sealing& sealing);

  // Opens every key file once, so that damage shows now and not in need, and
  // finishes destructions that were cut short. Holds the folder until
  // destroyed.
  //   NOT_FOUND             the folder holds no store
  //   FAILED_PRECONDITION   the folder, or a file in it, is open to others
  //   UNAVAILABLE           another process holds it, or the disk fails
  //   DATA_LOSS             the sealing is another one, or a file is damaged,
  //                         misplaced or cut short
  static absl::StatusOr<std::unique_ptr<KeyStore>> Open(const std::string& dir,
                                                        const Sealing& sealing);

  // Seals the store anew, from `old` to `next`; no key changes. Errors as Open.
  static absl::Status Reseal(const std::string& dir, const Sealing& old,
                             const Sealing& next);
};

}  // namespace entente::keys
