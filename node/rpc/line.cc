#include "node/rpc/line.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "crypto/base/status.h"
#include "node/rpc/address.h"

namespace entente::rpc {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kRecord = 16 * 1024;

// True: the descriptor is ready, or has failed, which the next call tells.
bool WaitFor(int fd, short events, Line::Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        deadline - steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd at{fd, events, 0};
    const int ready = poll(&at, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool IsConnected(int fd, const addrinfo& to, Line::Deadline deadline) {
  if (connect(fd, to.ai_addr, to.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS || !WaitFor(fd, POLLOUT, deadline)) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

// A connected descriptor, or -1.
int ConnectTo(const std::string& address, const std::string& port,
              Line::Deadline deadline) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), port.c_str(), &hints, &found) != 0)
    return -1;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> to(found,
                                                              &freeaddrinfo);
  const int fd =
      socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || IsConnected(fd, *to, deadline)) return fd;
  close(fd);
  return -1;
}

absl::Status CutOff() { return Unavailable("the connection was cut off"); }

// What the certificate must name.
bool Expect(SSL* tls, const std::string& host) {
  // RFC 9110, 4.3.4: the subject's common name counts for nothing.
  SSL_set_hostflags(tls, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                             X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (IsNumericAddress(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) ==
           1;
  }
  // RFC 6066, 3: the server learns the name, never an address. It is copied;
  // OpenSSL's macro for this call casts the old way.
  std::string name = host;
  return SSL_set1_host(tls, host.c_str()) == 1 &&
         SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  name.data()) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Line>> Line::Open(
    const std::vector<std::string>& addresses, const std::string& port,
    Deadline deadline) {
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto now = steady_clock::now();
    const auto share =
        (deadline - now) / static_cast<int>(addresses.size() - i);
    const int fd = ConnectTo(addresses[i], port, now + share);
    if (fd >= 0) return std::unique_ptr<Line>(new Line(fd, deadline));
  }
  return Unavailable("no address takes the connection");
}

Line::~Line() { close(fd_); }

absl::Status Line::Secure(SSL_CTX* context, const std::string& host) {
  tls_.reset(SSL_new(context));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (!tls_ || in == nullptr || out == nullptr || !Expect(tls_.get(), host)) {
    BIO_free(in);
    BIO_free(out);
    return Internal("TLS cannot be set up");
  }
  SSL_set_bio(tls_.get(), in, out);  // they are the connection's now
  SSL_set_verify(tls_.get(), SSL_VERIFY_PEER, nullptr);
  const int done = Drive([this] { return SSL_connect(tls_.get()); });
  if (SSL_get_verify_result(tls_.get()) != X509_V_OK) {
    return WithReason(
        Unavailable("the witness's TLS certificate does not verify"),
        "witness-certificate");
  }
  return done == 1 ? absl::OkStatus() : CutOff();
}

int Line::Read(void* to, int most) {
  if (!tls_) return Receive(to, most);
  return Drive([this, to, most] { return SSL_read(tls_.get(), to, most); });
}

int Line::Write(const void* from, int count) {
  if (!tls_) {
    return SendAll(static_cast<const char*>(from), count) ? count : -1;
  }
  return Drive(
      [this, from, count] { return SSL_write(tls_.get(), from, count); });
}

bool Line::Wait(short events) const { return WaitFor(fd_, events, deadline_); }

// Late even when bytes are there: an endless stream of them is no answer.
bool Line::IsLate() const { return steady_clock::now() >= deadline_; }

int Line::Receive(void* to, int most) const {
  for (;;) {
    if (IsLate()) return -1;
    const ssize_t got = recv(fd_, to, static_cast<std::size_t>(most), 0);
    if (got >= 0) return static_cast<int>(got);
    const bool again =
        errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (!again || !Wait(POLLIN)) return -1;
  }
}

bool Line::SendAll(const char* from, int count) const {
  while (count > 0) {
    if (IsLate()) return false;
    const ssize_t sent =
        send(fd_, from, static_cast<std::size_t>(count), MSG_NOSIGNAL);
    if (sent > 0) {
      from += sent;
      count -= static_cast<int>(sent);
      continue;
    }
    const bool again =
        errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (!again || !Wait(POLLOUT)) return false;
  }
  return true;
}

// Sends what TLS has written.
bool Line::Flush() {
  std::array<char, kRecord> part{};
  BIO* const out = SSL_get_wbio(tls_.get());
  while (BIO_ctrl_pending(out) > 0) {
    const int n = BIO_read(out, part.data(), static_cast<int>(part.size()));
    if (n <= 0 || !SendAll(part.data(), n)) return false;
  }
  return true;
}

// Receives something for TLS to read.
bool Line::Feed() {
  if (ended_) return false;
  std::array<char, kRecord> part{};
  const int n = Receive(part.data(), static_cast<int>(part.size()));
  if (n < 0) return false;
  BIO* const in = SSL_get_rbio(tls_.get());
  if (n > 0) return BIO_write(in, part.data(), n) == n;
  ended_ = true;
  BIO_set_mem_eof_return(in, 0);
  return true;
}

// One step of TLS, with all that must come and go for it.
template <class Step>
int Line::Drive(const Step& step) {
  for (;;) {
    ERR_clear_error();
    const int done = step();
    const int error = SSL_get_error(tls_.get(), done);
    // Alerts are sent even when it failed.
    const bool flushed = Flush();
    if (done > 0) return flushed ? done : -1;
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error != SSL_ERROR_WANT_READ || !flushed || !Feed()) return -1;
  }
}

}  // namespace entente::rpc
