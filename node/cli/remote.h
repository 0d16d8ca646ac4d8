#pragma once
// Sends one signed command to the node over its local socket.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "keys/person_key.h"
#include "node/model/command.h"
#include "node/rpc/admin.h"

namespace entente::cli {

struct RemoteOptions {
  std::string node;             // data folder of the node; its socket is inside
  std::string party;            // whose node; empty: read from the folder
  std::string key_file;         // personal key file; names the person
  std::string passphrase_file;  // empty: ask at the terminal
  bool json = false;
};

// Signs and sends one command; `attachment` goes along unless it is empty. Of
// the reply nothing is printed.
absl::StatusOr<rpc::AdminReply> Ask(const RemoteOptions& options,
                                    const std::string& name,
                                    std::vector<model::Argument> arguments,
                                    const Bytes& attachment = {});

// The same by a key that was loaded once, for what asks again and again.
absl::StatusOr<rpc::AdminReply> AskAs(const keys::PersonKey& key,
                                      const RemoteOptions& options,
                                      const std::string& name,
                                      std::vector<model::Argument> arguments);

// Signs and sends `name` with `arguments`; `attachment` is a file path or
// empty. Prints and returns the exit code.
int RunRemote(const RemoteOptions& options, const std::string& name,
              std::vector<model::Argument> arguments,
              const std::string& attachment);

}  // namespace entente::cli
