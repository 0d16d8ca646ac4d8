#include "node/ledger/body.h"

#include "node/ledger/entry.h"
#include "node/ledger/opening.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {
namespace {

using ::entente::testing::HasCode;

constexpr char kOrigin[] = "audit.qma.example/2027a";

// A sealed entry with its leaf and every key that opens it.
struct Sealed {
  SegmentKey segment = SegmentKey::Random(7);
  primitive::HpkePrivateKey first = primitive::HpkePrivateKey::Generate();
  primitive::HpkePrivateKey second = primitive::HpkePrivateKey::Generate();
  std::vector<primitive::HpkePublicKey> officers = {first.public_key(),
                                                    second.public_key()};
  PreparedEntry entry;
  Leaf leaf;
  EntryName name;

  explicit Sealed(const Event& event) {
    const auto actor = event.user() == "-" ? std::optional<Id16>()
                                           : std::optional<Id16>(Id16{1});
    entry = *Prepare(event, {kOrigin, &segment, officers}, actor);
    leaf = *ParseLeaf(FinishLeaf(entry, 1)->bytes);
    name = {kOrigin, entry.id};
  }
  RecordParts Parts() const { return *ParseRecord(entry.record); }
  EntryKey Key() const { return *UnwrapWithSegment(Parts(), name, segment); }
};

Event ADecision() {
  return Event("review.decide")
      .Set("hit", Id16{1})
      .FillAbsent()
      .Seal("reason", "the document number agrees")
      .Seal("attributes", "document")
      .By("m.ilves");
}

TEST(BodyTest, OpensWithTheSegmentAndMatchesItsLeaf) {
  const Sealed s(ADecision());
  ASSERT_OK_AND_ASSIGN(
      const Slots slots,
      OpenBodyOf(s.Key(), s.name, s.Parts().body, *s.leaf.commit));
  EXPECT_EQ(slots[0], (Slot{"type", "review.decide"}));
  EXPECT_EQ(slots[1], (Slot{"actor", "m.ilves"}));
  EXPECT_EQ(slots[2], (Slot{"reason", "the document number agrees"}));
  EXPECT_EQ(slots[4], (Slot{"until", ""}));
  EXPECT_EQ(slots[5], (Slot{}));
}

TEST(BodyTest, NothingOpensUnderAnotherNameKeyOrLeaf) {
  const Sealed s(ADecision());
  const EntryName origin{"audit.qma.example/2028a", s.name.id};
  EntryName id = s.name;
  id.id[0] ^= 1;
  const SegmentKey other = SegmentKey::Random(7);
  EXPECT_FALSE(UnwrapWithSegment(s.Parts(), origin, s.segment).ok());
  EXPECT_FALSE(UnwrapWithSegment(s.Parts(), id, s.segment).ok());
  EXPECT_FALSE(UnwrapWithSegment(s.Parts(), s.name, other).ok());
  EXPECT_THAT(UnwrapWithSegment(s.Parts(), s.name, SegmentKey::Random(8)),
              HasCode(absl::StatusCode::kFailedPrecondition));
  EXPECT_FALSE(OpenBody(s.Key(), origin, s.Parts().body).ok());
  EXPECT_FALSE(OpenBody(s.Key(), id, s.Parts().body).ok());
  EXPECT_FALSE(OpenBody(EntryKey::Random(), s.name, s.Parts().body).ok());
  EXPECT_FALSE(OpenBodyOf(s.Key(), s.name, s.Parts().body, Hash{}).ok());
}

TEST(BodyTest, EveryFlippedByteOfARecordIsRefused) {
  const Sealed s(ADecision());
  Bytes record = s.entry.record;
  const auto opens = [&](ByteView bytes) {
    const auto parts = ParseRecord(bytes);
    if (!parts.ok()) return false;
    const auto key = UnwrapWithSegment(*parts, s.name, s.segment);
    return key.ok() && OpenBody(*key, s.name, parts->body).ok();
  };
  ASSERT_TRUE(opens(record));
  for (std::size_t i = 0; i < record.size(); ++i) {
    record[i] ^= 1;
    EXPECT_FALSE(opens(record)) << i;
    record[i] ^= 1;
    EXPECT_FALSE(opens(ByteView(record).first(i))) << i;
  }
  record.push_back(0);
  EXPECT_FALSE(opens(record));
}

TEST(BodyTest, TheRecordHoldsNoClearText) {
  const Sealed s(ADecision());
  for (const char* text : {"document", "m.ilves", "review"}) {
    EXPECT_EQ(ToString(s.entry.record).find(text), std::string::npos);
  }
  const std::string leaf = s.entry.before_time + s.entry.after_time;
  EXPECT_EQ(leaf.find("m.ilves"), std::string::npos);
  EXPECT_EQ(leaf.find("document"), std::string::npos);
}

TEST(BodyTest, SizesMoveInSteps) {
  const auto size = [](std::size_t text) {
    return Sealed(Event("node.fault")
                      .FillAbsent()
                      .Seal("detail", std::string(text, 'x')))
        .entry.record.size();
  };
  EXPECT_EQ(size(0), size(300));
  EXPECT_EQ(size(0) + 256, size(512));
  EXPECT_EQ(size(4096) % 256, size(0) % 256);
}

// A protected person leaves no mark: whatever a guard entry says, what others
// see of it has one size and one shape.
TEST(GuardTest, LooksTheSameWhateverItSays) {
  const Sealed none(MakeGuard("screen", {"screen", 0, "", "", ""}));
  const Sealed some(MakeGuard("screen", {"screen", 3, "g-000117", "protected",
                                         std::string(2000, 'n') + "\xc3\xa9"}));
  const Sealed wild(MakeGuard(
      "screen", {std::string(500, 'k'), ~std::uint64_t{0},
                 std::string(500, 'r'), std::string(500, 'u'), "\xff\xfe"}));
  for (const Sealed* s : {&some, &wild}) {
    EXPECT_EQ(s->entry.record.size(), none.entry.record.size());
    EXPECT_EQ(s->entry.before_time.size(), none.entry.before_time.size());
    EXPECT_EQ(s->entry.after_time, none.entry.after_time);
    EXPECT_EQ(s->leaf.data, none.leaf.data);
    EXPECT_FALSE(s->leaf.actor);
  }
  ASSERT_OK_AND_ASSIGN(
      const EntryKey key,
      UnwrapWithRecipient(some.Parts(), some.name, some.second));
  ASSERT_OK_AND_ASSIGN(
      const Slots slots,
      OpenBodyOf(key, some.name, some.Parts().body, *some.leaf.commit));
  EXPECT_EQ(slots[3], (Slot{"n", "3"}));
  EXPECT_GT(slots[6].value.size(), 700U);
  // The segment key does not open it, nor does a stranger's.
  EXPECT_FALSE(UnwrapWithSegment(some.Parts(), some.name, some.segment).ok());
  EXPECT_THAT(UnwrapWithRecipient(some.Parts(), some.name,
                                  primitive::HpkePrivateKey::Generate()),
              HasCode(absl::StatusCode::kNotFound));
}

TEST(SetRootTest, DependsOnTheKeyAndNotOnTheOrder) {
  const EntryKey key = EntryKey::Random();
  const std::vector<Bytes> keys = {ToBytes("a"), ToBytes("b"), ToBytes("c")};
  const std::vector<Bytes> turned = {ToBytes("c"), ToBytes("a"), ToBytes("b")};
  EXPECT_EQ(key.SetRoot(keys), key.SetRoot(turned));
  EXPECT_NE(key.SetRoot(keys), EntryKey::Random().SetRoot(keys));
  EXPECT_NE(key.SetRoot(keys), key.SetRoot(std::span(keys).first(2)));
}

TEST(SetRootTest, IsSealedUnderTheKeyOfItsOwnEntry) {
  const std::vector<Bytes> keys = {ToBytes("doc|QMA|1"), ToBytes("doc|QMA|2")};
  const Sealed s(Event("screen.open").FillAbsent().SealSet("set_root", keys));
  ASSERT_OK_AND_ASSIGN(const Slots slots,
                       OpenBody(s.Key(), s.name, s.Parts().body));
  EXPECT_EQ(slots[5].name, "set_root");
  EXPECT_EQ(slots[5].value, ToHex(s.Key().SetRoot(keys)));
  EXPECT_FALSE(Event("screen.open")
                   .FillAbsent()
                   .Seal("set_root", "x")
                   .SealSet("set_root", keys)
                   .Check()
                   .ok());
  EXPECT_FALSE(
      Event("node.fault").FillAbsent().SealSet("set", keys).Check().ok());
}

TEST(SegmentTest, OpensToItsRecipientsOnly) {
  const SegmentKey segment = SegmentKey::Random(9);
  const auto a = primitive::HpkePrivateKey::Generate();
  const auto b = primitive::HpkePrivateKey::Generate();
  const primitive::HpkePublicKey to[] = {a.public_key(), b.public_key()};
  ASSERT_OK_AND_ASSIGN(const Bytes file, MakeSegmentFile(segment, kOrigin, to));
  ASSERT_OK_AND_ASSIGN(const SegmentFile parsed, ParseSegmentFile(file));
  EXPECT_EQ(parsed.number, 9U);
  EXPECT_OK(OpenSegmentFile(parsed, kOrigin, b));
  EXPECT_FALSE(OpenSegmentFile(parsed, "another/1", b).ok());
  EXPECT_THAT(
      OpenSegmentFile(parsed, kOrigin, primitive::HpkePrivateKey::Generate()),
      HasCode(absl::StatusCode::kNotFound));
  for (std::size_t n = 0; n < file.size(); ++n) {
    EXPECT_FALSE(ParseSegmentFile(ByteView(file).first(n)).ok()) << n;
  }
  EXPECT_FALSE(MakeSegmentFile(segment, kOrigin, {}).ok());
  const primitive::HpkePublicKey twice[] = {to[0], to[0]};
  EXPECT_FALSE(MakeSegmentFile(segment, kOrigin, twice).ok());
  const primitive::HpkePublicKey zero[] = {primitive::HpkePublicKey{}};
  EXPECT_FALSE(MakeSegmentFile(segment, kOrigin, zero).ok());
}

TEST(OpeningTest, ShowsOneFieldAndHidesTheOthers) {
  const Sealed s(
      Event("node.fault")
          .FillAbsent()
          .Seal("detail", "a \"quoted\" \\ line\nwith \x01 and \xc3\xa9"));
  ASSERT_OK_AND_ASSIGN(const Slots slots,
                       OpenBody(s.Key(), s.name, s.Parts().body));
  const std::size_t which[] = {2};
  ASSERT_OK_AND_ASSIGN(const Opening opening,
                       MakeOpening(3, s.name, s.Key(), slots, which));
  const std::string text = opening.Text();
  EXPECT_NE(text.find(R"(a \"quoted\" \\ line\nwith \u0001 and é)"),
            std::string::npos)
      << text;
  ASSERT_OK_AND_ASSIGN(const Opening back, ParseOpening(text));
  EXPECT_EQ(back.Text(), text);
  EXPECT_EQ(back.slots[0].value, slots[2].value);
  EXPECT_OK(CheckOpening(back, s.leaf));
  EXPECT_EQ(text.find("node.fault"), std::string::npos);
  // Every altered byte is refused, by the parser or by the leaf.
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const auto parsed = ParseOpening(bad);
    const bool index =
        i >= text.find("\"index\"") && i < text.find("\"origin\"");
    EXPECT_FALSE(parsed.ok() && CheckOpening(*parsed, s.leaf).ok() && !index)
        << i;
    EXPECT_FALSE(ParseOpening(text.substr(0, i)).ok()) << i;
  }
}

TEST(OpeningTest, OpensSeveralSlotsInOrder) {
  const Sealed s(ADecision());
  ASSERT_OK_AND_ASSIGN(const Slots slots,
                       OpenBody(s.Key(), s.name, s.Parts().body));
  const std::size_t good[] = {0, 1, 2, 4};
  ASSERT_OK_AND_ASSIGN(const Opening opening,
                       MakeOpening(3, s.name, s.Key(), slots, good));
  EXPECT_OK(CheckOpening(opening, s.leaf));
  const std::size_t empty[] = {9};
  const std::size_t twice[] = {2, 2};
  const std::size_t back[] = {2, 1};
  EXPECT_FALSE(MakeOpening(3, s.name, s.Key(), slots, empty).ok());
  EXPECT_FALSE(MakeOpening(3, s.name, s.Key(), slots, twice).ok());
  EXPECT_FALSE(MakeOpening(3, s.name, s.Key(), slots, back).ok());
  EXPECT_FALSE(MakeOpening(3, s.name, s.Key(), slots, {}).ok());
  // A slot under the name of another.
  Opening renamed = opening;
  std::swap(renamed.slots[2].name, renamed.slots[3].name);
  EXPECT_FALSE(CheckOpening(renamed, s.leaf).ok());
  EXPECT_FALSE(CheckOpening(opening, Sealed(ADecision()).leaf).ok());
}

}  // namespace
}  // namespace entente::ledger
