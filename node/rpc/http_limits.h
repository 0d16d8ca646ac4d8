#pragma once
// What a stranger may take of the plain HTTP door, and an answer of us.

#include <chrono>
#include <cstddef>

namespace entente::rpc {

struct HttpLimits {
  std::size_t header_bytes = 16 * 1024;  // request line and header fields
  std::size_t body_bytes = 64 * 1024;    // audit.md 2.7
  // For the whole of a step, however slowly its bytes come.
  std::chrono::milliseconds step{5000};
  std::size_t connections = 64;
  std::size_t per_address = 16;  // AddressKey
};

}  // namespace entente::rpc
