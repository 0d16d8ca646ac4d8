#include "node/ingest/reader.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "node/ingest/envelope.h"
#include "node/ingest/log.h"
#include "node/ingest/tokenizer.h"

namespace entente::ingest {
namespace {

// The stream is taken in slices of this size, so that the buffer stays small.
constexpr std::size_t kSlice = 16 * 1024;

}  // namespace

class Reader::Impl {
 public:
  Impl(const Options& options, Sink& sink)
      : envelope_(options, sink), tokenizer_(envelope_.limits()) {}

  void Feed(ByteView chunk) {
    while (!chunk.empty()) {
      const ByteView slice = chunk.first(std::min(chunk.size(), kSlice));
      tokenizer_.Append(slice);
      Pump();
      chunk = chunk.subspan(slice.size());
    }
  }

  void Finish() {
    tokenizer_.SetEnd();
    Pump();
  }

  const Totals& totals() const { return envelope_.totals(); }
  bool finished = false;

 private:
  void Pump() {
    for (;;) {
      switch (tokenizer_.Next()) {
        case Tokenizer::Event::kNeedMore:
          return;
        case Tokenizer::Event::kStart:
          envelope_.OnStart(tokenizer_.start());
          break;
        case Tokenizer::Event::kSegment:
          envelope_.OnSegment(tokenizer_.segment());
          break;
        case Tokenizer::Event::kEnd:
          envelope_.OnEnd(tokenizer_.leftover(), tokenizer_.input_size());
          return;
      }
    }
  }

  Envelope envelope_;
  Tokenizer tokenizer_;
};

Reader::Reader(const Options& options, Sink& sink)
    : impl_(std::make_unique<Impl>(options, sink)) {}
Reader::~Reader() = default;

absl::Status Reader::Feed(ByteView chunk) {
  if (impl_->finished) return Unready("reader: fed after the end");
  impl_->Feed(chunk);
  return absl::OkStatus();
}

absl::Status Reader::Finish() {
  if (impl_->finished) return Unready("reader: finished twice");
  impl_->finished = true;
  impl_->Finish();
  return absl::OkStatus();
}

const Totals& Reader::totals() const { return impl_->totals(); }

namespace {

class ReportSink final : public Sink {
 public:
  explicit ReportSink(Report& report) : report_(report) {}
  void OnDiagnostic(const Diagnostic& d) override {
    report_.diagnostics.push_back(d);
  }
  void OnMessage(const MessageReport& m) override {
    report_.messages.emplace_back().report = m;
  }
  void OnJourney(const model::Journey& j) override {
    report_.messages.back().journeys.push_back(j);
  }
  void OnPerson(model::Person&& p) override {
    report_.messages.back().persons.push_back(std::move(p));
  }

 private:
  Report& report_;
};

}  // namespace

Report ParsePaxlst(ByteView input, const Options& options) {
  Report report;
  ReportSink sink(report);
  Reader reader(options, sink);
  CHECK(reader.Feed(input).ok());
  CHECK(reader.Finish().ok());
  report.totals = reader.totals();
  return report;
}

}  // namespace entente::ingest
