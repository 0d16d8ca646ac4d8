#pragma once
// The parts of a node below the doors, opened in order; shared by making a node
// and running it.

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "keys/key_store.h"
#include "keys/sealing.h"
#include "node/app/config.h"
#include "node/audit/log.h"
#include "node/audit/rollback.h"
#include "node/base/clock.h"
#include "node/store/store.h"

namespace entente::app {

inline constexpr char kVersion[] = "0.1.0";

std::string ConfigPath(const std::string& data_dir);
absl::StatusOr<Config> LoadConfig(const std::string& data_dir);
absl::StatusOr<keys::Sealing> SealingOf(const Config& config);
absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(
    const std::string& data_dir, keys::KeyStore& keys, bool create);
// HPKE keys of the data protection officers, kept in the store.
absl::Status KeepRecipients(
    store::Store& store,
    const std::vector<primitive::HpkePublicKey>& recipients);
// Asks the witnesses with `ask` first (audit::CheckNotRolledBack), unless it is
// empty: then nobody was asked.
absl::StatusOr<std::unique_ptr<audit::AuditLog>> OpenLog(
    const std::string& data_dir, const Config& config, keys::KeyStore& keys,
    store::Store& store, const base::Clock& clock,
    const audit::AskWitness& ask = {});

}  // namespace entente::app
