#pragma once
// Benchmarks: figures with a reference from the same run, medians of several.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace entente::bench {

struct Result {
  std::string name;
  double value = 0;
  std::string unit;
  double reference = 0;  // in the same unit, from the same run; 0: none
  double ratio = 0;
  std::size_t runs = 0;
};

double Median(std::vector<double> values);
double Percentile99(std::vector<double> values);

// Both nodes in this process over mutual TLS on loopback.
absl::StatusOr<std::vector<Result>> Screen(std::uint32_t travellers,
                                           std::uint32_t runs);

// simulate_10m: seconds for ten million logged acts under a draft, and
// simulate_10m_memory: by how much the peak of memory grew meanwhile.
absl::Status Simulate10m(std::vector<Result>& out);

// decide_16, decide_200, load_200, diff_200 and simulate_10m: room policy
// alone, one core.
absl::StatusOr<std::vector<Result>> Decide(std::uint32_t runs);

// The audit log: appending, witnessing, proving and verifying, beside the
// probes of this machine (probes.h). Full size writes about 1.5 GB for a while.
enum class Size : std::uint8_t { kFull, kSmall };
absl::StatusOr<std::vector<Result>> Audit(Size size, std::uint32_t runs);

}  // namespace entente::bench
