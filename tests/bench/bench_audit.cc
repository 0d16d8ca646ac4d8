#include "crypto/base/status.h"
#include "tests/bench/audit_parts.h"
#include "tests/testing/nodes.h"

namespace entente::bench {

absl::StatusOr<std::vector<Result>> Audit(Size size, std::uint32_t runs) {
  AuditSizes sizes;
  if (size == Size::kSmall) {
    sizes = {40, 4, 100'000, 10'000, 20, 2'000, "100k", "10k"};
  }
  std::vector<Result> out;
  for (const auto figures : {AppendFigures, BesideFigures, WitnessFigures,
                             ProofFigures, VerifyFigures}) {
    // Each in a folder of its own, gone before the next one begins.
    const testing::ScratchFolder scratch;
    TRY_OK(figures(scratch.path(), sizes, runs, out));
  }
  return out;
}

}  // namespace entente::bench
