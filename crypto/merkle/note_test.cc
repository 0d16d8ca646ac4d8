#include "crypto/merkle/note.h"

#include <nlohmann/json.hpp>

#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/testing_keys.h"
#include "crypto/merkle/tree.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::merkle {
namespace {

using ::entente::testing::HasCode;

// The example of C2SP signed-note.
constexpr char kExampleKey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kExampleNote[] =
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1"
    "ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

TEST(NoteTest, OpensTheExampleOfTheSpecification) {
  ASSERT_OK_AND_ASSIGN(const VerifierKey key, VerifierKey::Parse(kExampleKey));
  EXPECT_EQ(key.Text(), kExampleKey);
  ASSERT_OK_AND_ASSIGN(const OpenedNote opened,
                       OpenNote(kExampleNote, {&key, 1}));
  EXPECT_EQ(opened.note.text, "This is an example message.\n");
  EXPECT_EQ(opened.note.Text(), kExampleNote);
}

TEST(NoteTest, AnyFlippedBitIsRefused) {
  ASSERT_OK_AND_ASSIGN(const VerifierKey key, VerifierKey::Parse(kExampleKey));
  const std::string note = kExampleNote;
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = note;
      bad[i] =
          static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      EXPECT_FALSE(OpenNote(bad, {&key, 1}).ok()) << i;
    }
  }
  for (std::size_t n = 0; n < note.size(); ++n) {
    EXPECT_FALSE(OpenNote(note.substr(0, n), {&key, 1}).ok()) << n;
  }
}

TEST(NoteTest, SignsAndOpens) {
  const TestKey log("audit.qma.example/2027a", NoteKeyType::kEd25519, 1);
  ASSERT_OK_AND_ASSIGN(const NoteLine line,
                       SignText(log.verifier, "a text\n", log.Sign()));
  const Note note{"a text\n", {line}};
  EXPECT_OK(OpenNote(note.Text(), {&log.verifier, 1}));
  // The signer must hold the key it says.
  const TestKey other("audit.qma.example/2027a", NoteKeyType::kEd25519, 2);
  EXPECT_THAT(SignText(log.verifier, "a text\n", other.Sign()),
              HasCode(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(SignText(log.verifier, "no line feed", log.Sign()).ok());
}

TEST(NoteTest, IgnoresUnknownLinesButNotBadOnes) {
  const TestKey a("a", NoteKeyType::kEd25519, 1);
  const TestKey b("b", NoteKeyType::kEd25519, 2);
  const TestKey c("c", NoteKeyType::kEd25519, 3);
  Note note{"text\n", {}};
  note.lines = {*SignText(a.verifier, note.text, a.Sign()),
                *SignText(b.verifier, note.text, b.Sign())};
  const std::vector<VerifierKey> ab = {a.verifier, b.verifier};
  ASSERT_OK_AND_ASSIGN(OpenedNote opened, OpenNote(note.Text(), ab));
  EXPECT_EQ(opened.verified.size(), 2U);
  ASSERT_OK_AND_ASSIGN(opened, OpenNote(note.Text(), {&b.verifier, 1}));
  EXPECT_EQ(opened.verified.size(), 1U);
  EXPECT_THAT(OpenNote(note.Text(), {&c.verifier, 1}),
              HasCode(absl::StatusCode::kUnauthenticated));
  // The same key twice counts once.
  Note twice = note;
  twice.lines.push_back(note.lines[0]);
  ASSERT_OK_AND_ASSIGN(opened, OpenNote(twice.Text(), ab));
  EXPECT_EQ(opened.verified.size(), 2U);
  // A known line that fails spoils the whole note.
  Note bad = note;
  bad.lines[0].signature[5] ^= 1;
  EXPECT_THAT(OpenNote(bad.Text(), ab), HasCode(absl::StatusCode::kDataLoss));
  EXPECT_OK(OpenNote(bad.Text(), {&b.verifier, 1}));
  // A second, failing line of a key that verified already: the same.
  Note late = note;
  late.lines.push_back(bad.lines[0]);
  EXPECT_THAT(OpenNote(late.Text(), ab), HasCode(absl::StatusCode::kDataLoss));
  // Name or id alone is not "known".
  Note half = note;
  half.lines[0].id[0] ^= 1;
  EXPECT_OK(OpenNote(half.Text(), {&b.verifier, 1}));
  EXPECT_THAT(OpenNote(half.Text(), {&a.verifier, 1}),
              HasCode(absl::StatusCode::kUnauthenticated));
}

TEST(NoteTest, RefusesMalformedNotes) {
  const TestKey a("a", NoteKeyType::kEd25519, 1);
  const std::string line = SignText(a.verifier, "t\n", a.Sign())->Text();
  const auto opens = [&](const std::string& note) {
    return OpenNote(note, {&a.verifier, 1}).ok();
  };
  ASSERT_TRUE(opens("t\n\n" + line));
  EXPECT_FALSE(opens("t\n" + line));      // no empty line
  EXPECT_FALSE(opens("t\n\n"));           // no signature
  EXPECT_FALSE(opens("t\n\n\n" + line));  // another text
  EXPECT_FALSE(opens("t\r\n\n" + line));  // a control byte
  EXPECT_FALSE(opens(std::string("t\0\n\n", 4) + line));
  EXPECT_FALSE(opens("t\n\n" + line + "\n"));  // an empty line at the end
  EXPECT_FALSE(opens("t\n\n" + line.substr(0, line.size() - 1)));
  std::string dash = line;
  dash.replace(0, 3, "\xe2\x80\x93");  // en dash
  EXPECT_FALSE(opens("t\n\n" + dash));
  EXPECT_FALSE(opens("t\n\n" + line + "- a AAAA\n"));
  EXPECT_FALSE(opens("t\n\n" + line + "— a+b AAAAAAAA\n"));
  EXPECT_FALSE(opens("t\n\n" + line + "— \xc2\xa0 AAAAAAAA\n"));
  EXPECT_FALSE(opens("t\n\n" + line + "— b \n"));
  EXPECT_FALSE(opens("t\n\n" + line + "— b AAAAAA==\n"));  // id, no signature
  EXPECT_FALSE(opens("t\n\n" + line + "— b AAAAAAB=\n"));  // spare bits
  EXPECT_FALSE(opens("t\xff\n\n" + line));
  EXPECT_FALSE(opens("t\xed\xa0\x80\n\n" + line));  // a surrogate
  EXPECT_FALSE(opens("t\xc0\x80\n\n" + line));      // overlong
}

TEST(NoteTest, ReadsAHundredLinesAndNoMore) {
  const TestKey a("a", NoteKeyType::kEd25519, 1);
  std::string note = "t\n\n" + SignText(a.verifier, "t\n", a.Sign())->Text();
  for (int i = 1; i < 100; ++i) {
    note += "— b" + std::to_string(i) + " AAAAAAAAAAA=\n";
  }
  EXPECT_OK(OpenNote(note, {&a.verifier, 1}));
  EXPECT_FALSE(OpenNote(note + "— b AAAAAAAAAAA=\n", {&a.verifier, 1}).ok());
  const std::string huge(kMaxNoteBytes, 'x');
  EXPECT_FALSE(OpenNote(huge + note, {&a.verifier, 1}).ok());
}

TEST(VerifierKeyTest, RefusesEveryOtherSpelling) {
  const std::string good = kExampleKey;
  ASSERT_OK(VerifierKey::Parse(good));
  for (const std::string& bad :
       {std::string(), good.substr(0, 30), good + "A", "x" + good,
        std::string("example.com/foo+530D903A+"
                    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        std::string("example.com/foo+530d903b+"
                    "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"),
        // golang.org/x/mod sumdb/note: wrong length, unknown algorithm
        std::string("PeterNeumann+cc469956+"
                    "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=="),
        std::string("PeterNeumann+173116ae+"
                    "ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")}) {
    EXPECT_FALSE(VerifierKey::Parse(bad).ok()) << bad;
  }
  const primitive::PublicKey key{};
  EXPECT_FALSE(VerifierKey::Make("", NoteKeyType::kEd25519, key).ok());
  EXPECT_FALSE(VerifierKey::Make("a b", NoteKeyType::kEd25519, key).ok());
  EXPECT_FALSE(VerifierKey::Make("a+b", NoteKeyType::kEd25519, key).ok());
  EXPECT_FALSE(
      VerifierKey::Make("a\xe3\x80\x80", NoteKeyType::kEd25519, key).ok());
}

TEST(CosignatureTest, BindsTimeAndText) {
  const TestKey w("witness.qmb.example/w1", NoteKeyType::kCosignature, 4);
  ASSERT_OK_AND_ASSIGN(NoteLine line,
                       Cosign(w.verifier, 1'800'000'000, "t\n", w.Sign()));
  EXPECT_EQ(TimeOfCosignature(line.signature), 1'800'000'000U);
  ASSERT_OK_AND_ASSIGN(const auto verified,
                       VerifyLines("t\n", {&line, 1}, {&w.verifier, 1}));
  EXPECT_EQ(verified[0].time, 1'800'000'000U);
  EXPECT_FALSE(VerifyLines("u\n", {&line, 1}, {&w.verifier, 1}).ok());
  line.signature[7] ^= 1;  // another time
  EXPECT_FALSE(VerifyLines("t\n", {&line, 1}, {&w.verifier, 1}).ok());
  EXPECT_FALSE(Cosign(w.verifier, 0, "t\n", w.Sign()).ok());
  EXPECT_FALSE(Cosign(w.verifier, kSizeLimit, "t\n", w.Sign()).ok());
  const TestKey log("l", NoteKeyType::kEd25519, 1);
  EXPECT_FALSE(Cosign(log.verifier, 1, "t\n", log.Sign()).ok());
}

TEST(CheckpointTest, HasOneSpelling) {
  const Checkpoint head{"audit.qma.example/2027a", 7, LeafHash({})};
  ASSERT_OK_AND_ASSIGN(const Checkpoint back, ParseCheckpoint(head.Text()));
  EXPECT_EQ(back, head);
  const std::string root = ToBase64(head.root);
  const auto parses = [&](const std::string& size, const std::string& rest) {
    return ParseCheckpoint("audit.qma.example/2027a\n" + size + "\n" + rest)
        .ok();
  };
  EXPECT_TRUE(parses("7", root + "\n"));
  EXPECT_TRUE(parses("9223372036854775807", root + "\n"));
  EXPECT_FALSE(parses("9223372036854775808", root + "\n"));
  EXPECT_FALSE(parses("18446744073709551616", root + "\n"));
  EXPECT_FALSE(parses("07", root + "\n"));
  EXPECT_FALSE(parses("+7", root + "\n"));
  EXPECT_FALSE(parses("-7", root + "\n"));
  EXPECT_FALSE(parses("", root + "\n"));
  EXPECT_FALSE(parses("7", root));
  EXPECT_FALSE(parses("7", root + "\nextension\n"));
  EXPECT_FALSE(parses("7", root + "\n\n"));
  EXPECT_FALSE(parses("7", root.substr(0, 43) + "\n"));
  EXPECT_FALSE(parses("0", root + "\n"));
  EXPECT_TRUE(parses("0", ToBase64(EmptyRoot()) + "\n"));
  EXPECT_OK(ParseForeignCheckpoint(head.Text() + "extension\n"));
  EXPECT_FALSE(ParseForeignCheckpoint(head.Text() + "\n").ok());
  EXPECT_FALSE(ParseForeignCheckpoint("\n7\n" + root + "\n").ok());
}

TEST(CheckpointTest, KnowsOurOrigins) {
  EXPECT_TRUE(IsOrigin("audit.piu.orsena.example/2027a"));
  EXPECT_EQ(VolumeOf("audit.piu.orsena.example/2027a"), "2027a");
  EXPECT_TRUE(IsOrigin("a/b/c"));
  for (const char* bad : {"", "a", "a/", "/a", "a//b", "A/b", "a/b-c", "a b/c",
                          "a/b.c", "a/b\n"}) {
    EXPECT_FALSE(IsOrigin(bad)) << bad;
  }
  EXPECT_FALSE(IsOrigin(std::string(127, 'a') + "/b"));
  EXPECT_TRUE(IsOrigin(std::string(126, 'a') + "/b"));
}

TEST(VectorTest, TheExampleOfTheSpecificationAndItsAlteredTwin) {
  SKIP_WITHOUT_SHARED("vectors/tlog/c2sp-example.note");
  const auto dir = testing::SharedDir() / "vectors/tlog";
  const auto items =
      nlohmann::json::parse(testing::ReadFile(dir / "notes.json"));
  const auto key = VerifierKey::Parse(items[0]["vkey"].get<std::string>());
  ASSERT_OK(key);
  EXPECT_OK(OpenNote(testing::ReadFile(dir / "c2sp-example.note"), {&*key, 1}));
  EXPECT_THAT(
      OpenNote(testing::ReadFile(dir / "c2sp-example-bad.note"), {&*key, 1}),
      testing::HasCode(absl::StatusCode::kDataLoss));
}

TEST(VectorTest, PublishedNotes) {
  SKIP_WITHOUT_SHARED("vectors/tlog/notes.json");
  const nlohmann::json items = nlohmann::json::parse(
      testing::ReadFile(testing::SharedDir() / "vectors/tlog/notes.json"));
  for (const auto& item : items) {
    const std::string kind = item["kind"];
    if (kind == "cosig-timestamp") {
      ASSERT_OK_AND_ASSIGN(const Bytes raw,
                           FromBase64(item["sig"].get<std::string>()));
      EXPECT_EQ(TimeOfCosignature(ByteView(raw).subspan(4)),
                item["unix"].get<std::uint64_t>());
      continue;
    }
    const auto key = VerifierKey::Parse(item["vkey"].get<std::string>());
    if (kind == "bad-vkey" || kind == "vkey-cosig") {
      EXPECT_EQ(key.ok(), item["ok"].get<bool>());
      continue;
    }
    ASSERT_OK(key);
    const std::string note = item["note"];
    EXPECT_OK(OpenNote(note, {&*key, 1}));
    std::string bad = note;
    bad[0] = static_cast<char>(bad[0] ^ 1);
    EXPECT_FALSE(OpenNote(bad, {&*key, 1}).ok());
  }
}

}  // namespace
}  // namespace entente::merkle
