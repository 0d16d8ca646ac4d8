// Agreements on the table: drafted, judged, proposed, signed; and what is still
// missing before they are in force.

#include "node/exchange/drafts.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/admin/lint_context.h"
#include "node/base/time.h"
#include "node/exchange/holder.h"
#include "node/hits/hits.h"
#include "policy/diff.h"
#include "policy/envelope.h"

namespace entente::admin {
namespace {

constexpr std::size_t kMaxEnvelope = policy::kMaxEnvelopeBytes;
constexpr std::string_view kStateNames[] = {"draft", "proposed", "rejected"};

std::string_view StateOf(const exchange::DraftRecord& draft,
                         const exchange::DraftStanding& standing) {
  if (draft.state == exchange::DraftState::kProposed && standing.lapsed)
    return "lapsed";
  return kStateNames[static_cast<std::size_t>(draft.state)];
}

// A line for each thing that somebody still has to do.
std::vector<std::string> Missing(const exchange::DraftRecord& draft,
                                 const exchange::DraftStanding& standing) {
  std::vector<std::string> out;
  if (draft.state == exchange::DraftState::kRejected) {
    out.emplace_back("it was rejected: begin a new draft");
    return out;
  }
  if (standing.lapsed) {
    out.emplace_back("the proposal is older than 90 days: begin a new draft");
    return out;
  }
  for (const std::string& party : standing.without_opinion) {
    out.push_back(party +
                  ": opinion of the data protection officer (`entente "
                  "agreement opinion`)");
  }
  if (standing.wider) {
    for (const std::string& party : standing.objecting) {
      out.push_back(party +
                    ": its data protection officer objects, and this version "
                    "is wider than the one before");
    }
  }
  if (draft.state == exchange::DraftState::kDraft) {
    out.emplace_back(
        "proposal by somebody who did not draft it (`entente agreement "
        "propose`)");
  }
  for (const policy::Signer& signer : standing.unsigned_by) {
    out.push_back(signer.party + ": signature of " + signer.person + " (" +
                  std::string(policy::SignerRoleName(signer.role)) +
                  ", `entente agreement sign`)");
  }
  return out;
}

absl::StatusOr<Json> DraftJson(exchange::Desk& desk,
                               const exchange::DraftRecord& draft,
                               std::string& text) {
  TRY(const exchange::DraftStanding standing,
      exchange::StandingOf(desk, draft));
  Json row = {{"id", draft.id},
              {"version", draft.version},
              {"hash", ToHex(draft.hash)},
              {"state", StateOf(draft, standing)},
              {"wider", standing.wider},
              {"missing", Json::array()}};
  text += draft.id + " version " + std::to_string(draft.version) + ": " +
          std::string(StateOf(draft, standing)) +
          (standing.wider ? ", wider than the version before" : "") + "\n  " +
          ToHex(draft.hash) + "\n";
  for (const std::string& line : Missing(draft, standing)) {
    row["missing"].push_back(line);
    text += "  [ ] " + line + "\n";
  }
  return row;
}

// Tells every other party; what cannot be told now is told by the upkeep.
void Spread(exchange::Desk& desk, const Hash& hash,
            const policy::Agreement& agreement, Reply& reply) {
  reply.json["told"] = Json::array();
  for (const policy::Party& party : agreement.parties) {
    if (party.code == desk.party) continue;
    const absl::StatusOr<bool> done =
        exchange::SyncDraft(desk, hash, party.code);
    reply.json["told"].push_back({{"peer", party.code},
                                  {"ok", done.ok()},
                                  {"reason", ReasonOf(done.status())}});
    reply.text +=
        party.code +
        (done.ok() ? " was told\n"
                   : " could not be told yet (" + ReasonOf(done.status()) +
                         "); it is tried again every minute\n");
  }
}

absl::StatusOr<policy::Agreement> AgreementOf(
    const exchange::DraftRecord& draft) {
  TRY(const policy::Envelope envelope, policy::ParseEnvelope(draft.envelope));
  return policy::Agreement::Parse(envelope.payload);
}

// What stands after a step, spread to the others when they may know of it.
absl::StatusOr<Reply> After(exchange::Desk& desk, const Hash& hash,
                            const policy::Agreement& agreement) {
  Reply reply;
  const auto held = [&] { return desk.book.Find(hash) != nullptr; };
  const absl::StatusOr<exchange::DraftRecord> draft =
      exchange::FindDraft(desk, hash);
  if (held() || (draft.ok() && draft->state != exchange::DraftState::kDraft)) {
    Spread(desk, hash, agreement, reply);
  }
  reply.json["hash"] = ToHex(hash);
  reply.json["held"] = held();
  if (held()) {
    reply.text += agreement.id + " version " +
                  std::to_string(agreement.version) +
                  " is complete: it is in force from " +
                  base::FormatTime(agreement.validity.from) + "\n";
    return reply;
  }
  TRY(const exchange::DraftRecord now, exchange::FindDraft(desk, hash));
  TRY(reply.json["draft"], DraftJson(desk, now, reply.text));
  return reply;
}

}  // namespace

absl::StatusOr<Hash> HashArgument(Request& request) {
  TRY(const std::string text, request.args.Need("agreement"));
  const std::string_view hex =
      text.starts_with("sha256:") ? std::string_view(text).substr(7) : text;
  const absl::StatusOr<Bytes> raw = FromHex(hex);
  if (!raw.ok() || raw->size() != sizeof(Hash))
    return Invalid("--agreement is the 64 hex digits of the document's hash");
  return ToArray<32>(*raw);
}

absl::StatusOr<Reply> AgreementDraft(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const Bytes document, WholeFile(request, kMaxEnvelope));
  TRY(const exchange::DraftRecord draft,
      exchange::PutDraft(context.desk, document, request.officer.id));
  TRY(const policy::Agreement agreement, AgreementOf(draft));
  return After(context.desk, draft.hash, agreement);
}

absl::StatusOr<Reply> AgreementStatus(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  Reply reply;
  reply.json["drafts"] = Json::array();
  TRY(const std::vector<exchange::DraftRecord> drafts, exchange::Drafts(desk));
  for (const exchange::DraftRecord& draft : drafts) {
    if (desk.book.Find(draft.hash) != nullptr) continue;  // came in on paper
    TRY(Json row, DraftJson(desk, draft, reply.text));
    reply.json["drafts"].push_back(std::move(row));
  }
  Request again = request;
  TRY(const Reply held, AgreementList(context, again));
  reply.json["agreements"] = held.json["agreements"];
  // Beside a draft, "none is held" says nothing new.
  if (reply.text.empty() || !held.json["agreements"].empty())
    reply.text += held.text;
  return reply;
}

// What a person's terminal needs to write and sign the next event of this
// party's chain, or the document itself.
namespace {

// What a case list or a deletion proof says: the node counts, people sign.
absl::Status AddEndSum(exchange::Desk& desk, const policy::Compiled& agreement,
                       policy::EventKind kind, Json& json) {
  if (kind != policy::EventKind::kCaseList &&
      kind != policy::EventKind::kDeletionProof)
    return absl::OkStatus();
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const hits::EndSum sum, hits::EndSumOf(desk, *reader, agreement, kind));
  json["count"] = sum.count;
  json["sum"] = ToHex(sum.hash);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Reply> AgreementNext(Context& context, Request& request) {
  TRY(const Hash hash, HashArgument(request));
  TRY(const std::string kind_word, request.args.Need("kind"));
  TRY_OK(request.args.Finish());
  const auto kind = policy::FromWord<policy::EventKind>(kind_word);
  if (!kind) return Invalid("`", kind_word, "` is no kind of event");
  exchange::Desk& desk = context.desk;
  Reply reply;
  Bytes body;
  policy::Event next;
  if (const exchange::AgreementRef held = desk.book.Find(hash);
      held != nullptr) {
    body = held->verified().body();
    next = desk.book.NextOwnEvent(held->verified(), *kind);
    reply.json["open_stops"] = Json::array();
    for (const policy::Party& party : held->agreement().parties) {
      if (party.code == desk.party) continue;
      for (const Hash& stop :
           desk.book.View(*held, desk.party, party.code).open_stops)
        reply.json["open_stops"].push_back(
            {{"peer", party.code}, {"stop", ToHex(stop)}});
    }
    TRY_OK(AddEndSum(desk, *held, *kind, reply.json));
  } else {
    TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
    TRY(const policy::Envelope envelope, policy::ParseEnvelope(draft.envelope));
    body = envelope.payload;
    TRY(const policy::Agreement agreement, policy::Agreement::Parse(body));
    const policy::Signers signers = desk.book.SignersFor(agreement);
    next = desk.book.NextOwnEvent({agreement, hash, signers}, *kind);
  }
  reply.json["party"] = desk.party;
  reply.json["document"] = ToHex(body);
  reply.json["sequence"] = next.sequence;
  reply.json["previous"] = next.previous ? ToHex(*next.previous) : "";
  reply.json["at"] = next.at;
  return reply;
}

// At the proposal the people hear what lint would have them look at, with what
// this node knows of its use and of other agreements.
absl::Status AddWarnings(exchange::Desk& desk,
                         const policy::Agreement& agreement,
                         const policy::Envelope& envelope,
                         const std::string& by, Reply& reply) {
  TRY(const policy::Event event, policy::Event::Parse(envelope.payload));
  if (event.kind != policy::EventKind::kPropose) return absl::OkStatus();
  TRY(const policy::Findings findings, LintHere(desk, agreement, by));
  reply.json["warnings"] = FindingsJson(findings);
  reply.text += FindingsText(findings, "agreement.toml");
  return absl::OkStatus();
}

// Signatures of this state's keys, or an event of it, about a draft.
absl::StatusOr<Reply> AgreementAdd(Context& context, Request& request) {
  TRY(const Hash hash, HashArgument(request));
  TRY_OK(request.args.Finish());
  TRY(const Bytes file, WholeFile(request, kMaxEnvelope));
  exchange::Desk& desk = context.desk;
  TRY(const policy::Envelope envelope, policy::ParseEnvelope(file));
  TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
  TRY(const policy::Agreement agreement, AgreementOf(draft));
  exchange::DraftNews news;
  if (envelope.payload_type == policy::kAgreementType) {
    news.envelope = file;
  } else {
    news.events = {file};
  }
  TRY_OK(exchange::AddToDraft(desk, hash, news, request.officer.id).status());
  TRY(Reply reply, After(desk, hash, agreement));
  if (!news.events.empty())
    TRY_OK(AddWarnings(desk, agreement, envelope, request.officer.id, reply));
  return reply;
}

// What the version on the table would change.
absl::StatusOr<Reply> AgreementChanges(Context& context, Request& request) {
  TRY(const Hash hash, HashArgument(request));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
  TRY(const policy::Agreement agreement, AgreementOf(draft));
  const exchange::AgreementRef before = desk.book.Newest(agreement.id);
  if (before == nullptr) {
    return WithNext(
        WithReason(NotFound("this is the first version of ", agreement.id,
                            ": none is held that it could be compared with"),
                   "first-version"),
        "read it whole: `entente agreement show FILE`, `entente agreement "
        "matrix FILE`");
  }
  const policy::Catalogues& catalogues = desk.book.catalogues();
  const policy::AgreementDiff diff = policy::Compare(
      {before->agreement(), catalogues}, {agreement, catalogues});
  Reply reply;
  reply.json = {{"verdict", policy::VerdictWord(diff.verdict)},
                {"needs_opinions", diff.NeedsOpinions()},
                {"lines", Json::array()}};
  reply.text = policy::Headline(diff, before->agreement(), agreement) + "\n";
  for (const policy::DiffLine& line : diff.lines) {
    const std::string text =
        std::string(1, line.sign) + " " + line.place + "  " + line.text;
    reply.json["lines"].push_back(text);
    reply.text += "  " + text + "\n";
  }
  return reply;
}

// Whether everything is there for the first question, and what is not.
absl::StatusOr<Reply> AgreementActivate(Context& context, Request& request) {
  TRY(const Hash hash, HashArgument(request));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  const exchange::AgreementRef held = desk.book.Find(hash);
  Reply reply;
  reply.json["missing"] = Json::array();
  const auto lack = [&reply](const std::string& line) {
    reply.json["missing"].push_back(line);
    reply.text += "[ ] " + line + "\n";
  };
  const auto have = [&reply](const std::string& line) {
    reply.text += "[x] " + line + "\n";
  };
  if (held == nullptr) {
    TRY(const exchange::DraftRecord draft, exchange::FindDraft(desk, hash));
    TRY(reply.json["draft"], DraftJson(desk, draft, reply.text));
    lack("not complete yet");
    reply.exit_code = 3;
    return reply;
  }
  const policy::Agreement& text = held->agreement();
  have("every required signature verified");
  for (const policy::Party& party : text.parties) {
    if (party.code == desk.party) continue;
    absl::Status met = exchange::CompareAgreements(desk, *held, party.code);
    if (met.ok()) met = exchange::ExchangeStatus(desk, *held, party.code);
    if (met.ok()) {
      have(party.code + " holds the same version, and its status is fresh");
    } else {
      lack(party.code + ": " + ReasonOf(met) + ": " + MessageOf(met));
    }
    const policy::PairView view = desk.book.View(*held, desk.party, party.code);
    if (view.state == policy::State::kActive) {
      have("in force with " + party.code);
    } else {
      lack("with " + party.code + " it is " +
           std::string(policy::Word(view.state)) +
           (view.state == policy::State::kSigned
                ? "; it begins " + base::FormatTime(text.validity.from)
                : std::string()));
    }
    if (view.status_age_a == policy::kNoStatus ||
        view.status_age_b == policy::kNoStatus)
      lack("with " + party.code +
           " no fresh status counts: an event of a chain is not known here");
    if (view.assessment_left_a == 0) lack("the own assessment is overdue");
    if (view.assessment_left_b == 0)
      lack(party.code + ": its assessment is overdue");
  }
  const bool live = reply.json["missing"].empty();
  reply.json["live"] = live;
  reply.text += live ? text.id + " is live\n" : text.id + " is not live\n";
  reply.exit_code = live ? 0 : 3;
  return reply;
}

}  // namespace entente::admin
