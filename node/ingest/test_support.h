#pragma once
// What the tests of this room share: invented messages, parsing by chunks, and
// a fingerprint of everything that came out.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/codec.h"
#include "node/ingest/files.h"
#include "node/ingest/reader.h"

namespace entente::ingest {

// Entries in memory, given in the order in which they first appeared.
class MemoryStage final : public EntryStage {
 public:
  absl::StatusOr<std::optional<GatheredEntry>> Get(
      const std::string& entry_id) override {
    const auto it = entries_.find(entry_id);
    if (it == entries_.end()) return std::optional<GatheredEntry>();
    return std::optional<GatheredEntry>(it->second);
  }
  absl::Status Put(const GatheredEntry& gathered) override {
    const std::string& id = gathered.entry.entry_id;
    if (!entries_.contains(id)) order_.push_back(id);
    entries_[id] = gathered;
    return absl::OkStatus();
  }
  absl::Status ForEach(
      const std::function<absl::Status(GatheredEntry&&)>& take) override {
    for (const std::string& id : order_) TRY_OK(take(std::move(entries_[id])));
    return absl::OkStatus();
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, GatheredEntry> entries_;
};

// The reader of watchlists over such a stage.
class ListReader {
 public:
  ListReader(FileFormat format, const Options& options, EntrySink& sink)
      : reader_(format, options, stage_, sink) {}
  absl::Status Feed(ByteView chunk) { return reader_.Feed(chunk); }
  absl::Status Finish() { return reader_.Finish(); }
  const Totals& totals() const { return reader_.totals(); }

 private:
  MemoryStage stage_;
  WatchlistReader reader_;
};

// A whole interchange around `body`, the segments behind the flight.
inline std::string Wrapped(std::string_view body,
                           std::string_view unh_tail = "") {
  std::string text = "UNA:+.? 'UNB+UNOA:4+Q7APIS+QVAGOV+260601:1210+R1'";
  text += "UNH+M1+PAXLST:D:05B:UN:IATA";
  text += unh_tail;
  text += "'BGM+745'TDT+20+Q7412+++Q7'LOC+125+QAA'DTM+189:2606011430:201'";
  text += "LOC+87+QBB'DTM+232:2606011905:201'";
  text += body;
  std::size_t segments = 8;
  for (const char c : body) segments += c == '\'' ? 1 : 0;
  text += "UNT+" + std::to_string(segments) + "+M1'UNZ+1+R1'";
  return text;
}

inline std::string Traveller(std::string_view surname, std::string_view given,
                             std::string_view born) {
  std::string text = "NAD+FL+++";
  text += surname;
  text += ":";
  text += given;
  text += "'ATT+2++F'DTM+329:";
  text += born;
  text += "'NAT+2+QOR'RFF+AVF:QK7T2M'DOC+P+KX";
  text += born;
  text += "'DTM+36:310411'LOC+91+QOR'";
  return text;
}

inline Report Parse(std::string_view text, const Options& options = {}) {
  return ParsePaxlst(AsBytes(text), options);
}

class GatherSink final : public Sink {
 public:
  void OnDiagnostic(const Diagnostic& d) override {
    report.diagnostics.push_back(d);
  }
  void OnMessage(const MessageReport& m) override {
    report.messages.emplace_back().report = m;
  }
  void OnJourney(const model::Journey& j) override {
    report.messages.back().journeys.push_back(j);
  }
  void OnPerson(model::Person&& p) override {
    report.messages.back().persons.push_back(std::move(p));
  }
  Report report;
};

inline Report ParseInChunks(std::string_view text, std::size_t chunk,
                            const Options& options = {}) {
  GatherSink sink;
  Reader reader(options, sink);
  for (std::size_t i = 0; i < text.size(); i += chunk) {
    if (!reader.Feed(AsBytes(text.substr(i, chunk))).ok()) return {};
  }
  if (!reader.Finish().ok()) return {};
  sink.report.totals = reader.totals();
  return sink.report;
}

inline std::uint64_t CountOf(const Report& report, Code code) {
  const auto it = report.totals.diagnostics.find(code);
  return it == report.totals.diagnostics.end() ? 0 : it->second;
}

inline const Diagnostic* Find(const Report& report, Code code) {
  for (const Diagnostic& d : report.diagnostics) {
    if (d.code == code) return &d;
  }
  return nullptr;
}

inline std::string Text(const Diagnostic& d) {
  std::string out(Info(d.code).id);
  for (const std::uint64_t n :
       {d.message, d.segment, d.offset, std::uint64_t{d.element}, d.count}) {
    out += " " + std::to_string(n);
  }
  return out + " " + std::string(d.tag);
}

// All that came out, as text: equal fingerprints, equal results.
inline std::string Fingerprint(const Report& report) {
  std::string out;
  for (const Report::Message& m : report.messages) {
    const MessageReport& r = m.report;
    out += "message " + std::to_string(r.message) + " " + r.type + " " +
           r.version + " " + r.sender + " " + r.prepared + " " + r.list_kind +
           " " + r.function + " " + r.carrier + " " + r.series.reference + " " +
           std::to_string(r.part) + (r.final_part ? "F " : " ") +
           std::to_string(r.offset) + "+" + std::to_string(r.size) + " " +
           std::to_string(r.interchange_offset) + " " +
           std::to_string(r.announced) + " " + ToHex(r.content) +
           (r.verdict == Verdict::kAccepted ? " accepted" : " quarantined") +
           "\n";
    for (const model::Journey& j : m.journeys) out += ToHex(Encode(j)) + "\n";
    for (const model::Person& p : m.persons) out += ToHex(Encode(p)) + "\n";
  }
  for (const Diagnostic& d : report.diagnostics) out += Text(d) + "\n";
  return out;
}

}  // namespace entente::ingest
