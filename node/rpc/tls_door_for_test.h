#pragma once
// A server of HTTP over TLS for tests of the client: one connection after the
// other, one answer each.

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "node/rpc/certificates_for_test.h"

namespace entente::rpc {

class TlsDoor {
 public:
  struct Options {
    TestCertificate certificate;
    int most_version = 0;     // such as TLS1_2_VERSION; 0: the newest
    bool cuts_short = false;  // ends without TLS's own end
  };
  // Gets all that was sent, header and body; gives all that goes back.
  using Handler = std::function<std::string(const std::string&)>;

  TlsDoor(Options options, Handler handler);
  ~TlsDoor();
  TlsDoor(const TlsDoor&) = delete;
  TlsDoor& operator=(const TlsDoor&) = delete;

  int port() const { return port_; }
  int handshakes() const { return handshakes_; }
  // What the last handshake named as the server (RFC 6066, 3).
  std::string server_name() const;

 private:
  struct Impl;
  void Serve();
  std::unique_ptr<Impl> impl_;
  int port_ = 0;
  std::atomic<int> handshakes_ = 0;
  std::thread thread_;
};

// An answer of HTTP/1.1 with its length.
std::string AnswerText(int status, const std::string& body);

}  // namespace entente::rpc
