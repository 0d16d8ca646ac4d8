#include "node/wire/witness_http.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::wire {
namespace {

using model::HttpReply;
using model::HttpRequest;

constexpr std::string_view kAdd = "/add-checkpoint";
constexpr std::string_view kLatest = "/checkpoint";
constexpr std::size_t kHexDigits = 64;
constexpr std::int64_t kMinuteMicros = 60'000'000;

HttpReply Unserved(const absl::Status& status) {
  if (absl::IsNotFound(status)) return {404, "nothing is recorded\n", {}, {}};
  // Nothing was signed; ask again.
  return {503, "the witness cannot record now\n", {}, {}};
}

// The line after the first empty one, as the sender says it.
std::string ClaimedOrigin(std::string_view body) {
  const std::size_t gap = body.find("\n\n");
  if (gap == std::string_view::npos) return {};
  body.remove_prefix(gap + 2);
  return std::string(body.substr(0, body.find('\n')));
}

// The log signed it, and a log that is known here.
bool OfKnownLog(int status) {
  return status == 200 || status == 409 || status == 422 || status == 429;
}

bool LowerHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

bool WitnessHttp::TooMany(const std::string& origin) {
  base::MutexLock lock(mutex_);
  const auto at = answered_.find(origin);
  if (at == answered_.end()) return false;
  const std::int64_t now = clock_.MonotonicMicros();
  while (!at->second.empty() && at->second.front() <= now - kMinuteMicros)
    at->second.pop_front();
  return at->second.size() >= per_minute_;
}

void WitnessHttp::Count(const std::string& origin) {
  base::MutexLock lock(mutex_);
  answered_[origin].push_back(clock_.MonotonicMicros());
}

HttpReply WitnessHttp::Add(const HttpRequest& request) {
  if (request.method != "POST") return {405, "POST only\n", {}, "POST"};
  const std::string origin = ClaimedOrigin(request.body);
  if (TooMany(origin)) return {429, "too many of this log\n", {}, {}};
  absl::StatusOr<audit::WitnessReply> reply =
      witness_.AddCheckpoint(AsBytes(request.body));
  if (!reply.ok()) return Unserved(reply.status());
  if (OfKnownLog(reply->status)) Count(origin);
  return {reply->status,
          std::move(reply->body),
          std::move(reply->content_type),
          {}};
}

HttpReply WitnessHttp::Latest(const HttpRequest& request,
                              std::string_view hex) {
  if (request.method != "GET") return {405, "GET only\n", {}, "GET"};
  const absl::StatusOr<Bytes> raw = FromHex(hex);
  if (!raw.ok() || !LowerHex(hex)) return {404, "no such path\n", {}, {}};
  const absl::StatusOr<Hash> origin = ToArray<32>(*raw);
  if (!origin.ok()) return {404, "no such path\n", {}, {}};
  absl::StatusOr<std::string> note = witness_.LatestNote(*origin);
  if (!note.ok()) return Unserved(note.status());
  return {200, *std::move(note), {}, {}};
}

HttpReply WitnessHttp::Answer(const HttpRequest& request) {
  const HttpReply unknown{404, "no such path\n", {}, {}};
  std::string_view path = request.target;
  if (!path.starts_with(kWitnessPrefix)) return unknown;
  path.remove_prefix(kWitnessPrefix.size());
  if (path == kAdd) return Add(request);
  const bool latest = path.size() == 1 + kHexDigits + kLatest.size() &&
                      path.starts_with('/') && path.ends_with(kLatest);
  return latest ? Latest(request, path.substr(1, kHexDigits)) : unknown;
}

}  // namespace entente::wire
