// What must hold for every input: where chunks and cuts fall, what mutations
// do, and that no diagnostic holds a value.

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include "node/ingest/files.h"
#include "node/ingest/test_support.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"

namespace entente::ingest {
namespace {

constexpr const char* kMade[] = {
    "paxlst-hard-fields.edi",      "paxlst-master-crew.edi",
    "paxlst-quote-terminator.edi", "paxlst-series-01.edi",
    "paxlst-series-02.edi",        "paxlst-series-03.edi",
    "paxlst-typeb-wrapped.txt"};

// The made messages of the repository, and the real ones when they are there.
std::vector<std::string> Corpus() {
  std::vector<std::string> texts;
  for (const char* name : kMade) {
    texts.push_back(
        testing::ReadFile(testing::SourceDir() / "tests/data/ingest" / name));
  }
  const auto real = testing::SharedDir() / "data/samples/paxlst";
  if (std::filesystem::exists(real)) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(real)) {
      paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) texts.push_back(testing::ReadFile(path));
  }
  return texts;
}

std::string NameKey(const model::Person& p) {
  std::string key;
  for (const model::Name& n : p.names) key += n.surname + "/" + n.given + ";";
  return key;
}

std::multiset<std::string> Names(const Report& report) {
  std::multiset<std::string> names;
  for (const auto& m : report.messages) {
    for (const model::Person& p : m.persons) names.insert(NameKey(p));
  }
  return names;
}

TEST(RobustnessTest, ChunksChangeNothing) {
  for (const std::string& text : Corpus()) {
    const std::string want = Fingerprint(Parse(text));
    for (const std::size_t chunk :
         {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      EXPECT_EQ(Fingerprint(ParseInChunks(text, chunk)), want) << chunk;
    }
  }
}

// A cut yields persons of the whole one only; the last one may lack fields,
// because its segments were still to come.
void ExpectPrefixOf(const Report& cut, const Report& whole, std::size_t at) {
  std::vector<model::Person> have;
  std::vector<model::Person> all;
  for (const auto& m : cut.messages) {
    have.insert(have.end(), m.persons.begin(), m.persons.end());
  }
  for (const auto& m : whole.messages) {
    all.insert(all.end(), m.persons.begin(), m.persons.end());
  }
  ASSERT_LE(have.size(), all.size()) << at;
  for (std::size_t i = 0; i < have.size(); ++i) {
    if (i + 1 < have.size()) {
      EXPECT_EQ(Encode(have[i]), Encode(all[i])) << at;
      continue;
    }
    EXPECT_EQ(NameKey(have[i]), NameKey(all[i])) << at;
    EXPECT_TRUE(have[i].dob.empty() || have[i].dob == all[i].dob) << at;
    EXPECT_LE(have[i].documents.size(), all[i].documents.size()) << at;
  }
}

TEST(RobustnessTest, ACutAtEveryByteYieldsNobodyNew) {
  for (const std::string& text : Corpus()) {
    if (text.size() > 4000) continue;  // the long one is the same again
    const Report whole = Parse(text);
    for (std::size_t at = 0; at < text.size(); ++at) {
      ExpectPrefixOf(Parse(std::string_view(text).substr(0, at)), whole, at);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// ---- mutations ------------------------------------------------------------

// The character that ends segments: the one before UNH.
char TerminatorOf(const std::string& text) {
  const std::size_t unh = text.find("UNH");
  if (unh == std::string::npos) return '\'';
  return text[text.find_last_not_of(" \r\n", unh - 1)];
}

// The segments of a message that is not wrapped; the first one holds whatever
// stands before the end of UNB.
std::vector<std::string> Segments(const std::string& text, char terminator) {
  std::vector<std::string> out;
  std::string segment;
  const std::size_t unb = text.find("UNB");
  for (std::size_t i = 0; i < text.size(); ++i) {
    segment.push_back(text[i]);
    const bool released = i != 0 && text[i - 1] == '?';
    if (text[i] != terminator || released || i < unb) continue;
    out.push_back(segment);
    segment.clear();
  }
  if (segment.find_first_not_of(" \r\n") != std::string::npos) {
    out.push_back(segment);
  }
  return out;
}

std::string Join(const std::vector<std::string>& segments) {
  std::string out;
  for (const std::string& s : segments) out += s;
  return out;
}

// One of four: swap two, drop one, repeat one elsewhere, move one. The first
// segment (with UNA and UNB) stays.
std::string Mutated(std::vector<std::string> segments, std::mt19937& random) {
  const auto pick = [&] { return 1 + random() % (segments.size() - 1); };
  const std::size_t a = pick();
  const std::size_t b = pick();
  const std::string chosen = segments[a];
  const auto at = [&segments](std::size_t i) {
    return segments.begin() + static_cast<std::ptrdiff_t>(i);
  };
  switch (random() % 4) {
    case 0:
      std::swap(segments[a], segments[b]);
      break;
    case 1:
      segments.erase(at(a));
      break;
    case 2:
      segments.insert(at(b), chosen);
      break;
    default:
      segments.erase(at(a));
      segments.insert(at(std::min(b, segments.size())), chosen);
  }
  return Join(segments);
}

// The names of `want` that `have` lacks.
std::multiset<std::string> Missing(const std::multiset<std::string>& want,
                                   const std::multiset<std::string>& have) {
  std::multiset<std::string> missing;
  std::set_difference(want.begin(), want.end(), have.begin(), have.end(),
                      std::inserter(missing, missing.begin()));
  return missing;
}

bool IsOpener(const std::string& segment) {
  for (const char* opener : {"NAD+F", "NAD*F", "PDT+"}) {
    if (segment.find(opener) != std::string::npos) return true;
  }
  return false;
}

TEST(RobustnessTest, MutatedMessagesYieldTheirPersons) {
  std::uint64_t mutations = 0;
  std::uint64_t whole = 0;
  std::mt19937 random(20260601);
  for (const std::string& text : Corpus()) {
    const Report original = Parse(text);
    const auto want = Names(original);
    if (want.empty() || text.size() > 4000 || text.starts_with('\x01'))
      continue;
    const char terminator = TerminatorOf(text);
    const std::vector<std::string> segments = Segments(text, terminator);
    const auto openers = static_cast<std::size_t>(
        std::count_if(segments.begin(), segments.end(), IsOpener));
    for (int i = 0; i < 120; ++i) {
      const std::string mutation = Mutated(segments, random);
      const Report report = Parse(mutation);
      // Persons whose opening segment was dropped cannot be there.
      const std::vector<std::string> left = Segments(mutation, terminator);
      const auto still = static_cast<std::size_t>(
          std::count_if(left.begin(), left.end(), IsOpener));
      const std::size_t dropped = still < openers ? openers - still : 0;
      ++mutations;
      if (Missing(want, Names(report)).size() <= dropped) ++whole;
      // Nobody is invented.
      for (const std::string& name : Names(report)) {
        EXPECT_TRUE(want.contains(name));
      }
    }
  }
  RecordProperty("mutations", std::to_string(mutations));
  RecordProperty("whole", std::to_string(whole));
  ASSERT_GE(mutations, 500U);
  EXPECT_GE(static_cast<double>(whole) / static_cast<double>(mutations), 0.93)
      << whole << " of " << mutations;
}

TEST(RobustnessTest, RandomBytesInPlacesDoNoHarm) {
  std::mt19937 random(7);
  const std::vector<std::string> corpus = Corpus();
  for (int i = 0; i < 600; ++i) {
    std::string text = corpus[random() % std::size(kMade)];
    const std::size_t edits = 1 + random() % 8;
    for (std::size_t k = 0; k < edits; ++k) {
      const auto byte = static_cast<char>(random() & 0xFFU);
      const char service[] = {'\'', '+', ':', '?', '\n', '\0', 'U', byte};
      text[random() % text.size()] = service[random() % 8];
    }
    EXPECT_EQ(Fingerprint(ParseInChunks(text, 1 + random() % 90)),
              Fingerprint(Parse(text)));
  }
}

// ---- no value anywhere ----------------------------------------------------

// Every word of an input that could be a value.
std::set<std::string> Words(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    const bool part = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (part) {
      word.push_back(c);
      continue;
    }
    if (word.size() > 3) words.insert(word);
    word.clear();
  }
  return words;
}

void ExpectNoValue(const std::vector<Diagnostic>& diagnostics,
                   const std::set<std::string>& words) {
  for (const Diagnostic& d : diagnostics) {
    const std::string tag(d.tag);
    EXPECT_TRUE(tag.empty() || !words.contains(tag)) << tag;
    EXPECT_LE(tag.size(), 12U);
  }
}

TEST(RobustnessTest, DiagnosticsHoldNoValue) {
  std::mt19937 random(11);
  for (const std::string& text : Corpus()) {
    if (text.size() > 4000) continue;
    const char terminator = TerminatorOf(text);
    const std::vector<std::string> segments = Segments(text, terminator);
    for (int i = 0; i < 20; ++i) {
      const std::string mutation = Mutated(segments, random);
      ExpectNoValue(Parse(mutation).diagnostics, Words(mutation));
    }
  }
}

// Values that look like tags must not come back as one.
TEST(RobustnessTest, MarkedValuesDoNotComeBack) {
  const std::string marked = Wrapped(
      "NAD+FL+++MARKED1'ZQX+MARKED2'ATT+2++MARKED3'DTM+329:MARKED4'"
      "NAT+2+MARKED5'RFF+AVF:MARKED6'DOC+P+MARKED7'DTM+36:MARKED8'LOC+91+"
      "MARKED9'Z1Z'Z2Z+MARKED'NAD+FL+++MARKED'ZZQ+X'CNT+42:MARKED'");
  const Report report = Parse(marked);
  ASSERT_FALSE(report.diagnostics.empty());
  for (const Diagnostic& d : report.diagnostics) {
    const std::string shown = Text(d) + std::string(Info(d.code).sentence) +
                              std::string(Info(d.code).next);
    for (const char* mark : {"MARKED", "ZQX", "Z1Z", "Z2Z", "ZZQ"}) {
      EXPECT_EQ(shown.find(mark), std::string::npos) << shown;
    }
  }
}

}  // namespace
}  // namespace entente::ingest
