#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "crypto/base/status.h"
#include "node/rpc/http_client.h"
#include "node/rpc/http_server.h"
#include "node/rpc/listening_socket_for_test.h"
#include "node/rpc/plain_talk_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpTest : public ::testing::Test {
 protected:
  void Start(HttpLimits limits = {}) {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.limits = limits;
    options.handler = [this](const model::HttpRequest& request) {
      ++calls_;
      if (request.target == "/long")
        return model::HttpReply{200, std::string(70'000, 'x'), {}, {}};
      return model::HttpReply{
          request.method == "POST" ? 200 : 404,
          request.method + " " + request.target + " " +
              std::to_string(request.body.size()) + "\n",
          request.target == "/typed" ? "text/x.tlog.size" : "",
          {}};
    };
    ASSERT_OK_AND_ASSIGN(server_, HttpServer::Start(std::move(options)));
  }
  int port() const { return server_->port(); }
  HttpUrl Url(std::string_view path = {}) const {
    return {"127.0.0.1", std::to_string(port()), std::string(path)};
  }

  std::atomic<int> calls_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTest, AnswersOneRequestAndCloses) {
  Start();
  const std::string told = PlainTalk::Once(
      port(), PostText("/a", "12345") + PostText("/b", "never read"));
  EXPECT_THAT(told, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(told, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(told, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(told, HasSubstr("\r\n\r\nPOST /a 5\n"));
  EXPECT_EQ(calls_, 1);
  EXPECT_THAT(PlainTalk::Once(port(), GetText("/typed")),
              HasSubstr("Content-Type: text/x.tlog.size\r\n"));
}

TEST_F(HttpTest, AsksForTheBodyOfWhoWaitsForThat) {
  Start();
  const PlainTalk talk(port());
  talk.Send(
      "POST /a HTTP/1.1\r\nHost: w\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\n\r\n");
  EXPECT_THAT(talk.Read("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue"));
  talk.Send("abc");
  EXPECT_THAT(talk.Read(), HasSubstr("POST /a 3\n"));
}

TEST_F(HttpTest, TakesABodyOfTheLimitAndNoneAbove) {
  Start();
  const std::string most(std::size_t{64} * 1024, 'x');
  EXPECT_THAT(PlainTalk::Once(port(), PostText("/a", most)),
              HasSubstr("POST /a 65536\n"));
  EXPECT_THAT(PlainTalk::Once(port(), PostText("/a", most + "x")),
              StartsWith("HTTP/1.1 413 "));
  // Not announced, but sent.
  EXPECT_THAT(
      PlainTalk::Once(port(),
                      "POST /a HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n10001\r\n" +
                          most + "x\r\n0\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(PlainTalk::Once(
                  port(), "GET /a HTTP/1.1\r\nX: " + std::string(17'000, 'h') +
                              "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(PlainTalk::Once(port(), "\x16\x03\x01 this is no HTTP\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(calls_, 1);
}

TEST_F(HttpTest, DropsWhoIsSlowHoweverTheBytesTrickle) {
  HttpLimits limits;
  limits.step = milliseconds(400);
  Start(limits);
  const auto begun = steady_clock::now();
  const PlainTalk silent(port());
  EXPECT_EQ(silent.Read(), "");
  const PlainTalk trickling(port());
  int sent = 0;
  while (sent < 100 && trickling.Send("G")) {
    std::this_thread::sleep_for(milliseconds(50));
    ++sent;
  }
  EXPECT_LT(sent, 60) << "of 5 s";
  const PlainTalk half(port());
  half.Send("POST /a HTTP/1.1\r\nHost: w\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(half.Read(), "");
  EXPECT_LT(steady_clock::now() - begun, milliseconds(8000));
  EXPECT_EQ(calls_, 0);
  EXPECT_THAT(PlainTalk::Once(port(), PostText("/a", "")), HasSubstr(" 200 "));
}

TEST_F(HttpTest, HasRoomForSoManyAndServesAgainAfterwards) {
  HttpLimits limits;
  limits.step = milliseconds(1500);
  limits.connections = 8;
  limits.per_address = 4;
  Start(limits);
  std::vector<std::unique_ptr<PlainTalk>> held;
  for (int i = 0; i < 4; ++i)
    held.push_back(std::make_unique<PlainTalk>(port()));
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(PlainTalk::Once(port(), PostText("/a", "")), "");
  EXPECT_EQ(server_->turned_away(), 1U);
  // Those that hold the room say nothing and lose it.
  const auto until = steady_clock::now() + std::chrono::seconds(15);
  std::string told;
  while (told.empty() && steady_clock::now() < until) {
    told = PlainTalk::Once(port(), PostText("/a", ""));
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_THAT(told, HasSubstr(" 200 "));
}

TEST_F(HttpTest, StopsWithConnectionsOpen) {
  Start();
  const PlainTalk open(port());
  std::this_thread::sleep_for(milliseconds(100));
  const auto begun = steady_clock::now();
  server_->Stop();
  server_.reset();
  EXPECT_LT(steady_clock::now() - begun, milliseconds(3000));
  EXPECT_EQ(open.Read(), "");
}

TEST_F(HttpTest, TheClientSendsAndReads) {
  Start();
  ASSERT_OK_AND_ASSIGN(
      const model::HttpReply reply,
      HttpPost(Url("/w"), "/typed", "abc", {milliseconds(5000), {}}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "POST /w/typed 3\n");
  ASSERT_OK_AND_ASSIGN(const model::HttpReply typed,
                       HttpPost(Url(), "/typed", "", {milliseconds(5000), {}}));
  EXPECT_EQ(typed.content_type, "text/x.tlog.size");
}

TEST_F(HttpTest, TheClientGivesUpInTimeAndReadsNoMoreThanItMay) {
  Start();
  EXPECT_THAT(HttpPost(Url(), "/long", "", {milliseconds(5000), {}}),
              HasCode(absl::StatusCode::kUnavailable));
  const int free = port();
  server_->Stop();
  server_.reset();
  EXPECT_THAT(HttpPost({"127.0.0.1", std::to_string(free), ""}, "/a", "",
                       {milliseconds(5000), {}}),
              HasCode(absl::StatusCode::kUnavailable));
  const ListeningSocket never_answers;
  const auto begun = steady_clock::now();
  EXPECT_THAT(HttpPost({"127.0.0.1", std::to_string(never_answers.port()), ""},
                       "/a", "", {milliseconds(500), {}}),
              HasCode(absl::StatusCode::kUnavailable));
  EXPECT_LT(steady_clock::now() - begun, milliseconds(5000));
}

}  // namespace
}  // namespace entente::rpc
