#pragma once
// The node's configuration, `node.toml` in its data folder. An unknown key is
// an error; nothing that protects people is a setting.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace entente::app {

struct Config {
  std::string party;     // `[A-Z]{3}`
  std::string name;      // of the state
  std::string listen;    // numeric address and port of the door for peers
  std::string endpoint;  // as peers reach it, `host:port`
  std::string
      dns;  // names the log and the witness, such as `piu.orsena.example`
  std::string volume;  // of the audit log, such as `2026a`
  // Numeric address and port where this node answers as a witness over plain
  // HTTP; empty: nowhere.
  std::string witness_listen;
  // Verifier keys of logs of no pinned peer that this node cosigns.
  std::vector<std::string> witness_logs;
  // PEM file of the certificates that a witness behind `https` must descend
  // from; empty: those that the system trusts.
  std::string witness_roots;
  // What opens the key store; exactly one of the three.
  std::string seal_key_file;
  std::string seal_credential;        // a systemd credential
  bool seal_ask = false;              // a passphrase, asked for at every start
  std::int64_t passenger_hours = 48;  // how long travellers are kept
  std::uint64_t disk_floor_mib = 1024;  // less free space stops the log
  std::uint64_t disk_reserve_mib = 64;  // given up to stop in order

  std::string log_origin() const { return "audit." + dns + "/" + volume; }
  std::string witness_name() const { return "witness." + dns + "/w1"; }
};

// INVALID_ARGUMENT: names the key, what is wrong with it and where (line and
// column for a syntax error).
absl::StatusOr<Config> ParseConfig(std::string_view text);
std::string WriteConfig(const Config& config);
// The checks that ParseConfig makes, for a config made by hand.
absl::Status CheckConfig(const Config& config);

}  // namespace entente::app
