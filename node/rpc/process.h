#pragma once
// What a process does once, before anything else touches gRPC.

#include <cstdint>

namespace entente::rpc {

// First statement of `main`. Leaves TLS 1.3 as the only version that a
// handshake can end in (gRPC has no setter; platform.md 3.2), and takes gRPC's
// own log lines away from stderr: they hold addresses and are only counted.
// Aborts when the environment cannot be set. Call once, from the only thread.
void PrepareProcess();

// How many log lines gRPC wanted to write since PrepareProcess. A growing
// number beside refused handshakes is normal. Thread-safe.
std::uint64_t TransportLogLines();

}  // namespace entente::rpc
