// An open case keeps what was disclosed for it: two people say so, each is in
// the log, and closing gives the shorter term back.

#include <utility>

#include "crypto/base/status.h"
#include "node/hits/retention.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::CaseRecord;

absl::Status CaseState(std::string_view text) {
  return WithNext(WithReason(Unready(text), "case-state"),
                  "`entente case list` shows the cases");
}

ledger::Event StepEvent(std::string_view act, const Id16& hit, int step,
                        const std::string& reason, std::string_view by) {
  return ledger::Event("approval.give")
      .Set("act", act)
      .Set("ref", hit)
      .Set("step", step)
      .Seal("reason", reason)
      .By(by);
}

// Rows whose term depends on the case: the item, its hit and its request.
absl::Status PutTerm(store::Writer& writer, const Id16& hit, std::int64_t due) {
  TRY(const auto item,
      store::NeedRecord<model::DisclosedItem>(writer, store::Table::kDisclosure,
                                              ItemRow(hit), "disclosed item"));
  TRY_OK(store::PutRecord(writer, store::Table::kDisclosure, ItemRow(hit), item,
                          due));
  TRY(model::HitRecord record, store::NeedRecord<model::HitRecord>(
                                   writer, store::Table::kHit, hit, "hit"));
  record.due = due;
  TRY_OK(store::PutRecord(writer, store::Table::kHit, hit, record, due));
  TRY(const auto request, store::NeedRecord<model::RequestRecord>(
                              writer, store::Table::kDisclosure,
                              RequestRow(model::Way::kOut, hit), "request"));
  return PutRequest(writer, request, due);
}

absl::StatusOr<Standing> NeedStanding(Desk& desk, store::Reader& reader,
                                      const Id16& hit) {
  TRY(std::optional<Standing> standing, StandingOf(desk, reader, hit));
  if (!standing || standing->Over() || standing->received == nullptr)
    return WithReason(Unready("nothing disclosed is kept for this hit"),
                      "hit-state");
  return *std::move(standing);
}

absl::StatusOr<std::optional<CaseRecord>> Find(store::Reader& reader,
                                               const Id16& hit) {
  return store::GetRecord<CaseRecord>(reader, store::Table::kDisclosure,
                                      CaseRow(hit));
}

absl::Status NeedSentence(const std::string& reason) {
  if (!reason.empty()) return absl::OkStatus();
  return Invalid("--reason says in one sentence why");
}

}  // namespace

absl::Status AskCase(Desk& desk, const model::Officer& officer,
                     const CaseInput& input) {
  TRY_OK(NeedSentence(input.reason));
  if (input.reference.empty())
    return Invalid("--case names the case by its reference");
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const Standing standing, NeedStanding(desk, *reader, input.hit));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, standing.item.peer, input.hit, role);
  CaseRecord record;
  record.hit = input.hit;
  record.reference = input.reference;
  record.asked_by = officer.id;
  record.asked_key = officer.key;
  record.asked = desk.clock.NowSeconds();
  return CommitOne(
             desk,
             StepEvent("case-open", input.hit, 1, input.reason, officer.id),
             [&](store::Writer& writer,
                 std::span<const audit::Staged>) -> absl::Status {
               TRY(const auto there, Find(writer, input.hit));
               if (there) return CaseState("this hit has a case already");
               return store::PutRecord(writer, store::Table::kDisclosure,
                                       CaseRow(input.hit), record,
                                       standing.item.record.retain_until);
             })
      .status();
}

absl::Status OpenCase(Desk& desk, const model::Officer& officer,
                      const CaseInput& input) {
  TRY_OK(NeedSentence(input.reason));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const Standing standing, NeedStanding(desk, *reader, input.hit));
  TRY(std::optional<CaseRecord> record, Find(*reader, input.hit));
  if (!record || record->opened != 0)
    return CaseState("no case of this hit waits for a second person");
  if (!officer.Has(model::Role::kApprover)) {
    return Refused(desk, standing.item.peer, input.hit,
                   WithReason(Denied("only an approver opens a case"), "role"));
  }
  if (record->asked_by == officer.id || record->asked_key == officer.key) {
    return Refused(
        desk, standing.item.peer, input.hit,
        WithNext(WithReason(Denied("who asked for the case does not open it"),
                            "same-person"),
                 "ask a colleague"));
  }
  const std::int64_t due = LatestDue(standing, true);
  return CommitOne(
             desk,
             StepEvent("case-open", input.hit, 2, input.reason, officer.id),
             [&](store::Writer& writer,
                 std::span<const audit::Staged>) -> absl::Status {
               TRY(std::optional<CaseRecord> now, Find(writer, input.hit));
               if (!now || now->opened != 0 || now->asked != record->asked)
                 return CaseState("the case changed meanwhile");
               now->opened_by = officer.id;
               now->opened = desk.clock.NowSeconds();
               TRY_OK(store::PutRecord(writer, store::Table::kDisclosure,
                                       CaseRow(input.hit), *now, due));
               return PutTerm(writer, input.hit, due);
             })
      .status();
}

absl::Status CloseCase(Desk& desk, const model::Officer& officer,
                       const CaseInput& input) {
  TRY_OK(NeedSentence(input.reason));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const std::optional<Standing> standing,
      StandingOf(desk, *reader, input.hit));
  if (!standing) return CaseState("this hit has no case");
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, standing->item.peer, input.hit, role);
  return CommitOne(
             desk,
             StepEvent("case-close", input.hit, 1, input.reason, officer.id),
             [&](store::Writer& writer,
                 std::span<const audit::Staged>) -> absl::Status {
               TRY(const auto there, Find(writer, input.hit));
               if (!there) return CaseState("this hit has no case");
               TRY_OK(writer.Delete(store::Table::kDisclosure,
                                    CaseRow(input.hit)));
               // A date that has passed is met by the next round of upkeep.
               return PutTerm(writer, input.hit, LatestDue(*standing, false));
             })
      .status();
}

absl::StatusOr<std::vector<CaseRecord>> Cases(Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(auto rows, store::AllRecords<CaseRecord>(
                     *reader, store::Table::kDisclosure, AsBytes("c")));
  std::vector<CaseRecord> out;
  for (auto& [key, record] : rows) out.push_back(std::move(record));
  return out;
}

}  // namespace entente::hits
