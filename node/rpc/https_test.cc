// The client of witnesses: URLs, names, and TLS against a server that is right,
// and ones that are wrong in one way each.

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "crypto/base/status.h"
#include "node/rpc/http_client.h"
#include "node/rpc/line.h"
#include "node/rpc/listening_socket_for_test.h"
#include "node/rpc/resolve.h"
#include "node/rpc/tls_door_for_test.h"
#include "tests/testing/status_matchers.h"

namespace entente::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using testing::HasCode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpsTest : public ::testing::Test {
 protected:
  ~HttpsTest() override { std::filesystem::remove_all(folder_); }
  static TestCertificate Named(const std::string& names,
                               CertificateSpec spec = {}) {
    spec.names = names;
    return MakeCertificate(spec);
  }
  void Open(TlsDoor::Options options) {
    WriteText(roots_, options.certificate.cert_pem);
    OpenAside(std::move(options));
  }
  // With other roots than the certificate's.
  void OpenAside(TlsDoor::Options options) {
    door_.emplace(std::move(options),
                  [this](const std::string& got) { return Answer(got); });
  }
  std::string Answer(const std::string& got) const {
    return answer_.empty() ? AnswerText(200, got) : answer_;
  }
  absl::StatusOr<model::HttpReply> Post(const std::string& host,
                                        std::string_view body = "abc") const {
    return HttpPost({host, std::to_string(door_->port()), "/w", true},
                    "/add-checkpoint", body, {milliseconds(5000), roots_});
  }
  void ExpectDistrusted(const std::string& host) const {
    const auto got = Post(host);
    EXPECT_THAT(got, HasCode(absl::StatusCode::kUnavailable));
    EXPECT_EQ(ReasonOf(got.status()), "witness-certificate");
    EXPECT_EQ(door_->handshakes(), 0) << "something was sent";
  }

  const std::string folder_ = FreshFolder();
  const std::string roots_ = folder_ + "/roots.pem";
  std::string answer_;
  std::optional<TlsDoor> door_;
};

TEST_F(HttpsTest, SendsAndReadsUnderAName) {
  Open({Named("DNS:localhost")});
  ASSERT_OK_AND_ASSIGN(const model::HttpReply reply, Post("localhost"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/plain");
  EXPECT_THAT(reply.body, StartsWith("POST /w/add-checkpoint HTTP/1.1\r\n"));
  EXPECT_THAT(reply.body, HasSubstr("\r\nHost: localhost:" +
                                    std::to_string(door_->port()) + "\r\n"));
  EXPECT_THAT(reply.body, HasSubstr("\r\n\r\nabc"));
  EXPECT_EQ(door_->server_name(), "localhost");
}

TEST_F(HttpsTest, SendsAndReadsUnderAnAddress) {
  Open({Named("IP:127.0.0.1")});
  ASSERT_OK_AND_ASSIGN(const model::HttpReply reply, Post("127.0.0.1"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(door_->server_name(), "") << "an address is no server name";
}

TEST_F(HttpsTest, GivesBackOtherStatusesAndRedirectsAsTheyAre) {
  Open({Named("DNS:localhost")});
  for (const int status : {301, 403, 409, 422, 500}) {
    answer_ = AnswerText(status, "64\n");
    ASSERT_OK_AND_ASSIGN(const model::HttpReply reply, Post("localhost"));
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.body, "64\n");
  }
  EXPECT_EQ(door_->handshakes(), 5);
}

TEST_F(HttpsTest, SendsNothingToACertificateOfAnotherName) {
  Open({Named("DNS:witness.example,IP:127.0.0.2")});
  ExpectDistrusted("localhost");
  ExpectDistrusted("127.0.0.1");
}

TEST_F(HttpsTest, SendsNothingToACertificateWithoutRoot) {
  WriteText(roots_, Named("DNS:localhost").cert_pem);
  OpenAside({Named("DNS:localhost")});
  ExpectDistrusted("localhost");
}

TEST_F(HttpsTest, SendsNothingToACertificateOutOfItsTime) {
  CertificateSpec over;
  over.valid_from_s = -7200;
  over.valid_until_s = -3600;
  Open({Named("DNS:localhost", over)});
  ExpectDistrusted("localhost");
  CertificateSpec early;
  early.valid_from_s = 3600;
  Open({Named("DNS:localhost", early)});
  ExpectDistrusted("localhost");
}

TEST_F(HttpsTest, SendsNothingToACertificateForClients) {
  CertificateSpec client;
  client.usage = "clientAuth";
  Open({Named("DNS:localhost", client)});
  ExpectDistrusted("localhost");
}

TEST_F(HttpsTest, SpeaksNoOlderTls) {
  Open({Named("DNS:localhost"), TLS1_2_VERSION});
  const auto got = Post("localhost");
  EXPECT_EQ(ReasonOf(got.status()), "witness-unreachable");
  EXPECT_EQ(door_->handshakes(), 0);
}

TEST_F(HttpsTest, TakesNoAnswerThatIsCutOrTooLong) {
  Open({Named("DNS:localhost"), 0, true});
  answer_ = "HTTP/1.1 200 OK\r\n\r\nof no length, and cut";
  EXPECT_EQ(ReasonOf(Post("localhost").status()), "witness-unreachable");
  answer_ = AnswerText(200, "four");
  answer_.resize(answer_.size() - 2);
  EXPECT_EQ(ReasonOf(Post("localhost").status()), "witness-unreachable");
  answer_ = AnswerText(200, std::string(70'000, 'x'));
  EXPECT_EQ(ReasonOf(Post("localhost").status()), "witness-unreachable");
}

TEST_F(HttpsTest, TakesAnAnswerOfNoLengthThatEndsInOrder) {
  Open({Named("DNS:localhost")});
  answer_ = "HTTP/1.1 200 OK\r\n\r\nof no length";
  ASSERT_OK_AND_ASSIGN(const model::HttpReply reply, Post("localhost"));
  EXPECT_EQ(reply.body, "of no length");
}

// What is neither header nor body has a limit as well.
TEST_F(HttpsTest, TakesNoEndlessChunks) {
  Open({Named("DNS:localhost")});
  const std::string head =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  answer_ = head + "2\r\n1\n\r\n0\r\n\r\n";
  ASSERT_OK_AND_ASSIGN(const model::HttpReply reply, Post("localhost"));
  EXPECT_EQ(reply.body, "1\n");
  const std::string much(200'000, 'a');
  answer_ = head + "1;x=" + much + "\r\n1\r\n0\r\n\r\n";
  EXPECT_EQ(ReasonOf(Post("localhost").status()), "witness-unreachable");
  answer_ = head + "0\r\nX: " + much + "\r\n\r\n";
  EXPECT_EQ(ReasonOf(Post("localhost").status()), "witness-unreachable");
}

TEST_F(HttpsTest, EndsAtItsDeadlineWhileTheServerThinks) {
  TestCertificate certificate = Named("DNS:localhost");
  WriteText(roots_, certificate.cert_pem);
  door_.emplace(TlsDoor::Options{std::move(certificate)},
                [](const std::string&) {
                  std::this_thread::sleep_for(milliseconds(1500));
                  return AnswerText(200, "");
                });
  const auto begun = steady_clock::now();
  const auto got =
      HttpPost({"localhost", std::to_string(door_->port()), "", true}, "/a", "",
               {milliseconds(300), roots_});
  EXPECT_EQ(ReasonOf(got.status()), "witness-unreachable");
  EXPECT_LT(steady_clock::now() - begun, milliseconds(1400));
}

// RFC 9110, 4.3.4: a common name is no name.
TEST_F(HttpsTest, SendsNothingToACertificateWithACommonNameAlone) {
  CertificateSpec common;
  common.uris = {"entente://localhost"};
  Open({MakeCertificate(common)});
  ExpectDistrusted("localhost");
}

TEST_F(HttpsTest, WaitsForTheAnswerThatCounts) {
  Open({Named("DNS:localhost")});
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n";
  answer_ = interim + interim + AnswerText(200, "1\n");
  ASSERT_OK_AND_ASSIGN(const model::HttpReply reply, Post("localhost"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "1\n");
  answer_.clear();
  for (int i = 0; i < 9; ++i) answer_ += interim;
  EXPECT_EQ(ReasonOf(Post("localhost").status()), "witness-unreachable");
}

TEST_F(HttpsTest, SaysWhenTheFileOfRootsIsNotThere) {
  EXPECT_OK(CheckHttpRoots(""));
  EXPECT_EQ(ReasonOf(CheckHttpRoots(folder_ + "/none.pem")), "witness-roots");
  WriteText(roots_, "no certificate");
  EXPECT_EQ(ReasonOf(CheckHttpRoots(roots_)), "witness-roots");

  Open({Named("DNS:localhost")});
  const auto got =
      HttpPost({"localhost", std::to_string(door_->port()), "", true}, "/a", "",
               {milliseconds(5000), folder_ + "/none.pem"});
  EXPECT_THAT(got, HasCode(absl::StatusCode::kFailedPrecondition));
}

TEST_F(HttpsTest, TheSystemsRootsDoNotKnowAStranger) {
  Open({Named("DNS:localhost")});
  const auto got =
      HttpPost({"localhost", std::to_string(door_->port()), "", true}, "/a", "",
               {milliseconds(5000), {}});
  EXPECT_EQ(ReasonOf(got.status()), "witness-certificate");
}

// One address refuses, one swallows everything or has no route: the next gets
// its share of the time.
TEST_F(HttpsTest, TriesOneAddressAfterTheOther) {
  Open({Named("DNS:localhost")});
  const std::string port = std::to_string(door_->port());
  const auto begun = steady_clock::now();
  for (const char* first : {"127.0.0.2", "::1", "192.0.2.1"}) {
    EXPECT_OK(Line::Open({first, "127.0.0.1"}, port,
                         steady_clock::now() + milliseconds(2000)))
        << first;
  }
  EXPECT_LT(steady_clock::now() - begun, milliseconds(6000));
  EXPECT_THAT(
      Line::Open({"127.0.0.2"}, port, steady_clock::now() + milliseconds(2000)),
      HasCode(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Line::Open({}, port, steady_clock::now() + milliseconds(2000)),
              HasCode(absl::StatusCode::kUnavailable));
}

// Who sends without end is not listened to without end.
TEST(LineTest, EndsAtItsDeadlineThoughBytesKeepComing) {
  ListeningSocket door;
  const std::jthread flood([&door] {
    const int to = door.Accept();
    const std::string part(65'536, 'x');
    while (send(to, part.data(), part.size(), MSG_NOSIGNAL) > 0) {
    }
    close(to);
  });
  // So that the thread ends even when nobody comes.
  const std::shared_ptr<void> closed(nullptr, [&door](void*) { door.Shut(); });
  const auto begun = steady_clock::now();
  {
    ASSERT_OK_AND_ASSIGN(const auto line,
                         Line::Open({"127.0.0.1"}, std::to_string(door.port()),
                                    begun + milliseconds(300)));
    std::array<char, 4096> part{};
    while (line->Read(part.data(), static_cast<int>(part.size())) > 0) {
      ASSERT_LT(steady_clock::now() - begun, milliseconds(5000));
    }
  }
  EXPECT_GE(steady_clock::now() - begun, milliseconds(300));
}

TEST(ResolveTest, GivesAddressesOfNamesAndAddressesThemselves) {
  const auto until = steady_clock::now() + milliseconds(5000);
  EXPECT_THAT(*Resolve("192.0.2.7", until), ElementsAre("192.0.2.7"));
  EXPECT_THAT(*Resolve("2001:db8::7", until), ElementsAre("2001:db8::7"));
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> local,
                       Resolve("localhost", until));
  EXPECT_THAT(local, ::testing::Contains("127.0.0.1"));
}

TEST(ResolveTest, SaysWhenThereIsNoAddress) {
  const auto none = [](const std::string&) {
    return std::vector<std::string>();
  };
  EXPECT_THAT(
      ResolveWith(none, "w.example", steady_clock::now() + milliseconds(5000)),
      HasCode(absl::StatusCode::kUnavailable));
}

// A resolver that hangs: callers go on at their deadline, and no more than
// eight look-ups hang with it.
TEST(ResolveTest, EndsAtItsDeadlineAndTakesSoManyAtATime) {
  struct Hanging {
    std::promise<void> end;
    std::shared_future<void> ended = end.get_future().share();
    std::atomic<int> asked = 0;
    std::atomic<int> gone = 0;
  };
  const auto hanging = std::make_shared<Hanging>();
  const AskForName ask = [hanging](const std::string&) {
    ++hanging->asked;
    hanging->ended.wait();
    ++hanging->gone;
    return std::vector<std::string>{"192.0.2.7"};
  };
  const auto begun = steady_clock::now();
  int late = 0;
  int full = 0;
  for (int i = 0; i < 12; ++i) {
    const auto got =
        ResolveWith(ask, "w.example", steady_clock::now() + milliseconds(20));
    late += got.status().message().find("too long") != std::string::npos;
    full += got.status().message().find("too many") != std::string::npos;
  }
  EXPECT_EQ(late, 8);
  EXPECT_EQ(full, 4);
  EXPECT_LT(steady_clock::now() - begun, milliseconds(8000));
  hanging->end.set_value();
  while (hanging->gone < 8) std::this_thread::yield();
  EXPECT_EQ(hanging->asked, 8);
  // There is room again, as soon as the last one is through.
  absl::StatusOr<std::vector<std::string>> again;
  do {
    again = ResolveWith(ask, "w.example",
                        steady_clock::now() + milliseconds(10'000));
  } while (again.status().message().find("too many") != std::string::npos);
  EXPECT_THAT(*again, ElementsAre("192.0.2.7"));
}

TEST(HttpUrlTest, TakesNumericAddressesAlone) {
  ASSERT_OK_AND_ASSIGN(const HttpUrl url,
                       ParseHttpUrl("http://192.0.2.7:8080/a/b/"));
  EXPECT_EQ(url.host, "192.0.2.7");
  EXPECT_EQ(url.port, "8080");
  EXPECT_EQ(url.path, "/a/b");
  EXPECT_FALSE(url.tls);
  ASSERT_OK_AND_ASSIGN(const HttpUrl v6,
                       ParseHttpUrl("http://[2001:db8::7]:80"));
  EXPECT_EQ(v6.host, "2001:db8::7");
  EXPECT_EQ(v6.path, "");
  for (const char* bad : {"", "http://witness.example:80", "http://192.0.2.7",
                          "http://192.0.2.7:0", "http://192.0.2.7:70000",
                          "http://192.0.2.7:80/a b", "http://192.0.2.7:80/?q",
                          "192.0.2.7:80", "http://u@192.0.2.7:80/",
                          "HTTP://192.0.2.7:80", "ftp://192.0.2.7:80"}) {
    EXPECT_EQ(ReasonOf(ParseHttpUrl(bad).status()), "witness-url") << bad;
  }
}

TEST(HttpUrlTest, TakesNamesWithTls) {
  ASSERT_OK_AND_ASSIGN(const HttpUrl url,
                       ParseHttpUrl("https://witness.example/w1/"));
  EXPECT_EQ(url.host, "witness.example");
  EXPECT_EQ(url.port, "443");
  EXPECT_EQ(url.path, "/w1");
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(ParseHttpUrl("https://witness.example:8443")->port, "8443");
  EXPECT_EQ(ParseHttpUrl("https://192.0.2.7")->host, "192.0.2.7");
  EXPECT_EQ(ParseHttpUrl("https://[2001:db8::7]")->host, "2001:db8::7");
  EXPECT_EQ(ParseHttpUrl("https://[2001:db8::7]:8443/w")->port, "8443");
  EXPECT_EQ(ParseHttpUrl("https://a-1.b2")->host, "a-1.b2");
  for (const std::string& bad : {std::string("https://"),
                                 std::string("https:///w"),
                                 std::string("https://witness.example:"),
                                 std::string("https://witness.example:0"),
                                 std::string("https://witness..example"),
                                 std::string("https://.example"),
                                 std::string("https://example."),
                                 std::string("https://-a.example"),
                                 std::string("https://a-.example"),
                                 std::string("https://1.2.3"),
                                 std::string("https://a.7"),
                                 std::string("https://0x7f.1"),
                                 std::string("https://a_b.example"),
                                 std::string("https://u@witness.example"),
                                 std::string("https://witness.example?q"),
                                 std::string("https://witness.example/#f"),
                                 std::string("https://[witness.example]"),
                                 std::string("https://[192.0.2.7]:443"),
                                 "https://" + std::string(64, 'a') + ".example",
                                 "https://" + std::string(250, 'a') + ".b"}) {
    EXPECT_EQ(ReasonOf(ParseHttpUrl(bad).status()), "witness-url") << bad;
  }
}

}  // namespace
}  // namespace entente::rpc
