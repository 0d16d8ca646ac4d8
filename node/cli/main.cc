// `entente`: the terminal of a node. Commands go, signed by a person's own key,
// to the node over its local socket; a few work offline (keys of people,
// agreements on paper, verification, benchmarks).

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <sstream>

#include "node/cli/local_commands.h"
#include "node/cli/output.h"
#include "node/cli/remote.h"
#include "node/cli/remote_commands.h"
#include "node/rpc/process.h"

namespace entente::cli {
namespace {

std::vector<std::string> Words(std::string_view path) {
  std::istringstream in{std::string(path)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// The command at `path`, its groups made on the way.
Command At(Command root, std::string_view path) {
  for (const std::string& word : Words(path)) root = root.Below(word);
  return root;
}

// What the groups of commands are about.
constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
    {"person", "people of the node and their personal keys"},
    {"peer", "other states' nodes: cards, pins, a check that names the fault"},
    {"agreement", "documents that all parties sign; stop and resume"},
    {"list", "subjects of interest that this node holds"},
    {"protect", "protected persons: never asked about, never shown"},
    {"flight", "travellers of this state's flights"},
    {"tagset", "tag sets built for others and taken from them"},
    {"hits", "the review queue and what was disclosed"},
    {"case", "open cases, for which what was disclosed is kept longer"},
    {"disclose", "requests for details, in and out"},
    {"recall", "taking back what was disclosed"},
    {"audit", "the log: read, check, publish, verify offline"},
    {"key", "keys of the node and of epochs"},
};

// Values typed for one remote command.
struct Typed {
  std::map<std::string, std::string> one;
  std::map<std::string, std::vector<std::string>> many;
  std::map<std::string, bool> flags;
};

std::string PlainName(std::string_view name) {
  if (name.starts_with('<'))
    return std::string(name.substr(1, name.size() - 2));
  return std::string(name);
}

// A command that has commands below it, such as `screen` with `screen list`,
// cannot have options that CLI11 demands: it would demand them below too.
bool HasChildren(const RemoteCommand& command) {
  const std::string below = std::string(command.path) + " ";
  for (const RemoteCommand& other : RemoteCommands()) {
    if (other.path.starts_with(below)) return true;
  }
  return false;
}

int MissingOption(const RemoteCommand& command, Typed& typed) {
  for (const RemoteOption& option : command.options) {
    if (option.need == Need::kRequired &&
        typed.one[PlainName(option.name)].empty()) {
      std::fprintf(stderr,
                   "--%s is required\nRun with --help for more information.\n",
                   PlainName(option.name).c_str());
      return kUsage;
    }
  }
  return kDone;
}

void AddOption(Command command, const RemoteOption& option, Typed& typed,
               bool demanded) {
  const std::string plain = PlainName(option.name);
  const std::string help(option.help);
  const bool positional = option.name.starts_with('<');
  const std::string spelled = positional ? plain : "--" + plain;
  if (option.need == Need::kFlag) {
    command.Flag(spelled, typed.flags[plain], help);
  } else if (option.need == Need::kMany) {
    command.Add(spelled, typed.many[plain], help);
  } else {
    Option made = command.Add(spelled, typed.one[plain], help);
    if (option.need == Need::kRequired && demanded) made.Required();
  }
}

std::vector<model::Argument> Arguments(const RemoteCommand& command,
                                       const Typed& typed) {
  std::vector<model::Argument> out;
  const std::string attachment =
      PlainName(command.attachment.empty() ? "<>" : command.attachment);
  for (const auto& [name, value] : typed.one) {
    if (!value.empty() && name != attachment) out.push_back({name, value});
  }
  for (const auto& [name, values] : typed.many) {
    for (const std::string& value : values) out.push_back({name, value});
  }
  for (const auto& [name, on] : typed.flags) {
    if (on) out.push_back({name, "true"});
  }
  return out;
}

int Main(int argc, char** argv) {
  Program program(
      "entente: exchange hits with other states, and nothing else.\n"
      "Exit codes: 0 done, 1 failed, 2 usage, 3 refused by policy (and "
      "logged), 4 a proof or signature failed.");
  Command app = program.root();
  RemoteOptions options;
  if (const char* node = std::getenv("ENTENTE_NODE")) options.node = node;
  if (const char* key = std::getenv("ENTENTE_KEY")) options.key_file = key;
  if (const char* pass = std::getenv("ENTENTE_PASSPHRASE_FILE"))
    options.passphrase_file = pass;
  app.Add("--node", options.node, "data folder of the node (or ENTENTE_NODE)");
  app.Add("--key", options.key_file, "your personal key file (or ENTENTE_KEY)");
  app.Add("--passphrase-file", options.passphrase_file,
          "file with its passphrase, or the key file that seals it, "
          "mode 0600 (or ENTENTE_PASSPHRASE_FILE); asked for when "
          "absent");
  app.Flag("--json", options.json, "print one JSON object instead of text");

  std::function<int()> run;
  std::vector<std::unique_ptr<Typed>> storage;
  for (const RemoteCommand& command : RemoteCommands()) {
    storage.push_back(std::make_unique<Typed>());
    Typed* typed = storage.back().get();
    Command at = At(app, command.path);
    at.Describe(std::string(command.help));
    for (const RemoteOption& option : command.options)
      AddOption(at, option, *typed, !HasChildren(command));
    at.OnChosen([&run, &options, &command, typed] {
      run = [&options, &command, typed] {
        if (const int missing = MissingOption(command, *typed);
            missing != kDone)
          return missing;
        const std::string attachment =
            command.attachment.empty()
                ? ""
                : typed->one[PlainName(command.attachment)];
        return RunRemote(options, std::string(command.path),
                         Arguments(command, *typed), attachment);
      };
    });
  }
  AddLocalCommands(app, options, run);
  for (const auto& [name, help] : kGroups) {
    app.Below(std::string(name)).Describe(std::string(help));
  }
  app.GroupsWantCommands();
  const Program::Parsed parsed = program.Parse(argc, argv);
  if (!parsed.chosen) return parsed.exit_code;
  if (!run) return kUsage;
  return run();
}

}  // namespace
}  // namespace entente::cli

int main(int argc, char** argv) {
  entente::rpc::PrepareProcess();
  return entente::cli::Main(argc, argv);
}
