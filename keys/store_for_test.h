#pragma once
// For this room's tests only: a key store in a folder of its own.

#include <memory>
#include <string>

#include "crypto/base/status.h"
#include "keys/file_key_store.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::keys {

class StoreForTest : public ::testing::Test {
 protected:
  StoreForTest() {
    CHECK(Sealing::MakeKeyFile(dir_.Path("seal")).ok());
    Take(FileKeyStore::Create(folder(), sealing()));
  }

  std::string folder() const { return dir_.Path("keys"); }
  std::string File(const std::string& name) const {
    return folder() + "/" + name;
  }
  Sealing sealing() const {
    absl::StatusOr<Sealing> out = Sealing::FromKeyFile(dir_.Path("seal"));
    CHECK(out.ok());
    return *std::move(out);
  }
  absl::StatusOr<std::unique_ptr<KeyStore>> TryOpen() {
    store_.reset();
    return FileKeyStore::Open(folder(), sealing());
  }
  void Reopen() { Take(TryOpen()); }
  void Take(absl::StatusOr<std::unique_ptr<KeyStore>> store) {
    ASSERT_OK(store);
    store_ = *std::move(store);
  }

  testing::TempDir dir_;
  std::unique_ptr<KeyStore> store_;
};

}  // namespace entente::keys
