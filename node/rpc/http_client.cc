// The client towards witnesses. HTTP is Beast's; its asynchronous half is left
// alone, for it costs more to compile than the rest of this room.

#include "node/rpc/http_client.h"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "node/rpc/line.h"
#include "node/rpc/resolve.h"

namespace entente::rpc {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using std::chrono::steady_clock;
using Error = boost::system::error_code;
using model::HttpReply;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint64_t kMostAnswerBytes = 64 * 1024;
constexpr std::uint32_t kMostHeaderBytes = 16 * 1024;
constexpr std::size_t kMostAtOnce = 64 * 1024;
constexpr int kMostInterim = 4;

absl::Status Unreachable() {
  return WithReason(Unavailable("the witness did not answer over HTTP"),
                    "witness-unreachable");
}

// A Line in the form that Beast reads and writes: SyncReadStream and
// SyncWriteStream, whose forms that throw nobody calls.
class BeastLine {
 public:
  explicit BeastLine(Line& line) : line_(line) {}

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, Error& error) {
    for (const asio::mutable_buffer part : beast::buffers_range_ref(buffers)) {
      if (part.size() == 0) continue;
      return Told(line_.Read(part.data(), Most(part.size())), error);
    }
    error = {};
    return 0;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, Error& error) {
    for (const asio::const_buffer part : beast::buffers_range_ref(buffers)) {
      if (part.size() == 0) continue;
      return Told(line_.Write(part.data(), Most(part.size())), error);
    }
    error = {};
    return 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    Error error;
    const std::size_t count = read_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    Error error;
    const std::size_t count = write_some(buffers, error);
    if (error) throw boost::system::system_error(error);
    return count;
  }

 private:
  static int Most(std::size_t size) {
    return static_cast<int>(std::min(size, kMostAtOnce));
  }
  static std::size_t Told(int count, Error& error) {
    error = {};
    if (count > 0) return static_cast<std::size_t>(count);
    error = count == 0 ? Error(asio::error::eof)
                       : Error(asio::error::connection_reset);
    return 0;
  }
  Line& line_;
};

Request MakeRequest(const HttpUrl& url, std::string_view path,
                    std::string_view body) {
  Request out(http::verb::post, url.path + std::string(path), 11);
  const bool v6 = url.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + url.host + "]" : url.host;
  const bool usual = url.tls && url.port == "443";
  out.set(http::field::host, usual ? host : host + ":" + url.port);
  out.set(http::field::content_type, "text/plain; charset=utf-8");
  out.body() = std::string(body);
  out.keep_alive(false);
  out.prepare_payload();
  return out;
}

absl::StatusOr<HttpReply> Exchange(Line& line, const Request& request) {
  BeastLine stream(line);
  Error error;
  // Some answer before they took the whole request: what came is read.
  http::write(stream, request, error);
  // Limited too: what comes before a chunk's data counts as neither header nor
  // body, and might never end.
  beast::flat_buffer buffer(kMostAtOnce);
  // Interim answers (RFC 9110, 15.2) come before the one that counts.
  for (int interim = 0; interim <= kMostInterim; ++interim) {
    Parser parser;
    parser.header_limit(kMostHeaderBytes);
    parser.body_limit(kMostAnswerBytes);
    http::read(stream, buffer, parser, error);
    if (error) break;
    auto& answer = parser.get();
    if (answer.result_int() < 200) continue;
    return HttpReply{static_cast<int>(answer.result_int()),
                     std::move(answer.body()),
                     std::string(answer[http::field::content_type]),
                     {}};
  }
  return Unreachable();
}

absl::StatusOr<Context> Trusting(const std::string& roots) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context ||
      SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1) {
    return Internal("TLS cannot be set up");
  }
  const int loaded =
      roots.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                    : SSL_CTX_load_verify_file(context.get(), roots.c_str());
  if (loaded != 1) {
    return WithReason(
        WithNext(Unready("the roots for https witnesses cannot be read"),
                 "name a PEM file of certificates"),
        "witness-roots");
  }
  return context;
}

}  // namespace

absl::Status CheckHttpRoots(const std::string& roots) {
  return Trusting(roots).status();
}

absl::StatusOr<HttpReply> HttpPost(const HttpUrl& url, std::string_view path,
                                   std::string_view body,
                                   const HttpPostOptions& options) {
  const auto deadline = steady_clock::now() + options.deadline;
  Context context(nullptr, &SSL_CTX_free);
  if (url.tls) {
    TRY(context, Trusting(options.roots));
  }
  const auto addresses = Resolve(url.host, deadline);
  if (!addresses.ok()) return Unreachable();
  const auto line = Line::Open(*addresses, url.port, deadline);
  if (!line.ok()) return Unreachable();
  if (url.tls) {
    const absl::Status secured = (*line)->Secure(context.get(), url.host);
    if (!secured.ok() && ReasonOf(secured).empty()) return Unreachable();
    TRY_OK(secured);
  }
  return Exchange(**line, MakeRequest(url, path, body));
}

}  // namespace entente::rpc
