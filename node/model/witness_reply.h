#pragma once
// How a witness's answer travels: the status and body of C2SP tlog-witness,
// unchanged.

#include <cstdint>
#include <string>

namespace entente::model {

struct WitnessReply {
  std::uint32_t status = 0;
  std::string body;
  std::string content_type;
  template <class A>
  void Fields(A& f) {
    f(status, body, content_type);
  }
};

}  // namespace entente::model
