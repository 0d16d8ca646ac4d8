#pragma once
// C2SP tlog-witness over plain HTTP: what a request asks the witness, and how
// its answer looks. The door itself is node/rpc/http_server.h.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "node/audit/witness.h"
#include "node/base/clock.h"
#include "node/base/mutex.h"
#include "node/model/http.h"

namespace entente::wire {

// `POST <prefix>/add-checkpoint` and `GET <prefix>/<hex H(origin)>/checkpoint`.
inline constexpr std::string_view kWitnessPrefix = "/audit/witness";

// Thread-safe.
class WitnessHttp {
 public:
  // Anybody can replay a published head: one origin gets `per_minute` answers
  // through this door, fewer than the witness gives it, so that a stranger
  // cannot use up what a peer needs at its own door.
  WitnessHttp(audit::Witness& witness, const base::Clock& clock,
              std::size_t per_minute)
      : witness_(witness), clock_(clock), per_minute_(per_minute) {}

  // 404 any other path, 405 another method, 429 too many, 503 the store failed;
  // all else as the witness decides.
  model::HttpReply Answer(const model::HttpRequest& request) EXCLUDES(mutex_);

 private:
  model::HttpReply Add(const model::HttpRequest& request) EXCLUDES(mutex_);
  model::HttpReply Latest(const model::HttpRequest& request,
                          std::string_view hex);
  bool TooMany(const std::string& origin) EXCLUDES(mutex_);
  void Count(const std::string& origin) EXCLUDES(mutex_);

  audit::Witness& witness_;
  const base::Clock& clock_;
  const std::size_t per_minute_;
  base::Mutex mutex_;
  // Monotonic microseconds of answers, by origin; known origins only.
  std::map<std::string, std::deque<std::int64_t>> answered_ GUARDED_BY(mutex_);
};

}  // namespace entente::wire
