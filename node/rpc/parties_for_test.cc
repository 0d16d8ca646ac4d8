#include "node/rpc/parties_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "crypto/base/status.h"
#include "node/rpc/process.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

class Process final : public ::testing::Environment {
  void SetUp() override { PrepareProcess(); }
};
const ::testing::Environment* const process =
    ::testing::AddGlobalTestEnvironment(new Process);

}  // namespace

std::string UriOf(const std::string& party) {
  return "entente://party/" + party;
}

void TestRoster::Pin(const std::string& party, const Hash& spki) {
  base::MutexLock lock(mutex_);
  auto& entry = pins_[UriOf(party)];
  entry.first = party;
  entry.second.insert(spki);
}

void TestRoster::Unpin(const std::string& party, const Hash& spki) {
  base::MutexLock lock(mutex_);
  pins_[UriOf(party)].second.erase(spki);
}

void TestRoster::Suspend(const std::string& party) {
  base::MutexLock lock(mutex_);
  suspended_.insert(party);
}

absl::StatusOr<std::string> TestRoster::Admits(std::string_view uri,
                                               const Hash& spki) const {
  base::MutexLock lock(mutex_);
  const auto found = pins_.find(std::string(uri));
  if (found == pins_.end()) {
    return WithReason(Unauthenticated("unknown name"), "peer-unknown");
  }
  if (!found->second.second.contains(spki)) {
    return WithReason(Unauthenticated("another key"), "peer-other-key");
  }
  if (suspended_.contains(found->second.first)) {
    return WithReason(Unauthenticated("suspended"), "peer-suspended");
  }
  return found->second.first;
}

TestParty::TestParty(std::string code)
    : TestParty(code, CertificateSpec{.uris = {UriOf(code)}}) {}

TestParty::TestParty(std::string code, const CertificateSpec& spec)
    : code_(std::move(code)),
      folder_(FreshFolder()),
      certificate_(MakeCertificate(spec)) {
  Install(folder_, certificate_);
  Trust(certificate_.cert_pem);
}

TestParty::~TestParty() { std::filesystem::remove_all(folder_); }

void TestParty::Trust(const std::string& pems) const {
  WriteText(folder_ + "/roots.pem", pems);
}

void TestParty::Use(const TestCertificate& certificate) {
  certificate_ = certificate;
  Install(folder_, certificate_);
}

TwoParties::TwoParties() {
  qor.Trust(qva.certificate().cert_pem);
  qva.Trust(qor.certificate().cert_pem);
  at_qor.Pin("QVA", qva.certificate().spki);
  at_qva.Pin("QOR", qor.certificate().spki);
}

absl::StatusOr<PeerReply> TwoParties::Reverse(const PeerCall& call) {
  return PeerReply{Bytes(call.body.rbegin(), call.body.rend()), call.signature};
}

PeerServerOptions TwoParties::ServerOptions(PeerHandler handler) {
  PeerServerOptions options;
  options.listen = "127.0.0.1:0";
  options.tls = qva.files();
  options.roster = &at_qva;
  options.handler = std::move(handler);
  return options;
}

std::unique_ptr<PeerServer> TwoParties::Serve(PeerServerOptions options) {
  auto server = PeerServer::Start(std::move(options));
  EXPECT_OK(server);
  return server.ok() ? *std::move(server) : nullptr;
}

PeerClientOptions TwoParties::ClientOptions(const PeerServer& server) {
  PeerClientOptions options;
  options.target = "127.0.0.1:" + std::to_string(server.port());
  options.tls = qor.files();
  options.roster = &at_qor;
  options.party = "QVA";
  return options;
}

std::unique_ptr<PeerClient> TwoParties::Connect(const PeerServer& server) {
  return ConnectAs(server, qor);
}

std::unique_ptr<PeerClient> TwoParties::ConnectAs(const PeerServer& server,
                                                  const TestParty& who) {
  who.Trust(qva.certificate().cert_pem);
  PeerClientOptions options = ClientOptions(server);
  options.tls = who.files();
  auto client = PeerClient::Create(std::move(options));
  EXPECT_OK(client);
  return client.ok() ? *std::move(client) : nullptr;
}

absl::StatusOr<PeerReply> TwoParties::Ask(PeerClient& client,
                                          std::string_view body) {
  return client.Call(method::kScreen, ToBytes(body), ToBytes("sig"),
                     std::chrono::seconds(10));
}

Output Shell(const std::string& command) {
  Output out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  CHECK(pipe != nullptr);
  std::array<char, 4096> buffer{};
  std::size_t got = 0;
  while ((got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    out.text.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

bool Eventually(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace entente::rpc
