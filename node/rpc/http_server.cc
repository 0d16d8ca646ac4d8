// The plain door, on Beast.

#include "node/rpc/http_server.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstring>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "node/base/mutex.h"
#include "node/rpc/address.h"

namespace entente::rpc {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;
using model::HttpReply;
using model::HttpRequest;

constexpr std::uint32_t kMostHeaderBytes = 16 * 1024;

// How many connections are open, all and of one address.
class Room {
 public:
  explicit Room(const HttpLimits& limits) : limits_(limits) {}

  bool Enter(const std::string& address) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    const auto at = by_address_.find(address);
    const std::size_t of_it = at == by_address_.end() ? 0 : at->second;
    if (open_ >= limits_.connections || of_it >= limits_.per_address) {
      ++turned_away_;
      return false;
    }
    ++open_;
    ++by_address_[address];
    return true;
  }
  void Leave(const std::string& address) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    --open_;
    const auto at = by_address_.find(address);
    if (--at->second == 0) by_address_.erase(at);
  }
  std::uint64_t turned_away() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return turned_away_;
  }

 private:
  const HttpLimits limits_;
  mutable base::Mutex mutex_;
  std::size_t open_ GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::size_t> by_address_ GUARDED_BY(mutex_);
  std::uint64_t turned_away_ GUARDED_BY(mutex_) = 0;
};

// One request, one answer, closed. Kept alive by the step under way; its
// handlers run on the strand of its stream.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const HttpServerOptions& options, Room& room,
             std::string address)
      : stream_(std::move(socket)),
        options_(options),
        room_(room),
        address_(std::move(address)) {
    parser_.header_limit(
        static_cast<std::uint32_t>(options_.limits.header_bytes));
    parser_.body_limit(options_.limits.body_bytes);
  }
  ~Connection() { room_.Leave(address_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Run() {
    Deadline();
    http::async_read_header(stream_, buffer_, parser_,
                            [self = shared_from_this()](Error error, auto) {
                              self->HeaderRead(error);
                            });
  }

 private:
  // A new one for each step; it does not move while bytes trickle in.
  void Deadline() { stream_.expires_after(options_.limits.step); }

  void HeaderRead(Error error) {
    if (error) return Refuse(error);
    if (!beast::iequals(parser_.get()[http::field::expect], "100-continue"))
      return ReadBody();
    go_on_.result(http::status::continue_);
    go_on_.version(11);
    Deadline();
    http::async_write(stream_, go_on_,
                      [self = shared_from_this()](Error failed, auto) {
                        if (!failed) self->ReadBody();
                      });
  }

  void ReadBody() {
    Deadline();
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](Error error, auto) {
                       self->AllRead(error);
                     });
  }

  void AllRead(Error error) {
    if (error) return Refuse(error);
    auto& message = parser_.get();
    Answer(options_.handler({std::string(message.method_string()),
                             std::string(message.target()),
                             std::move(message.body())}));
  }

  // Whoever went away or was too slow gets no answer.
  void Refuse(Error error) {
    if (error == http::error::body_limit)
      return Answer({413, "the body is too long\n", {}, {}});
    if (error == http::error::header_limit)
      return Answer({431, "the header fields are too long\n", {}, {}});
    const bool unread =
        error.category() ==
            make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream &&
        error != http::error::partial_message;
    if (unread) Answer({400, "the request cannot be read\n", {}, {}});
  }

  void Answer(HttpReply reply) {
    answer_.version(11);
    answer_.result(static_cast<unsigned>(reply.status));
    answer_.set(http::field::content_type, reply.content_type.empty()
                                               ? "text/plain; charset=utf-8"
                                               : reply.content_type);
    answer_.set("X-Content-Type-Options", "nosniff");
    if (!reply.allow.empty()) answer_.set(http::field::allow, reply.allow);
    answer_.body() = std::move(reply.body);
    answer_.keep_alive(false);
    answer_.prepare_payload();
    Deadline();
    http::async_write(stream_, answer_,
                      [self = shared_from_this()](Error error, auto) {
                        if (!error) self->Drain();
                      });
  }

  // A socket that is closed with unread bytes resets, and the other side may
  // lose the answer: what is still under way is read and thrown away.
  void Drain() {
    Error ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    Deadline();
    ReadAway();
  }
  void ReadAway() {
    stream_.async_read_some(
        asio::buffer(thrown_away_),
        [self = shared_from_this()](Error error, std::size_t count) {
          self->drained_ += count;
          if (!error && self->drained_ < kMostDrained) self->ReadAway();
        });
  }
  static constexpr std::size_t kMostDrained = 256 * 1024;

  beast::tcp_stream stream_;
  const HttpServerOptions& options_;
  Room& room_;
  const std::string address_;
  beast::flat_buffer buffer_{kMostHeaderBytes * 8};
  http::request_parser<http::string_body> parser_;
  http::response<http::empty_body> go_on_;
  http::response<http::string_body> answer_;
  std::array<char, 4096> thrown_away_{};
  std::size_t drained_ = 0;
};

class BeastServer final : public HttpServer {
 public:
  BeastServer(HttpServerOptions options, int fd)
      : options_(std::move(options)),
        room_(options_.limits),
        io_(options_.threads),
        acceptor_(io_) {
    const bool v6 = options_.listen.starts_with('[');
    Error ignored;  // the socket listens already
    acceptor_.assign(v6 ? tcp::v6() : tcp::v4(), fd, ignored);
    port_ = BoundPort(fd);
    Accept();
    for (int i = 0; i < options_.threads; ++i)
      threads_.emplace_back([this] { io_.run(); });
  }
  ~BeastServer() override { Stop(); }

  void Stop() override {
    io_.stop();
    for (std::jthread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    Error ignored;
    acceptor_.close(ignored);
  }
  int port() const override { return port_; }
  std::uint64_t turned_away() const override { return room_.turned_away(); }

 private:
  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_),
                           [this](Error error, tcp::socket socket) {
                             if (error == asio::error::operation_aborted)
                               return;
                             if (error) return AcceptLater();
                             Serve(std::move(socket));
                             Accept();
                           });
  }
  // Out of descriptors: they come back when connections end.
  void AcceptLater() {
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([this](Error error) {
      if (!error) Accept();
    });
  }
  void Serve(tcp::socket socket) {
    Error error;
    const tcp::endpoint from = socket.remote_endpoint(error);
    if (error) return;
    sockaddr_storage address = {};
    std::memcpy(&address, from.data(), std::min(from.size(), sizeof(address)));
    std::string key = AddressKey(address);
    if (!room_.Enter(key)) return;
    const auto executor = socket.get_executor();
    auto connection = std::make_shared<Connection>(std::move(socket), options_,
                                                   room_, std::move(key));
    asio::post(executor, [connection] { connection->Run(); });
  }

  const HttpServerOptions options_;
  Room room_;
  asio::io_context io_;  // before it goes, so do the connections that it holds
  tcp::acceptor acceptor_;
  asio::steady_timer pause_{io_};
  int port_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    HttpServerOptions options) {
  if (!options.handler || options.threads < 1)
    return Invalid("an HTTP door needs a handler and a thread");
  TRY(const int fd, BindTcp(options.listen));
  return std::make_unique<BeastServer>(std::move(options), fd);
}

}  // namespace entente::rpc
