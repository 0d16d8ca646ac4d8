#pragma once
// Makes a node: folder, keys, database, log and first people. Nothing is half
// done: an unfinished folder is refused and can be deleted.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "node/app/config.h"

namespace entente::app {

struct MakeOptions {
  std::string data_dir;
  Config config;  // seal_key_file empty: `DATA/seal.key` is made
  std::string
      administrator;  // personal key files: what they say in clear is enough
  std::string dpo;
};

//   ALREADY_EXISTS     the folder is not empty
//   INVALID_ARGUMENT   a setting or a key file is wrong
absl::Status MakeNode(const MakeOptions& options);

}  // namespace entente::app
