#pragma once
// What a reader has to say about its input. A diagnostic names a place and a
// code, and never holds a value, a name or an excerpt: `tag` points into our
// own table of tags, never into the input.

#include <cstdint>
#include <span>
#include <string_view>

namespace entente::ingest {

// kInfo: read as it was meant. kWarn: read, and the sender should hear of it.
// kError: something was not read.
enum class Severity : std::uint8_t { kInfo, kWarn, kError };

// In the order of docs/reference/diagnostics.md.
enum class Code : std::uint8_t {
  // the stream and its service characters
  kLeadingJunk,
  kTrailingJunk,
  kUnaMissing,
  kUnaBad,
  kTerminatorInText,
  kReleaseDangling,
  kCharsetGuessed,
  kNoInterchange,
  // the envelope
  kEnvelopeOpen,
  kTruncated,
  kCountDiffers,
  kReferenceDiffers,
  kUnhMissing,
  kMessageType,
  kVersionUnknown,
  // segments
  kSegmentUnknown,
  kSegmentMisplaced,
  // persons and journeys
  kPersonsMissing,
  kPersonEmpty,
  kCntDiffers,
  kSeriesIncomplete,
  kJourneyMissing,
  kDobPartial,
  kDobFuture,
  kDobCentury,
  kDobUnread,
  kDateUnread,
  kCountryUnknown,
  kSexUnread,
  kDuplicate,
  // limits
  kLimitInterchange,
  kLimitMessage,
  kLimitSegment,
  kLimitElements,
  kLimitComponents,
  kLimitPersons,
  kLimitFields,
  kLimitLine,
  kLimitEntries,
  // lines of CSV and JSONL files
  kLineShort,
  kLineLong,
  kLineQuote,
  kLineEncoding,
  kLineJson,
  kColumnUnknown,
  kEntryIdMissing,
  kEntryIncomplete,
  kEntryConflict,
  kGroundBad,
  kGradeBad,
  kExpiresBad,
  kLast = kExpiresBad
};

struct CodeInfo {
  Code code;
  std::string_view id;  // kebab-case, stable
  Severity severity;
  std::string_view sentence;  // what happened
  std::string_view next;      // what to do about it
};

// Every code, in the order of the enumeration. Static storage.
std::span<const CodeInfo> AllCodes();
const CodeInfo& Info(Code code);

struct Diagnostic {
  Code code = Code::kLeadingJunk;
  std::uint64_t message = 0;  // from 1 in the input; 0: outside a message
  // In a message: UNH = 1. In a CSV or JSONL file: the line, from 1.
  std::uint64_t segment = 0;
  // A tag or column of our own tables; empty when the input's is none of them,
  // because then it might be text. Static storage.
  std::string_view tag = {};
  std::uint64_t offset = 0;   // bytes from the start of the input
  std::uint32_t element = 0;  // from 1 behind the tag; in a file, the column
  std::uint64_t count = 1;    // how many, or how many bytes of junk

  Severity severity() const { return Info(code).severity; }
  bool operator==(const Diagnostic&) const = default;
};

}  // namespace entente::ingest
