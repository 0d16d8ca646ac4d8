#pragma once
// Private to the room: a connection that this node opens to somebody who is no
// pinned peer, plain or with TLS 1.3, every step of it under one deadline.

#include <absl/status/statusor.h>
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace entente::rpc {

class Line {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // Tries the numeric addresses one after the other, each with its share of
  // what is left: one that swallows everything leaves time for the next.
  // UNAVAILABLE: none took the connection.
  static absl::StatusOr<std::unique_ptr<Line>> Open(
      const std::vector<std::string>& addresses, const std::string& port,
      Deadline deadline);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // From here on with TLS, under the certificates that `context` trusts and for
  // a server of this name or address (RFC 9110, 4.3.4). `context` may go.
  // UNAVAILABLE: reason `witness-certificate`, or no TLS came about.
  absl::Status Secure(SSL_CTX* context, const std::string& host);

  // Bytes read; 0: the other side ended, with TLS in TLS's own way. Negative:
  // it failed, was cut off, or the deadline came.
  int Read(void* to, int most);
  // As many as it took, at least one; negative as above.
  int Write(const void* from, int count);

 private:
  Line(int fd, Deadline deadline) : fd_(fd), deadline_(deadline) {}
  bool IsLate() const;
  bool Wait(short events) const;
  int Receive(void* to, int most) const;
  bool SendAll(const char* from, int count) const;
  bool Flush();
  bool Feed();
  template <class Step>
  int Drive(const Step& step);

  const int fd_;
  const Deadline deadline_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
  bool ended_ = false;  // nothing more comes for TLS to read
};

}  // namespace entente::rpc
