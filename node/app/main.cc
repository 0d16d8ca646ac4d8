// `entented`: one node. `entented --data DIR` runs it until SIGTERM or SIGINT;
// `entented --init ...` makes it (called by `entente init`).

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>

#include "crypto/base/status.h"
#include "node/app/make_node.h"
#include "node/app/node.h"
#include "node/app/parts.h"
#include "node/base/log.h"
#include "node/rpc/process.h"

namespace entente::app {
namespace {

// No core files and no debugger: the process holds keys.
void Harden() {
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  umask(0077);
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "entented: %s%s%s\n", ReasonOf(status).c_str(),
               ReasonOf(status).empty() ? "" : ": ", MessageOf(status).c_str());
  if (!NextOf(status).empty())
    std::fprintf(stderr, "  Next: %s\n", NextOf(status).c_str());
  return status.code() == absl::StatusCode::kDataLoss ? 4 : 1;
}

int Run(const std::string& data_dir, std::string without_witnesses) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals,
                  nullptr);  // before any thread: all of them inherit it
  std::signal(SIGPIPE, SIG_IGN);
  NodeOptions options;
  options.data_dir = data_dir;
  options.without_witnesses = std::move(without_witnesses);
  absl::StatusOr<std::unique_ptr<Node>> node = Node::Start(std::move(options));
  if (!node.ok()) return Fail(node.status());
  base::Log(base::Event::kListening, base::Field("port", (*node)->port()));
  int signal = 0;
  sigwait(&signals, &signal);
  base::Log(base::Event::kStopping);
  (*node)->Stop();
  base::Log(base::Event::kStopped);
  return 0;
}

std::string ThisYearsVolume() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return std::to_string(utc.tm_year + 1900) + "a";
}

int Main(int argc, char** argv) {
  CLI::App app{
      "entented: runs one node. Exit codes: 0 done, 1 failed, 2 usage, 4 the "
      "log or the database is damaged."};
  std::string data_dir;
  std::string without_witnesses;
  bool init = false;
  MakeOptions make;
  app.add_option("--data", data_dir, "data folder of the node")->required();
  app.add_option(
      "--without-witnesses", without_witnesses,
      "why to start although too few witnesses say that this copy of the log "
      "is the latest; sealed in the log. Decide it with a second person");
  app.add_flag("--init", init, "make the node instead of running it");
  app.add_option("--party", make.config.party,
                 "three-letter code of the state");
  app.add_option("--name", make.config.name, "name of the state");
  app.add_option("--dns", make.config.dns,
                 "names the log and the witness, such as piu.orsena.example");
  app.add_option("--listen", make.config.listen,
                 "numeric address and port for peers");
  app.add_option("--endpoint", make.config.endpoint,
                 "host and port as peers reach it (default: --listen)");
  app.add_option("--seal-key", make.config.seal_key_file,
                 "file of 32 random bytes that opens the keys (default: made "
                 "in the data folder)");
  app.add_option("--seal-credential", make.config.seal_credential,
                 "systemd credential instead of a file");
  app.add_flag("--seal-ask", make.config.seal_ask,
               "a passphrase opens the keys, asked for at every start");
  app.add_option("--administrator", make.administrator,
                 "personal key file of the first administrator");
  app.add_option("--dpo", make.dpo,
                 "personal key file of the first data protection officer");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    app.exit(e);
    return 2;
  }
  data_dir = std::filesystem::absolute(data_dir).lexically_normal().string();
  if (!init) return Run(data_dir, std::move(without_witnesses));
  make.data_dir = data_dir;
  make.config.volume = ThisYearsVolume();
  if (make.config.endpoint.empty()) make.config.endpoint = make.config.listen;
  if (const absl::Status made = MakeNode(make); !made.ok()) return Fail(made);
  return 0;
}

}  // namespace
}  // namespace entente::app

int main(int argc, char** argv) {
  entente::rpc::PrepareProcess();
  entente::app::Harden();
  return entente::app::Main(argc, argv);
}
