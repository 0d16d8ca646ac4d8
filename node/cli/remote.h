#pragma once
// Sends one signed command to the node over its local socket.

#include <string>
#include <vector>

#include "node/model/command.h"

namespace entente::cli {

struct RemoteOptions {
  std::string node;             // data folder of the node; its socket is inside
  std::string party;            // whose node; empty: read from the folder
  std::string key_file;         // personal key file; names the person
  std::string passphrase_file;  // empty: ask at the terminal
  bool json = false;
};

// Signs and sends `name` with `arguments`; `attachment` is a file path or
// empty. Prints and returns the exit code.
int RunRemote(const RemoteOptions& options, const std::string& name,
              std::vector<model::Argument> arguments,
              const std::string& attachment);

}  // namespace entente::cli
