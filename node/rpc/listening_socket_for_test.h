#pragma once
// A bare loopback socket on a free port, for tests of what calls it.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/base/status.h"

namespace entente::rpc {

class ListeningSocket {
 public:
  ListeningSocket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(at);
    auto* const raw = static_cast<sockaddr*>(static_cast<void*>(&at));
    CHECK(bind(fd_, raw, sizeof(at)) == 0);
    CHECK(listen(fd_, 8) == 0);
    CHECK(getsockname(fd_, raw, &length) == 0);
    port_ = ntohs(at.sin_port);
  }
  ~ListeningSocket() { close(fd_); }
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int port() const { return port_; }
  // The next caller, for the caller of this to close; negative after Shut.
  int Accept() const { return accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC); }
  // Ends an Accept that waits in another thread.
  void Shut() { shutdown(fd_, SHUT_RDWR); }

 private:
  const int fd_;
  int port_ = 0;
};

}  // namespace entente::rpc
