#pragma once
// Matchers for absl::Status and absl::StatusOr; Debian's abseil ships none.

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace entente::testing {

inline absl::Status StatusOf(const absl::Status& s) { return s; }
template <class T>
absl::Status StatusOf(const absl::StatusOr<T>& s) {
  return s.status();
}

MATCHER(IsOk, "is OK") {
  const absl::Status s = StatusOf(arg);
  *result_listener << s.ToString();
  return s.ok();
}
MATCHER_P(HasCode, code, "has the status code") {
  const absl::Status s = StatusOf(arg);
  *result_listener << s.ToString();
  return s.code() == code;
}

}  // namespace entente::testing

#define EXPECT_OK(expr) EXPECT_THAT((expr), ::entente::testing::IsOk())
#define ASSERT_OK(expr) ASSERT_THAT((expr), ::entente::testing::IsOk())
#define ENTENTE_TEST_CAT2(a, b) a##b
#define ENTENTE_TEST_CAT(a, b) ENTENTE_TEST_CAT2(a, b)
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ENTENTE_ASSERT_ASSIGN(ENTENTE_TEST_CAT(status_or_, __LINE__), lhs, expr)
#define ENTENTE_ASSERT_ASSIGN(tmp, lhs, expr)   \
  auto tmp = (expr);                            \
  ASSERT_THAT(tmp, ::entente::testing::IsOk()); \
  lhs = *std::move(tmp)
