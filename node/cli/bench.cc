#include "node/cli/bench.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "node/cli/output.h"

namespace entente::cli {
namespace {

// The benchmarks open nodes and their stores, which this program may not: a
// program beside it does.
int RunBench(const std::string& name, std::uint32_t travellers,
             std::uint32_t runs, bool small, bool json) {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string program = (self.parent_path() / "entente-bench").string();
  std::vector<std::string> words = {program,
                                    name,
                                    std::to_string(travellers),
                                    std::to_string(runs),
                                    json ? "json" : "text",
                                    small ? "small" : "full"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  std::fprintf(stderr,
               "entente: `entente-bench` was not found beside this program\n  "
               "Next: `scripts/build entente-bench`\n");
  return kFailed;
}

}  // namespace

void AddBench(Command app, const RemoteOptions& options,
              std::function<int()>& run) {
  struct Values {
    std::string name;
    std::uint32_t travellers = 200;
    std::uint32_t runs = 7;
    bool small = false;
  };
  auto values = std::make_shared<Values>();
  Command bench = app.New(
      "bench",
      "measure this machine, with a reference in the same run (offline)");
  bench
      .Add("name", values->name,
           "screen: two nodes on loopback; decide: decisions, load and "
           "diff of agreements on one core; audit: append to, witness, "
           "prove and verify a log")
      .Required()
      .OneOf({"screen", "decide", "audit"});
  bench
      .Add("--travellers", values->travellers,
           "travellers of a screening (default 200)")
      .Between(1, 512);
  bench.Flag("--small", values->small,
             "audit: a hundredth of the entries, to see that it runs");
  bench.Add("--runs", values->runs, "how often (default 7)").Between(1, 1000);
  bench.OnChosen([&run, &options, values] {
    run = [&options, values] {
      return RunBench(values->name, values->travellers, values->runs,
                      values->small, options.json);
    };
  });
}

}  // namespace entente::cli
