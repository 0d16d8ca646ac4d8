#pragma once
// Private to this room: the folder of a key store on disk.
//
//   store               header: how the root key is sealed
//   lock                held by the process that has the store open
//   <stem>.key          one sealed key
//   <stem>.gone         sealed certificate of its destruction
//   suspended_<hash>    the agreement is suspended; the content means nothing
// Any other name is left alone. A stem is made from what the file says inside,
// so a file under another's name is found out.

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "keys/destruction.h"
#include "keys/files.h"
#include "keys/sealing.h"

namespace entente::keys {

// What a key is, in clear beside it and bound to it.
struct KeyLabel {
  std::string purpose;           // PurposeName, `epoch` or `partition`
  std::string name;              // as in Destruction
  std::uint32_t generation = 1;  // of a purpose; 1 elsewhere
  Id16 kid{};
  Bytes public_key;  // 32 bytes; empty for symmetric keys
  template <class A>
  void Fields(A& f) {
    f(purpose, name, generation, kid, public_key);
  }
};

// The name of its files, without suffix.
std::string StemOf(const KeyLabel& label);

struct LoadedKey {
  KeyLabel label;
  SecretBytes secret;
};

// Changes are the caller's to serialise; reading is thread-safe.
class KeyFolder {
 public:
  static absl::StatusOr<KeyFolder> Create(const std::string& dir,
                                          const Sealing& sealing);
  static absl::StatusOr<KeyFolder> Open(const std::string& dir,
                                        const Sealing& sealing);
  absl::Status Reseal(const Sealing& next) const;

  // ALREADY_EXISTS: never overwrites a key.
  absl::Status Write(const KeyLabel& label, const SecretBytes& secret) const;
  absl::StatusOr<LoadedKey> Load(const std::string& stem) const;
  // Every key; finishes destructions that were cut short.
  absl::StatusOr<std::vector<LoadedKey>> LoadAll() const;

  // The certificate of a destroyed key, or nullopt.
  absl::StatusOr<std::optional<DestructionCertificate>> Gone(
      const std::string& stem) const;
  absl::Status WriteGone(const KeyLabel& label,
                         const DestructionCertificate& certificate) const;
  absl::Status Erase(const std::string& stem) const;

  absl::Status MarkSuspended(const Hash& agreement) const;
  absl::Status UnmarkSuspended(const Hash& agreement) const;
  absl::StatusOr<std::vector<Hash>> Suspended() const;

 private:
  KeyFolder(std::string dir, Fd lock, SecretBytes root)
      : dir_(std::move(dir)), lock_(std::move(lock)), root_(std::move(root)) {}
  std::string Path(std::string_view name) const;
  absl::StatusOr<Bytes> ReadSealed(const std::string& file) const;

  std::string dir_;
  Fd lock_;
  SecretBytes root_;
};

}  // namespace entente::keys
