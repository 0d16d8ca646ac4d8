#pragma once
// A log as a node makes it, for the benchmarks that append.

#include <absl/status/statusor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "node/audit/log.h"
#include "node/base/clock.h"
#include "node/store/store.h"
#include "tests/bench/audit_parts.h"

namespace entente::bench {

absl::StatusOr<std::unique_ptr<store::Store>> OpenBenchStore(
    const std::filesystem::path& path);

// Padded, signed at each commit, with three recipients.
class BenchLog {
 public:
  // `witnesses`: the lines of a policy file after its `log` line; empty: no
  // witness.
  static absl::StatusOr<std::unique_ptr<BenchLog>> Open(
      const std::filesystem::path& folder, const std::string& witnesses);
  // A question refused, with sealed reasons and a person: milliseconds until
  // the entry is durable and in a signed head.
  absl::StatusOr<double> AppendOne(std::string_view reasons);
  audit::AuditLog& log() { return *log_; }
  merkle::VerifierKey key() const { return key_.Verifier(); }

 private:
  BenchLog() = default;
  LogKey key_;
  base::SystemClock clock_;
  SecretBytes actor_ = SecretBytes::Random(32);
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<audit::AuditLog> log_;  // last: it uses the others
};

struct Together {
  double per_second = 0;
  std::vector<double> each_ms;
};

// 64 callers, each with `each` entries.
absl::StatusOr<Together> AppendTogether(BenchLog& log, std::size_t each);

}  // namespace entente::bench
