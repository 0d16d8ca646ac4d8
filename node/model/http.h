#pragma once
// One request and one answer of the plain HTTP door, as the rooms below the
// door see them.

#include <string>

namespace entente::model {

struct HttpRequest {
  std::string method;  // `GET`, `POST`, as sent
  std::string target;  // path and query, as sent
  std::string body;    // at most what the door lets in
};

struct HttpReply {
  int status = 0;
  std::string body;
  std::string content_type;  // empty: plain text
  std::string allow;         // with 405: the method that is served
};

}  // namespace entente::model
