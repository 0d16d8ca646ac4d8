#pragma once
// A plain HTTP/1.1 door for bytes that are public and signed in themselves: one
// request a connection, no TLS, no session, no file. What must stay between two
// nodes never goes through it (peer_server.h).

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "node/model/http.h"
#include "node/rpc/http_limits.h"

namespace entente::rpc {

struct HttpServerOptions {
  std::string listen;  // numeric address and port
  // Called by up to `threads` threads at once.
  std::function<model::HttpReply(const model::HttpRequest&)> handler;
  HttpLimits limits;
  int threads = 2;
};

// Thread-safe. Answers by itself: 400 a request that cannot be read, 413 a body
// above the limit, 431 header fields above it. Who is too slow, or one too
// many, is cut off without an answer.
class HttpServer {
 public:
  // Errors as Gate::ListenTcp.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      HttpServerOptions options);
  virtual ~HttpServer() = default;
  // Ends all connections and joins the threads. Repeated calls do nothing.
  virtual void Stop() = 0;
  virtual int port() const = 0;
  // Connections that found no room, since the start.
  virtual std::uint64_t turned_away() const = 0;
};

}  // namespace entente::rpc
