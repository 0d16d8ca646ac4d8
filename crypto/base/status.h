#pragma once
// Helpers around absl::Status. Debian's abseil has its own string_view, so
// messages are joined here from std::string_view parts.
//
// A status may carry two payloads: a reason id (stable, kebab-case or a policy
// code, the only thing a peer ever gets) and a next step (a plain sentence for
// the person at the terminal). Messages hold no personal data and no key
// material.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace entente {

std::string Join(std::initializer_list<std::string_view> parts);
absl::Status MakeStatus(absl::StatusCode code,
                        std::initializer_list<std::string_view> parts);

// Bad input: the caller's bytes or arguments are malformed.
template <class... P>
[[nodiscard]] absl::Status Invalid(const P&... parts) {
  return MakeStatus(absl::StatusCode::kInvalidArgument,
                    {std::string_view(parts)...});
}
// Refused by policy.
template <class... P>
[[nodiscard]] absl::Status Denied(const P&... parts) {
  return MakeStatus(absl::StatusCode::kPermissionDenied,
                    {std::string_view(parts)...});
}
// A proof, signature or hash does not hold.
template <class... P>
[[nodiscard]] absl::Status ProofFailed(const P&... parts) {
  return MakeStatus(absl::StatusCode::kDataLoss, {std::string_view(parts)...});
}
template <class... P>
[[nodiscard]] absl::Status NotFound(const P&... parts) {
  return MakeStatus(absl::StatusCode::kNotFound, {std::string_view(parts)...});
}
template <class... P>
[[nodiscard]] absl::Status AlreadyExists(const P&... parts) {
  return MakeStatus(absl::StatusCode::kAlreadyExists,
                    {std::string_view(parts)...});
}
// The state of things does not allow it now.
template <class... P>
[[nodiscard]] absl::Status Unready(const P&... parts) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    {std::string_view(parts)...});
}
// A peer, disk or service cannot be reached; trying again may help.
template <class... P>
[[nodiscard]] absl::Status Unavailable(const P&... parts) {
  return MakeStatus(absl::StatusCode::kUnavailable,
                    {std::string_view(parts)...});
}
template <class... P>
[[nodiscard]] absl::Status Exhausted(const P&... parts) {
  return MakeStatus(absl::StatusCode::kResourceExhausted,
                    {std::string_view(parts)...});
}
template <class... P>
[[nodiscard]] absl::Status Internal(const P&... parts) {
  return MakeStatus(absl::StatusCode::kInternal, {std::string_view(parts)...});
}
// The caller is not who it must be.
template <class... P>
[[nodiscard]] absl::Status Unauthenticated(const P&... parts) {
  return MakeStatus(absl::StatusCode::kUnauthenticated,
                    {std::string_view(parts)...});
}

// Adds or reads the reason id. ReasonOf is empty when there is none.
[[nodiscard]] absl::Status WithReason(absl::Status status,
                                      std::string_view reason);
std::string ReasonOf(const absl::Status& status);
// Adds or reads the next step for the person at the terminal.
[[nodiscard]] absl::Status WithNext(absl::Status status, std::string_view next);
std::string NextOf(const absl::Status& status);
// The reason of arguments that cannot be meant: a slip of the pen.
inline constexpr std::string_view kUsageReason = "usage";
// Says, or tells, that a refusal has its entry in the log: whoever hands it on
// writes no second one.
[[nodiscard]] absl::Status WithEntry(absl::Status status);
bool HasEntry(const absl::Status& status);
// The message as std::string.
std::string MessageOf(const absl::Status& status);

// Aborts when `condition` is false: for what cannot happen. The text is a
// literal and holds no data.
void CheckFailed(const char* what, const char* file, int line);

}  // namespace entente

#define ENTENTE_CAT2(a, b) a##b
#define ENTENTE_CAT(a, b) ENTENTE_CAT2(a, b)

// `TRY(auto x, F());` assigns the value or returns the status. `TRY_OK(F());`
// returns a status that is not OK.
#define TRY(lhs, expr) ENTENTE_TRY(ENTENTE_CAT(try_value_, __LINE__), lhs, expr)
#define ENTENTE_TRY(tmp, lhs, expr)   \
  auto tmp = (expr);                  \
  if (!tmp.ok()) return tmp.status(); \
  lhs = *std::move(tmp)
// The name is new each time: a TRY_OK may stand in a lambda inside another.
#define TRY_OK(expr) ENTENTE_TRY_OK(ENTENTE_CAT(try_status_, __COUNTER__), expr)
#define ENTENTE_TRY_OK(tmp, expr)                 \
  do {                                            \
    if (::absl::Status tmp = (expr); !tmp.ok()) { \
      return tmp;                                 \
    }                                             \
  } while (false)
#define CHECK(condition)        \
  (static_cast<bool>(condition) \
       ? void()                 \
       : ::entente::CheckFailed(#condition, __FILE__, __LINE__))
