#pragma once
// Names of hosts, with a deadline that the system's resolver does not have.

#include <absl/status/statusor.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace entente::rpc {

// The numeric addresses of `host`, a name or such an address, in the order that
// the system prefers; at least one. Blocks until the deadline at most; a
// look-up that takes longer ends unheard in a thread of its own.
// UNAVAILABLE: there is none, it took too long, eight look-ups are still under
// way, or the machine gives no thread.
absl::StatusOr<std::vector<std::string>> Resolve(
    const std::string& host, std::chrono::steady_clock::time_point deadline);

// The same with another resolver than the system's, which gives nothing when it
// knows nothing.
using AskForName =
    std::function<std::vector<std::string>(const std::string& host)>;
absl::StatusOr<std::vector<std::string>> ResolveWith(
    const AskForName& ask, const std::string& host,
    std::chrono::steady_clock::time_point deadline);

}  // namespace entente::rpc
