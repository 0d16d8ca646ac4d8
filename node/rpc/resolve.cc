#include "node/rpc/resolve.h"

#include <netdb.h>

#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "crypto/base/status.h"
#include "node/base/mutex.h"
#include "node/rpc/address.h"

namespace entente::rpc {
namespace {

constexpr int kMostUnderWay = 8;

std::atomic<int>& UnderWay() {
  static std::atomic<int> count = 0;
  return count;
}

// Shared with the thread that asks, which may outlive the caller.
class LookUp {
 public:
  void Set(std::vector<std::string> addresses) EXCLUDES(mutex_) {
    {
      base::MutexLock lock(mutex_);
      addresses_ = std::move(addresses);
    }
    came_.NotifyOne();
  }
  // Nothing: the deadline came first.
  std::optional<std::vector<std::string>> Wait(
      std::chrono::steady_clock::time_point deadline) EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    while (!addresses_) {
      const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
          deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !came_.WaitFor(mutex_, left)) break;
    }
    return addresses_;
  }

 private:
  base::Mutex mutex_;
  base::CondVar came_;
  std::optional<std::vector<std::string>> addresses_ GUARDED_BY(mutex_);
};

std::vector<std::string> AskSystem(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<std::string> out;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return out;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found,
                                                               &freeaddrinfo);
  for (const addrinfo* at = all.get(); at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(),
                    nullptr, 0, NI_NUMERICHOST) == 0) {
      out.emplace_back(text.data());
    }
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Resolve(
    const std::string& host, std::chrono::steady_clock::time_point deadline) {
  return ResolveWith(AskSystem, host, deadline);
}

absl::StatusOr<std::vector<std::string>> ResolveWith(
    const AskForName& ask, const std::string& host,
    std::chrono::steady_clock::time_point deadline) {
  if (IsNumericAddress(host)) return std::vector<std::string>{host};
  const auto look_up = std::make_shared<LookUp>();
  if (UnderWay().fetch_add(1) >= kMostUnderWay) {
    UnderWay().fetch_sub(1);
    return Unavailable("too many names are being looked up");
  }
  try {
    std::thread([look_up, ask, host] {
      std::vector<std::string> found;
      try {
        found = ask(host);
      } catch (const std::exception&) {
        found.clear();  // out of memory: no address
      }
      UnderWay().fetch_sub(1);
      look_up->Set(std::move(found));
    }).detach();
  } catch (const std::exception&) {  // the library's way of saying it
    UnderWay().fetch_sub(1);
    return Unavailable("the machine gives no thread to look a name up");
  }
  std::optional<std::vector<std::string>> found = look_up->Wait(deadline);
  if (!found) return Unavailable("the look-up of a name took too long");
  if (found->empty()) return Unavailable("a name without an address");
  return *std::move(found);
}

}  // namespace entente::rpc
