#include "node/rpc/gate.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "crypto/base/status.h"
#include "node/rpc/address.h"

namespace entente::rpc {
namespace {

constexpr int kSweepEveryMs = 100;
constexpr std::chrono::milliseconds kDescriptorPause{20};
// A burst is taken in portions, so that Close and the sweep get their turn.
constexpr int kAcceptAtOnce = 64;

void Count(std::atomic<std::uint64_t>& counter) {
  counter.fetch_add(1, std::memory_order_relaxed);
}

// Reset instead of an orderly end: costs us no state and no second packet.
void Reset(int fd) {
  const linger now{1, 0};
  (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gate>> Gate::ListenTcp(std::string_view listen,
                                                      GateLimits limits) {
  TRY(const int fd, BindTcp(listen));
  std::unique_ptr<Gate> gate(new Gate(Kind::kTcp, fd, limits));
  gate->port_ = BoundPort(fd);
  if (gate->wake_ < 0) return Unavailable("no descriptor left");
  return gate;
}

absl::StatusOr<std::unique_ptr<Gate>> Gate::ListenUnix(const std::string& path,
                                                       GateLimits limits) {
  TRY(const int fd, BindUnix(path));
  std::unique_ptr<Gate> gate(new Gate(Kind::kUnix, fd, limits));
  gate->path_ = path;
  if (gate->wake_ < 0) return Unavailable("no descriptor left");
  return gate;
}

Gate::Gate(Kind kind, int listener, GateLimits limits)
    : kind_(kind),
      listener_(listener),
      limits_(limits),
      wake_(eventfd(0, EFD_CLOEXEC)) {}

Gate::~Gate() {
  Close();
  if (wake_ >= 0) close(wake_);
}

void Gate::Open(Take take) {
  CHECK(!thread_.joinable());
  take_ = std::move(take);
  thread_ = std::jthread([this] { Run(); });
}

void Gate::Close() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    CHECK(write(wake_, &one, sizeof(one)) == sizeof(one));
    thread_.join();
  }
  if (!path_.empty()) unlink(std::exchange(path_, {}).c_str());
  // At once, or those who wait in the backlog would wait for nothing.
  if (listener_ >= 0) close(std::exchange(listener_, -1));
}

void Gate::Run() {
  ConnectionTable table(limits_.connections, limits_.per_address);
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{listener_, POLLIN, 0},
                                  pollfd{wake_, POLLIN, 0}};
    (void)poll(watched.data(), watched.size(), kSweepEveryMs);
    if (watched[1].revents != 0) return;
    table.Sweep();
    if (watched[0].revents != 0) AcceptAll(table);
    open_.store(table.size(), std::memory_order_relaxed);
  }
}

void Gate::AcceptAll(ConnectionTable& table) {
  for (int i = 0; i < kAcceptAtOnce; ++i) {
    sockaddr_storage from = {};
    socklen_t length = sizeof(from);
    // SAFETY: the socket interface of C takes every family by this cast.
    const int fd =
        accept4(listener_, static_cast<sockaddr*>(static_cast<void*>(&from)),
                &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      Receive(table, fd, AddressKey(from));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
               errno == ENOMEM) {
      Count(descriptors_exhausted_);
      std::this_thread::sleep_for(kDescriptorPause);
      return;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    }  // else this one connection died on the way: the next
  }
}

void Gate::Receive(ConnectionTable& table, int fd, const std::string& address) {
  if (ForeignUser(fd)) {
    Count(foreign_user_);
    return Reset(fd);
  }
  const ConnectionTable::Verdict verdict = table.Ask(address);
  if (verdict != ConnectionTable::Verdict::kRoom || !table.Add(fd, address)) {
    Count(verdict == ConnectionTable::Verdict::kAddressFull ? address_cap_
                                                            : connection_cap_);
    return Reset(fd);
  }
  Count(accepted_);
  take_(listener_, fd);
}

bool Gate::ForeignUser(int fd) const {
  if (kind_ != Kind::kUnix) return false;
  ucred who = {};
  socklen_t length = sizeof(who);
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 ||
         who.uid != geteuid();
}

GateCounts Gate::counts() const {
  GateCounts out;
  out.accepted = accepted_.load(std::memory_order_relaxed);
  out.open = open_.load(std::memory_order_relaxed);
  out.connection_cap = connection_cap_.load(std::memory_order_relaxed);
  out.address_cap = address_cap_.load(std::memory_order_relaxed);
  out.foreign_user = foreign_user_.load(std::memory_order_relaxed);
  out.descriptors_exhausted =
      descriptors_exhausted_.load(std::memory_order_relaxed);
  return out;
}

}  // namespace entente::rpc
