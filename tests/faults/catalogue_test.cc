// Events that no story comes upon: each is made here by what it is about
// (docs/reference/audit-events.md, `Who writes them`).

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "policy/agreement.h"
#include "policy/envelope.h"
#include "policy/event.h"
#include "tests/faults/support.h"

namespace entente::testing {
namespace {

using CatalogueTest = FaultTest;

constexpr std::int64_t kDay = 86'400;

TEST_F(CatalogueTest, ARefusedConnectionIsCountedInAnEntry) {
  Begin();
  ASSERT_OK(holder().node().Tick());
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(holder().node().port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
            0);
  // The node closes what is no TLS.
  EXPECT_EQ(send(fd, "no TLS\r\n\r\n", 10, MSG_NOSIGNAL), 10);
  char answer[64];
  while (recv(fd, answer, sizeof(answer), 0) > 0) continue;
  close(fd);
  // Told once a minute, and a round after the connection came.
  for (int round = 0; round < 3; ++round) {
    holder().clock().Shift(61);
    ASSERT_OK(holder().node().Tick());
  }
  EXPECT_GE(CountEntries(holder(), "peer.refuse", "code", "handshake-failed"),
            1U);
}

TEST_F(CatalogueTest, TheKeyOfAnEndedEpochLeavesAnEntry) {
  Begin();
  GoodScreening();
  EXPECT_EQ(CountEntries(holder(), "epoch.destroy"), 0U);
  holder().clock().Shift(200 * kDay);
  (void)holder().node().Tick();  // the peer minds the clock; keys do not
  EXPECT_GE(CountEntries(holder(), "epoch.destroy"), 1U);
}

TEST_F(CatalogueTest, ARenewedAssessmentLeavesAnEntryOnBothSides) {
  Begin();
  ASSERT_OK_AND_ASSIGN(const policy::Envelope good,
                       policy::ParseEnvelope(story.two.envelope));
  policy::Event event;
  event.agreement = policy::Agreement::Parse(good.payload)->id;
  event.agreement_hash = policy::DocumentHash(good.payload);
  event.party = "QVA";
  event.kind = policy::EventKind::kAssessment;
  event.at = holder().clock().NowSeconds();
  event.date = event.at / kDay * kDay;
  event.hash = Hash{7};
  for (const char* role : {"qva-legal", "qva-tech"})
    event.by.push_back(*policy::ParseKeyId(holder().person(role).key_id()));
  std::sort(event.by.begin(), event.by.end(),
            [](const auto& a, const auto& b) { return a.text < b.text; });
  policy::Envelope envelope;
  envelope.payload_type = policy::kEventType;
  envelope.payload = policy::Emit(event);
  for (const char* role : {"qva-legal", "qva-tech"}) {
    const keys::PersonKey& key = holder().person(role);
    envelope.signatures.push_back(
        {key.key_id(), ToBytes(ByteView(key.Sign(policy::SignPayload(
                           envelope.payload_type, envelope.payload))))});
  }
  const Bytes bytes = policy::EmitEnvelope(envelope);
  const std::string file =
      WriteFile(story.Path("assessment.dsse"), AsText(bytes)).string();
  MustDo(holder(), "qva-legal", "agreement suspend", {{"@", file}});
  EXPECT_EQ(CountEntries(holder(), "assessment.record", "kind", "assessment"),
            1U);
  EXPECT_EQ(CountEntries(asker(), "assessment.record", "kind", "assessment"),
            1U);
}

TEST_F(CatalogueTest, AWitnessAndItsRefusalLeaveEntries) {
  Begin();
  MustDo(asker(), "qor-admin", "audit witness", {{"party", "QVA"}});
  EXPECT_EQ(CountEntries(asker(), "config.change", "name", "witness-policy"),
            1U);
  asker().Stop();
  ASSERT_OK(asker().Start());  // the witness says that the log is no old copy
  EXPECT_EQ(CountEntries(asker(), "log.policy"), 1U);
  // More often than a witness answers: its clock stands still meanwhile.
  for (int i = 0; i < 70; ++i) {
    asker().clock().Shift(61);
    (void)asker().node().Tick();
  }
  EXPECT_GE(CountEntries(asker(), "witness.refuse", "witness", "QVA"), 1U);
}

// Node and all: what it says, and that nothing was appended.
TEST_F(CatalogueTest, ANodeOfAnOldCopyDoesNotStart) {
  Begin();
  MustDo(asker(), "qor-admin", "audit witness", {{"party", "QVA"}});
  asker().Stop();
  ASSERT_OK(asker().Start());
  ASSERT_OK(asker().node().Tick());
  asker().Stop();
  const std::filesystem::path data = asker().data();
  std::filesystem::copy(data, story.Path("old"),
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::copy_symlinks);
  ASSERT_OK(asker().Start());
  GoodScreening();
  asker().clock().Shift(61);
  ASSERT_OK(asker().node().Tick());
  asker().Stop();
  std::filesystem::remove_all(data);
  std::filesystem::rename(story.Path("old"), data);
  const std::string before = ReadFile(data / "audit" / "2026a" / "checkpoint");
  const absl::Status started = asker().Start();
  EXPECT_THAT(started, HasCode(absl::StatusCode::kDataLoss));
  EXPECT_EQ(ReasonOf(started), "log-rolled-back");
  EXPECT_FALSE(NextOf(started).empty());
  holder().Stop();
  EXPECT_EQ(ReasonOf(asker().Start()), "log-unwitnessed");
  EXPECT_EQ(ReadFile(data / "audit" / "2026a" / "checkpoint"), before);
}

TEST_F(CatalogueTest, AFileThatIsNoFlightLeavesAnEntry) {
  Begin();
  const std::string file = story.Path("bad.edi").string();
  std::ofstream(file) << "UNA:+.? 'UNB+UNOA:4+Q7+QORGOV'UNH+B1+INVOIC'";
  (void)asker().Do("qor-one", "flight import", {{"@", file}});
  EXPECT_EQ(CountEntries(asker(), "ingest.refuse"), 1U);
}

TEST_F(CatalogueTest, FourFifthsOfAQuotaAreAWarningOnce) {
  TwoNodes::Options options;
  options.set["clause.screen-terrorism.quota_per_day"] = "40";
  Begin(options);
  GoodScreening();  // asked as 32 places
  EXPECT_EQ(CountEntries(asker(), "quota.warn", "dir", "out"), 1U);
}

}  // namespace
}  // namespace entente::testing
