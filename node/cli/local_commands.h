#pragma once
// The commands that work without a node: keys of people, agreements on paper,
// verification, benchmarks, and making a node.

#include <CLI/CLI.hpp>
#include <functional>

#include "node/cli/remote.h"

namespace entente::cli {

// The subcommand with this name, or null: CLI11 2.1 can only throw for a
// missing one.
inline CLI::App* Child(CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands(
      [&name](CLI::App* at) { return at->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

// Adds them to `app`; when one is chosen it puts its work into `run`.
// Everything referred to outlives the parsing.
void AddLocalCommands(CLI::App& app, const RemoteOptions& options,
                      std::function<int()>& run);

}  // namespace entente::cli
