#include "node/ingest/tokenizer.h"

#include <algorithm>

#include "node/ingest/tags.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

constexpr std::size_t kWindow = 16 * 1024;
constexpr std::size_t kLookAgain = 64;  // bytes between looks at the window
constexpr std::size_t kUnaReach = 16;   // UNB this near behind UNA
constexpr std::size_t kTagBlanks = 16;  // between a tag and its separator
constexpr std::size_t kForgetAt = 4096;

bool Removed(std::uint8_t b) {
  return b == '\r' || b == '\n' || b == 0x01 || b == 0x02 || b == 0x03;
}

bool IsAlnum(char c) { return IsLetter(c) || IsDigit(c); }

}  // namespace

// ---- CleanBuffer ----------------------------------------------------------

void CleanBuffer::Append(ByteView raw) {
  std::size_t i = 0;
  while (i < raw.size()) {
    std::size_t run = i;
    while (run < raw.size() && !Removed(raw[run])) ++run;
    text_.append(AsText(raw.subspan(i, run - i)));
    i = run;
    std::size_t gap = 0;
    while (i < raw.size() && Removed(raw[i])) {
      ++i;
      ++gap;
    }
    if (gap == 0) continue;
    if (gaps_.empty() || gaps_.back().position != text_.size()) {
      gaps_.push_back({text_.size(), gaps_.empty() ? 0 : gaps_.back().removed});
    }
    gaps_.back().removed += gap;
  }
}

std::uint64_t CleanBuffer::RemovedBefore(std::size_t position) const {
  const auto after = std::upper_bound(
      gaps_.begin(), gaps_.end(), position,
      [](std::size_t p, const Gap& gap) { return p < gap.position; });
  return after == gaps_.begin() ? 0 : std::prev(after)->removed;
}

std::uint64_t CleanBuffer::RawOffset(std::size_t position) const {
  return base_ + position + RemovedBefore(position);
}

void CleanBuffer::Forget(std::size_t position) {
  const std::uint64_t removed = RemovedBefore(position);
  base_ += position + removed;
  text_.erase(0, position);
  std::erase_if(
      gaps_, [position](const Gap& gap) { return gap.position <= position; });
  for (Gap& gap : gaps_) {
    gap.position -= position;
    gap.removed -= removed;
  }
}

// ---- Tokenizer ------------------------------------------------------------

Tokenizer::Tokenizer(const Limits& limits) : limits_(limits) {}

void Tokenizer::Append(ByteView raw) {
  // What is behind the reader is forgotten in steps, not byte by byte.
  if (state_ != State::kSniff && position_ >= kForgetAt) {
    buffer_.Forget(position_);
    scan_ -= std::min(scan_, position_);
    blanks_ -= std::min(blanks_, position_);
    position_ = 0;
  }
  buffer_.Append(raw);
  input_size_ += raw.size();
}

Tokenizer::Event Tokenizer::Next() {
  switch (state_) {
    case State::kSeek:
      return Seek();
    case State::kSniff:
      return SniffChars();
    case State::kRead:
      return Read();
    case State::kDone:
      break;
  }
  return Event::kEnd;
}

// Step 1: what is skipped is junk, unless it is blank.
Tokenizer::Event Tokenizer::Seek() {
  while (position_ < buffer_.size()) {
    const Answer answer = IsStart(position_);
    if (answer == Answer::kNeedMore) return Event::kNeedMore;
    if (answer == Answer::kYes) {
      start_ = {};
      start_.offset = buffer_.RawOffset(position_);
      start_.junk_offset = junk_begin_;
      if (junk_) start_.junk_bytes = start_.offset - junk_begin_;
      unb_ = buffer_.view().find("UNB", position_);
      looked_ = 0;
      state_ = State::kSniff;
      return SniffChars();
    }
    if (buffer_.view()[position_] != ' ') junk_ = true;
    ++position_;
  }
  if (!at_end_) return Event::kNeedMore;
  state_ = State::kDone;
  start_ = {};
  start_.junk_offset = junk_begin_;
  if (junk_) start_.junk_bytes = input_size_ - junk_begin_;
  return Event::kEnd;
}

Tokenizer::Answer Tokenizer::IsStart(std::size_t at) const {
  const std::string_view rest = buffer_.view().substr(at);
  if (rest.front() != 'U') return Answer::kNo;
  if (rest.size() < 3) {
    const bool maybe = std::string_view("UN").starts_with(rest);
    return maybe && !at_end_ ? Answer::kNeedMore : Answer::kNo;
  }
  if (rest.starts_with("UNA")) return IsUnaStart(at);
  if (rest.starts_with("UNB")) return IsUnbStart(at);
  return Answer::kNo;
}

Tokenizer::Answer Tokenizer::IsUnaStart(std::size_t at) const {
  const std::string_view rest = buffer_.view().substr(at + 3);
  const std::size_t unb = rest.substr(0, kUnaReach + 3).find("UNB");
  if (unb != std::string_view::npos) {
    // `UNAWARE` right before it: the later UNA is the one.
    if (rest.substr(0, unb).find("UNA") != std::string_view::npos) {
      return Answer::kNo;
    }
    return IsUnbStart(at + 3 + unb);
  }
  const bool seen_all = rest.size() >= kUnaReach + 3 || at_end_;
  return seen_all ? Answer::kNo : Answer::kNeedMore;
}

// A separator follows, and not a word: `UNB IS CLOSED` is text.
Tokenizer::Answer Tokenizer::IsUnbStart(std::size_t at) const {
  const std::string_view text = buffer_.view();
  std::size_t i = at + 3;
  while (i < text.size() && i < at + 3 + kTagBlanks && text[i] == ' ') ++i;
  if (i >= text.size()) return at_end_ ? Answer::kNo : Answer::kNeedMore;
  return IsAlnum(text[i]) || text[i] == ' ' ? Answer::kNo : Answer::kYes;
}

std::optional<std::string_view> Tokenizer::Window() {
  const std::string_view text = buffer_.view().substr(unb_);
  const std::size_t size = std::min(text.size(), kWindow);
  if (size < kWindow && !at_end_ && size < looked_ + kLookAgain) {
    return std::nullopt;
  }
  looked_ = size;
  return text.substr(0, size);
}

// Where the interchange ends in the window, as far as can be told without
// knowing its characters: behind `UNZ` and its separator, or before the next
// `UNB`, whose characters may be others.
static std::size_t EndOfInterchange(std::string_view window) {
  const std::size_t separator = window.find_first_not_of(' ', 3);
  if (separator == std::string_view::npos) return std::string_view::npos;
  std::size_t end = std::string_view::npos;
  for (std::size_t i = window.find("UNB", 3); i != std::string_view::npos;
       i = window.find("UNB", i + 1)) {
    if (i + 3 >= window.size()) break;
    if (IsAlnum(window[i - 1]) || IsAlnum(window[i + 3])) continue;
    end = i;
    break;
  }
  window = window.substr(0, end);
  for (std::size_t i = window.find("UNZ", 3); i != std::string_view::npos;
       i = window.find("UNZ", i + 1)) {
    if (IsAlnum(window[i - 1])) continue;
    const std::size_t next = window.find_first_not_of(' ', i + 3);
    if (next == std::string_view::npos) break;
    if (window[next] == window[separator]) return next + 1;
  }
  return end;
}

// Step 2.
Tokenizer::Event Tokenizer::SniffChars() {
  const std::optional<std::string_view> grown = Window();
  if (!grown) return Event::kNeedMore;
  std::string_view window = *grown;
  const std::size_t end = EndOfInterchange(window);
  const bool complete =
      end != std::string_view::npos || window.size() == kWindow || at_end_;
  if (end != std::string_view::npos) window = window.substr(0, end);

  std::optional<ServiceChars> una;
  const bool has_una = unb_ != position_;
  if (has_una) {
    una = ParseUna(buffer_.view().substr(position_ + 3));
    // A terminator that never stands before a tag is not believed.
    if (una && CountBeforeTags(window, una->terminator, una->element) != 0) {
      start_.una = Una::kGood;
      BeginRead(*una);
      return Event::kStart;
    }
  }
  if (!complete) return Event::kNeedMore;
  const ServiceChars sniffed = Sniff(window);
  const bool helps =
      CountBeforeTags(window, sniffed.terminator, sniffed.element) != 0;
  if (una && !helps) {
    start_.una = Una::kGood;
    BeginRead(*una);
  } else {
    start_.una = has_una ? Una::kBad : Una::kMissing;
    BeginRead(sniffed);
  }
  return Event::kStart;
}

void Tokenizer::BeginRead(const ServiceChars& chars) {
  chars_ = chars;
  stops_ = FirstBytes({&chars_.release, &chars_.terminator});
  special_ = FirstBytes({&chars_.component, &chars_.element, &chars_.release});
  longest_mark_ = 1;
  for (const Mark* mark : {&chars_.component, &chars_.element, &chars_.release,
                           &chars_.repetition, &chars_.terminator}) {
    longest_mark_ = std::max(longest_mark_, mark->size());
  }
  position_ = unb_;
  scan_ = unb_;
  blanks_ = 0;
  terminators_in_text_ = 0;
  too_long_ = false;
  first_segment_ = true;
  state_ = State::kRead;
}

// Blanks before a tag. False: nothing is left.
bool Tokenizer::SkipBlanks() {
  const std::string_view text = buffer_.view();
  while (position_ < text.size() && text[position_] == ' ') ++position_;
  scan_ = std::max(scan_, position_);
  return position_ < text.size();
}

Tokenizer::Event Tokenizer::Read() {
  if (!too_long_ && scan_ == position_) {
    if (!SkipBlanks()) {
      if (!at_end_) return Event::kNeedMore;
      state_ = State::kDone;
      start_ = {};
      return Event::kEnd;
    }
    // The next interchange, without an UNZ before it.
    const std::string_view rest = buffer_.view().substr(position_);
    const bool is_unb = rest.starts_with("UNB");
    const bool same_chars = is_unb && chars_.element.Starts(rest.substr(3));
    if (!first_segment_ &&
        (rest.starts_with("UNA") || (is_unb && !same_chars))) {
      const Answer start = IsStart(position_);
      if (start == Answer::kNeedMore) return Event::kNeedMore;
      if (start == Answer::kYes) {
        junk_ = false;
        junk_begin_ = buffer_.RawOffset(position_);
        state_ = State::kSeek;
        return Seek();
      }
    }
  }
  const Answer found = FindEnd();
  if (found == Answer::kYes) {
    return Deliver(scan_, scan_ + chars_.terminator.size(), true);
  }
  if (!at_end_) return Event::kNeedMore;
  return Deliver(buffer_.size(), buffer_.size(), false);
}

Tokenizer::Answer Tokenizer::FindEnd() {
  const std::string_view text = buffer_.view();
  for (;;) {
    while (scan_ < text.size() &&
           !stops_[static_cast<std::uint8_t>(text[scan_])]) {
      ++scan_;
    }
    if (scan_ - position_ > limits_.segment_bytes) DropTooLong();
    if (scan_ == text.size()) return Answer::kNeedMore;
    const Answer answer = StepOver();
    if (answer != Answer::kNo) return answer;
  }
}

// At a byte that may begin a release or a terminator. Yes: the segment ends
// here. No: scan_ was moved on.
Tokenizer::Answer Tokenizer::StepOver() {
  const std::string_view rest = buffer_.view().substr(scan_);
  const std::size_t reach = 2 * longest_mark_;
  if (rest.size() < reach && !at_end_) return Answer::kNeedMore;
  if (chars_.release.Starts(rest)) {
    const std::size_t n = chars_.release.size();
    scan_ += n + chars_.LengthAt(rest.substr(n));
    return Answer::kNo;
  }
  if (!chars_.terminator.Starts(rest)) {
    ++scan_;
    return Answer::kNo;
  }
  const std::size_t n = chars_.terminator.size();
  const Answer ends = IsUnz() ? Answer::kYes : EndsBefore(scan_ + n);
  if (ends == Answer::kNo) {
    ++terminators_in_text_;
    scan_ += n;
    blanks_ = 0;
  }
  return ends;
}

// Step 5.
Tokenizer::Answer Tokenizer::EndsBefore(std::size_t at) {
  const std::string_view text = buffer_.view();
  blanks_ = std::max(blanks_, at);
  while (blanks_ < text.size() && text[blanks_] == ' ') ++blanks_;
  // Nobody sends that many: the segment ends, so that they need no memory.
  if (blanks_ - at > limits_.segment_bytes) return Answer::kYes;
  if (blanks_ == text.size()) {
    return at_end_ ? Answer::kYes : Answer::kNeedMore;
  }
  const Answer tag = IsTag(blanks_);
  if (tag != Answer::kNo) return tag;
  return IsStart(blanks_);
}

Tokenizer::Answer Tokenizer::IsTag(std::size_t at) const {
  const std::string_view text = buffer_.view();
  const Answer unknown = at_end_ ? Answer::kNo : Answer::kNeedMore;
  for (std::size_t i = 0; i < 3; ++i) {
    if (at + i >= text.size()) return unknown;
    const char c = text[at + i];
    if (!(i == 0 ? IsLetter(c) : IsAlnum(c))) return Answer::kNo;
  }
  std::size_t i = at + 3;
  while (i < text.size() && i < at + 3 + kTagBlanks && text[i] == ' ') ++i;
  if (text.size() < i + longest_mark_ && !at_end_) return unknown;
  const std::string_view rest = text.substr(std::min(i, text.size()));
  const bool follows =
      chars_.element.Starts(rest) || chars_.terminator.Starts(rest);
  return follows ? Answer::kYes : Answer::kNo;
}

bool Tokenizer::IsUnz() const {
  if (too_long_) return long_tag_ == "UNZ";
  const std::string_view text = buffer_.view().substr(position_);
  return Upper(text.substr(0, 3)) == "UNZ" && text.size() > 3 &&
         !IsAlnum(text[3]);
}

// A segment past the limit: its content is let go, its end is still sought.
void Tokenizer::DropTooLong() {
  if (!too_long_) {
    too_long_ = true;
    long_offset_ = buffer_.RawOffset(position_);
    long_tag_ = Upper(buffer_.view().substr(position_, 3));
  }
  position_ = scan_;
}

Tokenizer::Event Tokenizer::Deliver(std::size_t text_end, std::size_t next,
                                    bool terminated) {
  if (too_long_) {
    segment_.AssignTagOnly(long_tag_);
    segment_.offset = long_offset_;
  } else {
    segment_.Assign(buffer_.view().substr(position_, text_end - position_),
                    chars_, special_, {limits_.elements, limits_.components});
    segment_.offset = buffer_.RawOffset(position_);
  }
  segment_.end = next == 0 ? 0 : buffer_.RawOffset(next - 1) + 1;
  segment_.too_long = too_long_;
  segment_.terminated = terminated;
  segment_.terminators_in_text = terminators_in_text_;
  position_ = next;
  scan_ = next;
  blanks_ = 0;
  too_long_ = false;
  first_segment_ = false;
  terminators_in_text_ = 0;
  if (segment_.tag_id() == TagId("UNZ")) {
    state_ = State::kSeek;
    junk_ = false;
    junk_begin_ = segment_.end;
  }
  return Event::kSegment;
}

}  // namespace entente::ingest
