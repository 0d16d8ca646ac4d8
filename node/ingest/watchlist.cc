#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "crypto/base/status.h"
#include "node/ingest/codes.h"
#include "node/ingest/dates.h"
#include "node/ingest/files.h"
#include "node/ingest/log.h"
#include "node/ingest/rows.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

enum Column : std::size_t {
  kEntryId,
  kSurname,
  kGiven,
  kFull,
  kDob,
  kSex,
  kNationality,
  kDocNumber,
  kDocIssuer,
  kDocType,
  kGround,
  kGrade,
  kExpires,
  kColumnCount
};
constexpr std::array<std::string_view, kColumnCount> kColumns = {
    "entry_id", "surname",     "given",      "full",       "dob",
    "sex",      "nationality", "doc_number", "doc_issuer", "doc_type",
    "ground",   "grade",       "expires"};
constexpr std::array<std::string_view, 4> kNeeded = {"entry_id", "ground",
                                                     "grade", "expires"};
constexpr std::size_t kLongestGround = 64;

// One line, whatever its format, its texts as sent.
struct Line {
  struct Paper {
    std::string type;
    std::string number;
    std::string issuer;
  };
  std::string entry_id;
  std::vector<model::Name> names;
  std::vector<std::string> dobs;
  std::string sex;
  std::vector<std::string> nationalities;
  std::vector<Paper> documents;
  std::string ground;
  std::string grade;
  std::string expires;
};

// ---- from CSV -------------------------------------------------------------

void AddName(Line& line, model::Name name) {
  name.surname = Kept(name.surname);
  name.given = Kept(name.given);
  name.full = Kept(name.full);
  if (name.surname.empty() && name.given.empty() && name.full.empty()) return;
  line.names.push_back(std::move(name));
}

Line FromCells(const std::vector<std::string>& v) {
  Line line;
  line.entry_id = v[kEntryId];
  AddName(line, {v[kSurname], v[kGiven], v[kFull]});
  line.dobs.push_back(v[kDob]);
  line.sex = v[kSex];
  for (const std::string_view code : SplitList(v[kNationality])) {
    line.nationalities.emplace_back(code);
  }
  line.documents.push_back({v[kDocType], v[kDocNumber], v[kDocIssuer]});
  line.ground = v[kGround];
  line.grade = v[kGrade];
  line.expires = v[kExpires];
  return line;
}

// ---- from JSON ------------------------------------------------------------

using Json = nlohmann::json;

// Reads a text member. False: not a text.
bool Take(const Json& value, std::string& out) {
  std::optional<std::string> text = JsonText(value);
  if (text) out = *std::move(text);
  return text.has_value();
}

// Reads an object of text members. False: `bad` says why.
using Members = std::vector<std::pair<std::string_view, std::string*>>;
bool TakeMembers(const Json& object, const Members& members, Code& bad) {
  if (!object.is_object()) return false;
  for (const auto& [name, value] : object.items()) {
    const auto it = std::find_if(
        members.begin(), members.end(),
        [&key = name](const auto& member) { return member.first == key; });
    if (it == members.end()) {
      bad = Code::kColumnUnknown;
      return false;
    }
    if (!Take(value, *it->second)) return false;
  }
  return true;
}

bool TakeNames(const Json& list, Line& line, Code& bad) {
  for (const Json& item : list) {
    model::Name name;
    if (!TakeMembers(item,
                     {{"surname", &name.surname},
                      {"given", &name.given},
                      {"full", &name.full}},
                     bad)) {
      return false;
    }
    // Either typed or in one field.
    if (!name.full.empty() && !(name.surname.empty() && name.given.empty())) {
      return false;
    }
    AddName(line, std::move(name));
  }
  return true;
}

bool TakeDocuments(const Json& list, Line& line, Code& bad) {
  for (const Json& item : list) {
    Line::Paper paper;
    if (!TakeMembers(item,
                     {{"type", &paper.type},
                      {"number", &paper.number},
                      {"issuer", &paper.issuer}},
                     bad)) {
      return false;
    }
    line.documents.push_back(std::move(paper));
  }
  return true;
}

bool TakeTexts(const Json& list, std::vector<std::string>& out) {
  return std::all_of(list.begin(), list.end(), [&out](const Json& item) {
    return Take(item, out.emplace_back());
  });
}

std::optional<Line> FromJson(std::string_view text, Code& bad) {
  bad = Code::kLineJson;
  std::optional<Json> object = ReadObject(text, 3);
  if (!object) return std::nullopt;
  Line line;
  for (const auto& list : {"names", "dobs", "nationalities", "documents"}) {
    const auto it = object->find(list);
    if (it == object->end()) continue;
    if (!it->is_array()) return std::nullopt;
    const std::string_view name = list;
    const bool taken = name == "names"       ? TakeNames(*it, line, bad)
                       : name == "documents" ? TakeDocuments(*it, line, bad)
                       : name == "dobs"      ? TakeTexts(*it, line.dobs)
                                        : TakeTexts(*it, line.nationalities);
    if (!taken) return std::nullopt;
    object->erase(it);
  }
  if (!TakeMembers(*object,
                   {{"entry_id", &line.entry_id},
                    {"sex", &line.sex},
                    {"ground", &line.ground},
                    {"grade", &line.grade},
                    {"expires", &line.expires}},
                   bad)) {
    return std::nullopt;
  }
  return line;
}

// ---- values ---------------------------------------------------------------

bool IsGround(std::string_view text) {
  const auto small = [](char c) {
    return (c >= 'a' && c <= 'z') || IsDigit(c);
  };
  if (text.empty() || text.size() > kLongestGround || !small(text.front())) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [small](char c) {
    return small(c) || c == '.' || c == '-' || c == '_';
  });
}

bool IsGrade(std::string_view text) {
  if (text.empty() || text.size() > 2) return false;
  const bool letter =
      std::string_view("ABCX").find(text[0]) != std::string_view::npos;
  return letter && (text.size() == 1 || (text[1] >= '1' && text[1] <= '4'));
}

bool SameName(const model::Name& a, const model::Name& b) {
  return a.surname == b.surname && a.given == b.given && a.full == b.full;
}

bool SameDocument(const model::Document& a, const model::Document& b) {
  return a.document_class == b.document_class && a.number == b.number &&
         a.issuer == b.issuer;
}

template <class T, class Same>
void PushNew(std::vector<T>& list, T value, Same same) {
  for (const T& have : list) {
    if (same(have, value)) return;
  }
  list.push_back(std::move(value));
}

}  // namespace

class WatchlistReader::Impl {
 public:
  Impl(FileFormat format, const Options& options, EntrySink& sink)
      : format_(format),
        options_(options),
        most_entries_(std::min(options.limits.entries, Limits().entries)),
        sink_(sink),
        rows_(format, std::min(options.limits.line_bytes, Limits().line_bytes),
              kColumns, kNeeded),
        log_([this](const Diagnostic& d) { sink_.OnDiagnostic(d); },
             totals_.diagnostics) {}

  absl::Status Feed(ByteView chunk) {
    constexpr std::size_t kSlice = 64 * 1024;
    while (!chunk.empty()) {
      const ByteView slice = chunk.first(std::min(chunk.size(), kSlice));
      rows_.Append(slice);
      TRY_OK(Pump());
      chunk = chunk.subspan(slice.size());
    }
    return absl::OkStatus();
  }

  absl::Status Finish() {
    rows_.SetEnd();
    TRY_OK(Pump());
    TRY_OK(rows_.Finish());
    for (Gathered& gathered : entries_) Give(gathered);
    entries_.clear();
    log_.Flush();
    return absl::OkStatus();
  }

  Totals totals_;
  bool finished = false;

 private:
  struct Gathered {
    model::ListEntry entry;
    std::uint64_t line = 0;  // the first one
    std::uint64_t offset = 0;
    std::uint64_t lines = 0;
    bool sex_given = false;
  };

  absl::Status Pump() {
    Row row;
    for (;;) {
      TRY(const bool more, rows_.Next(row));
      if (!more) return absl::OkStatus();
      ++totals_.lines;
      line_ = row.line;
      offset_ = row.offset;
      if (const std::optional<Code> why = TakeRow(row)) {
        Tell(*why);
        ++totals_.lines_skipped;
      }
    }
  }

  // Why the line is skipped; none when it is taken.
  std::optional<Code> TakeRow(const Row& row) {
    if (row.bad) return row.bad;
    Line line;
    if (format_ == FileFormat::kCsv) {
      if (row.is_short) Tell(Code::kLineShort);
      line = FromCells(row.values);
    } else {
      Code why = Code::kLineJson;
      std::optional<Line> read = FromJson(row.text, why);
      if (!read) return why;
      line = *std::move(read);
    }
    return TakeLine(line);
  }

  std::optional<Code> TakeLine(Line& line) {
    model::ListEntry values;
    values.entry_id = Kept(line.entry_id);
    if (values.entry_id.empty()) return Code::kEntryIdMissing;
    if (const auto why = ReadStanding(line, values)) return why;
    ReadDocuments(line, values);
    if (line.names.empty() && values.documents.empty()) {
      return Code::kPersonEmpty;
    }
    values.names = std::move(line.names);
    auto it = index_.find(values.entry_id);
    if (it == index_.end()) {
      if (entries_.size() >= most_entries_) return Code::kLimitEntries;
      it = index_.emplace(values.entry_id, entries_.size()).first;
      Gathered& fresh = entries_.emplace_back();
      fresh.entry.entry_id = values.entry_id;
      fresh.line = line_;
      fresh.offset = offset_;
    }
    Gathered& gathered = entries_[it->second];
    if (Conflicts(gathered.entry, values)) return Code::kEntryConflict;
    ReadBirths(line, values);
    ReadNationalities(line, values);
    Merge(gathered, std::move(values), line.sex);
    return std::nullopt;
  }

  // Ground, grade and expiry, each well formed or empty.
  static std::optional<Code> ReadStanding(const Line& line,
                                          model::ListEntry& values) {
    values.ground = Kept(line.ground);
    if (!values.ground.empty() && !IsGround(values.ground)) {
      return Code::kGroundBad;
    }
    const std::string grade = Kept(line.grade);
    if (!grade.empty()) {
      if (!IsGrade(grade)) return Code::kGradeBad;
      values.source_grade = grade.substr(0, 1);
      values.info_grade = grade.substr(1);
    }
    const std::string expires = Kept(line.expires);
    values.expires = ReadDay(expires);
    if (values.expires.empty() && !expires.empty()) return Code::kExpiresBad;
    return std::nullopt;
  }

  void ReadDocuments(const Line& line, model::ListEntry& values) {
    for (const Line::Paper& paper : line.documents) {
      model::Document document;
      document.number = Kept(paper.number);
      if (document.number.empty()) continue;
      document.document_class = ReadDocumentClass(Kept(paper.type));
      document.issuer = Country(paper.issuer, kDocIssuer);
      values.documents.push_back(std::move(document));
    }
  }

  void ReadBirths(const Line& line, model::ListEntry& values) {
    for (const std::string& text : line.dobs) {
      ListBirths births = ReadListBirths(Kept(text), options_.reference_date);
      for (std::string& dob : births.dobs) {
        values.dobs.push_back(std::move(dob));
      }
      if (births.notes.partial) Tell(Code::kDobPartial, kDob);
      if (births.notes.future) Tell(Code::kDobFuture, kDob);
      if (births.notes.century) Tell(Code::kDobCentury, kDob);
      if (births.notes.unread) Tell(Code::kDobUnread, kDob);
    }
  }

  void ReadNationalities(const Line& line, model::ListEntry& values) {
    for (const std::string& text : line.nationalities) {
      std::string code = Country(text, kNationality);
      if (!code.empty()) values.nationalities.push_back(std::move(code));
    }
  }

  std::string Country(const std::string& text, Column column) {
    CountryCode country = ReadCountry(Kept(text));
    if (!country.known) Tell(Code::kCountryUnknown, column);
    return std::move(country.code);
  }

  // A line may leave these out when another line of the entry has them.
  static bool Conflicts(const model::ListEntry& have,
                        const model::ListEntry& line) {
    const auto differ = [](const std::string& a, const std::string& b) {
      return !a.empty() && !b.empty() && a != b;
    };
    const std::string a = have.source_grade + have.info_grade;
    const std::string b = line.source_grade + line.info_grade;
    return differ(have.ground, line.ground) || differ(a, b) ||
           differ(have.expires, line.expires);
  }

  void Merge(Gathered& gathered, model::ListEntry line,
             const std::string& sex_text) {
    model::ListEntry& entry = gathered.entry;
    ++gathered.lines;
    const auto equal = [](const std::string& a, const std::string& b) {
      return a == b;
    };
    for (model::Name& name : line.names) {
      if (!entry.names.empty()) name.kind = model::NameKind::kAlias;
      PushNew(entry.names, std::move(name), SameName);
    }
    for (std::string& dob : line.dobs) {
      PushNew(entry.dobs, std::move(dob), equal);
    }
    for (std::string& code : line.nationalities) {
      PushNew(entry.nationalities, std::move(code), equal);
    }
    for (model::Document& document : line.documents) {
      PushNew(entry.documents, std::move(document), SameDocument);
    }
    MergeSex(gathered, sex_text);
    if (!line.ground.empty()) entry.ground = std::move(line.ground);
    if (!line.source_grade.empty()) {
      entry.source_grade = std::move(line.source_grade);
      entry.info_grade = std::move(line.info_grade);
    }
    if (!line.expires.empty()) entry.expires = std::move(line.expires);
  }

  // Lines that disagree leave the sex open.
  void MergeSex(Gathered& gathered, const std::string& text) {
    const std::string kept = Kept(text);
    if (kept.empty()) return;
    const SexCode code = ReadSex(kept);
    if (!code.known) Tell(Code::kSexUnread, kSex);
    if (gathered.sex_given && gathered.entry.sex != code.sex) {
      gathered.entry.sex = model::Sex::kUnknown;
    } else {
      gathered.entry.sex = code.sex;
    }
    gathered.sex_given = true;
  }

  void Give(Gathered& gathered) {
    const model::ListEntry& entry = gathered.entry;
    if (entry.ground.empty() || entry.source_grade.empty() ||
        entry.expires.empty()) {
      line_ = gathered.line;
      offset_ = gathered.offset;
      Tell(Code::kEntryIncomplete);
      totals_.lines_skipped += gathered.lines;
      return;
    }
    ++totals_.entries;
    totals_.documents += entry.documents.size();
    sink_.OnEntry(std::move(gathered.entry));
  }

  void Tell(Code code, std::optional<Column> column = std::nullopt) {
    Diagnostic d;
    d.code = code;
    d.segment = line_;
    d.offset = offset_;
    if (column) d.tag = kColumns[*column];
    log_.Add(d);
  }

  const FileFormat format_;
  const Options options_;
  const std::size_t most_entries_;
  EntrySink& sink_;
  RowSource rows_;
  DiagnosticLog log_;
  std::uint64_t line_ = 0;
  std::uint64_t offset_ = 0;
  std::vector<Gathered> entries_;
  std::unordered_map<std::string, std::size_t> index_;
};

WatchlistReader::WatchlistReader(FileFormat format, const Options& options,
                                 EntrySink& sink)
    : impl_(std::make_unique<Impl>(format, options, sink)) {}
WatchlistReader::~WatchlistReader() = default;

absl::Status WatchlistReader::Feed(ByteView chunk) {
  if (impl_->finished) return Unready("watchlist: fed after the end");
  return impl_->Feed(chunk);
}

absl::Status WatchlistReader::Finish() {
  if (impl_->finished) return Unready("watchlist: finished twice");
  impl_->finished = true;
  return impl_->Finish();
}

const Totals& WatchlistReader::totals() const { return impl_->totals_; }

}  // namespace entente::ingest
