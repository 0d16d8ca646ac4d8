#include "node/match/self_check.h"

#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/match/local.h"
#include "node/match/normal_form.h"
#include "node/match/skeleton.h"
#include "node/match/table.h"
#include "node/match/vector_files.h"
#include "node/match/warm_up.h"

namespace entente::match {
namespace {

using Cells = std::vector<std::string_view>;

Cells Split(std::string_view line, char separator) {
  Cells cells;
  for (;;) {
    const std::size_t end = line.find(separator);
    cells.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

absl::Status Differs(const VectorFile& file, std::size_t line) {
  return WithReason(Unready("recipe/1: vector differs: ", file.name,
                            ".tsv line ", std::to_string(line)),
                    "recipe-vectors");
}

void AppendUtf8(std::uint32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (c >> 6U)));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  } else {
    out.push_back(static_cast<char>(0xE0U | (c >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((c >> 6U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (c & 0x3FU)));
  }
}

std::uint32_t HexValue(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

// `\uXXXX` to the code point.
std::string Unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.size() >= 6 && text.starts_with("\\u")) {
      AppendUtf8(HexValue(text.substr(2, 4)), out);
      text.remove_prefix(6);
    } else {
      out.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string JoinWords(const std::vector<std::string_view>& words,
                      char between) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out.push_back(between);
    out.append(word);
  }
  return out;
}

// codepoint char latin name
bool LetterHolds(const Cells& cells) {
  if (cells.size() != 4) return false;
  const Letter* letter = FindLetter(HexValue(cells[0].substr(2)));
  return letter != nullptr && letter->latin == cells[2];
}

// input folded tokens uses_icu
bool FieldHolds(const Cells& cells) {
  if (cells.size() != 4) return false;
  const std::string input = Unescape(cells[0]);
  const std::string folded = Fold(input);
  std::vector<std::string_view> words;
  Words(folded, words);
  return folded == cells[1] && FoldPlainly(input) == cells[1] &&
         JoinWords(words, '|') == cells[2] &&
         NeedsTransliteration(input) == (cells[3] == "1");
}

// token skeleton
bool SkeletonHolds(const Cells& cells) {
  return cells.size() == 2 && Skeleton(cells[0]) == cells[1];
}

// Calls holds(cells) for each line behind the header; the number of lines.
template <class Holds>
absl::StatusOr<std::size_t> CheckLines(const VectorFile& file, Holds holds) {
  for (std::size_t i = 1; i < file.lines.size(); ++i) {
    if (!holds(Split(file.lines[i], '\t'))) return Differs(file, i + 1);
  }
  return file.lines.size() - 1;
}

model::Sex SexOf(std::string_view text) {
  if (text == "F") return model::Sex::kFemale;
  if (text == "M") return model::Sex::kMale;
  return text == "X" ? model::Sex::kOther : model::Sex::kUnknown;
}

// id surname given full dob sex nationality doc_number doc_issuer doc_class
// source
model::Person PersonOf(const Cells& cells) {
  model::Person person;
  person.names.push_back({std::string(cells[1]), std::string(cells[2]),
                          std::string(cells[3]), model::NameKind::kDocument});
  person.dob = cells[4];
  person.sex = SexOf(cells[5]);
  for (const std::string_view code : Split(cells[6], ';')) {
    person.nationalities.emplace_back(code);
  }
  if (!cells[7].empty()) {
    person.documents.push_back({model::DocumentClass::kPassport,
                                std::string(cells[7]),
                                std::string(cells[8]),
                                {}});
  }
  person.source =
      cells[10] == "pnr" ? model::Source::kPnr : model::Source::kApi;
  return person;
}

model::ListEntry EntryOf(const model::Person& person) {
  model::ListEntry entry;
  entry.names = person.names;
  entry.dobs = {person.dob};
  entry.sex = person.sex;
  entry.nationalities = person.nationalities;
  entry.documents = person.documents;
  return entry;
}

bool KeyHolds(const LocalKey& key, const Cells& cells) {
  std::string text = "entente/recipe/1\x1f" + std::string(cells[2]);
  for (const std::string_view field : Split(cells[3], '|')) {
    text.append("\x1f").append(field);
  }
  const Hash hash = primitive::Sha256(ByteView(key.text));
  return RuleName(key.rule) == cells[2] && AsText(key.text) == text &&
         ToHex(ByteView(hash).first(16)) == cells[4];
}

// case side rule fields hash; the keys of a case stand together, query side
// first, in the order of the recipe.
class KeyCheck {
 public:
  KeyCheck(const VectorFile& cases, const VectorFile& keys)
      : cases_(cases), keys_(keys) {}

  absl::StatusOr<std::size_t> Run() {
    for (std::size_t i = 1; i < cases_.lines.size(); ++i) {
      const Cells cells = Split(cases_.lines[i], '\t');
      if (cells.size() != 11) return Differs(cases_, i + 1);
      const model::Person person = PersonOf(cells);
      TRY_OK(Compare(cells[0], "Q", LocalQueryKeys(person)));
      const auto units = LocalListUnits(EntryOf(person), person.source);
      TRY_OK(Compare(cells[0], "L", units.front()));
    }
    if (next_ != keys_.lines.size()) return Differs(keys_, next_ + 1);
    return next_ - 1;
  }

 private:
  absl::Status Compare(std::string_view id, std::string_view side,
                       const std::vector<LocalKey>& have) {
    for (const LocalKey& key : have) {
      if (next_ == keys_.lines.size()) return Differs(keys_, next_ + 1);
      const Cells cells = Split(keys_.lines[next_], '\t');
      if (cells.size() != 5 || cells[0] != id || cells[1] != side ||
          !KeyHolds(key, cells)) {
        return Differs(keys_, next_ + 1);
      }
      ++next_;
    }
    return absl::OkStatus();
  }
  const VectorFile& cases_;
  const VectorFile& keys_;
  std::size_t next_ = 1;  // line of keys_ to come
};

}  // namespace

absl::StatusOr<VectorCounts> Vectors() {
  if (absl::Status status = WarmUp(); !status.ok()) {
    return WithReason(status, "recipe-vectors");
  }
  const VectorFiles& files = CompiledVectors();
  VectorCounts counts;
  TRY(counts.letters, CheckLines(files.table, LetterHolds));
  if (counts.letters != Letters().size()) return Differs(files.table, 1);
  TRY(counts.fields, CheckLines(files.fold, FieldHolds));
  TRY(counts.skeletons, CheckLines(files.skeleton, SkeletonHolds));
  TRY(counts.keys, KeyCheck(files.cases, files.keys).Run());
  return counts;
}

std::array<VectorFileHash, 5> VectorHashes() {
  const VectorFiles& files = CompiledVectors();
  const auto hash = [](const VectorFile& file) {
    primitive::Sha256Stream stream;
    for (const std::string_view line : file.lines) {
      stream.Update(AsBytes(line));
      stream.Update(AsBytes("\n"));
    }
    return VectorFileHash{file.name, stream.Finish()};
  };
  return {hash(files.table), hash(files.fold), hash(files.skeleton),
          hash(files.cases), hash(files.keys)};
}

}  // namespace entente::match
