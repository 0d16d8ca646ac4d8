// Why an act is, was or would be decided as it is: for a draft on the table, an
// agreement that is held, or an entry of the log.

#include "policy/explain.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/logged_facts.h"
#include "node/exchange/acts.h"
#include "node/exchange/drafts.h"
#include "policy/envelope.h"
#include "policy/explain_json.h"

namespace entente::admin {
namespace {

policy::ActWords WordsOf(Request& request) {
  policy::ActWords words;
  for (const policy::ActWord& word : policy::ActWordList()) {
    if (std::string value = request.args.Get(word.name); !value.empty())
      words.one.emplace(word.name, std::move(value));
  }
  words.flags = request.args.All("flag");
  return words;
}

// Nobody acts, and the log says who looked.
absl::Status LogLook(exchange::Desk& desk, const Hash& agreement,
                     const policy::Explanation& said, const std::string& by) {
  const bool denied = said.decision.outcome == policy::Outcome::kDeny;
  ledger::Event entry("agreement.dryrun");
  entry.Set("agr", agreement)
      .Set("denied", denied ? 1 : 0)
      .Set("n", 1)
      .Set("permitted", denied ? 0 : 1)
      .By(by);
  return exchange::LogOne(desk, std::move(entry));
}

absl::StatusOr<Reply> Answer(exchange::Desk& desk, const Hash& agreement,
                             const policy::Explanation& said,
                             const std::string& by) {
  TRY_OK(LogLook(desk, agreement, said, by));
  Reply reply;
  reply.json = policy::ExplanationJson<Json>(said);
  reply.json["agreement"] = ToHex(agreement);
  reply.text = policy::Format(said);
  return reply;
}

// What this side itself knows of the pair now: state, statuses, use, log. What
// was typed stands over it.
absl::StatusOr<policy::Facts> OwnSide(exchange::Desk& desk,
                                      const policy::Compiled& held,
                                      const policy::ActWords& words,
                                      policy::Facts facts) {
  const policy::Decision first = policy::Evaluate(held, policy::Local{}, facts);
  exchange::Act act;
  act.holder = held.PartyCode(facts.holder);
  act.asker = held.PartyCode(facts.asker);
  act.reference = words.Get("case");
  if (first.clause != policy::kNoClause)
    act.clause = held.agreement().clauses[first.clause].id;
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY_OK(exchange::FillOwnSide(desk, *reader, held, act, facts));
  TRY_OK(policy::PutTyped(words, facts));
  return facts;
}

absl::StatusOr<policy::Explanation> OfHeld(exchange::Desk& desk,
                                           const policy::Compiled& held,
                                           const policy::ActWords& words) {
  TRY(policy::Facts facts,
      policy::FactsOfWords(held, words, desk.clock.NowSeconds()));
  const auto own = [&](std::uint8_t party) {
    return held.PartyCode(party) == desk.party;
  };
  // Of two other parties this node knows neither use nor statuses.
  if (own(facts.holder) || own(facts.asker)) {
    TRY(facts, OwnSide(desk, held, words, facts));
  }
  return policy::Explain(held, policy::Local{}, facts);
}

absl::StatusOr<policy::Explanation> OfDraft(exchange::Desk& desk,
                                            const Hash& hash,
                                            const policy::ActWords& words) {
  TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
  TRY(const policy::Envelope envelope, policy::ParseEnvelope(draft.envelope));
  TRY(const policy::Agreement agreement,
      policy::Agreement::Parse(envelope.payload));
  TRY(const policy::Explainer explainer,
      policy::Explainer::Create(agreement, desk.book.catalogues()));
  return explainer.Explain(words, desk.clock.NowSeconds());
}

absl::StatusOr<Reply> OfEntry(exchange::Desk& desk, std::uint64_t index,
                              const std::string& by) {
  if (index >= desk.log.SignedHead().size)
    return WithReason(NotFound("the log has no such entry"), "facts-unknown");
  audit::Job job;
  job.events.push_back(ledger::Event("log.open")
                           .Set("first", index)
                           .Set("last", index)
                           .Set("n", 1)
                           .Set("why", "explain")
                           .By(by));
  TRY(const std::vector<audit::Receipt> opened,
      desk.log.Commit(std::move(job)));
  const auto facts = FactsIn(desk.log, index, opened.front());
  if (!facts) {
    return WithNext(
        WithReason(NotFound("entry ", std::to_string(index),
                            " holds no facts of an act, or they are gone"),
                   "facts-unknown"),
        "acts are entries such as screen.open, screen.answer, disclose.ask: "
        "`entente audit show --type screen.open`");
  }
  const exchange::AgreementRef held = desk.book.Find(facts->agreement);
  if (held == nullptr) {
    return WithReason(NotFound("the agreement of that entry is not held here"),
                      "agreement-differs");
  }
  const policy::Explanation said =
      policy::Explain(*held, policy::Local{}, *facts);
  TRY(Reply reply, Answer(desk, held->hash(), said, by));
  reply.json["entry"] = index;
  return reply;
}

}  // namespace

absl::StatusOr<Reply> AgreementExplain(Context& context, Request& request) {
  exchange::Desk& desk = context.desk;
  const policy::ActWords words = WordsOf(request);
  if (const std::string entry = request.args.Get("entry"); !entry.empty()) {
    TRY(const std::uint64_t index, request.args.Number("entry", 0));
    TRY_OK(request.args.Finish());
    if (!words.one.empty() || !words.flags.empty())
      return Invalid("an entry has facts of its own: no words beside --entry");
    return OfEntry(desk, index, request.officer.id);
  }
  TRY(const Hash hash, HashArgument(request));
  TRY_OK(request.args.Finish());
  const exchange::AgreementRef held = desk.book.Find(hash);
  absl::StatusOr<policy::Explanation> said =
      held != nullptr ? OfHeld(desk, *held, words) : OfDraft(desk, hash, words);
  if (!said.ok()) return said.status();
  return Answer(desk, hash, *said, request.officer.id);
}

}  // namespace entente::admin
