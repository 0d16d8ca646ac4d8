#pragma once
// From segments to messages with a verdict: UNB, UNG, UNH and their ends, in
// order or not. Private to the room. Source: ISO 9735-1; matching.md 2.1 to
// 2.4.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/primitive/hash.h"
#include "node/ingest/log.h"
#include "node/ingest/paxlst.h"
#include "node/ingest/report.h"
#include "node/ingest/segment.h"
#include "node/ingest/tokenizer.h"

namespace entente::ingest {

class Envelope {
 public:
  Envelope(const Options& options, Sink& sink);

  void OnStart(const Start& start);
  void OnSegment(const Segment& segment);
  void OnEnd(const Start& leftover, std::uint64_t input_size);

  const Limits& limits() const { return options_.limits; }
  const Totals& totals() const { return totals_; }

 private:
  // An end, or a new beginning, that counts only when what follows does not go
  // on with the message: a misplaced one must not cut it.
  enum class Pending : std::uint8_t { kNone, kUnt, kUne, kUng, kUnb };

  struct Control {
    std::uint64_t count = 0;
    bool counted = false;
    std::string reference;
    Place place;
    std::uint64_t message = 0;  // for the diagnostic; 0: no message
  };
  struct Interchange {
    bool open = false;
    std::uint64_t offset = 0;
    std::string sender;
    std::string prepared;
    std::string reference;
    std::uint64_t messages = 0;
    std::uint64_t groups = 0;
  };
  struct Group {
    bool open = false;
    std::string reference;
    std::uint64_t messages = 0;
  };
  struct Message {
    Message(std::size_t most_persons, PaxlstBuilder::Report tell)
        : builder(most_persons, std::move(tell)) {}
    PaxlstBuilder builder;
    primitive::Sha256Stream hash;
    MessageReport report;
    std::string reference;
    std::uint64_t segments = 0;
    bool has_unh = false;
    bool supported = false;
  };

  void OnUnb(const Segment& s);
  void OpenInterchange(const Segment& s);
  void OnUng(const Segment& s);
  void OpenGroup(const Segment& s);
  void OnUnh(const Segment& s);
  void OnUnt(const Segment& s);
  void OnUne(const Segment& s);
  void OnUnz(const Segment& s);
  void OnBody(const Segment& s);

  void BeginMessage(const Segment& s);
  void ReadUnh(const Segment& s, const Place& place);
  void EndMessage();
  void FillReport(const PaxlstBuilder::Result& result);
  void JudgePersons(const PaxlstBuilder::Result& result);
  void HandOut(PaxlstBuilder::Result& result);
  void Compare(const Control& control, std::uint64_t have,
               std::string_view reference);
  // The message goes no further: what was pending holds.
  void CloseMessage();
  void CloseGroup();
  void CloseInterchange();
  void DropPending();

  Place PlaceOf(const Segment& s) const;
  Control ReadControl(const Segment& s) const;
  void Notes(const Segment& s, const Place& place);
  void CheckSizes(const Segment& s, const Place& place);
  void Quarantine(Code code, const Place& place);
  void Tell(Code code, const Place& place, std::uint32_t element = 0,
            std::uint64_t count = 1);
  void TellOutside(Code code, std::uint64_t offset, std::uint64_t count = 1);
  std::uint64_t message_number() const;

  Options options_;
  Sink& sink_;
  Totals totals_;
  DiagnosticLog log_;

  bool started_ = false;     // an interchange was found
  bool awaits_unb_ = false;  // the next segment is the UNB of a Start
  std::uint64_t start_offset_ = 0;
  std::uint64_t last_end_ = 0;  // behind the last segment
  Interchange interchange_;
  Group group_;
  std::optional<Message> message_;
  Pending pending_ = Pending::kNone;
  Control pending_control_;  // of UNT, UNE
  Interchange pending_interchange_;
  Group pending_group_;
  std::string canonical_;
};

}  // namespace entente::ingest
