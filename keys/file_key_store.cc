#include "keys/file_key_store.h"

#include "crypto/base/status.h"
#include "keys/folder_store.h"

namespace entente::keys {

absl::StatusOr<std::unique_ptr<KeyStore>> FileKeyStore::Create(
    const std::string& dir, const Sealing& sealing) {
  TRY(KeyFolder folder, KeyFolder::Create(dir, sealing));
  return std::make_unique<FolderStore>(std::move(folder));
}

absl::StatusOr<std::unique_ptr<KeyStore>> FileKeyStore::Open(
    const std::string& dir, const Sealing& sealing) {
  TRY(KeyFolder folder, KeyFolder::Open(dir, sealing));
  auto store = std::make_unique<FolderStore>(std::move(folder));
  TRY_OK(store->LoadAll());
  return store;
}

absl::Status FileKeyStore::Reseal(const std::string& dir, const Sealing& old,
                                  const Sealing& next) {
  TRY(const KeyFolder folder, KeyFolder::Open(dir, old));
  return folder.Reseal(next);
}

}  // namespace entente::keys
