#pragma once
// One POST over plain HTTP, to a witness that is no pinned peer.

#include <absl/status/statusor.h>

#include <chrono>
#include <string>
#include <string_view>

#include "node/model/http.h"

namespace entente::rpc {

struct HttpUrl {
  std::string host;  // numeric address, without brackets
  std::string port;  // decimal
  std::string path;  // empty, or begins with `/` and does not end with it
};
// `http://ADDRESS:PORT[/path]`. INVALID_ARGUMENT: anything else, names of hosts
// among them: who answers a name is not ours to say.
absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view url);

// Sends `body` to `url.path + path`. `deadline` covers all of it, from the
// connection to the last byte of an answer of at most 64 KiB. Redirects are
// answers like any other.
//   UNAVAILABLE   not reached, cut off, too slow, or not an answer in HTTP
absl::StatusOr<model::HttpReply> HttpPost(const HttpUrl& url,
                                          std::string_view path,
                                          std::string_view body,
                                          std::chrono::milliseconds deadline);

}  // namespace entente::rpc
