// The answering half of reconcile.h, and the notes that both sides sign.

#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "node/exchange/reconcile.h"
#include "node/ledger/day_walk.h"
#include "node/model/log_statements.h"

namespace entente::exchange {
namespace {

using model::SignedStatement;

// The day that was asked about, when the two exchange under the agreement.
absl::StatusOr<DayOfPair> DayAsked(Desk& desk, std::string_view from,
                                   const Hash& hash, std::string_view text) {
  const AgreementRef agreement = desk.book.Find(hash);
  if (agreement == nullptr || !agreement->PartyIndex(from))
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  const auto day = ParseDay(text);
  if (!day.ok()) return WithReason(day.status(), "statement-malformed");
  return DayOfPair{hash, std::string(from), *day};
}

absl::StatusOr<ledger::DaySet> SetOf(Desk& desk, const DayOfPair& day) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  return ReadDay(*reader, day);
}

absl::StatusOr<merkle::VerifierKey> OwnKey(Desk& desk) {
  TRY(const primitive::PublicKey key, desk.keys.Public(keys::Purpose::kLog));
  return merkle::VerifierKey::Make(desk.log.origin(),
                                   merkle::NoteKeyType::kEd25519, key);
}

absl::StatusOr<std::string> OwnLine(Desk& desk, std::string_view text) {
  TRY(const merkle::VerifierKey key, OwnKey(desk));
  TRY(const merkle::NoteLine line,
      merkle::SignText(key, text, [&desk](ByteView message) {
        return desk.keys.Sign(keys::Purpose::kLog, message);
      }));
  return line.Text();
}

}  // namespace

absl::StatusOr<std::string> SignDayNote(Desk& desk, std::string_view text) {
  TRY(const std::string line, OwnLine(desk, text));
  return Join({text, "\n", line});
}

absl::StatusOr<ledger::DayNote> OpenDayNote(Desk& desk, std::string_view peer,
                                            std::string_view note,
                                            const DayOfPair& day) {
  TRY(const keys::NodeCard card, desk.trust.Card(peer));
  TRY(const merkle::VerifierKey key, LogKeyOf(card));
  const auto opened = merkle::OpenNote(note, {&key, 1});
  if (!opened.ok()) return WithReason(opened.status(), "signature-wrong");
  TRY(ledger::DayNote out, ledger::ParseDayNote(opened->note.text));
  if (out.agreement != day.agreement || out.day != DayText(day.day))
    return WithReason(Invalid("the note of another day"),
                      "statement-malformed");
  return out;
}

absl::StatusOr<SignedStatement> AnswerReconcileDay(Desk& desk,
                                                   std::string_view from,
                                                   const SignedStatement& in) {
  TRY(const Opened<model::ReconcileDay> ask,
      desk.courier.Open<model::ReconcileDay>(from, in));
  TRY(const DayOfPair day,
      DayAsked(desk, from, ask.value.agreement, ask.value.day));
  TRY(const ledger::DayNote theirs,
      OpenDayNote(desk, from, ask.value.note, day));
  TRY(const ledger::DaySet here, SetOf(desk, day));
  const std::string text =
      ledger::DayNoteText(day.agreement, ask.value.day, here);
  model::ReconcileDay answer;
  answer.agreement = day.agreement;
  answer.day = ask.value.day;
  if (theirs.root == ledger::DayRoot(here) && theirs.count == here.size()) {
    TRY(const std::string line, OwnLine(desk, text));
    answer.note = ask.value.note + line;
  } else {
    TRY(answer.note, SignDayNote(desk, text));
  }
  return desk.courier.Seal(answer, from);
}

absl::StatusOr<SignedStatement> AnswerReconcileNode(Desk& desk,
                                                    std::string_view from,
                                                    const SignedStatement& in) {
  TRY(const Opened<model::ReconcileNodeAsk> ask,
      desk.courier.Open<model::ReconcileNodeAsk>(from, in));
  TRY(const DayOfPair day,
      DayAsked(desk, from, ask.value.agreement, ask.value.day));
  TRY(const ledger::DaySet here, SetOf(desk, day));
  auto node = ledger::DayNodeAt(here, ask.value.nibbles);
  if (!node.ok()) return WithReason(node.status(), "statement-malformed");
  model::ReconcileNode answer;
  answer.nibbles = ask.value.nibbles;
  answer.count = node->count;
  answer.digest = node->digest;
  answer.children = std::move(node->children);
  for (const auto& [key, digest] : node->records)
    answer.records.push_back({key, digest});
  return desk.courier.Seal(answer, from);
}

}  // namespace entente::exchange
