#include "node/cli/command.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "node/cli/output.h"

namespace entente::cli {
namespace {

bool Any(const CLI::App*) { return true; }

// CLI11 2.1 can only throw for a missing one.
CLI::App* Find(CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands(
      [&name](CLI::App* at) { return at->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

}  // namespace

Option Option::Required() {
  at_->required();
  return *this;
}

Option Option::Values(int least, int most) {
  at_->expected(least, most);
  return *this;
}

Option Option::OneOf(const std::set<std::string>& words) {
  at_->check(CLI::IsMember(words));
  return *this;
}

Option Option::Between(int least, int most) {
  at_->check(CLI::Range(least, most));
  return *this;
}

Option Option::Needs(Option other) {
  at_->needs(other.at_);
  return *this;
}

Option Option::Excludes(Option other) {
  at_->excludes(other.at_);
  return *this;
}

Command Command::Below(const std::string& name) {
  CLI::App* found = Find(*at_, name);
  return Command(found != nullptr ? found : at_->add_subcommand(name));
}

Command Command::New(const std::string& name, const std::string& help) {
  return Command(at_->add_subcommand(name, help));
}

void Command::Describe(const std::string& help) { at_->description(help); }

Option Command::Add(const std::string& name, std::string& to,
                    const std::string& help) {
  return Option(at_->add_option(name, to, help));
}

Option Command::Add(const std::string& name, std::vector<std::string>& to,
                    const std::string& help) {
  return Option(at_->add_option(name, to, help));
}

Option Command::Add(const std::string& name, std::uint32_t& to,
                    const std::string& help) {
  return Option(at_->add_option(name, to, help));
}

Option Command::Add(const std::string& name, std::uint64_t& to,
                    const std::string& help) {
  return Option(at_->add_option(name, to, help));
}

void Command::Flag(const std::string& name, bool& to, const std::string& help) {
  at_->add_flag(name, to, help);
}

void Command::Flag(const std::string& name, std::uint64_t& to,
                   const std::string& help) {
  at_->add_flag(name, to, help);
}

void Command::OnChosen(std::function<void()> act) {
  at_->callback([at = at_, act = std::move(act)] {
    if (at->get_subcommands().empty()) act();
  });
}

void Command::GroupsWantCommands() {
  for (CLI::App* group : at_->get_subcommands(Any)) {
    // Its one option is --help.
    if (!group->get_subcommands(Any).empty() &&
        group->get_options().size() <= 1) {
      group->require_subcommand(1);
    }
  }
}

Program::Program(const std::string& about)
    : app_(std::make_unique<CLI::App>(about)) {
  app_->require_subcommand(1);
  app_->fallthrough();
}

Program::~Program() = default;

Command Program::root() { return Command(app_.get()); }

Program::Parsed Program::Parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return {false, app_->exit(e)};
  } catch (const CLI::CallForAllHelp& e) {
    return {false, app_->exit(e)};
  } catch (const CLI::ParseError& e) {
    app_->exit(e);
    return {false, kUsage};  // CLI11's own codes start at 100
  }
  return {true, kDone};
}

}  // namespace entente::cli
