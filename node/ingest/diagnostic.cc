#include "node/ingest/diagnostic.h"

#include <array>

namespace entente::ingest {
namespace {

using enum Severity;

constexpr std::array kCodes = std::to_array<CodeInfo>({
    {Code::kLeadingJunk, "leading-junk", kInfo,
     "Bytes before the first interchange were skipped.",
     "Nothing to do; telex headers are usual."},
    {Code::kTrailingJunk, "trailing-junk", kInfo,
     "Bytes behind an interchange were skipped.",
     "Nothing to do, unless a second interchange was expected there."},
    {Code::kUnaMissing, "una-missing", kInfo,
     "There is no UNA; the separators were found by looking.",
     "Nothing to do."},
    {Code::kUnaBad, "una-bad", kWarn,
     "UNA names separators that the message does not use.",
     "Tell the sender that its service string is wrong."},
    {Code::kTerminatorInText, "terminator-in-text", kInfo,
     "A segment terminator stood inside a value and was read as text.",
     "Tell the sender to put the release character before it."},
    {Code::kReleaseDangling, "release-dangling", kInfo,
     "A release character stood before an ordinary character and was read as "
     "text.",
     "Tell the sender to release the release character itself."},
    {Code::kCharsetGuessed, "charset-guessed", kInfo,
     "A segment is not UTF-8 and was read as ISO 8859-1.",
     "Ask the sender to send UTF-8."},
    {Code::kNoInterchange, "no-interchange", kError,
     "The input holds no UNB, so nothing was read.",
     "Check that the right file was given and that it is EDIFACT."},
    {Code::kEnvelopeOpen, "envelope-open", kWarn,
     "A message, group or interchange has no end segment.",
     "Check that the transfer was complete."},
    {Code::kTruncated, "truncated", kWarn,
     "The input ended inside a message; persons read before that are kept.",
     "Ask the sender for the rest."},
    {Code::kCountDiffers, "count-differs", kWarn,
     "The count in UNT, UNE or UNZ is not what was there.",
     "Tell the sender; nothing was lost here."},
    {Code::kReferenceDiffers, "reference-differs", kWarn,
     "The reference in UNT, UNE or UNZ is not that of its beginning.",
     "Tell the sender; nothing was lost here."},
    {Code::kUnhMissing, "unh-missing", kError,
     "A message has no UNH; it was put into quarantine.",
     "Ask the sender to send it again."},
    {Code::kMessageType, "message-type", kError,
     "The message is of a type that is not read; it was put into quarantine.",
     "Ask the sender for PAXLST."},
    {Code::kVersionUnknown, "version-unknown", kWarn,
     "The version of the message is unknown; it was read by the newest tables.",
     "Compare the persons with the original once."},
    {Code::kSegmentUnknown, "segment-unknown", kInfo,
     "A segment that does not belong to a passenger list was skipped.",
     "Nothing to do."},
    {Code::kSegmentMisplaced, "segment-misplaced", kWarn,
     "A segment stood in the wrong place and was read as far as that is safe.",
     "Tell the sender; compare the persons around it with the original."},
    {Code::kPersonsMissing, "persons-missing", kError,
     "The message announces persons and yields none; it was put into "
     "quarantine.",
     "Ask the sender to send it again."},
    {Code::kPersonEmpty, "person-empty", kWarn,
     "A person without name, document, date of birth and reference was left "
     "out.",
     "Ask the sender for the person's data."},
    {Code::kCntDiffers, "cnt-differs", kWarn,
     "The announced number of persons is not the number of persons sent.",
     "Compare with the flight's count; many senders announce the whole "
     "series."},
    {Code::kSeriesIncomplete, "series-incomplete", kWarn,
     "Parts of a series did not come in time.",
     "Ask the sender for the missing parts; those that came were used."},
    {Code::kJourneyMissing, "journey-missing", kWarn,
     "The message names no flight.",
     "The persons are kept; they are asked about once a journey is known."},
    {Code::kDobPartial, "dob-partial", kInfo,
     "A date of birth is no full day of the calendar; its year is used.",
     "Nothing to do."},
    {Code::kDobFuture, "dob-future", kWarn,
     "A date of birth lies after the journey and was left out.",
     "Tell the sender."},
    {Code::kDobCentury, "dob-century", kInfo,
     "A two-digit year of birth fits two centuries; the later one was taken, "
     "and the earlier one too where the age is open.",
     "Ask the sender for four-digit years where the format allows them."},
    {Code::kDobUnread, "dob-unread", kWarn,
     "A date of birth is no date and was left out.", "Tell the sender."},
    {Code::kDateUnread, "date-unread", kInfo,
     "A date of a flight or document is no date and was left out.",
     "Tell the sender."},
    {Code::kCountryUnknown, "country-unknown", kInfo,
     "A country is no code that we know; letters were kept as sent.",
     "Tell the sender to use ICAO three-letter codes."},
    {Code::kSexUnread, "sex-unread", kInfo,
     "A sex is none of the codes and counts as unknown.", "Tell the sender."},
    {Code::kDuplicate, "duplicate", kInfo,
     "The same content was there before; it is counted once.",
     "Nothing to do."},
    {Code::kLimitInterchange, "limit-interchange", kError,
     "The interchange is longer than allowed; messages past the limit were put "
     "into quarantine.",
     "Ask the sender to split it, or raise the limit in the configuration up "
     "to 64 MiB."},
    {Code::kLimitMessage, "limit-message", kError,
     "The message is longer than allowed; it was put into quarantine.",
     "Ask the sender to send it in parts."},
    {Code::kLimitSegment, "limit-segment", kError,
     "A segment is longer than allowed; the message was put into quarantine.",
     "Check the terminator in UNA; a wrong one makes one endless segment."},
    {Code::kLimitElements, "limit-elements", kError,
     "A segment has more elements than allowed; the message was put into "
     "quarantine.",
     "Check the element separator in UNA."},
    {Code::kLimitComponents, "limit-components", kError,
     "An element has more components than allowed; the message was put into "
     "quarantine.",
     "Check the component separator in UNA."},
    {Code::kLimitPersons, "limit-persons", kError,
     "The message has more persons than allowed; it was put into quarantine.",
     "Ask the sender to send it in parts."},
    {Code::kLimitFields, "limit-fields", kWarn,
     "A person has more names, documents or nationalities, or a flight more "
     "stops, than allowed; the rest was left out.",
     "Compare the person with the original."},
    {Code::kLimitLine, "limit-line", kError,
     "A line is longer than allowed, or a quoted field never ends; it was "
     "skipped.",
     "Correct the line and read the file again."},
    {Code::kLimitEntries, "limit-entries", kError,
     "The list has more entries than allowed; the rest was skipped.",
     "Split the list."},
    {Code::kLineShort, "line-short", kInfo,
     "A line has fewer columns than the header; the last ones are absent.",
     "Check the line if the last columns matter."},
    {Code::kLineLong, "line-long", kError,
     "A line has more columns than the header; it was skipped.",
     "Quote fields that hold the separator, and read the file again."},
    {Code::kLineQuote, "line-quote", kError,
     "A quotation mark stands where none may; the line was skipped.",
     "Quote the whole field and double each mark inside it (RFC 4180)."},
    {Code::kLineEncoding, "line-encoding", kError,
     "A line is not UTF-8; it was skipped.", "Save the file as UTF-8."},
    {Code::kLineJson, "line-json", kError,
     "A line is no JSON object of the expected form; it was skipped.",
     "Write one object a line, texts as strings, no name twice."},
    {Code::kColumnUnknown, "column-unknown", kError,
     "A line names a field that nobody expects; it was skipped.",
     "Remove the field: data that is not needed is not taken."},
    {Code::kEntryIdMissing, "entry-id-missing", kError,
     "A line of a list has no entry_id; it was skipped.", "Add the entry_id."},
    {Code::kEntryIncomplete, "entry-incomplete", kError,
     "A list entry lacks ground, grade or expiry; it was refused.",
     "Add what is missing: without them nobody may be listed."},
    {Code::kEntryConflict, "entry-conflict", kError,
     "Lines of one entry differ in ground, grade or expiry; the later one was "
     "skipped.",
     "Make them equal, or give the second one its own entry_id."},
    {Code::kGroundBad, "ground-bad", kError,
     "A ground is no purpose code; the line was skipped.",
     "Use a leaf of the catalogue, such as `terrorism.travel`."},
    {Code::kGradeBad, "grade-bad", kError,
     "A grade is not A, B, C or X with or without a digit from 1 to 4; the "
     "line was skipped.",
     "Write the grade as `B2`."},
    {Code::kExpiresBad, "expires-bad", kError,
     "An expiry is no day; the line was skipped.",
     "Write the day as YYYY-MM-DD."},
});

static_assert(kCodes.size() == static_cast<std::size_t>(Code::kLast) + 1);

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes[i].code != static_cast<Code>(i)) return false;
  }
  return true;
}
static_assert(InOrder());

}  // namespace

std::span<const CodeInfo> AllCodes() { return kCodes; }

const CodeInfo& Info(Code code) {
  return kCodes[static_cast<std::size_t>(code)];
}

}  // namespace entente::ingest
