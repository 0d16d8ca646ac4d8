#include "node/ledger/review.h"

#include <array>
#include <charconv>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/primitive/hash.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kFormat = "entente/audit-review/1";

// The next line without its line feed; empty when there is none.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

template <class Number>
bool TakeTwo(std::string_view line, Number& a, Number& b) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return false;
  const auto read = [](std::string_view word, Number& out) {
    const auto result =
        std::from_chars(word.data(), word.data() + word.size(), out);
    return result.ec == std::errc() && result.ptr == word.data() + word.size();
  };
  return read(line.substr(0, space), a) && read(line.substr(space + 1), b);
}

}  // namespace

std::string ReviewStatement::Text() const {
  return Join({kFormat, "\n", origin, "\n", std::to_string(from), " ",
               std::to_string(until), "\n", std::to_string(first), " ",
               std::to_string(last), "\n", ToBase64(report), "\n"});
}

absl::StatusOr<ReviewStatement> ParseReviewStatement(std::string_view text) {
  std::string_view rest = text;
  ReviewStatement out;
  const bool format = TakeLine(rest) == kFormat;
  out.origin = TakeLine(rest);
  const bool times = TakeTwo(TakeLine(rest), out.from, out.until);
  const bool range = TakeTwo(TakeLine(rest), out.first, out.last);
  if (!format || !times || !range || !merkle::IsOrigin(out.origin) ||
      out.from < 0 || out.until <= out.from || out.last < out.first) {
    return Invalid("not the signature of a review");
  }
  TRY(const Bytes digest, FromBase64(TakeLine(rest)));
  TRY(out.report, ToArray<32>(digest));
  // One spelling only: what was signed is what was read.
  if (out.Text() != text) return Invalid("not the signature of a review");
  return out;
}

absl::StatusOr<std::string> SignReview(const ReviewStatement& statement,
                                       const merkle::VerifierKey& officer,
                                       const merkle::Signer& sign) {
  merkle::Note note;
  note.text = statement.Text();
  TRY(merkle::NoteLine line, merkle::SignText(officer, note.text, sign));
  note.lines.push_back(std::move(line));
  return note.Text();
}

absl::StatusOr<ReviewStatement> OpenReview(std::string_view note,
                                           ByteView report,
                                           const merkle::VerifierKey& officer) {
  if (officer.type() != merkle::NoteKeyType::kEd25519)
    return Invalid("an officer's key is of type Ed25519");
  TRY(const merkle::OpenedNote opened, merkle::OpenNote(note, {&officer, 1}));
  TRY(ReviewStatement statement, ParseReviewStatement(opened.note.text));
  if (statement.report != primitive::Sha256(report))
    return ProofFailed("the report is not the one that was signed");
  return statement;
}

}  // namespace entente::ledger
