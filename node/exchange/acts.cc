#include "node/exchange/acts.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "node/exchange/key.h"
#include "node/model/records.h"
#include "node/store/record.h"
#include "policy/reason.h"

namespace entente::exchange {
namespace {

absl::Status WordRefused(policy::Reason reason, std::string_view what,
                         std::string_view word) {
  const policy::ReasonText& text = policy::TextOf(reason);
  return WithNext(
      WithReason(Denied(what, " `", CodeOrDash(word),
                        "` is not in the agreement: ", text.sentence),
                 text.code),
      text.next);
}

// The log takes entries, and its witnesses were heard of within the grace that
// the agreement gives; the node's own grace counts when it is the stricter one.
bool LogOpenFor(const Desk& desk, const policy::Compiled& agreement) {
  constexpr std::int64_t kLateSeconds = 300;  // below it nothing is amiss
  const audit::State state = desk.log.state();
  const std::int64_t grace = std::max<std::int64_t>(
      kLateSeconds, agreement.agreement().audit.witness_grace_seconds);
  return (state == audit::State::kOpen || state == audit::State::kLate) &&
         desk.log.counts().quorum_age <= grace;
}

}  // namespace

std::string CodeOrDash(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' ||
           c == '+' || c == '-';
  };
  const bool first = !text.empty() && text[0] != '.' && text[0] != '_' &&
                     text[0] != ':' && text[0] != '+' && text[0] != '-';
  if (!first || text.size() > 64 ||
      !std::all_of(text.begin(), text.end(), good))
    return "-";
  return std::string(text);
}

absl::StatusOr<policy::Facts> FactsOf(const policy::Compiled& agreement,
                                      const Act& act) {
  const policy::Clause* clause = agreement.FindClause(act.clause);
  if (clause == nullptr)
    return WordRefused(policy::Reason::kW03, "clause", act.clause);
  const auto holder = agreement.PartyIndex(act.holder);
  const auto asker = agreement.PartyIndex(act.asker);
  if (!holder || !asker || holder == asker)
    return WordRefused(policy::Reason::kW01, "the pair of", act.holder);
  const auto purpose = agreement.PurposeIndex(act.purpose);
  if (!purpose)
    return WordRefused(policy::Reason::kP01, "purpose", act.purpose);
  const auto basis = agreement.BasisIndex(act.basis);
  if (!basis)
    return WordRefused(policy::Reason::kP02, "legal basis", act.basis);
  policy::Facts facts;
  facts.action = clause->action;
  facts.holder = *holder;
  facts.asker = *asker;
  facts.dataset = static_cast<std::uint8_t>(clause->dataset);
  facts.purpose = *purpose;
  facts.basis = *basis;
  facts.role = static_cast<std::uint8_t>(act.role);
  facts.route = static_cast<std::uint8_t>(act.route);
  facts.urgency = static_cast<std::uint8_t>(act.urgency);
  facts.match_set = static_cast<std::uint8_t>(clause->match_set);
  facts.asked = act.asked;
  facts.offered = act.offered;
  facts.record_age = act.record_age;
  facts.units = act.units;
  if (!act.reference.empty()) facts.bits |= policy::fact::kHasCase;
  facts.agreement = agreement.hash();
  return facts;
}

absl::Status FillOwnSide(Desk& desk, store::Reader& reader,
                         const policy::Compiled& agreement, const Act& act,
                         policy::Facts& facts) {
  facts.now = desk.clock.NowSeconds();
  desk.book.View(agreement, act.holder, act.asker).Fill(facts);
  TRY(const Usage usage,
      ReadUsage(reader, QuotaKeyOf(agreement, act), facts.now));
  facts.used_day = usage.day;
  facts.used_year = usage.year;
  facts.used_case = usage.reference;
  const bool open = LogOpenFor(desk, agreement);
  const auto set = [&facts](std::uint8_t bit, bool on) {
    facts.bits =
        static_cast<std::uint8_t>(on ? facts.bits | bit : facts.bits & ~bit);
  };
  set(policy::fact::kLogOpen, open);
  bool overdue = false;
  if (desk.party == act.holder) {
    TRY(overdue, OwesReceipt(reader, act.asker, facts.now));
  }
  set(policy::fact::kReceiptOverdue, overdue);
  return absl::OkStatus();
}

match::Set MatchSetOf(const policy::Clause& clause) {
  switch (clause.match_set) {
    case policy::MatchSet::kNarrow:
      return match::Set::kNarrow;
    case policy::MatchSet::kWide:
      return match::Set::kWide;
    case policy::MatchSet::kNone:
    case policy::MatchSet::kStandard:
      return match::Set::kStandard;
  }
  return match::Set::kStandard;
}

const policy::Decision& WithoutPermit(const policy::Verdict& verdict) {
  const auto* pending = std::get_if<policy::Pending>(&verdict);
  return pending != nullptr ? pending->decision
                            : std::get<policy::Denial>(verdict).decision;
}

absl::Status LogOne(Desk& desk, ledger::Event event) {
  audit::Job job;
  job.events.push_back(std::move(event));
  return desk.log.Commit(std::move(job)).status();
}

void Uncount(policy::Facts& facts, std::uint32_t units) {
  for (std::uint32_t* used :
       {&facts.used_day, &facts.used_year, &facts.used_case}) {
    *used = *used > units ? *used - units : 0;
  }
}

QuotaKey QuotaKeyOf(const policy::Compiled& agreement, const Act& act) {
  const policy::Clause* clause = agreement.FindClause(act.clause);
  const bool by_case = clause != nullptr && clause->case_required;
  return {agreement.agreement().id,
          act.clause,
          act.holder,
          act.asker,
          by_case ? act.reference : std::string(),
          agreement.hash()};
}

QuotaLimits QuotaLimitsOf(const policy::Clause& clause) {
  return {clause.quota_per_day, clause.quota_per_year, clause.quota_per_case};
}

absl::Status Refusal(const policy::Decision& decision) {
  const std::vector<policy::Reason> reasons =
      policy::ReasonsIn(decision.reasons);
  if (reasons.empty())
    return WithReason(Denied("refused by the agreement"), "A04");
  std::string sentences;
  for (policy::Reason reason : reasons) {
    if (!sentences.empty()) sentences += "; ";
    sentences += policy::TextOf(reason).sentence;
  }
  return WithNext(
      WithReason(Denied(sentences), policy::ReasonList(decision.reasons)),
      policy::TextOf(reasons[0]).next);
}

std::string PeerReason(const policy::Decision& decision) {
  const policy::PeerAnswer answer = policy::AnswerForPeer(decision.reasons);
  return answer.code.empty()
             ? std::string(policy::PeerClassName(answer.peer_class))
             : answer.code;
}

absl::Status PeerRefusal(const policy::Decision& decision) {
  return WithReason(Denied("refused"), PeerReason(decision));
}

void SetExchange(ledger::Event& event, const policy::Compiled& agreement,
                 const Act& act, std::string_view peer) {
  event.Set("agr", agreement.hash())
      .Set("basis", CodeOrDash(act.basis))
      .Set("clause", CodeOrDash(act.clause))
      .Set("peer", CodeOrDash(peer))
      .Set("purpose", CodeOrDash(act.purpose));
}

ledger::Event QuotaEvent(std::string_view type,
                         const policy::Compiled& agreement, const Act& act,
                         std::string_view dir, std::string_view peer,
                         const policy::Facts& facts) {
  const policy::Clause* clause = agreement.FindClause(act.clause);
  const std::uint64_t day = clause == nullptr ? 0 : clause->quota_per_day;
  const std::uint64_t year = clause == nullptr ? 0 : clause->quota_per_year;
  const std::uint64_t used_day = std::uint64_t{facts.used_day} + facts.units;
  const std::uint64_t used_year = std::uint64_t{facts.used_year} + facts.units;
  // The window that is fuller, by its share of the ceiling.
  const bool by_year = used_year * day > used_day * year;
  ledger::Event event(type);
  event.Set("agr", agreement.hash())
      .Set("clause", CodeOrDash(act.clause))
      .Set("dir", dir)
      .Set("kind", by_year ? "year" : "day")
      .Set("limit", by_year ? year : day)
      .Set("peer", CodeOrDash(peer))
      .Set("used", by_year ? used_year : used_day);
  return event;
}

absl::Status TellQuotaAlarms(Desk& desk) {
  std::vector<std::pair<Bytes, QuotaMark>> marks;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(marks, QuotaMarks(*reader));
  }
  for (const auto& told_by : marks) {
    const Bytes& row = told_by.first;
    const QuotaMark& mark = told_by.second;
    const bool out = mark.asker == desk.party;
    audit::Job job;
    job.events.push_back(ledger::Event("quota.warn")
                             .Set("agr", mark.document)
                             .Set("clause", CodeOrDash(mark.clause))
                             .Set("dir", out ? "out" : "in")
                             .Set("kind", mark.by_year ? "year" : "day")
                             .Set("limit", mark.limit)
                             .Set("peer", out ? mark.holder : mark.asker)
                             .Set("used", mark.used));
    job.changes = [&row](store::Writer& writer,
                         std::span<const audit::Staged>) -> absl::Status {
      TRY(const std::optional<Bytes> there,
          writer.Get(store::Table::kTask, row));
      if (!there)
        return WithReason(absl::AbortedError("told already"), "mark-gone");
      return writer.Delete(store::Table::kTask, row);
    };
    const absl::Status told = desk.log.Commit(std::move(job)).status();
    if (!told.ok() && ReasonOf(told) != "mark-gone") return told;
  }
  return absl::OkStatus();
}

void ActedBy(ledger::Event& event, std::string_view user) {
  if (!user.empty()) event.By(user);
}

absl::StatusOr<bool> OwesReceipt(store::Reader& reader, std::string_view peer,
                                 std::int64_t now) {
  TRY(const auto recalls,
      store::AllRecords<model::RecallRecord>(reader, store::Table::kRecall));
  for (const auto& [key, recall] : recalls) {
    if (recall.way == model::Way::kOut && recall.peer == peer &&
        recall.receipt == 0 && recall.due < now)
      return true;
  }
  return false;
}

}  // namespace entente::exchange
