#include "node/exchange/reconcile.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "node/exchange/leaf_proof.h"
#include "node/exchange/reconcile_methods.h"
#include "node/model/log_statements.h"

namespace entente::exchange {
namespace {

using Kind = ledger::Difference::Kind;

constexpr auto kDeadline = std::chrono::seconds(20);
constexpr std::int64_t kStages[] = {1, 8, 31};

// What is compared with whom, and how it goes.
struct Comparing {
  Desk& desk;
  const policy::Compiled& agreement;
  DayOfPair day;
  ledger::DaySet here;
  DayComparison out;
};

absl::StatusOr<ledger::DayNode> AskNode(Comparing& c, ByteView nibbles) {
  model::ReconcileNodeAsk ask;
  ask.agreement = c.day.agreement;
  ask.day = DayText(c.day.day);
  ask.nibbles = ToBytes(nibbles);
  c.out.messages += 2;
  TRY(const auto answer, c.desk.courier.Call<model::ReconcileNode>(
                             c.day.peer, kReconcileNode, ask, kDeadline));
  if (answer.value.nibbles != ask.nibbles)
    return ProofFailed("an answer about another place");
  ledger::DayNode node;
  node.count = answer.value.count;
  node.digest = answer.value.digest;
  node.children = answer.value.children;
  for (const model::DayRecord& record : answer.value.records)
    node.records.emplace_back(record.key, record.digest);
  return node;
}

// The peer's own note, or ours with its line under it.
absl::StatusOr<ledger::DayNote> SwapNotes(Comparing& c) {
  const std::string text =
      ledger::DayNoteText(c.day.agreement, DayText(c.day.day), c.here);
  model::ReconcileDay ask;
  ask.agreement = c.day.agreement;
  ask.day = DayText(c.day.day);
  TRY(ask.note, SignDayNote(c.desk, text));
  c.out.messages += 2;
  TRY(const auto answer, c.desk.courier.Call<model::ReconcileDay>(
                             c.day.peer, kReconcileDay, ask, kDeadline));
  TRY(ledger::DayNote theirs,
      OpenDayNote(c.desk, c.day.peer, answer.value.note, c.day));
  if (theirs.root == c.out.result.mine) c.out.result.note = answer.value.note;
  return theirs;
}

// The leaf that the peer gave in this step; zero: none, or it cannot be told
// from one of ours.
Hash PeerLeaf(Desk& desk, const ledger::ExchangeRecord& record) {
  std::vector<Hash> foreign;
  for (const Hash& leaf : {record.first_leaf, record.second_leaf}) {
    if (leaf != Hash{} && !desk.log.FindLeaf(leaf).ok())
      foreign.push_back(leaf);
  }
  return foreign.size() == 1 ? foreign[0] : Hash{};
}

// Makes the peer show the entry that it signed for.
void Question(Comparing& c, DayDifference& difference) {
  std::optional<ledger::ExchangeRecord> record;
  if (const auto reader = c.desk.store.Read(); reader.ok()) {
    const auto found = FindRecord(**reader, c.day, difference.key);
    if (found.ok()) record = *found;
  }
  if (!record) {
    difference.note = "nothing of it is kept here";
    return;
  }
  difference.step = std::string(ledger::StepName(record->step));
  const Hash leaf = PeerLeaf(c.desk, *record);
  if (leaf == Hash{}) {
    difference.note = "the peer gave no entry in this step";
    return;
  }
  c.out.messages += 2;
  const auto shown = AskLeafProof(c.desk, c.day.peer, leaf);
  if (shown.ok()) {
    difference.note = Join({"the peer's log holds its entry ", ToHex(leaf),
                            " at index ", std::to_string(shown->index)});
    return;
  }
  const std::string reason = ReasonOf(shown.status());
  difference.lied = reason == "leaf-unknown" || reason == "answer-misplaced";
  difference.note = Join(
      {difference.lied ? "the peer signed for the entry " : "the entry ",
       ToHex(leaf), difference.lied ? " and cannot show it: " : ": ", reason});
}

absl::Status FindDifferences(Comparing& c, const ledger::DayNote& theirs) {
  const auto walk = ledger::WalkDay(
      c.here, theirs.root,
      [&c](ByteView nibbles) { return AskNode(c, nibbles); }, kMostDifferences);
  if (absl::IsDataLoss(walk.status()))
    return WithReason(walk.status(), "day-misfit");
  if (!walk.ok()) return walk.status();
  c.out.more = walk->more;
  for (const ledger::Difference& found : walk->differences) {
    DayDifference difference;
    difference.kind = found.kind;
    difference.key = found.key;
    Question(c, difference);
    if (difference.lied) ++c.out.result.unproved;
    c.out.differences.push_back(std::move(difference));
  }
  return absl::OkStatus();
}

audit::Job JobOf(Comparing& c) {
  const DayResult& result = c.out.result;
  audit::Job job;
  job.events.push_back(ledger::Event("reconcile.day")
                           .Set("agr", result.agreement)
                           .Set("day", DayText(result.day))
                           .Set("mine", result.mine)
                           .Set("n", result.differences)
                           .Set("peer", result.peer)
                           .Set("result", result.result)
                           .Set("theirs", result.theirs));
  for (const DayDifference& difference : c.out.differences) {
    job.events.push_back(ledger::Event("reconcile.differ")
                             .Set("agr", result.agreement)
                             .Set("day", DayText(result.day))
                             .Set("kind", KindName(difference.kind))
                             .Set("peer", result.peer)
                             .Set("xkey", difference.key)
                             .Seal("note", difference.note));
  }
  job.changes = [&result](store::Writer& writer,
                          std::span<const audit::Staged>) {
    return KeepResult(writer, result);
  };
  return job;
}

// The latest stage that `today` asks for; 0: none.
std::uint8_t StageOf(std::int64_t day, std::int64_t today) {
  std::uint8_t stage = 0;
  for (const std::int64_t days : kStages) {
    if (today - day >= days) stage = static_cast<std::uint8_t>(days);
  }
  return stage;
}

absl::Status CompareIfDue(Desk& desk, const policy::Compiled& agreement,
                          std::string_view peer, std::int64_t day,
                          std::int64_t today) {
  const std::uint8_t stage = StageOf(day, today);
  std::optional<DayResult> before;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(before,
        FindResult(*reader, {agreement.hash(), std::string(peer), day}));
  }
  if (stage == 0 || (before && before->stage >= stage)) return absl::OkStatus();
  return CompareDay(desk, agreement, peer, day, stage).status();
}

// Whether the pair may have exchanged anything: both parties, and data flows
// or flowed.
absl::Status CompareDueOf(Desk& desk, const policy::Compiled& agreement,
                          std::string_view peer) {
  const std::int64_t today = DayAt(desk.clock.NowSeconds());
  const std::int64_t first =
      std::max(today - kStages[2], DayAt(agreement.agreement().validity.from));
  for (std::int64_t day = first; day < today; ++day) {
    const absl::Status done = CompareIfDue(desk, agreement, peer, day, today);
    // Away, or of another mind: the other days would fare no better.
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kMissingHere:
      return "missing-here";
    case Kind::kMissingThere:
      return "missing-there";
    case Kind::kDiffers:
      break;
  }
  return "differs";
}

absl::StatusOr<DayComparison> CompareDay(Desk& desk,
                                         const policy::Compiled& agreement,
                                         std::string_view peer,
                                         std::int64_t day, std::uint8_t stage) {
  if (day > DayAt(desk.clock.NowSeconds()))
    return Invalid("this day has not begun");
  Comparing c{
      desk, agreement, {agreement.hash(), std::string(peer), day}, {}, {}};
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(c.here, ReadDay(*reader, c.day));
    TRY(const auto before, FindResult(*reader, c.day));
    if (before) c.out.result.stage = before->stage;
  }
  DayResult& result = c.out.result;
  result.agreement = c.day.agreement;
  result.peer = c.day.peer;
  result.day = day;
  result.stage = std::max(result.stage, stage);
  result.mine = ledger::DayRoot(c.here);
  result.time = desk.clock.NowSeconds();
  c.out.records = c.here.size();
  TRY(const ledger::DayNote theirs, SwapNotes(c));
  result.theirs = theirs.root;
  if (theirs.root != result.mine) TRY_OK(FindDifferences(c, theirs));
  result.result = theirs.root == result.mine ? "equal" : "differs";
  result.differences = c.out.differences.size();
  TRY_OK(desk.log.Commit(JobOf(c)).status());
  return std::move(c.out);
}

absl::Status CompareDueDays(Desk& desk) {
  absl::Status first;
  for (const AgreementRef& agreement : desk.book.All()) {
    for (const policy::Party& party : agreement->agreement().parties) {
      if (party.code == desk.party) continue;
      const absl::Status done = CompareDueOf(desk, *agreement, party.code);
      if (first.ok() && !done.ok()) first = done;
    }
  }
  return first;
}

}  // namespace entente::exchange
