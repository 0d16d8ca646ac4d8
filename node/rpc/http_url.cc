#include <algorithm>
#include <cctype>

#include "crypto/base/status.h"
#include "node/rpc/address.h"
#include "node/rpc/http_client.h"

namespace entente::rpc {
namespace {

constexpr std::size_t kMostHostBytes = 253;  // RFC 1035, 2.3.4

// SplitHostPort let only letters, digits, `.` and `-` pass. A last label that
// begins with a digit is refused: some resolvers take `0x7f.1` for an address.
bool IsName(const std::string& host) {
  if (host.empty() || host.size() > kMostHostBytes) return false;
  std::size_t start = 0;
  while (start <= host.size()) {
    const std::size_t end = std::min(host.find('.', start), host.size());
    const std::string label = host.substr(start, end - start);
    if (label.empty() || label.size() > 63 || label.front() == '-' ||
        label.back() == '-') {
      return false;
    }
    const bool last = end == host.size();
    if (last) return std::isdigit(static_cast<unsigned char>(label[0])) == 0;
    start = end + 1;
  }
  return false;
}

bool HasPort(std::string_view authority) {
  return authority.starts_with('[') ? !authority.ends_with(']')
                                    : authority.find(':') != authority.npos;
}

}  // namespace

absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view url) {
  const absl::Status wrong = WithReason(
      Invalid("a witness's URL is http://ADDRESS:PORT[/path], a numeric "
              "address, or https://HOST[:PORT][/path]"),
      "witness-url");
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kTls = "https://";
  HttpUrl out;
  out.tls = url.starts_with(kTls);
  if (!out.tls && !url.starts_with(kPlain)) return wrong;
  url.remove_prefix(out.tls ? kTls.size() : kPlain.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  std::string authority(url.substr(0, slash));
  if (out.tls && !HasPort(authority)) authority += ":443";
  const auto split = SplitHostPort(authority);
  if (!split.ok()) return wrong;
  out.host = split->host;
  out.port = split->port;
  out.path = std::string(url.substr(slash));
  while (out.path.ends_with('/')) out.path.pop_back();
  const bool visible = std::all_of(
      out.path.begin(), out.path.end(),
      [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
  const bool known =
      IsNumericAddress(out.host) || (out.tls && IsName(out.host));
  const bool bracketed = authority.starts_with('[');
  const bool v6 = out.host.find(':') != std::string::npos;
  if (!known || bracketed != v6 || !visible || out.port == "0") return wrong;
  return out;
}

}  // namespace entente::rpc
