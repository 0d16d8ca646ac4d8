#pragma once
// The commands that go to the node: their words, options and help. The node
// checks roles and values; this table only says what can be typed. Adding a
// command is one row here and one handler in node/admin.

#include <span>
#include <string_view>
#include <vector>

namespace entente::cli {

enum class Need : unsigned char { kOptional, kRequired, kFlag, kMany };

struct RemoteOption {
  std::string_view
      name;  // `case` becomes --case; a name in <angle brackets> is positional
  std::string_view help;
  Need need = Need::kOptional;
};

struct RemoteCommand {
  std::string_view path;  // words, such as `agreement import`
  std::string_view help;
  std::vector<RemoteOption> options;
  std::string_view attachment;  // name of the positional that is a file to send
                                // along; empty: none
};

std::span<const RemoteCommand> RemoteCommands();

}  // namespace entente::cli
