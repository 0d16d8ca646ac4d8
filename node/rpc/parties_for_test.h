#pragma once
// Invented parties with a roster, a server and clients. Only tests use this.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "node/base/mutex.h"
#include "node/rpc/certificates_for_test.h"
#include "node/rpc/peer_client.h"
#include "node/rpc/peer_server.h"

namespace entente::rpc {

std::string UriOf(const std::string& party);

// Thread-safe.
class TestRoster final : public Roster {
 public:
  void Pin(const std::string& party, const Hash& spki) EXCLUDES(mutex_);
  void Unpin(const std::string& party, const Hash& spki) EXCLUDES(mutex_);
  void Suspend(const std::string& party) EXCLUDES(mutex_);
  // Reasons: `peer-unknown`, `peer-other-key`, `peer-suspended`.
  absl::StatusOr<std::string> Admits(std::string_view uri,
                                     const Hash& spki) const override
      EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  std::map<std::string, std::pair<std::string, std::set<Hash>>> pins_
      GUARDED_BY(mutex_);  // by URI
  std::set<std::string> suspended_ GUARDED_BY(mutex_);
};

// A party's TLS files. Its roots are whatever Trust was last given.
class TestParty {
 public:
  explicit TestParty(std::string code);
  TestParty(std::string code, const CertificateSpec& spec);
  ~TestParty();
  TestParty(const TestParty&) = delete;
  TestParty& operator=(const TestParty&) = delete;

  void Trust(const std::string& pems) const;
  void Use(const TestCertificate& certificate);
  const std::string& code() const { return code_; }
  const TestCertificate& certificate() const { return certificate_; }
  TlsFiles files() const { return {folder_, folder_ + "/roots.pem"}; }
  const std::string& folder() const { return folder_; }

 private:
  const std::string code_;
  const std::string folder_;
  TestCertificate certificate_;
};

// QVA serves, QOR asks; each trusts and has pinned the other.
class TwoParties : public ::testing::Test {
 protected:
  TwoParties();

  // Answers with the body reversed and the signature as it came.
  static absl::StatusOr<PeerReply> Reverse(const PeerCall& call);

  PeerServerOptions ServerOptions(PeerHandler handler = &Reverse);
  std::unique_ptr<PeerServer> Serve(PeerServerOptions options);
  PeerClientOptions ClientOptions(const PeerServer& server);
  std::unique_ptr<PeerClient> Connect(const PeerServer& server);
  std::unique_ptr<PeerClient> ConnectAs(const PeerServer& server,
                                        const TestParty& who);
  absl::StatusOr<PeerReply> Ask(PeerClient& client,
                                std::string_view body = "abc");

  TestParty qor{"QOR"};
  TestParty qva{"QVA"};
  TestRoster at_qor;  // whom QOR admits
  TestRoster at_qva;
};

// Holds every call until it is opened, or ten seconds.
class Barrier {
 public:
  absl::StatusOr<PeerReply> Wait(const PeerCall&) {
    ++entered_;
    (void)open_.wait_for(std::chrono::seconds(10));
    return PeerReply{};
  }
  void Open() { promise_.set_value(); }
  int entered() const { return entered_; }

 private:
  std::atomic<int> entered_{0};
  std::promise<void> promise_;
  std::shared_future<void> open_ = promise_.get_future().share();
};

// What a shell command writes, and its exit code.
struct Output {
  std::string text;
  int code = -1;
};
Output Shell(const std::string& command);

// Asks again until it is true; false when five seconds have passed.
bool Eventually(const std::function<bool()>& condition);

}  // namespace entente::rpc
