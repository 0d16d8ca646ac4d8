#pragma once
// One POST over HTTP, to a witness that is no pinned peer. What passes is
// public and signed: TLS, where it is asked for, keeps a stranger on the line
// from holding answers back unseen, and no guarantee rests on it.

#include <absl/status/statusor.h>

#include <chrono>
#include <string>
#include <string_view>

#include "node/model/http.h"

namespace entente::rpc {

struct HttpUrl {
  std::string host;  // numeric address without brackets; with TLS also a name
  std::string port;  // decimal
  std::string path;  // empty, or begins with `/` and does not end with it
  bool tls = false;
};
// `http://ADDRESS:PORT[/path]` with a numeric address, or
// `https://HOST[:PORT][/path]` with an address or a name, at port 443 unless it
// says another. INVALID_ARGUMENT: anything else; a name without TLS too, for
// who answers a name is not ours to say.
absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view url);

// FAILED_PRECONDITION, reason `witness-roots`: not a readable file of PEM
// certificates. Empty is the system's, and OK.
absl::Status CheckHttpRoots(const std::string& roots);

struct HttpPostOptions {
  // Covers all of it, from the look-up of a name to the last byte of the
  // answer.
  std::chrono::milliseconds deadline{5000};
  // PEM file of the certificates that a server of `https` must descend from;
  // empty: those that the system trusts.
  std::string roots;
};

// Sends `body` to `url.path + path`; takes an answer of at most 64 KiB.
// Redirects are answers like any other. TLS is version 1.3, with the server's
// certificate and name verified.
//   UNAVAILABLE          not reached, cut off, too slow, not an answer in HTTP;
//                        reason `witness-unreachable`; or a certificate that
//                        does not verify, reason `witness-certificate`
//   FAILED_PRECONDITION  as CheckHttpRoots
absl::StatusOr<model::HttpReply> HttpPost(const HttpUrl& url,
                                          std::string_view path,
                                          std::string_view body,
                                          const HttpPostOptions& options);

}  // namespace entente::rpc
