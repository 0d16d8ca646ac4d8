#include "node/rpc/tls_door_for_test.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "crypto/base/status.h"
#include "node/rpc/listening_socket_for_test.h"

namespace entente::rpc {
namespace {

// Whether header and announced body are there.
bool IsWhole(const std::string& got) {
  const std::size_t gap = got.find("\r\n\r\n");
  if (gap == std::string::npos) return false;
  const std::size_t at = got.find("Content-Length: ");
  const std::size_t length =
      at == std::string::npos ? 0 : std::stoul(got.substr(at + 16));
  return got.size() >= gap + 4 + length;
}

}  // namespace

struct TlsDoor::Impl {
  Options options;
  Handler handler;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
      SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  ListeningSocket door;
  mutable std::mutex mutex;
  std::string name;
};

TlsDoor::TlsDoor(Options options, Handler handler)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->handler = std::move(handler);
  signal(SIGPIPE, SIG_IGN);  // a client that has enough hangs up
  const std::string folder = FreshFolder();
  WriteText(folder + "/key.pem", impl_->options.certificate.key_pem);
  WriteText(folder + "/cert.pem", impl_->options.certificate.cert_pem);
  SSL_CTX* const context = impl_->context.get();
  CHECK(SSL_CTX_use_PrivateKey_file(context, (folder + "/key.pem").c_str(),
                                    SSL_FILETYPE_PEM) == 1);
  CHECK(SSL_CTX_use_certificate_chain_file(
            context, (folder + "/cert.pem").c_str()) == 1);
  std::filesystem::remove_all(folder);
  if (impl_->options.most_version != 0) {
    CHECK(SSL_CTX_set_max_proto_version(context, impl_->options.most_version) ==
          1);
  }
  port_ = impl_->door.port();
  thread_ = std::thread([this] { Serve(); });
}

TlsDoor::~TlsDoor() {
  impl_->door.Shut();
  thread_.join();
}

std::string TlsDoor::server_name() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->name;
}

void TlsDoor::Serve() {
  while (true) {
    const int fd = impl_->door.Accept();
    if (fd < 0) return;
    const timeval patience{5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(
        SSL_new(impl_->context.get()), &SSL_free);
    SSL_set_fd(tls.get(), fd);
    if (SSL_accept(tls.get()) == 1) {
      const char* const name =
          SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
      {
        const std::lock_guard lock(impl_->mutex);
        impl_->name = name == nullptr ? "" : name;
      }
      std::string got;
      std::array<char, 4096> part{};
      while (!IsWhole(got)) {
        const int n =
            SSL_read(tls.get(), part.data(), static_cast<int>(part.size()));
        if (n <= 0) break;
        got.append(part.data(), static_cast<std::size_t>(n));
      }
      if (IsWhole(got)) {
        ++handshakes_;
        const std::string answer = impl_->handler(got);
        SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
        if (!impl_->options.cuts_short) SSL_shutdown(tls.get());
      }
    }
    close(fd);
  }
}

std::string AnswerText(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " told\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace entente::rpc
