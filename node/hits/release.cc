// The holder: shows a request's subject to its reviewers, and releases the
// least that the clause allows.

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hpke.h"
#include "node/exchange/holder.h"
#include "node/exchange/subjects.h"
#include "node/exchange/tag_set_keys.h"
#include "node/hits/asked.h"
#include "node/hits/rows.h"
#include "node/hits/subject_fields.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::RequestRecord;
using model::RequestState;
using model::SignedStatement;

// What the decision lets go, in the record's own words.
model::DisclosedRecord ContentOf(const Asked& asked, const Id16& hit,
                                 const model::ListEntry& entry,
                                 const policy::Decision& decision) {
  model::DisclosedRecord content;
  content.hit = hit;
  content.fields =
      FieldsOf(entry, asked.agreement->FieldCodes(decision.fields));
  content.source_grade = entry.source_grade;
  content.info_grade = entry.info_grade;
  content.handling = std::string(policy::Word(
      static_cast<policy::Handling>(decision.obligations.handling)));
  for (std::size_t i = 0; i <= static_cast<std::size_t>(policy::Caveat::kLast);
       ++i) {
    if (((decision.obligations.caveats >> i) & 1U) != 0) {
      content.caveats.emplace_back(
          policy::Word(static_cast<policy::Caveat>(i)));
    }
  }
  content.retain_until = decision.obligations.retain_until;
  return content;
}

// Sealed to the asker's key under this request, not signed yet.
absl::StatusOr<model::Disclosure> SealedFor(
    Desk& desk, const RequestRecord& record, const Asked& asked,
    const model::DisclosedRecord& content) {
  TRY(const keys::NodeCard card, desk.trust.Card(record.peer));
  model::Disclosure out;
  out.agreement = asked.agreement->hash();
  out.clause = asked.clause->id;
  out.hit = record.hit;
  out.request = record.request_hash;
  out.handling = content.handling;
  out.retain_until = content.retain_until;
  Bytes plain = EncodeStatement(content);
  absl::StatusOr<primitive::HpkeSealed> sealed = primitive::HpkeSeal(
      card.disclosure_key, SealInfo(record.request_hash), {}, plain);
  Wipe(plain);
  if (!sealed.ok()) return sealed.status();
  out.enc = sealed->enc;
  out.sealed = std::move(sealed->ciphertext);
  return out;
}

ledger::Event ReleaseEvent(const RequestRecord& record, const Asked& asked,
                           const model::DisclosedRecord& content,
                           const model::ListEntry& entry, const Hash& drafted,
                           const policy::Facts& facts,
                           const std::string& officer) {
  ledger::Event event("disclose.release");
  exchange::SetExchange(event, *asked.agreement, asked.act, record.peer);
  event.Set("fields", JoinCodes(content.fields))
      .Set("grade",
           exchange::CodeOrDash(content.source_grade + content.info_grade))
      .Set("handling", content.handling)
      .Set("hit", record.hit)
      .Set("message", drafted)
      .Set("peer_leaf", asked.request.leaf)
      .Set("until", content.retain_until)
      .Seal("refs", entry.entry_id)
      .Seal("recipient", record.peer)
      .Seal("facts", ToHex(policy::EncodeFacts(facts)))
      .By(officer);
  return event;
}

// The entry as it was read, and how often lists and protected persons had
// changed by then.
struct ReadEntry {
  model::ListEntry entry;
  std::uint64_t changes = 0;
};
absl::StatusOr<ReadEntry> ReadNow(Desk& desk, store::Reader& reader,
                                  const Bytes& name) {
  ReadEntry out;
  TRY(out.changes, exchange::ChangesOf(reader, "v"));
  TRY(out.entry, EntryOf(desk, reader, name));
  return out;
}
// A list that changed since must not be told as it was: nobody would recall it
// afterwards. PERMISSION_DENIED H02.
absl::Status StillSo(Desk& desk, store::Writer& writer, const Bytes& name,
                     const ReadEntry& read) {
  TRY(const std::uint64_t changes, exchange::ChangesOf(writer, "v"));
  if (changes == read.changes) return absl::OkStatus();
  const absl::StatusOr<model::ListEntry> now = EntryOf(desk, writer, name);
  if (now.ok() && Encode(*now) == Encode(read.entry)) return absl::OkStatus();
  return WithReason(Denied("the list entry changed meanwhile"), "H02");
}

}  // namespace

absl::StatusOr<model::ListEntry> ReadSubject(Desk& desk,
                                             const model::Officer& officer,
                                             const Id16& hit) {
  TRY(const RequestRecord record, GetRequest(desk, model::Way::kIn, hit));
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, record.peer, hit, role);
  TRY(const Asked asked, AskedOf(desk, record));
  ledger::Event event("record.read");
  event.Set("kind", "list")
      .Set("n", 1)
      .Set("why", "request")
      .Seal("case", asked.request.reference)
      .Seal("refs", ToHex(hit))
      .By(officer.id);
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const std::vector<Id16> tags,
      exchange::EntryTags(desk.keys, *reader, record.entry));
  TRY_OK(CommitOne(desk, std::move(event), {}, tags).status());
  return EntryOf(desk, *reader, record.entry);
}

absl::StatusOr<RequestRecord> Release(Desk& desk, const model::Officer& officer,
                                      const Id16& hit) {
  TRY(RequestRecord record, GetRequest(desk, model::Way::kIn, hit));
  const auto refuse = [&](const absl::Status& status) {
    return Refused(desk, record.peer, hit, status);
  };
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return refuse(role);
  if (record.state != RequestState::kPending &&
      record.state != RequestState::kReady) {
    return WithReason(Unready("this request was answered before"), "hit-state");
  }
  TRY(const Asked asked, AskedOf(desk, record));
  TRY_OK(exchange::ExchangeStatusIfStale(desk, *asked.agreement, record.peer));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const policy::Facts facts,
      OwnFacts(desk, *reader, asked, record.reviews, true));
  policy::Verdict verdict =
      policy::Decide(*asked.agreement, policy::Local{}, facts, hit);
  auto* permit = std::get_if<policy::Permit>(&verdict);
  if (permit == nullptr)
    return refuse(exchange::Refusal(exchange::WithoutPermit(verdict)));
  const absl::StatusOr<ReadEntry> read = ReadNow(desk, *reader, record.entry);
  if (!read.ok())
    return refuse(WithReason(
        Denied("the list entry behind this hit is no longer there"), "H02"));

  const model::DisclosedRecord content =
      ContentOf(asked, hit, read->entry, permit->decision());
  TRY(model::Disclosure disclosure, SealedFor(desk, record, asked, content));
  const Hash drafted = desk.courier.Draft(disclosure, record.peer);
  const auto changes = [&](store::Writer& writer,
                           std::span<const audit::Staged> staged) {
    TRY_OK(StillSo(desk, writer, record.entry, *read));
    disclosure.leaf = staged[0].leaf_hash;
    TRY(const SignedStatement ready, desk.courier.SealDrafted(disclosure));
    return ChangeRequest(writer, model::Way::kIn, hit, [&](RequestRecord& now) {
      // Reviews that came since would have to be decided on again.
      const bool same = now.state == record.state &&
                        now.reviews.size() == record.reviews.size();
      if (!same) return AnsweredBefore();
      now.answer = ready;
      now.state = RequestState::kReleased;
      return absl::OkStatus();
    });
  };
  audit::Job job;
  job.events.push_back(ReleaseEvent(record, asked, content, read->entry,
                                    drafted, facts, officer.id));
  job.changes = changes;
  TRY(const std::vector<Id16> tags,
      exchange::SubjectTags(desk.keys, read->entry));
  exchange::TagEvent(job, 0, tags);
  const absl::StatusOr<std::vector<audit::Receipt>> receipts =
      desk.log.Append(std::move(job), *permit);
  if (ReasonOf(receipts.status()) == "H02") return refuse(receipts.status());
  TRY_OK(receipts.status());
  if (!receipts->front().Covers(*permit))
    return Internal("the receipt is for another act");
  TRY_OK(Deliver(desk, &hit).status());
  return GetRequest(desk, model::Way::kIn, hit);
}

}  // namespace entente::hits
