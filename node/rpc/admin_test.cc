// Commands and imports over a real Unix socket.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <future>

#include "crypto/base/status.h"
#include "entente/v1/admin.grpc.pb.h"
#include "node/rpc/admin_client.h"
#include "node/rpc/admin_server.h"
#include "node/rpc/parties_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::Ge;
using testing::HasCode;
using ::testing::Pair;

const AdminCall kCall{{1, 2, 3}, {4, 5}};

// Reads to the end and says how much there was.
absl::StatusOr<AdminReply> CountBytes(const AdminCall&,
                                      const ChunkSource& next) {
  std::size_t bytes = 0;
  std::size_t pieces = 0;
  for (;;) {
    TRY(const std::optional<Bytes> piece, next());
    if (!piece) break;
    bytes += piece->size();
    ++pieces;
  }
  return AdminReply{0, "{}",
                    std::to_string(bytes) + " in " + std::to_string(pieces)};
}

ChunkSource Pieces(std::size_t count, std::size_t size) {
  return [=, left = count]() mutable -> absl::StatusOr<std::optional<Bytes>> {
    if (left == 0) return std::nullopt;
    --left;
    return Bytes(size, 7);
  };
}

class AdminTest : public ::testing::Test {
 protected:
  ~AdminTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  AdminServerOptions Options() {
    AdminServerOptions options;
    options.socket = socket_;
    options.execute = [](const AdminCall& call) {
      return absl::StatusOr<AdminReply>(
          AdminReply{3, ToHex(call.body), ToHex(call.signature)});
    };
    options.import = &CountBytes;
    return options;
  }
  void Serve(AdminServerOptions options) {
    auto server = AdminServer::Start(std::move(options));
    ASSERT_OK(server);
    server_ = *std::move(server);
  }
  std::unique_ptr<AdminClient> Connect() {
    auto client = AdminClient::Create(socket_);
    EXPECT_OK(client);
    return *std::move(client);
  }
  std::unique_ptr<v1::Admin::Stub> RawStub() {
    return v1::Admin::NewStub(grpc::CreateChannel(
        "unix:" + socket_, grpc::experimental::LocalCredentials(UDS)));
  }

  const std::string folder_ = FreshFolder();
  const std::string socket_ = folder_ + "/run/admin.sock";
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminTest, ExecutesACommand) {
  Serve(Options());
  ASSERT_OK_AND_ASSIGN(const AdminReply reply,
                       Connect()->Execute(kCall, seconds(5)));
  EXPECT_EQ(reply.exit_code, 3);
  EXPECT_EQ(reply.json, "010203");
  EXPECT_EQ(reply.text, "0405");
}

TEST_F(AdminTest, AnErrorReachesThePersonWhole) {
  AdminServerOptions options = Options();
  options.execute = [](const AdminCall&) {
    return absl::StatusOr<AdminReply>(
        WithNext(WithReason(Denied("two people must sign: one did"), "A06"),
                 "ask the second approver \xe2\x80\x93 in person"));
  };
  Serve(std::move(options));
  const absl::Status status = Connect()->Execute(kCall, seconds(5)).status();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(MessageOf(status), "two people must sign: one did");
  EXPECT_EQ(ReasonOf(status), "A06");
  EXPECT_EQ(NextOf(status), "ask the second approver \xe2\x80\x93 in person");
}

TEST_F(AdminTest, OfSeveralReasonsThePersonGetsTheFirst) {
  std::string reason = "A04 C01 clock-skew";
  AdminServerOptions options = Options();
  options.execute = [&](const AdminCall&) {
    return absl::StatusOr<AdminReply>(WithReason(Denied("x"), reason));
  };
  Serve(std::move(options));
  const auto client = Connect();
  EXPECT_EQ(ReasonOf(client->Execute(kCall, seconds(5)).status()), "A04");
  for (const char* text : {"A04 Odenwald", "A04  C01", "A04 ", " A04"}) {
    reason = text;
    EXPECT_EQ(ReasonOf(client->Execute(kCall, seconds(5)).status()), "")
        << text;
  }
}

TEST_F(AdminTest, ImportsPiecesInOrder) {
  AdminServerOptions options = Options();
  Bytes got;
  options.import = [&](const AdminCall& call,
                       const ChunkSource& next) -> absl::StatusOr<AdminReply> {
    EXPECT_EQ(call.body, kCall.body);
    EXPECT_EQ(call.signature, kCall.signature);
    for (;;) {
      TRY(const std::optional<Bytes> piece, next());
      if (!piece) return AdminReply{};
      got.insert(got.end(), piece->begin(), piece->end());
    }
  };
  Serve(std::move(options));
  std::uint8_t n = 0;
  Bytes sent;
  ASSERT_OK(Connect()->Import(
      kCall,
      [&]() -> absl::StatusOr<std::optional<Bytes>> {
        if (++n > 200) return std::nullopt;
        const Bytes piece(1000U + n, n);
        sent.insert(sent.end(), piece.begin(), piece.end());
        return piece;
      },
      seconds(20)));
  EXPECT_EQ(got, sent);
}

TEST_F(AdminTest, ImportsALargeFileAndAnEmptyOne) {
  Serve(Options());
  const auto client = Connect();
  ASSERT_OK_AND_ASSIGN(
      const AdminReply large,
      client->Import(kCall, Pieces(40, kMaxChunkBytes), seconds(60)));
  EXPECT_EQ(large.text, std::to_string(40 * kMaxChunkBytes) + " in 40");
  ASSERT_OK_AND_ASSIGN(const AdminReply empty,
                       client->Import(kCall, Pieces(0, 1), seconds(5)));
  EXPECT_EQ(empty.text, "0 in 0");
}

TEST_F(AdminTest, AHandlerMayEndBeforeTheFileDoes) {
  AdminServerOptions options = Options();
  options.import = [](const AdminCall&,
                      const ChunkSource& next) -> absl::StatusOr<AdminReply> {
    TRY_OK(next().status());
    return WithReason(Denied("not this file"), "F02");
  };
  Serve(std::move(options));
  const auto client = Connect();
  const absl::Status status =
      client->Import(kCall, Pieces(100'000, 10'000), seconds(20)).status();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(status), "F02");
  EXPECT_OK(client->Execute(kCall, seconds(5)));
}

TEST_F(AdminTest, AStalledImportEnds) {
  AdminServerOptions options = Options();
  options.import_patience = milliseconds(200);
  Serve(std::move(options));
  std::promise<void> release;
  auto released = release.get_future();
  auto call = std::async(std::launch::async, [&] {
    return Connect()
        ->Import(
            kCall,
            [&]() -> absl::StatusOr<std::optional<Bytes>> {
              released.wait();
              return Bytes{1};
            },
            seconds(20))
        .status();
  });
  std::this_thread::sleep_for(milliseconds(600));
  release.set_value();
  const absl::Status status = call.get();
  EXPECT_THAT(status, HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(status), "import-stalled");
}

TEST_F(AdminTest, APersonWhoGivesUpFreesTheWorker) {
  AdminServerOptions options = Options();
  options.workers = 1;
  std::promise<absl::StatusCode> seen;
  std::atomic<bool> entered{false};
  options.import = [&](const AdminCall& call, const ChunkSource& next) {
    entered = true;
    const auto reply = CountBytes(call, next);
    seen.set_value(reply.status().code());
    return reply;
  };
  Serve(std::move(options));
  const auto client = Connect();
  int left = 3;
  const auto broken = [&]() -> absl::StatusOr<std::optional<Bytes>> {
    if (left-- > 0) return Bytes{1};
    EXPECT_TRUE(Eventually([&] { return entered.load(); }));
    return NotFound("the file is gone");
  };
  EXPECT_THAT(client->Import(kCall, broken, seconds(20)),
              HasCode(absl::StatusCode::kNotFound));
  EXPECT_EQ(seen.get_future().get(), absl::StatusCode::kCancelled);
  EXPECT_OK(client->Execute(kCall, seconds(5)));
}

TEST_F(AdminTest, AWrongOrderOfPartsIsRefused) {
  std::atomic<int> called{0};
  AdminServerOptions options = Options();
  options.import = [&](const AdminCall& call, const ChunkSource& next) {
    ++called;
    return CountBytes(call, next);
  };
  Serve(std::move(options));
  const auto stub = RawStub();
  const auto run = [&](const std::vector<v1::ImportChunk>& chunks) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + seconds(10));
    v1::Result result;
    const auto writer = stub->Import(&context, &result);
    for (const auto& chunk : chunks) writer->Write(chunk);
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    return status.error_code();
  };
  v1::ImportChunk command;
  command.mutable_command()->set_body("b");
  v1::ImportChunk data;
  data.set_data("d");
  v1::ImportChunk end;
  end.set_end(1);
  v1::ImportChunk none;
  v1::ImportChunk hollow;
  hollow.set_data("");
  v1::ImportChunk odd = command;
  odd.GetReflection()->MutableUnknownFields(&odd)->AddVarint(9, 1);
  EXPECT_EQ(run({}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({data}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({none}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({odd}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(called, 0);
  EXPECT_EQ(run({command, command}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({command, data, none}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({command, hollow}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({command, end}), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({command, data, data, end}),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(run({command, data, end}), grpc::StatusCode::OK);
}

TEST_F(AdminTest, AnImportThatBreaksOffIsNotTakenForAWholeOne) {
  std::promise<absl::StatusCode> seen;
  AdminServerOptions options = Options();
  options.import = [&](const AdminCall& call, const ChunkSource& next) {
    const auto reply = CountBytes(call, next);
    seen.set_value(reply.status().code());
    return reply;
  };
  Serve(std::move(options));
  grpc::ClientContext context;
  v1::Result result;
  const auto stub = RawStub();
  const auto writer = stub->Import(&context, &result);
  v1::ImportChunk chunk;
  chunk.mutable_command()->set_body("b");
  writer->Write(chunk);
  chunk.set_data("all but the last line");
  writer->Write(chunk);
  writer->WritesDone();  // the stream ends in good order, the file does not
  EXPECT_FALSE(writer->Finish().ok());
  EXPECT_EQ(seen.get_future().get(), absl::StatusCode::kCancelled);
}

TEST_F(AdminTest, AFullQueueAnswersAtOnce) {
  AdminServerOptions options = Options();
  options.workers = 1;
  options.queue = 1;
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<int> entered{0};
  options.execute = [&](const AdminCall&) {
    ++entered;
    released.wait();
    return absl::StatusOr<AdminReply>(AdminReply{});
  };
  Serve(std::move(options));
  const auto client = Connect();
  const auto ask = [&] { return client->Execute(kCall, seconds(20)).status(); };
  auto first = std::async(std::launch::async, ask);
  ASSERT_TRUE(Eventually([&] { return entered == 1; }));
  auto second = std::async(std::launch::async, ask);
  absl::Status refused;
  ASSERT_TRUE(Eventually([&] {
    refused = client->Execute(kCall, milliseconds(200)).status();
    return refused.code() == absl::StatusCode::kResourceExhausted;
  }));
  EXPECT_EQ(ReasonOf(refused), "queue-full");
  EXPECT_THAT(client->Import(kCall, Pieces(2, 2), seconds(5)),
              HasCode(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(server_->refused(), Contains(Pair("queue-full", Ge(2U))));
  release.set_value();
  EXPECT_OK(first.get());
  second.wait();
}

TEST_F(AdminTest, NobodyThereIsAPlainSentence) {
  const absl::Status gone = Connect()->Execute(kCall, seconds(5)).status();
  EXPECT_THAT(gone, HasCode(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(gone), "node-unreachable");
  EXPECT_NE(NextOf(gone), "");
  const absl::Status import =
      Connect()->Import(kCall, Pieces(5, 5), seconds(5)).status();
  EXPECT_EQ(ReasonOf(import), "node-unreachable");
}

TEST_F(AdminTest, ASlowNodeIsAPlainSentence) {
  AdminServerOptions options = Options();
  options.execute = [](const AdminCall&) {
    std::this_thread::sleep_for(milliseconds(600));
    return absl::StatusOr<AdminReply>(AdminReply{});
  };
  Serve(std::move(options));
  const absl::Status late =
      Connect()->Execute(kCall, milliseconds(100)).status();
  EXPECT_THAT(late, HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(ReasonOf(late), "node-timeout");
}

TEST_F(AdminTest, TheSocketIsGoneAfterStopAndSecondServersAreRefused) {
  Serve(Options());
  EXPECT_THAT(AdminServer::Start(Options()),
              HasCode(absl::StatusCode::kAlreadyExists));
  EXPECT_OK(Connect()->Execute(kCall, seconds(5)));
  server_->Stop();
  EXPECT_FALSE(std::filesystem::exists(socket_));
  server_.reset();
  Serve(Options());
  EXPECT_OK(Connect()->Execute(kCall, seconds(5)));
}

TEST_F(AdminTest, WrongOptionsAreRefused) {
  AdminServerOptions options = Options();
  options.import = nullptr;
  EXPECT_THAT(AdminServer::Start(options),
              HasCode(absl::StatusCode::kInvalidArgument));
  options = Options();
  options.socket = "run/admin.sock";
  EXPECT_THAT(AdminServer::Start(options),
              HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(AdminClient::Create("run/admin.sock"),
              HasCode(absl::StatusCode::kInvalidArgument));
  Serve(Options());
  EXPECT_THAT(Connect()->Execute(kCall, milliseconds(0)),
              HasCode(absl::StatusCode::kInvalidArgument));
  const absl::Status large =
      Connect()->Execute({Bytes(kMaxMessageBytes), {}}, seconds(5)).status();
  EXPECT_EQ(ReasonOf(large), "message-too-large");
}

}  // namespace
}  // namespace entente::rpc
