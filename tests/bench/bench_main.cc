// `entente-bench NAME TRAVELLERS RUNS json|text full|small`, called by `entente
// bench`.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/base/status.h"
#include "node/base/log.h"
#include "node/rpc/process.h"
#include "tests/bench/bench.h"

namespace entente::bench {

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double Percentile99(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, values.size() * 99 / 100)];
}

namespace {

std::string Machine() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

int Main(int argc, char** argv) {
  const std::string name = argc == 6 ? argv[1] : "";
  if (name != "screen" && name != "decide" && name != "audit") {
    std::fprintf(stderr,
                 "usage: entente-bench screen|decide|audit TRAVELLERS RUNS "
                 "json|text full|small\n");
    return 2;
  }
  base::SetLogOutput([](std::string_view) {});
  const auto travellers = static_cast<std::uint32_t>(std::atoi(argv[2]));
  const auto runs = static_cast<std::uint32_t>(std::atoi(argv[3]));
  const Size size =
      std::string(argv[5]) == "small" ? Size::kSmall : Size::kFull;
  const auto results = name == "screen"  ? Screen(travellers, runs)
                       : name == "audit" ? Audit(size, runs)
                                         : Decide(runs);
  if (!results.ok()) {
    std::fprintf(stderr, "entente-bench: %s\n",
                 MessageOf(results.status()).c_str());
    return 1;
  }
  if (std::string(argv[4]) == "json") {
    nlohmann::ordered_json out = {{"machine", Machine()},
                                  {"kernel", "libsodium"},
                                  {"results", nlohmann::ordered_json::array()}};
    for (const Result& r : *results) {
      out["results"].push_back({{"name", r.name},
                                {"value", r.value},
                                {"unit", r.unit},
                                {"reference", r.reference},
                                {"ratio", r.ratio},
                                {"runs", r.runs}});
    }
    std::printf("%s\n", out.dump().c_str());
    return 0;
  }
  std::printf("%s, group code libsodium\n%-26s %14s %-11s %14s %7s %5s\n",
              Machine().c_str(), "name", "value", "unit", "reference", "ratio",
              "runs");
  for (const Result& r : *results) {
    std::printf("%-26s %14.1f %-11s %14.1f %7.2f %5zu\n", r.name.c_str(),
                r.value, r.unit.c_str(), r.reference, r.ratio, r.runs);
  }
  return 0;
}

}  // namespace
}  // namespace entente::bench

int main(int argc, char** argv) {
  entente::rpc::PrepareProcess();
  return entente::bench::Main(argc, argv);
}
