#include "node/ingest/records.h"

#include <algorithm>

#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

constexpr std::size_t kForgetAt = 64 * 1024;

std::string_view WithoutReturn(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

void RecordScanner::Append(ByteView raw) {
  if (begin_ >= kForgetAt) {
    buffer_.erase(0, begin_);
    base_ += begin_;
    scan_ -= begin_;
    if (first_break_ != std::string::npos) first_break_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(AsText(raw));
}

// The byte order mark. False: too little was seen to know.
bool RecordScanner::SkipMark() {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (mark_done_) return true;
  const bool maybe =
      kMark.starts_with(std::string_view(buffer_).substr(0, kMark.size()));
  if (maybe && buffer_.size() < kMark.size() && !at_end_) return false;
  mark_done_ = true;
  if (buffer_.starts_with(kMark)) Restart(kMark.size());
  return true;
}

void RecordScanner::Restart(std::size_t begin) {
  begin_ = begin;
  scan_ = begin;
  first_break_ = std::string::npos;
  breaks_ = 0;
  state_ = State::kFieldStart;
}

// Drops the rest of a bad line. False: its end is not there yet.
bool RecordScanner::SkipLine() {
  const std::size_t end = buffer_.find('\n', scan_);
  if (end == std::string::npos) {
    Restart(buffer_.size());
    return false;
  }
  skipping_ = false;
  ++line_;
  Restart(end + 1);
  return true;
}

bool RecordScanner::Next(RawRecord& record) {
  if (!SkipMark()) return false;
  if (skipping_ && !SkipLine()) return false;
  Code why = Code::kLineQuote;
  const Step step = Scan(why);
  if (step == Step::kNeedMore) return false;
  record.line = line_;
  record.offset = base_ + begin_;
  record.bad.reset();
  record.text = {};
  if (step == Step::kBad) {
    record.bad = why;
    if (first_break_ != std::string::npos) {
      ++line_;
      Restart(first_break_ + 1);
    } else {
      skipping_ = true;
    }
    return true;
  }
  record.text =
      WithoutReturn(std::string_view(buffer_).substr(begin_, scan_ - begin_));
  if (!IsUtf8(record.text)) record.bad = Code::kLineEncoding;
  const bool ended = scan_ < buffer_.size();  // by a line break
  line_ += breaks_ + (ended ? 1 : 0);
  Restart(ended ? scan_ + 1 : scan_);
  return true;
}

// Moves scan_ to the line break that ends the record, or to the end.
RecordScanner::Step RecordScanner::Scan(Code& why) {
  for (; scan_ < buffer_.size(); ++scan_) {
    if (scan_ - begin_ >= most_bytes_) {
      why = Code::kLimitLine;
      return Step::kBad;
    }
    const char c = buffer_[scan_];
    if (c == '\n') {
      if (state_ != State::kQuoted) return Step::kRecord;
      if (first_break_ == std::string::npos) first_break_ = scan_;
      ++breaks_;
      continue;
    }
    if (separator_ != '\0' && !StepOver(c)) {
      why = Code::kLineQuote;
      return Step::kBad;
    }
  }
  if (!at_end_ || begin_ == scan_) return Step::kNeedMore;
  if (state_ == State::kQuoted) {
    why = Code::kLineQuote;
    return Step::kBad;
  }
  return Step::kRecord;
}

bool RecordScanner::StepOver(char c) {
  switch (state_) {
    case State::kFieldStart:
    case State::kPlain:
      if (c == '"') {
        if (state_ == State::kPlain) return false;
        state_ = State::kQuoted;
      } else {
        state_ = c == separator_ ? State::kFieldStart : State::kPlain;
      }
      return true;
    case State::kQuoted:
      if (c == '"') state_ = State::kQuoteSeen;
      return true;
    case State::kQuoteSeen:
      if (c == '"') {
        state_ = State::kQuoted;
      } else if (c == separator_) {
        state_ = State::kFieldStart;
      } else if (c == '\r') {
        state_ = State::kReturnSeen;
      } else {
        return false;
      }
      return true;
    case State::kReturnSeen:
      break;
  }
  return false;
}

char FindSeparator(std::string_view header) {
  constexpr std::string_view kSeparators = ",;\t";
  std::size_t counts[3] = {};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const std::size_t i = kSeparators.find(c);
    if (!quoted && i != std::string_view::npos) ++counts[i];
  }
  const auto* const most =
      std::max_element(std::begin(counts), std::end(counts));
  return kSeparators[static_cast<std::size_t>(most - std::begin(counts))];
}

std::vector<std::string> SplitCells(std::string_view record, char separator) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (c == '"') {
      // A doubled quote is one; a single one opens or closes.
      if (quoted && i + 1 < record.size() && record[i + 1] == '"') {
        cells.back().push_back('"');
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (c == separator && !quoted) {
      cells.emplace_back();
    } else {
      cells.back().push_back(c);
    }
  }
  return cells;
}

}  // namespace entente::ingest
