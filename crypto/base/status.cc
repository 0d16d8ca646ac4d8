#include "crypto/base/status.h"

#include <absl/strings/cord.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace entente {
namespace {

constexpr char kReasonUrl[] = "entente/reason";
constexpr char kNextUrl[] = "entente/next";
constexpr char kEntryUrl[] = "entente/entry";

std::string PayloadOf(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  return payload ? std::string(*payload) : std::string();
}

absl::Status WithPayload(absl::Status status, const char* url,
                         std::string_view text) {
  if (!status.ok()) {
    status.SetPayload(url,
                      absl::Cord(absl::string_view(text.data(), text.size())));
  }
  return status;
}

}  // namespace

std::string Join(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  std::string out;
  out.reserve(size);
  for (std::string_view part : parts) out.append(part);
  return out;
}

absl::Status MakeStatus(absl::StatusCode code,
                        std::initializer_list<std::string_view> parts) {
  return absl::Status(code, Join(parts));
}

absl::Status WithReason(absl::Status status, std::string_view reason) {
  return WithPayload(std::move(status), kReasonUrl, reason);
}
std::string ReasonOf(const absl::Status& status) {
  return PayloadOf(status, kReasonUrl);
}
absl::Status WithNext(absl::Status status, std::string_view next) {
  return WithPayload(std::move(status), kNextUrl, next);
}
std::string NextOf(const absl::Status& status) {
  return PayloadOf(status, kNextUrl);
}
absl::Status WithEntry(absl::Status status) {
  return WithPayload(std::move(status), kEntryUrl, "1");
}
bool HasEntry(const absl::Status& status) {
  return !PayloadOf(status, kEntryUrl).empty();
}
std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

void CheckFailed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "entente: internal check failed: %s (%s:%d)\n", what,
               file, line);
  std::abort();
}

}  // namespace entente
