#include "node/hits/retention.h"

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/subjects.h"
#include "node/hits/rows.h"
#include "node/store/record.h"

namespace entente::hits {
namespace {

using model::DisclosedItem;
using model::HitRecord;
using model::RequestRecord;

constexpr std::size_t kMostAtOnce = 500;

// The last version in force that replaced `received`, step by step.
exchange::AgreementRef PresentVersion(Desk& desk,
                                      exchange::AgreementRef received) {
  const std::int64_t now = desk.clock.NowSeconds();
  const std::vector<exchange::AgreementRef> all = desk.book.All();
  for (std::size_t step = 0; step < all.size(); ++step) {
    const auto next = std::find_if(all.begin(), all.end(), [&](const auto& a) {
      return a->agreement().id == received->agreement().id &&
             a->agreement().replaces == received->hash() &&
             a->agreement().validity.from <= now;
    });
    if (next == all.end()) break;
    received = *next;
  }
  return received;
}

std::uint8_t ClauseIndex(const policy::Compiled& agreement,
                         std::string_view id) {
  const auto& clauses = agreement.agreement().clauses;
  std::size_t i = 0;
  while (i < clauses.size() && clauses[i].id != id) ++i;
  return static_cast<std::uint8_t>(std::min<std::size_t>(i, 0xFF));
}

std::uint64_t BitsOf(const policy::Compiled& agreement,
                     const std::vector<model::FieldValue>& fields) {
  std::uint64_t bits = 0;
  for (const model::FieldValue& field : fields)
    bits |= agreement.fields().Bit(field.code);
  return bits;
}

// An open case counts after the end only when a signed list names it.
bool CaseCounts(const Standing& standing, const policy::PairView& view,
                std::int64_t now) {
  if (!standing.open_case) return false;
  if (view.ended == 0 || standing.open_case->listed) return true;
  const std::int64_t within =
      standing.received->agreement().ending.delete_within_days;
  return now < view.ended + within * kDay;
}

policy::Facts RetainFacts(Desk& desk, const Standing& standing,
                          const policy::Facts& asked,
                          const policy::PairView& view) {
  policy::Facts f;
  f.action = policy::Action::kRetain;
  f.holder = asked.holder;
  f.asker = asked.asker;
  f.dataset = asked.dataset;
  f.purpose = asked.purpose;
  f.basis = asked.basis;
  f.role = asked.role;
  f.route = asked.route;
  f.urgency = asked.urgency;
  f.asked = BitsOf(*standing.received, standing.item.record.fields);
  f.now = desk.clock.NowSeconds();
  view.Fill(f);
  f.held = static_cast<std::uint32_t>(
      std::max<std::int64_t>(0, f.now - standing.item.received) / 3600);
  f.units = 1;
  // Retention goes on while no witness answers: it needs the entry, not them.
  const audit::State log = desk.log.state();
  if (log == audit::State::kOpen || log == audit::State::kLate ||
      log == audit::State::kHeld)
    f.bits |= policy::fact::kLogOpen;
  if (CaseCounts(standing, view, f.now)) f.bits |= policy::fact::kOpenCase;
  f.origin_clause = ClauseIndex(*standing.received, standing.clause);
  f.agreement = standing.received->hash();
  return f;
}

absl::Status Judge(Desk& desk, const model::DisclosureRequest& request,
                   Standing& standing) {
  standing.received = desk.book.Find(request.agreement);
  standing.clause = request.clause;
  if (standing.received == nullptr) {
    standing.decision.obligations.frozen = 1;
    return absl::OkStatus();
  }
  standing.present = PresentVersion(desk, standing.received);
  TRY(const policy::Facts asked, policy::DecodeFacts(request.facts));
  const policy::PairView view =
      desk.book.View(*standing.present, standing.hit.peer, desk.party);
  standing.state = view.state;
  standing.decision =
      policy::EvaluateRetain(*standing.received, standing.present.get(),
                             RetainFacts(desk, standing, asked, view));
  // The other side may have told a shorter term than its clause allows.
  if (!standing.open_case &&
      standing.item.record.retain_until <= desk.clock.NowSeconds())
    standing.decision.reasons |= policy::Bit(policy::Reason::kT01);
  return absl::OkStatus();
}

absl::Status Erase(store::Writer& writer, HitRecord hit) {
  TRY_OK(EraseItem(writer, hit.hit));
  hit.state = model::HitState::kErased;
  TRY_OK(store::PutRecord(writer, store::Table::kHit, hit.hit, hit, hit.due));
  return ChangeRequest(writer, model::Way::kOut, hit.hit,
                       [](RequestRecord& now) {
                         now.state = model::RequestState::kErased;
                         return absl::OkStatus();
                       });
}

ledger::Event DeleteEvent(Desk& desk, std::string_view reason, std::size_t n) {
  return ledger::Event("retain.delete")
      .Set("before", desk.clock.NowSeconds())
      .Set("dataset", "disclosed")
      .Set("n", n)
      .Set("reason", reason);
}

// Deletes what `reason` ends: one entry for all of them.
absl::StatusOr<std::size_t> DeleteAll(Desk& desk, std::string_view reason,
                                      const std::vector<HitRecord>& hits) {
  if (hits.empty()) return 0;
  TRY_OK(CommitOne(desk, DeleteEvent(desk, reason, hits.size()),
                   [&hits](store::Writer& writer,
                           std::span<const audit::Staged>) -> absl::Status {
                     for (const HitRecord& hit : hits)
                       TRY_OK(Erase(writer, hit));
                     return absl::OkStatus();
                   })
             .status());
  return hits.size();
}

Bytes MaskAad(const Id16& hit) {
  return Concat({AsBytes("entente/masked/1\n"), hit});
}

// Takes the masked fields out of the record; they stay sealed beside it.
absl::Status Mask(Desk& desk, Standing& standing) {
  std::vector<model::FieldValue> stay;
  model::MaskedFields masked;
  for (model::FieldValue& field : standing.item.record.fields) {
    const std::uint64_t bit = standing.received->fields().Bit(field.code);
    ((bit & standing.decision.fields) != 0 ? stay : masked.fields)
        .push_back(std::move(field));
  }
  Bytes plain = Encode(masked);
  absl::StatusOr<Bytes> sealed = desk.keys.SealLocal(
      keys::Purpose::kPartition, MaskAad(standing.hit.hit), plain);
  Wipe(plain);
  if (!sealed.ok()) return sealed.status();
  standing.item.masked = *std::move(sealed);
  standing.item.record.fields = std::move(stay);
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> MaskAll(Desk& desk, std::vector<Standing>& due) {
  if (due.empty()) return 0;
  for (Standing& standing : due) TRY_OK(Mask(desk, standing));
  TRY_OK(CommitOne(desk,
                   ledger::Event("retain.mask")
                       .Set("before", desk.clock.NowSeconds())
                       .Set("dataset", "disclosed")
                       .Set("n", due.size()),
                   [&due](store::Writer& writer,
                          std::span<const audit::Staged>) -> absl::Status {
                     for (const Standing& s : due) {
                       const Bytes row = ItemRow(s.item.hit);
                       TRY(const std::optional<Bytes> there,
                           writer.Get(store::Table::kDisclosure, row));
                       if (!there) continue;  // recalled meanwhile
                       TRY_OK(store::PutRecord(
                           writer, store::Table::kDisclosure, row, s.item,
                           LatestDue(s, s.open_case.has_value())));
                     }
                     return absl::OkStatus();
                   })
             .status());
  return due.size();
}

struct Sweep {
  std::vector<HitRecord> over;        // their term
  std::vector<HitRecord> terminated;  // the end of their agreement
  std::vector<Standing> mask;
};

absl::StatusOr<Sweep> Look(Desk& desk) {
  Sweep out;
  std::vector<Id16> hits;
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY_OK(store::EachRecord<DisclosedItem>(
      *reader, store::Table::kDisclosure, AsBytes("d"),
      [&hits](Bytes&&, DisclosedItem&& item) {
        hits.push_back(item.hit);
        return absl::OkStatus();
      }));
  for (const Id16& hit : hits) {
    TRY(std::optional<Standing> standing, StandingOf(desk, *reader, hit));
    if (!standing) continue;
    const std::uint64_t reasons = standing->decision.reasons;
    const auto has = [reasons](policy::Reason reason) {
      return (reasons & policy::Bit(reason)) != 0;
    };
    if (has(policy::Reason::kT03)) {
      out.terminated.push_back(std::move(standing->hit));
    } else if (has(policy::Reason::kT01)) {
      out.over.push_back(std::move(standing->hit));
    } else if (has(policy::Reason::kT02) && standing->item.masked.empty()) {
      out.mask.push_back(*std::move(standing));
    }
    if (out.over.size() + out.terminated.size() + out.mask.size() >=
        kMostAtOnce)
      break;  // the rest in the next round
  }
  return out;
}

}  // namespace

bool Standing::Over() const {
  return (decision.reasons & (policy::Bit(policy::Reason::kT01) |
                              policy::Bit(policy::Reason::kT03))) != 0;
}

std::int64_t LatestDue(const Standing& standing, bool with_case) {
  const std::int64_t told = standing.item.record.retain_until;
  if (!with_case || standing.received == nullptr) return told;
  const policy::Clause* clause = standing.received->FindClause(standing.clause);
  if (clause == nullptr) return told;
  return std::max(told, standing.item.received +
                            std::int64_t{clause->retain_days_case} * kDay);
}

absl::Status EraseItem(store::Writer& writer, const Id16& hit) {
  TRY_OK(writer.Delete(store::Table::kDisclosure, CaseRow(hit)));
  return writer.Delete(store::Table::kDisclosure, ItemRow(hit));
}

absl::StatusOr<std::optional<Standing>> StandingOf(Desk& desk,
                                                   store::Reader& reader,
                                                   const Id16& id) {
  TRY(std::optional<DisclosedItem> item,
      store::GetRecord<DisclosedItem>(reader, store::Table::kDisclosure,
                                      ItemRow(id)));
  TRY(std::optional<HitRecord> hit,
      store::GetRecord<HitRecord>(reader, store::Table::kHit, id));
  if (!item || !hit) return std::optional<Standing>();
  TRY(const RequestRecord request,
      store::NeedRecord<RequestRecord>(reader, store::Table::kDisclosure,
                                       RequestRow(model::Way::kOut, id),
                                       "request"));
  TRY(const auto asked,
      DecodeStatement<model::DisclosureRequest>(request.request.body));
  Standing out;
  out.item = *std::move(item);
  out.hit = *std::move(hit);
  TRY(out.open_case, store::GetRecord<model::CaseRecord>(
                         reader, store::Table::kDisclosure, CaseRow(id)));
  if (out.open_case && out.open_case->opened == 0) out.open_case.reset();
  TRY_OK(Judge(desk, asked, out));
  return std::optional<Standing>(std::move(out));
}

absl::StatusOr<std::vector<Id16>> DisclosedUnder(Desk& desk,
                                                 store::Reader& reader,
                                                 std::string_view agreement_id,
                                                 bool kept) {
  std::vector<Id16> out;
  TRY_OK(store::EachRecord<RequestRecord>(
      reader, store::Table::kDisclosure, AsBytes("ro"),
      [&](Bytes&&, RequestRecord&& request) -> absl::Status {
        if (request.state != model::RequestState::kDelivered &&
            request.state != model::RequestState::kErased)
          return absl::OkStatus();
        TRY(const auto asked,
            DecodeStatement<model::DisclosureRequest>(request.request.body));
        const exchange::AgreementRef held = desk.book.Find(asked.agreement);
        if (held == nullptr || held->agreement().id != agreement_id)
          return absl::OkStatus();
        TRY(const std::optional<Bytes> item,
            reader.Get(store::Table::kDisclosure, ItemRow(request.hit)));
        if (!kept || item) out.push_back(request.hit);
        return absl::OkStatus();
      }));
  std::sort(out.begin(), out.end());
  return out;
}

absl::StatusOr<std::size_t> Retain(Desk& desk) {
  TRY(Sweep sweep, Look(desk));
  TRY(std::size_t gone, DeleteAll(desk, "terminated", sweep.terminated));
  TRY(const std::size_t over, DeleteAll(desk, "term", sweep.over));
  TRY(const std::size_t masked, MaskAll(desk, sweep.mask));
  gone += over;
  if (gone + masked > 0) TRY_OK(desk.store.Scrub());
  return gone + masked;
}

absl::StatusOr<std::optional<DisclosedItem>> ReadDisclosed(
    Desk& desk, const model::Officer& officer, const Id16& hit) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(std::optional<Standing> standing, StandingOf(desk, *reader, hit));
  if (!standing || standing->Over()) return std::optional<DisclosedItem>();
  const std::string& peer = standing->item.peer;
  if (const absl::Status role = NeedReviewer(officer); !role.ok())
    return Refused(desk, peer, hit, role);
  const policy::Decision& decision = standing->decision;
  if (decision.outcome != policy::Outcome::kPermit && decision.reasons != 0)
    return Refused(desk, peer, hit, exchange::Refusal(decision));
  if (decision.outcome != policy::Outcome::kPermit ||
      decision.obligations.frozen != 0) {
    return Refused(desk, peer, hit,
                   WithReason(Denied("the agreement is suspended or over: what "
                                     "was disclosed is frozen"),
                              "S01"));
  }
  std::erase_if(standing->item.record.fields, [&](const auto& field) {
    return (standing->received->fields().Bit(field.code) & decision.fields) ==
           0;
  });
  ledger::Event event("record.read");
  event.Set("kind", "disclosed")
      .Set("n", 1)
      .Set("why", "hit")
      .Seal("refs", ToHex(hit))
      .By(officer.id);
  TRY(const std::vector<Id16> tags,
      exchange::TravellerTags(desk.keys, *reader, standing->hit.traveller_key));
  TRY_OK(CommitOne(desk, std::move(event), {}, tags).status());
  standing->item.record.retain_until =
      LatestDue(*standing, standing->open_case.has_value());
  return std::optional<DisclosedItem>(std::move(standing->item));
}

}  // namespace entente::hits
