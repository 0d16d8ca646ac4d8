#include "node/ledger/leaf.h"

#include "crypto/base/codec.h"
#include "node/ledger/entry.h"
#include "node/ledger/event.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

// A leaf as another program would write it.
constexpr char kLeaf[] =
    R"({"actor":"b0474b40f36515088f3c251200ae3729","commit":"","data":{)"
    R"("case":"-","ground":"request","kid":"e3a3932bce84f6e9ef30be0f69bcbd18",)"
    R"("n":2,"ranges":"64,65","sig":"E8VrN007bwOVx8fG=="},)"
    R"("id":"e308fec4f7699e3f4f72607a5c64cb71","keep":"law",)"
    R"("time":1798761728000384,"type":"erasure","v":1})";

TEST(LeafTest, ReadsWhatItWrites) {
  ASSERT_OK_AND_ASSIGN(const Leaf leaf, ParseLeaf(AsBytes(kLeaf)));
  EXPECT_EQ(leaf.type->name, "erasure");
  EXPECT_EQ(leaf.Text("ranges"), "64,65");
  EXPECT_EQ(leaf.Number("n"), 2);
  EXPECT_EQ(leaf.Text("n"), "");
  EXPECT_EQ(leaf.Number("absent"), 0);
  EXPECT_EQ(leaf.time, 1798761728000384);
  ASSERT_OK_AND_ASSIGN(const Bytes bytes, EmitLeaf(leaf));
  EXPECT_EQ(AsText(bytes), kLeaf);
}

TEST(LeafTest, WhatItReadsItWritesTheSameOrRefuses) {
  const std::string text = kLeaf;
  std::size_t read = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (unsigned value = 0; value < 256; ++value) {
      std::string other = text;
      other[i] = static_cast<char>(value);
      const auto leaf = ParseLeaf(AsBytes(other));
      if (!leaf.ok()) continue;
      ASSERT_OK_AND_ASSIGN(const Bytes again, EmitLeaf(*leaf));
      ASSERT_EQ(AsText(again), other);
      ++read;
    }
    EXPECT_FALSE(ParseLeaf(AsBytes(text.substr(0, i))).ok());
    // A space may stand in a text and nowhere else.
    const std::string spaced = std::string(text).insert(i, " ");
    if (const auto leaf = ParseLeaf(AsBytes(spaced)); leaf.ok()) {
      ASSERT_OK_AND_ASSIGN(const Bytes again, EmitLeaf(*leaf));
      ASSERT_EQ(AsText(again), spaced);
    }
  }
  EXPECT_GT(read, text.size());
}

TEST(LeafTest, HasOneSpelling) {
  const auto parses = [](std::string_view from, std::string_view to) {
    std::string text = kLeaf;
    const std::size_t at = text.find(from);
    text.replace(at, from.size(), to);
    return ParseLeaf(AsBytes(text)).ok();
  };
  EXPECT_TRUE(parses("\"v\":1", "\"v\":1"));
  EXPECT_FALSE(parses("\"v\":1", "\"v\":2"));
  EXPECT_FALSE(parses("\"v\":1}", "\"v\":1}\n"));
  EXPECT_FALSE(parses("\"v\":1}", "\"v\":1,\"w\":1}"));
  EXPECT_FALSE(parses(":2,", ":02,"));
  EXPECT_FALSE(parses(":2,", ":2.0,"));
  EXPECT_FALSE(parses(":2,", ":2e0,"));
  EXPECT_FALSE(parses(":2,", ":-2,"));
  EXPECT_FALSE(parses(":2,", ":\"2\","));
  EXPECT_TRUE(parses(":2,", ":9007199254740991,"));
  EXPECT_FALSE(parses(":2,", ":9007199254740992,"));
  EXPECT_FALSE(parses(":2,", ":99999999999999999999,"));
  EXPECT_FALSE(parses("\"keep\":\"law\"", "\"keep\":\"ops\""));
  EXPECT_FALSE(parses("\"type\":\"erasure\"", "\"type\":\"pad\""));
  EXPECT_FALSE(parses("\"case\":\"-\",", ""));
  EXPECT_FALSE(parses("\"case\":\"-\",", "\"case\":\"-\",\"case\":\"-\","));
  EXPECT_FALSE(parses("\"case\":\"-\",\"ground\":\"request\"",
                      "\"ground\":\"request\",\"case\":\"-\""));
  EXPECT_FALSE(parses("64,65", "64\\u002c65"));
  EXPECT_FALSE(parses("64,65", "64,\xc3\xa9"));
  EXPECT_FALSE(parses("\"case\":\"-\"", "\"case\":\"none\""));
  EXPECT_FALSE(parses("b0474b40", "B0474B40"));
  EXPECT_FALSE(parses("b0474b40", "b0474b4"));
  EXPECT_FALSE(parses("\"commit\":\"\"",
                      "\"commit\":\"" + std::string(43, 'A') + "=\""));
  EXPECT_FALSE(parses("{\"actor\"", " {\"actor\""));
  EXPECT_FALSE(parses("{\"actor\"", "\xef\xbb\xbf{\"actor\""));
}

TEST(LeafTest, IsAtMostFourKilobytes) {
  // Eight texts of 512 bytes would be more; the longest type has far less, so
  // the limit is met by every event of the catalogue.
  Event event("user.change");
  event.Set("add", std::string(512, 'a'))
      .Set("drop", std::string(512, 'b'))
      .Set("change", std::string(64, 'c'))
      .FillAbsent();
  const SegmentKey segment = SegmentKey::Random(1);
  EXPECT_OK(Prepare(event, {"audit.qma.example/2027a", &segment, {}}, {}));
  EXPECT_FALSE(ParseLeaf(Bytes(kMaxLeafSize + 1, 'x')).ok());
}

TEST(EventTest, TellsWhatIsWrongWithoutSayingTheValue) {
  const auto problem = [](const Event& event) {
    return std::string(event.Check().message());
  };
  EXPECT_OK(Event("node.stop").Set("reason", "orderly").Check());
  EXPECT_EQ(problem(Event("node.halt")),
            "event `node.halt`: not in the catalogue");
  EXPECT_EQ(problem(Event("node.stop")),
            "event `node.stop`: a key is missing: `reason`");
  EXPECT_EQ(problem(Event("node.stop").Set("reason", "a b")),
            "event `node.stop`: a value of the wrong kind: `reason`");
  EXPECT_EQ(problem(Event("node.stop").Set("reason", 1)),
            "event `node.stop`: a value of the wrong kind: `reason`");
  EXPECT_EQ(problem(Event("node.stop").Set("reason", "a").Set("reason", "a")),
            "event `node.stop`: a key for the second time: `reason`");
  EXPECT_EQ(problem(Event("node.stop").Set("cause", "a")),
            "event `node.stop`: a key that it does not have: `cause`");
  EXPECT_EQ(problem(Event("node.stop").Set("reason", "a").Seal("note", "x")),
            "event `node.stop`: a sealed field that it does not have: `note`");
  EXPECT_FALSE(Event("node.stop").Set("reason", "a").By("").Check().ok());
  EXPECT_FALSE(Event("node.stop").Set("reason", "a").By("node").Check().ok());
  EXPECT_FALSE(Event("node.stop").Set("reason", "a").By("a b").Check().ok());
}

TEST(EventTest, TakesNumbersHashesAndCodes) {
  Event event("screen.answer");
  event.Set("agr", Hash{}).Set("batch", Id16{1}).Set("chunk", 3U);
  event.Set("seq", std::uint64_t{7}).FillAbsent();
  EXPECT_OK(event.Check());
  EXPECT_EQ(std::get<std::string>(event.data().at("batch")),
            "01000000000000000000000000000000");
  EXPECT_EQ(std::get<std::int64_t>(event.data().at("chunk")), 3);
  EXPECT_EQ(std::get<std::int64_t>(event.data().at("seq")), 7);
  event = Event("screen.answer").Set("chunk", -1).FillAbsent();
  EXPECT_FALSE(event.Check().ok());  // a negative number
  EXPECT_FALSE(Event("drill.run")
                   .Set("kind", Hash{})
                   .Set("result", std::string(65, 'a'))
                   .Check()
                   .ok());
  EXPECT_FALSE(Event("node.fault")
                   .Set("code", "x")
                   .Set("sev", std::uint64_t{1} << 63U)
                   .Check()
                   .ok());
}

TEST(EventTest, FillsAbsentKeysOnlyWhenAsked) {
  const Event event = Event("screen.open").Set("peer", "QMB").FillAbsent();
  EXPECT_OK(event.Check());
  EXPECT_EQ(std::get<std::string>(event.data().at("agr")), "-");
  EXPECT_EQ(std::get<std::string>(event.data().at("peer")), "QMB");
  EXPECT_EQ(std::get<std::int64_t>(event.data().at("seq")), 0);
}

TEST(EventTest, SealsTextInNormalFormC) {
  const Event event =
      Event("node.fault").FillAbsent().Seal("detail", "e\xcc\x81");
  EXPECT_EQ(event.sealed().at("detail"), "\xc3\xa9");
  const auto bad = [](std::string_view text) {
    return Event("node.fault").FillAbsent().Seal("detail", text).Check();
  };
  EXPECT_OK(bad(std::string(4096, 'x')));
  EXPECT_FALSE(bad(std::string(4097, 'x')).ok());
  EXPECT_FALSE(bad("\xff").ok());
  EXPECT_FALSE(Event("node.fault")
                   .FillAbsent()
                   .Seal("detail", "a")
                   .Seal("detail", "a")
                   .Check()
                   .ok());
}

// Closed: every type of the catalogue can be made, prepared and read again,
// with its widest values.
TEST(EventTest, EveryTypeOfTheCatalogueMakesALeaf) {
  const SegmentKey segment = SegmentKey::Random(3);
  const primitive::HpkePublicKey officers[] = {
      primitive::HpkePrivateKey::Generate().public_key()};
  const SealTo to{"audit.qma.example/2027a", &segment, officers};
  for (const EventType& type : Catalogue()) {
    Event event{type.name};
    for (std::string_view key : Words(type.data)) {
      switch (*KindOf(key)) {
        case KeyKind::kHash:
          event.Set(key, Hash{9});
          break;
        case KeyKind::kId:
          event.Set(key, Id16{9});
          break;
        case KeyKind::kInteger:
          event.Set(key, kMaxInteger);
          break;
        case KeyKind::kCode:
          event.Set(key, std::string(64, 'z'));
          break;
        case KeyKind::kText:
          event.Set(key, std::string(512, '~'));
          break;
      }
    }
    for (std::string_view field : Words(type.sealed)) {
      event.Seal(field, std::string(40, 'x'));
    }
    ASSERT_OK_AND_ASSIGN(const PreparedEntry entry, Prepare(event, to, {}));
    ASSERT_OK_AND_ASSIGN(const FinishedLeaf leaf, FinishLeaf(entry, 1));
    ASSERT_OK_AND_ASSIGN(const Leaf back, ParseLeaf(leaf.bytes));
    EXPECT_EQ(back.type, &type);
    EXPECT_EQ(entry.record.empty(), type.sealed.empty());
    ASSERT_OK_AND_ASSIGN(const Bytes again, EmitLeaf(back));
    EXPECT_EQ(again, leaf.bytes);
  }
}

TEST(EntryTest, RefusesWhatDoesNotFitTogether) {
  const SegmentKey segment = SegmentKey::Random(3);
  const SealTo to{"audit.qma.example/2027a", &segment, {}};
  const Event by_node = Event("node.stop").Set("reason", "a");
  const Event by_user = Event(by_node).By("m.ilves");
  EXPECT_OK(Prepare(by_user, to, Id16{1}));
  EXPECT_FALSE(Prepare(by_user, to, {}).ok());
  EXPECT_FALSE(Prepare(by_node, to, Id16{1}).ok());
  // No key to seal with: the event is refused, never logged without its body.
  const Event sealed = Event("node.fault").FillAbsent();
  EXPECT_THAT(Prepare(sealed, {"o/1", nullptr, {}}, {}),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Prepare(MakeGuard("set", {}), to, {}),
              testing::HasCode(absl::StatusCode::kFailedPrecondition));
  // A damaged spool.
  ASSERT_OK_AND_ASSIGN(const PreparedEntry entry, Prepare(sealed, to, {}));
  EXPECT_OK(FinishLeaf(entry, 5));
  EXPECT_OK(CheckPrepared(entry));
  EXPECT_FALSE(FinishLeaf(entry, -1).ok());
  EXPECT_FALSE(FinishLeaf(entry, kMaxInteger + 1).ok());
  PreparedEntry bad = entry;
  bad.record.clear();
  EXPECT_FALSE(CheckPrepared(bad).ok());
  bad = entry;
  bad.id[0] ^= 1;
  EXPECT_FALSE(CheckPrepared(bad).ok());
  bad = entry;
  bad.before_time += "1";  // the time would be another one
  EXPECT_FALSE(CheckPrepared(bad).ok());
  bad = entry;
  bad.type = "pad";
  EXPECT_FALSE(CheckPrepared(bad).ok());
}

TEST(EntryTest, SpoolsAndComesBack) {
  const SegmentKey segment = SegmentKey::Random(3);
  ASSERT_OK_AND_ASSIGN(
      const PreparedEntry entry,
      Prepare(Event("node.fault").FillAbsent().Seal("detail", "disk full"),
              {"audit.qma.example/2027a", &segment, {}}, {}));
  const Bytes spooled = Encode(entry);
  EXPECT_EQ(ToString(spooled).find("disk full"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const PreparedEntry back,
                       Decode<PreparedEntry>(spooled));
  EXPECT_EQ(FinishLeaf(back, 7)->hash, FinishLeaf(entry, 7)->hash);
}

TEST(EntryTest, NoTwoEntriesAreAlike) {
  const PreparedEntry a = MakePad();
  const PreparedEntry b = MakePad();
  EXPECT_NE(a.id, b.id);
  EXPECT_NE(FinishLeaf(a, 1)->hash, FinishLeaf(b, 1)->hash);
}

}  // namespace
}  // namespace entente::ledger
