#include "node/app/parts.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <utility>

#include "crypto/base/status.h"
#include "node/base/file.h"
#include "node/store/sqlcipher_store.h"

namespace entente::app {
namespace {

constexpr std::string_view kRecipientsKey = "audit-recipients";
constexpr std::size_t kSmallFile = 64 * 1024;

absl::StatusOr<std::vector<primitive::HpkePublicKey>> Recipients(
    store::Store& store) {
  TRY(const std::unique_ptr<store::Reader> reader, store.Read());
  TRY(const std::optional<Bytes> raw,
      reader->Get(store::Table::kMeta, AsBytes(kRecipientsKey)));
  std::vector<primitive::HpkePublicKey> out;
  if (!raw || raw->empty() || raw->size() % 32 != 0)
    return ProofFailed("the log's recipients are missing from the store");
  for (std::size_t at = 0; at < raw->size(); at += 32) {
    TRY(primitive::HpkePublicKey key,
        ToArray<32>(ByteView(*raw).subspan(at, 32)));
    out.push_back(key);
  }
  return out;
}

// From the terminal without an echo, or the first line of a pipe.
absl::StatusOr<SecretBytes> AskPassphrase() {
  termios before{};
  const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    std::fputs("passphrase of the key store: ", stderr);
    tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  std::string line;
  const bool got = static_cast<bool>(std::getline(std::cin, line));
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::fputs("\n", stderr);
  }
  SecretBytes out = SecretBytes::CopyOf(AsBytes(line));
  Wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  if (!got) return Invalid("no passphrase was given");
  return out;
}

}  // namespace

std::string ConfigPath(const std::string& data_dir) {
  return data_dir + "/node.toml";
}

absl::StatusOr<Config> LoadConfig(const std::string& data_dir) {
  absl::StatusOr<Bytes> text = base::ReadFile(ConfigPath(data_dir), kSmallFile);
  if (!text.ok())
    return WithNext(NotFound("there is no node in this folder"),
                    "make one: `entente init --help`");
  return ParseConfig(AsText(*text));
}

absl::StatusOr<keys::Sealing> SealingOf(const Config& config) {
  if (config.seal_ask) {
    TRY(SecretBytes passphrase, AskPassphrase());
    return keys::Sealing::FromPassphrase(std::move(passphrase));
  }
  if (!config.seal_credential.empty())
    return keys::Sealing::FromCredential(config.seal_credential);
  return keys::Sealing::FromKeyFile(config.seal_key_file);
}

absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(
    const std::string& data_dir, keys::KeyStore& keys, bool create) {
  TRY(const SecretBytes key, keys.StoreKey());
  return store::OpenSqlCipher(
      {.path = data_dir + "/store.db",
       .mode = create ? store::OpenMode::kCreate : store::OpenMode::kOpen},
      key);
}

absl::Status KeepRecipients(
    store::Store& store,
    const std::vector<primitive::HpkePublicKey>& recipients) {
  Bytes raw;
  for (const primitive::HpkePublicKey& key : recipients)
    raw.insert(raw.end(), key.begin(), key.end());
  return store.Write([&](store::Writer& writer) {
    return writer.Put(store::Table::kMeta, AsBytes(kRecipientsKey), raw);
  });
}

absl::StatusOr<std::unique_ptr<audit::AuditLog>> OpenLog(
    const std::string& data_dir, const Config& config, keys::KeyStore& keys,
    store::Store& store, const base::Clock& clock,
    const audit::AskWitness& ask) {
  audit::Options options;
  options.dir = data_dir + "/audit";
  options.origin = config.log_origin();
  options.volume = config.volume;
  options.version = kVersion;
  options.store = &store;
  options.clock = &clock;
  TRY(options.log_key, keys.Public(keys::Purpose::kLog));
  options.sign = [&keys](ByteView message) {
    return keys.Sign(keys::Purpose::kLog, message);
  };
  options.actor_mac = [&keys](ByteView user) {
    return keys.Mac(keys::Purpose::kActor, user);
  };
  TRY(options.recipients, Recipients(store));
  TRY(options.node_key, keys.HpkePublic(keys::Purpose::kAudit));
  options.open_sealed = [&keys](ByteView enc, ByteView info, ByteView aad,
                                ByteView ciphertext) {
    return keys.OpenSealed(keys::Purpose::kAudit, enc, info, aad, ciphertext);
  };
  const std::string policy = data_dir + "/witness.policy";
  if (base::FileExists(policy)) {
    TRY(const Bytes text, base::ReadFile(policy, kSmallFile));
    options.witness_policy = ToString(text);
  }
  options.disk_floor_bytes = config.disk_floor_mib << 20U;
  options.reserve_bytes = config.disk_reserve_mib << 20U;
  if (ask) TRY_OK(audit::CheckNotRolledBack(options, ask));
  return audit::AuditLog::Open(std::move(options));
}

}  // namespace entente::app
