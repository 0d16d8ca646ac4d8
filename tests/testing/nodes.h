#pragma once
// Real nodes for tests and benchmarks: real folders, keys, databases, TLS and
// sockets on loopback, in this process.

#include <absl/status/statusor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "keys/person_key.h"
#include "node/app/node.h"
#include "node/base/clock.h"
#include "node/rpc/admin_client.h"
#include "policy/envelope.h"

namespace entente::testing {

// A clock that a test moves; it also runs on with the system's.
class ShiftedClock final : public base::Clock {
 public:
  std::int64_t NowMicros() const override {
    return system_.NowMicros() + shift_.load();
  }
  std::int64_t MonotonicMicros() const override {
    return system_.MonotonicMicros();
  }
  void Shift(std::int64_t seconds) { shift_ += seconds * 1'000'000; }

 private:
  base::SystemClock system_;
  std::atomic<std::int64_t> shift_ = 0;
};

// Words of a command: name=value; `@` as a name gives the file that goes along.
using Words = std::vector<std::pair<std::string, std::string>>;

class TestNode {
 public:
  // Makes the node and its first people: NAME-admin, NAME-dpo, with NAME the
  // party in lower case.
  static absl::StatusOr<std::unique_ptr<TestNode>> Make(
      const std::filesystem::path& dir, const std::string& party,
      const std::string& state);
  // The node that lies in `dir`, with the people that Make wrote there.
  absl::Status Start(rpc::Tap tap = {}, bool own_upkeep = false);
  void Stop();

  const std::string& party() const { return party_; }
  std::string data() const { return (dir_ / "data").string(); }
  app::Node& node() { return *node_; }
  ShiftedClock& clock() { return clock_; }

  // Registers a person with these roles (by the administrator). The key is
  // known by `id`.
  absl::Status AddPerson(const std::string& id,
                         const std::vector<std::string>& roles);
  const keys::PersonKey& person(const std::string& id) const {
    return *people_.at(id);
  }

  // One command over the local socket, signed by `person`.
  absl::StatusOr<rpc::AdminReply> Do(const std::string& person,
                                     const std::string& name,
                                     const Words& words = {});
  // The same with another key than the person's, or another time: for hostile
  // tests.
  absl::StatusOr<rpc::AdminReply> DoAs(const keys::PersonKey& key,
                                       const std::string& claimed,
                                       const std::string& name,
                                       const Words& words, std::int64_t time);

  // The node's card, signed by its technical person, put in place here; the
  // signed text for others.
  absl::StatusOr<std::string> MakeCard();
  absl::Status Pin(const TestNode& other);

 private:
  TestNode() = default;
  std::filesystem::path dir_;
  std::string party_;
  std::string card_text_;
  ShiftedClock clock_;
  std::map<std::string, std::unique_ptr<keys::PersonKey>> people_;
  std::unique_ptr<app::Node> node_;
  std::unique_ptr<rpc::AdminClient> client_;
};

// Orsena asks, Valmara holds: cards pinned both ways, the demo agreement signed
// by all four and imported on both sides.
struct TwoNodes {
  std::unique_ptr<TestNode> asker;   // QOR
  std::unique_ptr<TestNode> holder;  // QVA
  Bytes envelope;                    // of the agreement

  struct Options {
    std::map<std::string, std::string>
        set;  // further values of the agreement, by path
    rpc::Tap asker_tap;
    rpc::Tap holder_tap;
    bool import_agreement = true;
  };
  static absl::StatusOr<TwoNodes> Make(const std::filesystem::path& dir,
                                       Options options);
  static absl::StatusOr<TwoNodes> Make(const std::filesystem::path& dir);

  // Waits until both reach each other and agree on what they hold.
  absl::Status Settle();
  // Puts `list` (CSV text) into the holder and `flight` (PAXLST text) into the
  // asker; returns the flight's id.
  absl::StatusOr<std::string> Load(const std::filesystem::path& list,
                                   const std::filesystem::path& flight);
  // Screens with the demo's words, `more` added or replacing.
  absl::StatusOr<rpc::AdminReply> Screen(const std::string& flight,
                                         const Words& more = {});
};

// A free loopback port, as `127.0.0.1:N`.
std::string FreeAddress();
// A folder of its own below the build's, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace entente::testing
