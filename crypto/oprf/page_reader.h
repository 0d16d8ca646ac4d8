#pragma once
// For tests: the worked example of a page under docs/protocol, so that page and
// code cannot part. A value stands in a block marked `example` as `name = hex`,
// and may go on in the next lines, indented.

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/testing/shared_data.h"

namespace entente::oprf {

class PageReader {
 public:
  explicit PageReader(const std::string& name) {
    std::istringstream in(
        testing::ReadFile(testing::SourceDir() / "docs/protocol" / name));
    bool inside = false;
    std::string current;
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with("```")) inside = line == "```example";
      const std::size_t equals = line.find(" = ");
      if (!inside || line.starts_with("```")) {
        current.clear();
      } else if (equals != std::string::npos && line[0] != ' ') {
        current = line.substr(0, equals);
        values_[current] = line.substr(equals + 3);
      } else if (line.starts_with("  ") && !current.empty()) {
        values_[current] += line.substr(line.find_first_not_of(' '));
      }
    }
  }

  // Expects the page to say that `name` is `hex`.
  void Expect(const std::string& name, const std::string& hex) {
    const auto found = values_.find(name);
    ASSERT_NE(found, values_.end())
        << "the page lacks " << name << " = " << hex;
    EXPECT_EQ(found->second, hex) << name;
    values_.erase(found);
  }
  // Expects that every value of the page was checked.
  void ExpectNothingLeft() {
    for (const auto& [name, value] : values_) {
      ADD_FAILURE() << "nothing checks " << name << " = " << value;
    }
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace entente::oprf
