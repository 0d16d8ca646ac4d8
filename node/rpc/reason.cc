#include "node/rpc/reason.h"

#include <algorithm>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"

namespace entente::rpc {
namespace {

constexpr char kReasonKey[] = "entente-reason";
// Binary, because a sentence may hold more than ASCII.
constexpr char kNextKey[] = "entente-next-bin";
constexpr std::string_view kPrefix = "REASON_";
constexpr std::size_t kLongestReason = 64;

bool Digit(char c) { return c >= '0' && c <= '9'; }
bool Lower(char c) { return (c >= 'a' && c <= 'z') || Digit(c) || c == '-'; }
bool Upper(char c) { return (c >= 'A' && c <= 'Z') || Digit(c) || c == '-'; }

// A decision may have several reasons, parted by spaces: for a person the first
// is the id, and the message says them all. Empty: this is no list of ids, and
// then not even its first word may leave.
std::string FirstReason(const std::string& all) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    if (i < all.size() && all[i] != ' ') continue;
    if (!IsReasonId(std::string_view(all).substr(begin, i - begin))) return {};
    begin = i + 1;
  }
  return all.substr(0, all.find(' '));
}

// Codes of gRPC and abseil are the same numbers.
absl::StatusCode CodeOf(const grpc::Status& status) {
  const int code = static_cast<int>(status.error_code());
  const bool known =
      code > 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
  return known ? static_cast<absl::StatusCode>(code)
               : absl::StatusCode::kUnknown;
}

std::string Trailing(const grpc::ClientContext& context, const char* key) {
  const auto& all = context.GetServerTrailingMetadata();
  if (all.count(key) != 1) return {};  // two reasons are none
  const grpc::string_ref value = all.find(key)->second;
  return {value.data(), value.size()};
}

}  // namespace

std::string ReasonText(v1::ReasonId id) {
  std::string text = v1::ReasonId_Name(id);
  CHECK(text.starts_with(kPrefix));
  text.erase(0, kPrefix.size());
  for (char& c : text) {
    if (c == '_') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

absl::Status Because(absl::Status status, v1::ReasonId id) {
  return WithReason(std::move(status), ReasonText(id));
}

bool IsReasonId(std::string_view text) {
  if (text.empty() || text.size() > kLongestReason) return false;
  const auto all = [text](bool (*good)(char)) {
    return std::all_of(text.begin(), text.end(), good);
  };
  const bool kebab = all(&Lower);
  const bool code = all(&Upper) && std::any_of(text.begin(), text.end(), Digit);
  return kebab || code;
}

grpc::Status ToWire(const absl::Status& status, Audience audience,
                    grpc::ServerContextBase& context) {
  if (status.ok()) return grpc::Status::OK;
  // A peer gets one id or none: what is a list was not meant for it.
  const std::string given = ReasonOf(status);
  const std::string reason =
      audience == Audience::kOwner ? FirstReason(given) : given;
  if (IsReasonId(reason)) {
    context.AddTrailingMetadata(kReasonKey, reason);
  }
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (audience == Audience::kPeer) return {code, ""};
  if (const std::string next = NextOf(status); !next.empty()) {
    context.AddTrailingMetadata(kNextKey, next);
  }
  return {code, MessageOf(status)};
}

absl::Status FromWire(const grpc::Status& status, Audience audience,
                      const grpc::ClientContext& context) {
  if (status.ok()) return absl::OkStatus();
  const std::string reason = Trailing(context, kReasonKey);
  const bool given = IsReasonId(reason);
  if (audience == Audience::kOwner) {
    absl::Status out = MakeStatus(CodeOf(status), {status.error_message()});
    if (const std::string next = Trailing(context, kNextKey); !next.empty()) {
      out = WithNext(std::move(out), next);
    }
    return given ? WithReason(std::move(out), reason) : out;
  }
  if (!given) return MakeStatus(CodeOf(status), {"refused without a reason"});
  return WithReason(MakeStatus(CodeOf(status), {"refused: ", reason}), reason);
}

}  // namespace entente::rpc
