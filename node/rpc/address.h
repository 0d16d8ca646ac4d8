#pragma once
// Network addresses as texts and as sockets.

#include <absl/status/statusor.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

namespace entente::rpc {

struct HostPort {
  std::string host;  // without brackets
  std::string port;  // decimal, 0 to 65535
};
// `host:port` or `[host]:port`. INVALID_ARGUMENT: anything else; a host holds
// letters, digits, `.`, `-` and, in brackets, `:`.
absl::StatusOr<HostPort> SplitHostPort(std::string_view text);

// Whether it is an address of IPv4 or IPv6, without brackets or scope.
bool IsNumericAddress(const std::string& host);

// A listening, non-blocking TCP socket at a numeric address. Errors as
// Gate::ListenTcp. The caller closes it.
absl::StatusOr<int> BindTcp(std::string_view listen);
// The same at a path; `folder` rules as AdminServerOptions::socket.
absl::StatusOr<int> BindUnix(const std::string& path);
// INVALID_ARGUMENT: not absolute, or too long for a socket.
absl::Status CheckSocketPath(const std::string& path);

// The port of a bound TCP socket.
int BoundPort(int fd);
// What counts as one address when connections are capped: four bytes of IPv4,
// the first eight of IPv6, nothing for a Unix socket.
std::string AddressKey(const sockaddr_storage& address);

}  // namespace entente::rpc
