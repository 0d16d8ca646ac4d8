// What a party may send and how much of it, and what happens when it is late:
// the wire without the manners of PeerClient.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <future>
#include <thread>
#include <vector>

#include "crypto/base/status.h"
#include "entente/v1/admin.grpc.pb.h"
#include "entente/v1/peer.grpc.pb.h"
#include "node/rpc/parties_for_test.h"
#include "node/rpc/tls.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::Contains;
using testing::HasCode;
using ::testing::Key;

class PeerLimitsTest : public TwoParties {
 protected:
  // A channel and a stub without the manners of PeerClient.
  std::shared_ptr<grpc::Channel> RawChannel(const PeerServer& server,
                                            grpc::ChannelArguments args = {}) {
    return grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(server.port()),
        ClientTls(qor.files(),
                  [](const Identity&) { return absl::OkStatus(); }),
        args);
  }
  std::unique_ptr<v1::Peer::Stub> RawStub(const PeerServer& server,
                                          grpc::ChannelArguments args = {}) {
    return v1::Peer::NewStub(RawChannel(server, args));
  }
  static std::chrono::system_clock::time_point Soon() {
    return std::chrono::system_clock::now() + seconds(10);
  }
};

TEST_F(PeerLimitsTest, ARefusalOnTheWireHasAnEmptyMessage) {
  const auto server = Serve(ServerOptions([](const PeerCall&) {
    return absl::StatusOr<PeerReply>(Invalid("the secret of the house"));
  }));
  const auto stub = RawStub(*server);
  grpc::ClientContext context;
  context.set_deadline(Soon());
  v1::Statement reply;
  const grpc::Status status = stub->Hello(&context, {}, &reply);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "");
  EXPECT_EQ(status.error_details(), "");
  EXPECT_EQ(context.GetServerTrailingMetadata().count("entente-reason"), 0U);
}

TEST_F(PeerLimitsTest, AnOversizeMessageIsRefusedByTheServer) {
  bool called = false;
  const auto server = Serve(ServerOptions([&](const PeerCall& call) {
    called = true;
    return Reverse(call);
  }));
  grpc::ChannelArguments args;
  args.SetMaxSendMessageSize(-1);
  const auto stub = RawStub(*server, args);
  grpc::ClientContext context;
  context.set_deadline(Soon());
  v1::Statement request;
  request.set_body(std::string(kMaxMessageBytes, 'x'));
  v1::Statement reply;
  EXPECT_EQ(stub->Hello(&context, request, &reply).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(called);
}

TEST_F(PeerLimitsTest, AnOversizeAnswerIsNotSent) {
  const auto server = Serve(ServerOptions([](const PeerCall&) {
    return absl::StatusOr<PeerReply>(PeerReply{Bytes(kMaxMessageBytes), {}});
  }));
  const auto client = Connect(*server);
  const absl::Status status = Ask(*client).status();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kInternal));
  EXPECT_EQ(ReasonOf(status), "message-too-large");
}

TEST_F(PeerLimitsTest, ACompressedMessageIsRefused) {
  bool called = false;
  const auto server = Serve(ServerOptions([&](const PeerCall& call) {
    called = true;
    return Reverse(call);
  }));
  const auto stub = RawStub(*server);
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_deadline(Soon());
    context.set_compression_algorithm(algorithm);
    v1::Statement request;
    request.set_body(std::string(1U << 20U, 'x'));  // a bomb in small
    v1::Statement reply;
    EXPECT_EQ(stub->Hello(&context, request, &reply).error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
  }
  EXPECT_FALSE(called);
}

TEST_F(PeerLimitsTest, TooMuchMetadataIsRefused) {
  bool called = false;
  const auto server = Serve(ServerOptions([&](const PeerCall& call) {
    called = true;
    return Reverse(call);
  }));
  const auto stub = RawStub(*server);
  grpc::ClientContext context;
  context.set_deadline(Soon());
  context.AddMetadata("x-filler", std::string(9'000, 'x'));
  v1::Statement reply;
  EXPECT_EQ(stub->Hello(&context, {}, &reply).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(called);
}

TEST_F(PeerLimitsTest, AnUnknownFieldInTheEnvelopeIsRefused) {
  bool called = false;
  const auto server = Serve(ServerOptions([&](const PeerCall& call) {
    called = true;
    return Reverse(call);
  }));
  const auto stub = RawStub(*server);
  v1::Statement request;
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(9, 1);
  grpc::ClientContext context;
  context.set_deadline(Soon());
  v1::Statement reply;
  EXPECT_EQ(stub->Hello(&context, request, &reply).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  const auto& trailing = context.GetServerTrailingMetadata();
  ASSERT_EQ(trailing.count("entente-reason"), 1U);
  EXPECT_EQ(trailing.find("entente-reason")->second, "envelope-malformed");
  EXPECT_FALSE(called);
}

TEST_F(PeerLimitsTest, TheCallsOfTheLocalDoorDoNotExistHere) {
  const auto server = Serve(ServerOptions());
  const auto stub = v1::Admin::NewStub(RawChannel(*server));
  grpc::ClientContext context;
  context.set_deadline(Soon());
  v1::Result result;
  EXPECT_EQ(stub->Execute(&context, {}, &result).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(PeerLimitsTest, AFullQueueAnswersAtOnce) {
  Barrier barrier;
  PeerServerOptions options =
      ServerOptions([&](const PeerCall& call) { return barrier.Wait(call); });
  options.workers = 1;
  options.queue = 2;
  const auto server = Serve(std::move(options));
  const auto client = Connect(*server);
  std::vector<std::future<absl::Status>> held;
  const auto ask = [&] { return Ask(*client).status(); };
  held.push_back(std::async(std::launch::async, ask));
  ASSERT_TRUE(Eventually([&] { return barrier.entered() == 1; }));
  held.push_back(std::async(std::launch::async, ask));
  held.push_back(std::async(std::launch::async, ask));

  // With one call served and two waiting, every further one is refused.
  absl::Status refused;
  ASSERT_TRUE(Eventually([&] {
    const auto begin = steady_clock::now();
    refused = client->Call(method::kScreen, {}, {}, milliseconds(300)).status();
    return refused.code() == absl::StatusCode::kResourceExhausted &&
           steady_clock::now() - begin < milliseconds(250);
  }));
  EXPECT_EQ(ReasonOf(refused), "queue-full");
  EXPECT_THAT(server->counts().refused, Contains(Key("queue-full")));
  barrier.Open();
  for (auto& call : held) call.wait();
  EXPECT_OK(Ask(*client));  // and then it serves again
}

TEST_F(PeerLimitsTest, OnePartyCannotFillTheQueue) {
  TestParty qta("QTA");
  qva.Trust(qor.certificate().cert_pem + qta.certificate().cert_pem);
  at_qva.Pin("QTA", qta.certificate().spki);
  Barrier barrier;
  PeerServerOptions options = ServerOptions([&](const PeerCall& call) {
    return call.party == "QTA" ? Reverse(call) : barrier.Wait(call);
  });
  options.workers = 3;
  options.calls_per_party = 2;
  const auto server = Serve(std::move(options));
  const auto client = Connect(*server);
  const auto other = ConnectAs(*server, qta);
  std::vector<std::future<absl::Status>> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(
        std::async(std::launch::async, [&] { return Ask(*client).status(); }));
  }
  ASSERT_TRUE(Eventually([&] { return barrier.entered() == 2; }));
  const absl::Status refused = Ask(*client).status();
  EXPECT_THAT(refused, HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(refused), "party-busy");
  EXPECT_OK(Ask(*other));
  barrier.Open();
  for (auto& call : held) EXPECT_OK(call.get());
  EXPECT_OK(Ask(*client));
}

TEST_F(PeerLimitsTest, ACallEndsAtItsDeadline) {
  Barrier barrier;
  const auto server = Serve(
      ServerOptions([&](const PeerCall& call) { return barrier.Wait(call); }));
  const auto client = Connect(*server);
  const auto begin = steady_clock::now();
  const absl::Status late =
      client->Call(method::kScreen, {}, {}, milliseconds(300)).status();
  EXPECT_LT(steady_clock::now() - begin, seconds(3));
  EXPECT_THAT(late, HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(late), "peer-timeout");
  barrier.Open();
}

TEST_F(PeerLimitsTest, ACallThatWasGivenUpInTheQueueIsNotServed) {
  Barrier barrier;
  PeerServerOptions options =
      ServerOptions([&](const PeerCall& call) { return barrier.Wait(call); });
  options.workers = 1;
  const auto server = Serve(std::move(options));
  const auto client = Connect(*server);
  auto held =
      std::async(std::launch::async, [&] { return Ask(*client).status(); });
  ASSERT_TRUE(Eventually([&] { return barrier.entered() == 1; }));
  EXPECT_THAT(client->Call(method::kScreen, {}, {}, milliseconds(200)),
              HasCode(absl::StatusCode::kDeadlineExceeded));
  std::this_thread::sleep_for(milliseconds(200));
  barrier.Open();
  EXPECT_OK(held.get());
  EXPECT_OK(Ask(*client));
  EXPECT_EQ(barrier.entered(), 2);
}

TEST_F(PeerLimitsTest, AConnectionIsReplacedAtItsAge) {
  PeerServerOptions options = ServerOptions();
  options.connection_age = milliseconds(500);
  options.connection_age_grace = milliseconds(500);
  const auto server = Serve(std::move(options));
  const auto client = Connect(*server);
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(Ask(*client));
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_GE(server->counts().accepted, 3U);
}

}  // namespace
}  // namespace entente::rpc
