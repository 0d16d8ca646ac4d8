#pragma once
// The words of the terminal: commands, their options, the parsing. What CLI11
// needs of a compiler stays in command.cc: each file that reads its header pays
// seconds for it.

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace entente::cli {

// One option of a command; refers to it.
class Option {
 public:
  explicit Option(CLI::Option* at) : at_(at) {}
  Option Required();
  Option Values(int least, int most);
  Option OneOf(const std::set<std::string>& words);
  Option Between(int least, int most);
  Option Needs(Option other);
  Option Excludes(Option other);

 private:
  CLI::Option* at_;
};

// One command, or a group of them; refers to it. What an option writes to
// outlives the parsing.
class Command {
 public:
  explicit Command(CLI::App* at) : at_(at) {}
  // The command below this one, made when it is not there.
  Command Below(const std::string& name);
  // A command below this one that is not there yet.
  Command New(const std::string& name, const std::string& help);
  void Describe(const std::string& help);
  // A name with dashes is an option, another one stands at its place.
  Option Add(const std::string& name, std::string& to, const std::string& help);
  Option Add(const std::string& name, std::vector<std::string>& to,
             const std::string& help);
  Option Add(const std::string& name, std::uint32_t& to,
             const std::string& help);
  Option Add(const std::string& name, std::uint64_t& to,
             const std::string& help);
  void Flag(const std::string& name, bool& to, const std::string& help);
  // How often it was given.
  void Flag(const std::string& name, std::uint64_t& to,
            const std::string& help);
  // Called when the command was given, and none of those below it.
  void OnChosen(std::function<void()> act);
  // Groups, with no option of their own, want one of their commands.
  void GroupsWantCommands();

 private:
  CLI::App* at_;
};

// The program: its commands and the options of all of them.
class Program {
 public:
  explicit Program(const std::string& about);
  ~Program();
  Command root();
  // kDone when a command was chosen; else help or the fault was printed, and
  // the value is the program's exit code.
  struct Parsed {
    bool chosen = false;
    int exit_code = 0;
  };
  Parsed Parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace entente::cli
