// libFuzzer target for everything that node/ingest reads. The first byte
// chooses the reader, the second the size of chunks; the rest is the input.
// Beyond "no crash": chunks change nothing, and a diagnostic's tag is one of
// our own. Corpus: tests/data/ingest.

#include <cstdint>
#include <cstdlib>

#include "node/ingest/files.h"
#include "node/ingest/tags.h"
#include "node/ingest/test_support.h"

namespace entente::ingest {
namespace {

class Counter final : public Sink, public EntrySink {
 public:
  void OnDiagnostic(const Diagnostic& d) override { out += Text(d); }
  void OnMessage(const MessageReport&) override {}
  void OnJourney(const model::Journey& j) override { out += j.number; }
  void OnPerson(model::Person&& p) override { out += ToHex(Encode(p)); }
  void OnEntry(model::ListEntry&& e) override { out += ToHex(Encode(e)); }
  std::string out;
};

void Require(bool holds) {
  if (!holds) std::abort();
}

void Edifact(std::string_view text, std::size_t chunk) {
  Options options;
  options.limits.segment_bytes = 4096;  // within a fuzzer's reach
  options.limits.message_bytes = 1U << 16U;
  options.limits.persons = 50;
  const Report whole = Parse(text, options);
  Require(Fingerprint(ParseInChunks(text, chunk, options)) ==
          Fingerprint(whole));
  for (const Diagnostic& d : whole.diagnostics) {
    Require(d.tag.empty() || FindTag(d.tag) == d.tag);
  }
}

template <class FileReader>
std::string ReadFile(FileFormat format, std::string_view text,
                     std::size_t chunk) {
  Options options;
  options.limits.line_bytes = 512;
  Counter counter;
  FileReader reader(format, options, counter);
  for (std::size_t i = 0; i < text.size(); i += chunk) {
    if (!reader.Feed(AsBytes(text.substr(i, chunk))).ok()) break;
  }
  if (!reader.Finish().ok()) counter.out += "refused";
  return counter.out;
}

template <class FileReader>
void File(FileFormat format, std::string_view text, std::size_t chunk) {
  Require(ReadFile<FileReader>(format, text, chunk) ==
          ReadFile<FileReader>(format, text, text.size() + 1));
}

void Run(std::uint8_t kind, std::size_t chunk, std::string_view text) {
  switch (kind % 8) {
    case 0:
      return File<PassengerFileReader>(FileFormat::kCsv, text, chunk);
    case 1:
      return File<PassengerFileReader>(FileFormat::kJsonl, text, chunk);
    case 2:
      return File<ListReader>(FileFormat::kCsv, text, chunk);
    case 3:
      return File<ListReader>(FileFormat::kJsonl, text, chunk);
    default:
      return Edifact(text, chunk);
  }
}

}  // namespace
}  // namespace entente::ingest

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < 2) return 0;
  const entente::ByteView input(data, size);
  entente::ingest::Run(input[0], 1U + input[1] % 100U,
                       entente::AsText(input.subspan(2)));
  return 0;
}
