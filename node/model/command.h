#pragma once
// What a person asks of their own node: one signed command over the local
// socket.

#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"

namespace entente::model {

struct Argument {
  std::string name;
  std::string value;
  template <class A>
  void Fields(A& f) {
    f(name, value);
  }
};

// Signed by the person's key over "entente/command/1"-labelled canonical bytes.
struct Command {
  static constexpr std::string_view kLabel = "entente/command/1";
  std::string party;   // whose node this is meant for
  std::string person;  // id at that node
  std::string name;    // such as `screen` or `agreement import`
  std::vector<Argument> arguments;
  Hash attachment{};  // SHA-256 of the file that goes along; zero when none
  std::int64_t time = 0;
  Id16 nonce{};
  template <class A>
  void Fields(A& f) {
    f(party, person, name, arguments, attachment, time, nonce);
  }
};

}  // namespace entente::model
