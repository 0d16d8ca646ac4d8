#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "node/ingest/codes.h"
#include "node/ingest/dates.h"
#include "node/ingest/files.h"
#include "node/ingest/log.h"
#include "node/ingest/rows.h"
#include "node/ingest/text.h"
#include "node/ingest/watchlist_line.h"

namespace entente::ingest {
namespace {

constexpr std::size_t kLongestGround = 64;
// Names, dates, documents, nationalities of one entry; of each.
constexpr std::size_t kMostValues = 500;

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

// False: one value more than allowed.
template <class T, class Same>
bool PushNew(std::vector<T>& list, T value, Same same) {
  for (const T& have : list) {
    if (same(have, value)) return true;
  }
  if (list.size() >= kMostValues) return false;
  list.push_back(std::move(value));
  return true;
}

}  // namespace

class WatchlistReader::Impl {
 public:
  Impl(FileFormat format, const Options& options, EntryStage& stage,
       EntrySink& sink)
      : format_(format),
        options_(options),
        most_entries_(std::min(options.limits.entries, Limits().entries)),
        stage_(stage),
        sink_(sink),
        rows_(format, std::min(options.limits.line_bytes, Limits().line_bytes),
              kListColumns, kNeededListColumns),
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
    TRY_OK(stage_.ForEach([this](GatheredEntry&& gathered) {
      Give(std::move(gathered));
      return absl::OkStatus();
    }));
    log_.Flush();
    return absl::OkStatus();
  }

  Totals totals_;
  bool finished = false;

 private:
  // Why a line is skipped; none when it is taken. The status is the stage's.
  using Skipped = std::optional<Code>;

  absl::Status Pump() {
    Row row;
    for (;;) {
      TRY(const bool more, rows_.Next(row));
      if (!more) return absl::OkStatus();
      ++totals_.lines;
      line_ = row.line;
      offset_ = row.offset;
      TRY(const Skipped why, TakeRow(row));
      if (why) {
        Tell(*why);
        ++totals_.lines_skipped;
      }
    }
  }

  absl::StatusOr<Skipped> TakeRow(const Row& row) {
    if (row.bad) return row.bad;
    ListLine line;
    if (format_ == FileFormat::kCsv) {
      if (row.is_short) Tell(Code::kLineShort);
      line = ListLineFromCells(row.values);
    } else {
      Code why = Code::kLineJson;
      std::optional<ListLine> read = ListLineFromJson(row.text, why);
      if (!read) return Skipped(why);
      line = *std::move(read);
    }
    return TakeLine(line);
  }

  absl::StatusOr<Skipped> TakeLine(ListLine& line) {
    model::ListEntry values;
    values.entry_id = Kept(line.entry_id);
    if (values.entry_id.empty()) return Skipped(Code::kEntryIdMissing);
    if (const Skipped why = ReadStanding(line, values)) return why;
    ReadDocuments(line, values);
    if (line.names.empty() && values.documents.empty()) {
      return Skipped(Code::kPersonEmpty);
    }
    values.names = std::move(line.names);
    TRY(std::optional<GatheredEntry> gathered, stage_.Get(values.entry_id));
    if (!gathered) {
      if (entries_ >= most_entries_) return Skipped(Code::kLimitEntries);
      ++entries_;
      gathered.emplace();
      gathered->entry.entry_id = values.entry_id;
      gathered->line = line_;
      gathered->offset = offset_;
    }
    if (Conflicts(gathered->entry, values))
      return Skipped(Code::kEntryConflict);
    ReadBirths(line, values);
    ReadNationalities(line, values);
    Merge(*gathered, std::move(values), line.sex);
    TRY_OK(stage_.Put(*gathered));
    return Skipped();
  }

  // Ground, grade and expiry, each well formed or empty.
  static Skipped ReadStanding(const ListLine& line, model::ListEntry& values) {
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

  void ReadDocuments(const ListLine& line, model::ListEntry& values) {
    for (const ListLine::Paper& paper : line.documents) {
      model::Document document;
      document.number = Kept(paper.number);
      if (document.number.empty()) continue;
      document.document_class = ReadDocumentClass(Kept(paper.type));
      document.issuer = Country(paper.issuer, kDocIssuer);
      values.documents.push_back(std::move(document));
    }
  }

  void ReadBirths(const ListLine& line, model::ListEntry& values) {
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

  void ReadNationalities(const ListLine& line, model::ListEntry& values) {
    for (const std::string& text : line.nationalities) {
      std::string code = Country(text, kNationality);
      if (!code.empty()) values.nationalities.push_back(std::move(code));
    }
  }

  std::string Country(const std::string& text, ListColumn column) {
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

  void Merge(GatheredEntry& gathered, model::ListEntry line,
             const std::string& sex_text) {
    model::ListEntry& entry = gathered.entry;
    ++gathered.lines;
    const auto equal = [](const std::string& a, const std::string& b) {
      return a == b;
    };
    bool fits = true;
    for (model::Name& name : line.names) {
      if (!entry.names.empty()) name.kind = model::NameKind::kAlias;
      fits = PushNew(entry.names, std::move(name), SameName) && fits;
    }
    for (std::string& dob : line.dobs) {
      fits = PushNew(entry.dobs, std::move(dob), equal) && fits;
    }
    for (std::string& code : line.nationalities) {
      fits = PushNew(entry.nationalities, std::move(code), equal) && fits;
    }
    for (model::Document& document : line.documents) {
      fits =
          PushNew(entry.documents, std::move(document), SameDocument) && fits;
    }
    if (!fits) Tell(Code::kLimitFields);
    MergeSex(gathered, sex_text);
    if (!line.ground.empty()) entry.ground = std::move(line.ground);
    if (!line.source_grade.empty()) {
      entry.source_grade = std::move(line.source_grade);
      entry.info_grade = std::move(line.info_grade);
    }
    if (!line.expires.empty()) entry.expires = std::move(line.expires);
  }

  // Lines that disagree leave the sex open.
  void MergeSex(GatheredEntry& gathered, const std::string& text) {
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

  void Give(GatheredEntry&& gathered) {
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

  void Tell(Code code, std::optional<ListColumn> column = std::nullopt) {
    Diagnostic d;
    d.code = code;
    d.segment = line_;
    d.offset = offset_;
    if (column) d.tag = kListColumns[*column];
    log_.Add(d);
  }

  const FileFormat format_;
  const Options options_;
  const std::size_t most_entries_;
  EntryStage& stage_;
  EntrySink& sink_;
  RowSource rows_;
  DiagnosticLog log_;
  std::uint64_t line_ = 0;
  std::uint64_t offset_ = 0;
  std::size_t entries_ = 0;  // in the stage
};

WatchlistReader::WatchlistReader(FileFormat format, const Options& options,
                                 EntryStage& stage, EntrySink& sink)
    : impl_(std::make_unique<Impl>(format, options, stage, sink)) {}
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
