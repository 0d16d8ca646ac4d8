#pragma once
// A bare TCP client for tests of the plain HTTP door: what is sent is what a
// stranger could send.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace entente::rpc {

class PlainTalk {
 public:
  explicit PlainTalk(int port)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    open_ = connect(fd_,
                    static_cast<const sockaddr*>(static_cast<const void*>(&to)),
                    sizeof(to)) == 0;
  }
  ~PlainTalk() { close(fd_); }
  PlainTalk(const PlainTalk&) = delete;
  PlainTalk& operator=(const PlainTalk&) = delete;

  // False: the other side has closed.
  bool Send(std::string_view bytes) const {
    while (open_ && !bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return open_;
  }
  // All that comes until the other side closes, or until `enough` is in it.
  std::string Read(std::string_view enough = {}) const {
    std::string out;
    char part[4096];
    while (enough.empty() || out.find(enough) == std::string::npos) {
      const ssize_t got = recv(fd_, part, sizeof(part), 0);
      if (got <= 0) break;
      out.append(part, static_cast<std::size_t>(got));
    }
    return out;
  }
  static std::string Once(int port, std::string_view bytes) {
    const PlainTalk talk(port);
    talk.Send(bytes);
    return talk.Read();
  }

 private:
  const int fd_;
  bool open_ = false;
};

inline std::string PostText(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: w\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}
inline std::string GetText(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: w\r\n\r\n";
}

}  // namespace entente::rpc
