#include "node/ingest/envelope.h"

#include <algorithm>
#include <array>
#include <utility>

#include "node/ingest/dates.h"
#include "node/ingest/tags.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

// Versions with tables of ours; the newest serves for all others.
constexpr std::array<std::string_view, 6> kVersions = {
    "D:02B", "D:05B", "D:12B", "D:13B", "D:15B", "001:000"};
constexpr std::string_view kOldVersion = "001:000";

Limits Clamped(const Limits& asked) {
  const Limits most;
  Limits out = asked;
  out.interchange_bytes =
      std::min(asked.interchange_bytes, most.interchange_bytes);
  out.message_bytes = std::min(asked.message_bytes, most.message_bytes);
  out.segment_bytes = std::min(asked.segment_bytes, most.segment_bytes);
  out.elements = std::min(asked.elements, most.elements);
  out.components = std::min(asked.components, most.components);
  out.persons = std::min(asked.persons, most.persons);
  return out;
}

}  // namespace

Envelope::Envelope(const Options& options, Sink& sink)
    : options_(options),
      sink_(sink),
      log_([this](const Diagnostic& d) { sink_.OnDiagnostic(d); },
           totals_.diagnostics) {
  options_.limits = Clamped(options.limits);
}

// ---- what the tokenizer says ----------------------------------------------

void Envelope::OnStart(const Start& start) {
  CloseInterchange();
  if (start.junk_bytes != 0) {
    TellOutside(started_ ? Code::kTrailingJunk : Code::kLeadingJunk,
                start.junk_offset, start.junk_bytes);
  }
  if (start.una == Una::kMissing) {
    TellOutside(Code::kUnaMissing, start.offset);
  } else if (start.una == Una::kBad) {
    TellOutside(Code::kUnaBad, start.offset);
  }
  started_ = true;
  awaits_unb_ = true;
  start_offset_ = start.offset;
}

void Envelope::OnSegment(const Segment& s) {
  // The input broke off inside it. Its fields may be cut, so they are nothing.
  if (!s.terminated) return;
  switch (s.tag_id()) {
    case TagId("UNB"):
      OnUnb(s);
      break;
    case TagId("UNG"):
      OnUng(s);
      break;
    case TagId("UNH"):
      OnUnh(s);
      break;
    case TagId("UNT"):
      OnUnt(s);
      break;
    case TagId("UNE"):
      OnUne(s);
      break;
    case TagId("UNZ"):
      OnUnz(s);
      break;
    default:
      OnBody(s);
  }
  last_end_ = s.end;
}

void Envelope::OnEnd(const Start& leftover, std::uint64_t input_size) {
  if (message_ && pending_ == Pending::kNone) {
    Place place;
    place.offset = last_end_;
    place.segment = message_->segments;
    Tell(Code::kTruncated, place);
    message_->report.truncated = true;
    EndMessage();
    interchange_.open = false;  // said already
  }
  CloseInterchange();
  if (leftover.junk_bytes != 0 && started_) {
    TellOutside(Code::kTrailingJunk, leftover.junk_offset, leftover.junk_bytes);
  }
  if (!started_) {
    TellOutside(Code::kNoInterchange, 0);
    if (input_size != 0) {
      MessageReport report;
      report.message = ++totals_.messages;
      ++totals_.quarantined;
      report.verdict = Verdict::kQuarantined;
      report.reason = Code::kNoInterchange;
      report.size = input_size;
      sink_.OnMessage(report);
    }
  }
  log_.Flush();
}

// ---- interchange and group ------------------------------------------------

void Envelope::OnUnb(const Segment& s) {
  if (!awaits_unb_ && message_ && pending_ == Pending::kNone) {
    // Decided by what follows.
    pending_ = Pending::kUnb;
    pending_control_ = ReadControl(s);
    std::swap(interchange_, pending_interchange_);
    OpenInterchange(s);
    std::swap(interchange_, pending_interchange_);
    return;
  }
  CloseInterchange();
  OpenInterchange(s);
}

void Envelope::OpenInterchange(const Segment& s) {
  Notes(s, PlaceOf(s));
  interchange_ = {};
  interchange_.open = true;
  interchange_.offset = awaits_unb_ ? start_offset_ : s.offset;
  awaits_unb_ = false;
  interchange_.sender = Kept(s.Get(2));
  std::string prepared(Trim(s.Get(4, 0)));
  prepared += Trim(s.Get(4, 1));
  interchange_.prepared = ReadMoment(prepared);
  interchange_.reference = Kept(s.Get(5));
}

void Envelope::OnUng(const Segment& s) {
  if (message_ && pending_ == Pending::kNone) {
    pending_ = Pending::kUng;
    pending_control_ = ReadControl(s);
    std::swap(group_, pending_group_);
    OpenGroup(s);
    std::swap(group_, pending_group_);
    return;
  }
  CloseMessage();
  CloseGroup();
  OpenGroup(s);
  ++interchange_.groups;
}

void Envelope::OpenGroup(const Segment& s) {
  Notes(s, PlaceOf(s));
  group_ = {};
  group_.open = true;
  group_.reference = Kept(s.Get(5));
}

void Envelope::OnUne(const Segment& s) {
  if (message_ && pending_ == Pending::kNone) {
    pending_ = Pending::kUne;
    pending_control_ = ReadControl(s);
    return;
  }
  CloseMessage();
  Notes(s, PlaceOf(s));
  if (group_.open) Compare(ReadControl(s), group_.messages, group_.reference);
  group_.open = false;
}

void Envelope::OnUnz(const Segment& s) {
  CloseMessage();
  CloseGroup();
  Notes(s, PlaceOf(s));
  const std::uint64_t have =
      interchange_.groups != 0 ? interchange_.groups : interchange_.messages;
  if (interchange_.open) {
    Compare(ReadControl(s), have, interchange_.reference);
  }
  interchange_.open = false;
  log_.Flush();
}

void Envelope::CloseGroup() {
  if (group_.open) TellOutside(Code::kEnvelopeOpen, last_end_);
  group_.open = false;
}

void Envelope::CloseInterchange() {
  CloseMessage();
  group_.open = false;
  if (interchange_.open) TellOutside(Code::kEnvelopeOpen, last_end_);
  interchange_.open = false;
  log_.Flush();
}

// ---- message --------------------------------------------------------------

void Envelope::OnUnh(const Segment& s) {
  if (message_ && pending_ == Pending::kNone) {
    const bool late = !message_->has_unh;  // its first segments came before it
    if (late || message_->reference == Kept(s.Get(1))) {  // or once more
      ++message_->segments;
      Tell(Code::kSegmentMisplaced, PlaceOf(s));
      if (late) ReadUnh(s, PlaceOf(s));
      return;
    }
  }
  CloseMessage();
  BeginMessage(s);
  message_->segments = 1;
  const Place place = PlaceOf(s);
  Notes(s, place);
  ReadUnh(s, place);
}

void Envelope::BeginMessage(const Segment& s) {
  ++totals_.messages;
  ++interchange_.messages;
  ++group_.messages;
  message_.emplace(
      options_.limits.persons,
      [this](Code code, const Place& place, std::uint32_t element) {
        Tell(code, place, element);
      });
  MessageReport& report = message_->report;
  report.message = totals_.messages;
  report.interchange_offset = interchange_.offset;
  report.offset = s.offset;
  report.sender = interchange_.sender;
  report.prepared = interchange_.prepared;
}

void Envelope::ReadUnh(const Segment& s, const Place& place) {
  MessageReport& report = message_->report;
  message_->has_unh = true;
  message_->reference = Kept(s.Get(1));
  report.type = Upper(Kept(s.Get(2, 0)));
  report.version = Upper(Kept(s.Get(2, 1))) + ":" + Upper(Kept(s.Get(2, 2)));
  report.series.sender = report.sender;
  report.series.message_type = report.type;
  report.series.reference = Kept(s.Get(3, 0));
  std::uint64_t part = 0;
  if (ReadCount(s.Get(4, 0), part)) {
    report.part = static_cast<std::uint32_t>(part);
  }
  report.final_part = Upper(Trim(s.Get(4, 1))) == "F";
  message_->supported = report.type == "PAXLST";
  if (!message_->supported) {
    Quarantine(Code::kMessageType, place);
    return;
  }
  if (std::find(kVersions.begin(), kVersions.end(), report.version) ==
      kVersions.end()) {
    Tell(Code::kVersionUnknown, place, 2);
  }
  message_->builder.SetOldForm(report.version == kOldVersion);
}

void Envelope::OnBody(const Segment& s) {
  DropPending();
  if (!message_) BeginMessage(s);
  Message& m = *message_;
  ++m.segments;
  Place place = PlaceOf(s);
  place.segment = m.segments;
  Notes(s, place);
  CheckSizes(s, place);
  if (m.report.verdict == Verdict::kQuarantined) return;
  if (!m.builder.StampsSending(s)) {
    canonical_.clear();
    s.AppendCanonical(canonical_);
    m.hash.Update(AsBytes(canonical_));
  }
  if (!InPaxlst(s.tag_id())) {
    Tell(Code::kSegmentUnknown, place);
    return;
  }
  if (!m.builder.Add(s, place)) Quarantine(Code::kLimitPersons, place);
}

void Envelope::OnUnt(const Segment& s) {
  if (!message_ || pending_ == Pending::kUnt) {
    Tell(Code::kSegmentMisplaced, PlaceOf(s));
    return;
  }
  DropPending();
  ++message_->segments;
  const Place place = PlaceOf(s);
  Notes(s, place);
  pending_ = Pending::kUnt;
  pending_control_ = ReadControl(s);
  CheckSizes(s, place);
}

// The message goes on: what looked like its end was misplaced.
void Envelope::DropPending() {
  if (pending_ == Pending::kNone) return;
  Tell(Code::kSegmentMisplaced, pending_control_.place);
  pending_ = Pending::kNone;
}

void Envelope::CloseMessage() {
  if (!message_) return;
  const Pending pending = std::exchange(pending_, Pending::kNone);
  if (pending == Pending::kUnt) {
    message_->report.size = last_end_ - message_->report.offset;
    Compare(pending_control_, message_->segments, message_->reference);
  } else {
    Place place;
    place.offset = last_end_;
    place.segment = message_->segments;
    Tell(Code::kEnvelopeOpen, place);
  }
  EndMessage();
  if (pending == Pending::kUne) {
    if (group_.open) {
      Compare(pending_control_, group_.messages, group_.reference);
    }
    group_.open = false;
  } else if (pending == Pending::kUng) {
    CloseGroup();
    group_ = std::exchange(pending_group_, {});
    ++interchange_.groups;
  } else if (pending == Pending::kUnb) {
    group_.open = false;
    TellOutside(Code::kEnvelopeOpen, last_end_);
    interchange_ = std::exchange(pending_interchange_, {});
  }
}

void Envelope::EndMessage() {
  Message& m = *message_;
  MessageReport& report = m.report;
  if (report.size == 0 && last_end_ > report.offset) {
    report.size = last_end_ - report.offset;
  }
  PaxlstBuilder::Result result;
  if (!m.has_unh) {
    Place place;
    place.offset = report.offset;
    Quarantine(Code::kUnhMissing, place);
  } else if (report.verdict == Verdict::kAccepted) {
    result = m.builder.Finish(report.prepared.empty() ? options_.reference_date
                                                      : report.prepared);
  }
  FillReport(result);
  if (report.verdict == Verdict::kAccepted) JudgePersons(result);
  if (report.verdict == Verdict::kQuarantined) ++totals_.quarantined;
  log_.Flush();
  sink_.OnMessage(report);
  if (report.verdict == Verdict::kAccepted) HandOut(result);
  message_.reset();
}

void Envelope::FillReport(const PaxlstBuilder::Result& result) {
  MessageReport& report = message_->report;
  report.list_kind = result.list_kind;
  report.function = result.function;
  report.series.list_kind = result.list_kind;
  report.crew = result.crew;
  report.passengers = result.persons.size() - result.crew;
  for (const model::Person& p : result.persons) {
    report.documents += p.documents.size();
  }
  report.announces = result.announced.has_value();
  report.announced = result.announced.value_or(0);
  if (!result.journeys.empty()) {
    report.carrier = result.journeys.front().carrier;
  }
  report.content = message_->hash.Finish();
}

// Are they there, and are they as many as announced?
void Envelope::JudgePersons(const PaxlstBuilder::Result& result) {
  const MessageReport& report = message_->report;
  Place end;
  end.offset = last_end_;
  end.segment = message_->segments;
  const bool promised =
      result.opened != 0 || (report.announced != 0 && !report.InSeries());
  if (result.persons.empty() && promised) {
    Quarantine(Code::kPersonsMissing, end);
    return;
  }
  if (report.announces && !report.InSeries() &&
      report.announced != report.persons()) {
    Tell(Code::kCntDiffers, result.cnt_place, 1);
  }
  if (result.journeys.empty()) Tell(Code::kJourneyMissing, end);
}

void Envelope::HandOut(PaxlstBuilder::Result& result) {
  const MessageReport& report = message_->report;
  totals_.persons += report.persons();
  totals_.documents += report.documents;
  for (model::Journey& journey : result.journeys) {
    journey.source = model::Source::kApi;
    journey.sender = report.sender;
    journey.series = report.series.reference;
    sink_.OnJourney(journey);
  }
  for (model::Person& person : result.persons) {
    sink_.OnPerson(std::move(person));
  }
}

// ---- small things ---------------------------------------------------------

std::uint64_t Envelope::message_number() const {
  return message_ ? message_->report.message : 0;
}

Place Envelope::PlaceOf(const Segment& s) const {
  Place place;
  place.offset = s.offset;
  place.tag = FindTag(s.tag());
  place.segment = message_ ? message_->segments : 0;
  return place;
}

// UNT, UNE, UNZ: count, then reference.
Envelope::Control Envelope::ReadControl(const Segment& s) const {
  Control control;
  control.counted = ReadCount(s.Get(1), control.count);
  control.reference = Kept(s.Get(2));
  control.place = PlaceOf(s);
  control.message = message_number();
  return control;
}

void Envelope::Compare(const Control& control, std::uint64_t have,
                       std::string_view reference) {
  Diagnostic d;
  d.message = control.message;
  d.segment = control.place.segment;
  d.tag = control.place.tag;
  d.offset = control.place.offset;
  if (!control.counted || control.count != have) {
    d.code = Code::kCountDiffers;
    d.element = 1;
    log_.Add(d);
  }
  if (control.reference != reference) {
    d.code = Code::kReferenceDiffers;
    d.element = 2;
    log_.Add(d);
  }
}

void Envelope::Notes(const Segment& s, const Place& place) {
  if (s.terminators_in_text != 0) {
    Tell(Code::kTerminatorInText, place, 0, s.terminators_in_text);
  }
  if (s.dangling_releases != 0) {
    Tell(Code::kReleaseDangling, place, 0, s.dangling_releases);
  }
  if (s.latin1) Tell(Code::kCharsetGuessed, place);
}

void Envelope::CheckSizes(const Segment& s, const Place& place) {
  if (s.too_long) Quarantine(Code::kLimitSegment, place);
  if (s.too_many_elements) Quarantine(Code::kLimitElements, place);
  if (s.too_many_components) Quarantine(Code::kLimitComponents, place);
  if (s.end - message_->report.offset > options_.limits.message_bytes) {
    Quarantine(Code::kLimitMessage, place);
  }
  if (s.end - interchange_.offset > options_.limits.interchange_bytes) {
    Quarantine(Code::kLimitInterchange, place);
  }
}

// Said once a message; the first reason stands.
void Envelope::Quarantine(Code code, const Place& place) {
  MessageReport& report = message_->report;
  if (report.verdict == Verdict::kQuarantined) return;
  report.verdict = Verdict::kQuarantined;
  report.reason = code;
  Tell(code, place);
  // Nothing of it is handed out, so nothing of it is kept.
  message_->builder = PaxlstBuilder(0, nullptr);
}

void Envelope::Tell(Code code, const Place& place, std::uint32_t element,
                    std::uint64_t count) {
  log_.Add({code, message_number(), place.segment, place.tag, place.offset,
            element, count});
}

void Envelope::TellOutside(Code code, std::uint64_t offset,
                           std::uint64_t count) {
  log_.Add({code, 0, 0, {}, offset, 0, count});
}

}  // namespace entente::ingest
