#pragma once
// Cuts a stream of chunks into interchanges and segments. Private to the room.
// Source: ISO 9735-1; matching.md 2.1, steps 1 to 7. Where chunks are cut
// changes nothing; memory is the longest segment allowed and a window of
// 16 KiB in which service characters are sniffed.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/ingest/report.h"
#include "node/ingest/segment.h"
#include "node/ingest/service_chars.h"

namespace entente::ingest {

// The input without line breaks (CR, LF) and SOH, STX, ETX, with the way back
// to offsets in the input.
class CleanBuffer {
 public:
  void Append(ByteView raw);
  std::string_view view() const { return text_; }
  std::size_t size() const { return text_.size(); }
  // The offset in the input of the byte at `position`; for size(), of the byte
  // to come.
  std::uint64_t RawOffset(std::size_t position) const;
  // Forgets the bytes before `position`.
  void Forget(std::size_t position);

 private:
  // From `position` on, `removed` bytes more than at the start are missing.
  struct Gap {
    std::size_t position;
    std::uint64_t removed;
  };
  std::uint64_t RemovedBefore(std::size_t position) const;

  std::string text_;
  std::uint64_t base_ = 0;  // offset in the input of text_[0]
  std::vector<Gap> gaps_;
};

// How the service characters became known.
enum class Una : std::uint8_t { kGood, kBad, kMissing };

// An interchange begins; its first segment is UNB.
struct Start {
  Una una = Una::kMissing;
  std::uint64_t offset = 0;       // of UNA, or of UNB
  std::uint64_t junk_offset = 0;  // of what was skipped before it
  std::uint64_t junk_bytes = 0;   // 0 when it was blank
};

class Tokenizer {
 public:
  explicit Tokenizer(const Limits& limits);

  enum class Event : std::uint8_t { kNeedMore, kStart, kSegment, kEnd };

  void Append(ByteView raw);
  void SetEnd() { at_end_ = true; }
  // Until it says kNeedMore (or kEnd, after SetEnd).
  Event Next();

  const Start& start() const { return start_; }        // after kStart
  const Segment& segment() const { return segment_; }  // after kSegment
  const Start& leftover() const { return start_; }     // after kEnd: junk only
  std::uint64_t input_size() const { return input_size_; }

 private:
  enum class State : std::uint8_t { kSeek, kSniff, kRead, kDone };
  enum class Answer : std::uint8_t { kNo, kYes, kNeedMore };

  Event Seek();
  Event SniffChars();
  Event Read();
  void BeginRead(const ServiceChars& chars);
  // Window from UNB in which service characters are looked for. None: not yet.
  std::optional<std::string_view> Window();

  Answer IsStart(std::size_t at) const;
  Answer IsUnaStart(std::size_t at) const;
  Answer IsUnbStart(std::size_t at) const;
  Answer IsTag(std::size_t at) const;
  // Does a terminator that ends before `at` end its segment?
  Answer EndsBefore(std::size_t at);

  bool SkipBlanks();
  // Moves scan_ behind the segment's terminator. Yes: found.
  Answer FindEnd();
  Answer StepOver();
  void DropTooLong();
  Event Deliver(std::size_t text_end, std::size_t next, bool terminated);
  bool IsUnz() const;

  const Limits limits_;
  CleanBuffer buffer_;
  bool at_end_ = false;
  std::uint64_t input_size_ = 0;
  State state_ = State::kSeek;

  // kSeek, kSniff
  std::size_t position_ = 0;  // of the segment, or of what is sought
  std::uint64_t junk_begin_ = 0;
  bool junk_ = false;  // something that is not blank was skipped
  std::size_t unb_ = 0;
  std::size_t looked_ = 0;  // size of the window when last looked at

  // kRead
  bool first_segment_ = true;  // UNB, whatever follows it
  ServiceChars chars_;
  ByteSet stops_{};    // first bytes of release and terminator
  ByteSet special_{};  // of component, element and release
  std::size_t longest_mark_ = 1;
  std::size_t scan_ = 0;
  std::size_t blanks_ = 0;  // how far blanks behind the terminator were skipped
  std::uint32_t terminators_in_text_ = 0;
  bool too_long_ = false;
  std::uint64_t long_offset_ = 0;
  std::string long_tag_;

  Start start_;
  Segment segment_;
};

}  // namespace entente::ingest
