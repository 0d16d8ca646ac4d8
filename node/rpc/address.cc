#include "node/rpc/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "crypto/base/status.h"

namespace entente::rpc {
namespace {

constexpr int kBacklog = 128;

// Closes a descriptor unless it is released.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::Status SystemFault(std::string_view what) {
  // Not strerror: another thread may be in it.
  return Unavailable(what, ": ", strerrordesc_np(errno));
}

bool HostCharacter(char c, bool bracketed) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         (bracketed && c == ':');
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), port);
  const bool spelled = !text.empty() && (text.size() == 1 || text[0] != '0');
  return spelled && error == std::errc() && end == text.data() + text.size() &&
         port <= 65535U;
}

// SAFETY: the socket interface of C takes every address family by this cast.
const sockaddr* Generic(const void* address) {
  return static_cast<const sockaddr*>(address);
}

absl::Status SetOption(int fd, int level, int name) {
  const int on = 1;
  if (setsockopt(fd, level, name, &on, sizeof(on)) != 0) {
    return SystemFault("cannot set up the listening socket");
  }
  return absl::OkStatus();
}

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  return address;
}

absl::Status PrepareFolder(const std::string& folder) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemFault("cannot make the folder of the local socket");
  }
  struct stat is = {};
  if (lstat(folder.c_str(), &is) != 0 || !S_ISDIR(is.st_mode)) {
    return Unready("the folder of the local socket is no folder");
  }
  if (is.st_uid != geteuid() || (is.st_mode & 077U) != 0) {
    return WithNext(
        Unready("the folder of the local socket is open to other users"),
        "give it to the node's own user with mode 0700");
  }
  return absl::OkStatus();
}

// Removes the socket of a process that is gone.
absl::Status RemoveStale(const std::string& path) {
  struct stat is = {};
  if (lstat(path.c_str(), &is) != 0) {
    return errno == ENOENT ? absl::OkStatus()
                           : SystemFault("cannot look at the local socket");
  }
  if (!S_ISSOCK(is.st_mode)) {
    return Unready("something that is no socket has the local socket's name");
  }
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = UnixAddress(path);
  if (connect(probe.get(), Generic(&address), sizeof(address)) == 0) {
    return AlreadyExists("another process serves the local socket");
  }
  if (errno != ECONNREFUSED || unlink(path.c_str()) != 0) {
    return SystemFault("cannot replace the local socket");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<HostPort> SplitHostPort(std::string_view text) {
  const absl::Status bad = Invalid("not an address with a port: `", text, "`");
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed =
      host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool good = !host.empty() && host.size() <= 253 &&
                    std::all_of(host.begin(), host.end(), [&](char c) {
                      return HostCharacter(c, bracketed);
                    });
  if (!good || !IsPort(port)) return bad;
  return HostPort{std::string(host), std::string(port)};
}

bool IsNumericAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

absl::StatusOr<int> BindTcp(std::string_view listen) {
  TRY(const HostPort at, SplitHostPort(listen));
  addrinfo want = {};
  want.ai_socktype = SOCK_STREAM;
  want.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* raw = nullptr;
  if (getaddrinfo(at.host.c_str(), at.port.c_str(), &want, &raw) != 0) {
    return WithNext(
        Invalid("not a numeric address to listen at: `", listen, "`"),
        "write it like 127.0.0.1:7101 or [::1]:7101");
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> info(raw,
                                                                &freeaddrinfo);
  Descriptor fd(
      socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return SystemFault("cannot make a socket");
  // No SO_REUSEPORT: a second process could take a share of the connections.
  TRY_OK(SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR));
  TRY_OK(
      SetOption(fd.get(), IPPROTO_TCP, TCP_NODELAY));  // accepted ones inherit
  if (info->ai_family == AF_INET6) {
    TRY_OK(SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY));
  }
  if (bind(fd.get(), info->ai_addr, info->ai_addrlen) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return SystemFault(Join({"cannot listen at ", listen}));
  }
  return fd.Release();
}

absl::Status CheckSocketPath(const std::string& path) {
  if (path.empty() || path[0] != '/') {
    return Invalid("the local socket needs an absolute path");
  }
  if (path.size() >= sizeof(sockaddr_un::sun_path) ||
      path.find('\0') != std::string::npos || path.back() == '/') {
    return WithNext(Invalid("the local socket's path cannot be used"),
                    "choose one of at most 107 bytes");
  }
  return absl::OkStatus();
}

absl::StatusOr<int> BindUnix(const std::string& path) {
  TRY_OK(CheckSocketPath(path));
  const std::size_t slash = path.rfind('/');
  TRY_OK(PrepareFolder(slash == 0 ? "/" : path.substr(0, slash)));
  TRY_OK(RemoveStale(path));
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return SystemFault("cannot make a socket");
  // Before bind, so that the name never exists with another mode.
  if (fchmod(fd.get(), 0600) != 0) {
    return SystemFault("cannot protect the local socket");
  }
  const sockaddr_un address = UnixAddress(path);
  if (bind(fd.get(), Generic(&address), sizeof(address)) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return SystemFault("cannot make the local socket");
  }
  return fd.Release();
}

int BoundPort(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  // SAFETY: as Generic.
  if (getsockname(fd, static_cast<sockaddr*>(static_cast<void*>(&address)),
                  &length) != 0) {
    return 0;
  }
  if (address.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address, sizeof(v4));
    return ntohs(v4.sin_port);
  }
  sockaddr_in6 v6 = {};
  std::memcpy(&v6, &address, sizeof(v6));
  return ntohs(v6.sin6_port);
}

std::string AddressKey(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4 = {};
    std::memcpy(&v4, &address, sizeof(v4));
    std::string key(sizeof(v4.sin_addr), '\0');
    std::memcpy(key.data(), &v4.sin_addr, key.size());
    return key;
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &address, sizeof(v6));
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    std::string key(mapped ? 4U : 8U, '\0');
    std::memcpy(key.data(), &v6.sin6_addr.s6_addr[mapped ? 12 : 0], key.size());
    return key;
  }
  return {};
}

}  // namespace entente::rpc
