#include "node/rpc/process.h"

#include <grpc/support/log.h>

#include <atomic>
#include <cstdlib>

#include "crypto/base/status.h"

namespace entente::rpc {
namespace {

std::atomic<std::uint64_t> lines{0};

void CountLine(gpr_log_func_args*) {
  lines.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void PrepareProcess() {
  // A valid TLS 1.2 list whose only suite needs a pre-shared key that nobody
  // has; the suites of TLS 1.3 are not governed by it.
  CHECK(setenv("GRPC_SSL_CIPHER_SUITES", "PSK-AES256-GCM-SHA384", 1) == 0);
  gpr_set_log_function(&CountLine);
}

std::uint64_t TransportLogLines() {
  return lines.load(std::memory_order_relaxed);
}

}  // namespace entente::rpc
