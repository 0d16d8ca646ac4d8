#pragma once
// For this room's tests only: reads a file of published vectors.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"
#include "tests/testing/shared_data.h"

namespace entente::primitive {

inline Bytes Hex(std::string_view hex) {
  absl::StatusOr<Bytes> bytes = FromHex(hex);
  CHECK(bytes.ok());
  return *std::move(bytes);
}

inline nlohmann::json ReadVectors(const std::string& name) {
  return nlohmann::json::parse(
      testing::ReadFile(testing::SharedDir() / "vectors" / "crypto" / name));
}

// A member that holds hex text.
inline Bytes HexAt(const nlohmann::json& object, const char* key) {
  return Hex(object.at(key).get<std::string>());
}

// Calls `check(group, test)` for each test of a Wycheproof file; a failure
// names the test. Expects as many as the file says it has.
template <class Check>
void ForEachWycheproof(const std::string& name, Check check) {
  const nlohmann::json file = ReadVectors(name);
  int count = 0;
  for (const nlohmann::json& group : file.at("testGroups")) {
    for (const nlohmann::json& test : group.at("tests")) {
      SCOPED_TRACE(name + " tcId " +
                   std::to_string(test.at("tcId").get<int>()));
      check(group, test);
      ++count;
    }
  }
  EXPECT_EQ(count, file.at("numberOfTests").get<int>());
  EXPECT_GT(count, 0);
}

}  // namespace entente::primitive
