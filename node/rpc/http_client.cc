// The client towards witnesses, on Beast.

#include "node/rpc/http_client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "node/rpc/address.h"
#include "node/rpc/resolve.h"

namespace entente::rpc {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace tls = asio::ssl;
using asio::ip::tcp;
using std::chrono::steady_clock;
using Error = boost::system::error_code;
using model::HttpReply;
using Request = http::request<http::string_body>;

constexpr std::uint64_t kMostAnswerBytes = 64 * 1024;
constexpr std::uint32_t kMostHeaderBytes = 16 * 1024;

bool IsNumericV6(std::string_view host) { return host.find(':') != host.npos; }

absl::Status Unreachable() {
  return WithReason(Unavailable("the witness did not answer over HTTP"),
                    "witness-unreachable");
}

Request MakeRequest(const HttpUrl& url, std::string_view path,
                    std::string_view body) {
  Request out(http::verb::post, url.path + std::string(path), 11);
  const std::string host =
      IsNumericV6(url.host) ? "[" + url.host + "]" : url.host;
  const bool usual = url.tls && url.port == "443";
  out.set(http::field::host, usual ? host : host + ":" + url.port);
  out.set(http::field::content_type, "text/plain; charset=utf-8");
  out.body() = std::string(body);
  out.keep_alive(false);
  out.prepare_payload();
  return out;
}

// One POST, step after step, under one deadline. `Stream` is a
// beast::tcp_stream or one of TLS over it.
template <class Stream>
class Post {
 public:
  // `make` gives the stream on an io_context.
  template <class Make>
  Post(const Make& make, Request request, std::vector<tcp::endpoint> to,
       steady_clock::time_point deadline)
      : stream_(make(io_)),
        request_(std::move(request)),
        to_(std::move(to)),
        deadline_(deadline) {}

  absl::StatusOr<HttpReply> Run() {
    Connect(0);
    io_.run();
    if (distrusted_) {
      return WithReason(
          Unavailable("the witness's TLS certificate does not verify"),
          "witness-certificate");
    }
    if (error_) return Unreachable();
    auto& answer = parser_->get();
    return HttpReply{static_cast<int>(answer.result_int()),
                     std::move(answer.body()),
                     std::string(answer[http::field::content_type]),
                     {}};
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;
  static constexpr int kMostInterim = 4;

  beast::tcp_stream& Lowest() { return beast::get_lowest_layer(stream_); }

  // One address after the other, each with its share of what is left: one that
  // swallows everything leaves time for the next.
  void Connect(std::size_t at) {
    if (at == to_.size()) {
      if (to_.empty()) error_ = asio::error::host_unreachable;
      return;
    }
    const auto left = deadline_ - steady_clock::now();
    Lowest().expires_after(left / static_cast<int>(to_.size() - at));
    Lowest().async_connect(to_[at], [this, at](Error error) {
      if (!Failed(error)) {
        Lowest().expires_at(deadline_);
        return Greet();
      }
      Lowest().close();
      Connect(at + 1);
    });
  }
  void Greet() {
    if constexpr (kTls) {
      stream_.async_handshake(tls::stream_base::client, [this](Error error) {
        distrusted_ =
            SSL_get_verify_result(stream_.native_handle()) != X509_V_OK;
        if (!Failed(error)) Send();
      });
    } else {
      Send();
    }
  }
  void Send() {
    http::async_write(stream_, request_, [this](Error error, auto) {
      // Some answer before they took the whole request.
      if (error == beast::error::timeout && Failed(error)) return;
      Read(0);
    });
  }
  // Interim answers (RFC 9110, 15.2) come before the one that counts.
  void Read(int interim) {
    parser_.emplace();
    parser_->header_limit(kMostHeaderBytes);
    parser_->body_limit(kMostAnswerBytes);
    http::async_read(stream_, buffer_, *parser_,
                     [this, interim](Error error, auto) {
                       if (Failed(error) || parser_->get().result_int() >= 200)
                         return;
                       if (interim == kMostInterim) {
                         error_ = http::error::bad_status;
                         return;
                       }
                       Read(interim + 1);
                     });
  }
  bool Failed(Error error) {
    error_ = error;
    return static_cast<bool>(error);
  }

  asio::io_context io_{1};
  Stream stream_;
  beast::flat_buffer buffer_;
  Request request_;
  const std::vector<tcp::endpoint> to_;
  const steady_clock::time_point deadline_;
  std::optional<http::response_parser<http::string_body>> parser_;
  Error error_;
  bool distrusted_ = false;
};

absl::Status Trust(tls::context& context, const std::string& roots) {
  Error error;
  if (roots.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.load_verify_file(roots, error);
  }
  if (error) {
    return WithReason(
        WithNext(Unready("the roots for https witnesses cannot be read"),
                 "name a PEM file of certificates"),
        "witness-roots");
  }
  context.set_verify_mode(tls::verify_peer, error);
  if (error || SSL_CTX_set_min_proto_version(context.native_handle(),
                                             TLS1_3_VERSION) != 1) {
    return Internal("TLS cannot be set up");
  }
  return absl::OkStatus();
}

absl::StatusOr<HttpReply> PostOverTls(const HttpUrl& url, Request request,
                                      std::vector<tcp::endpoint> to,
                                      const std::string& roots,
                                      steady_clock::time_point deadline) {
  tls::context context(tls::context::tls_client);
  TRY_OK(Trust(context, roots));
  Error error;
  Post<beast::ssl_stream<beast::tcp_stream>> post(
      [&](asio::io_context& io) {
        beast::ssl_stream<beast::tcp_stream> stream(io, context);
        stream.set_verify_callback(tls::host_name_verification(url.host),
                                   error);
        // RFC 6066, 3: a name, never an address.
        if (!IsNumericAddress(url.host)) {
          SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
        }
        return stream;
      },
      std::move(request), std::move(to), deadline);
  if (error) return Internal("TLS cannot be set up");
  return post.Run();
}

}  // namespace

absl::Status CheckHttpRoots(const std::string& roots) {
  tls::context context(tls::context::tls_client);
  return Trust(context, roots);
}

absl::StatusOr<HttpReply> HttpPost(const HttpUrl& url, std::string_view path,
                                   std::string_view body,
                                   const HttpPostOptions& options) {
  const auto deadline = steady_clock::now() + options.deadline;
  const auto addresses = Resolve(url.host, deadline);
  if (!addresses.ok()) return Unreachable();
  std::vector<tcp::endpoint> to;
  for (const std::string& text : *addresses) {
    Error error;
    const auto address = asio::ip::make_address(text, error);
    if (error) continue;
    to.emplace_back(address, static_cast<std::uint16_t>(std::stoul(url.port)));
  }
  Request request = MakeRequest(url, path, body);
  if (url.tls) {
    return PostOverTls(url, std::move(request), std::move(to), options.roots,
                       deadline);
  }
  Post<beast::tcp_stream> post(
      [](asio::io_context& io) { return beast::tcp_stream(io); },
      std::move(request), std::move(to), deadline);
  return post.Run();
}

}  // namespace entente::rpc
