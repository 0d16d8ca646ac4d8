#include "node/cli/agreement_node_commands.h"

#include <algorithm>
#include <ctime>
#include <tuple>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/base/time.h"
#include "node/cli/agreement_sign.h"
#include "node/cli/output.h"
#include "node/cli/person.h"
#include "policy/civil.h"
#include "policy/text/embedded.h"
#include "policy/text/prose.h"

namespace entente::cli {
namespace {

using policy::EventKind;

// What the node says of a document and of this party's chain.
struct Ahead {
  Bytes document;
  policy::Agreement agreement;
  policy::Event event;
  std::vector<std::pair<std::string, Hash>> open_stops;  // peer, stop
};

bool IsHash(const std::string& text) {
  const std::string_view hex = text.starts_with("sha256:")
                                   ? std::string_view(text).substr(7)
                                   : std::string_view(text);
  return hex.size() == 64 &&
         std::all_of(hex.begin(), hex.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

absl::StatusOr<Hash> HashFrom(std::string_view hex) {
  TRY(const Bytes raw, FromHex(hex));
  return ToArray<32>(raw);
}

absl::StatusOr<Ahead> Look(const RemoteOptions& options,
                           const std::string& agreement, EventKind kind) {
  TRY(const rpc::AdminReply reply,
      Ask(options, "agreement next",
          {{"agreement", agreement},
           {"kind", std::string(policy::Word(kind))}}));
  const Json said = Json::parse(reply.json, nullptr, false);
  if (said.is_discarded()) return Internal("the node's answer is no JSON");
  Ahead out;
  TRY(out.document, FromHex(said.value("document", "")));
  TRY(out.agreement, policy::Agreement::Parse(out.document));
  policy::Event& event = out.event;
  event.agreement = out.agreement.id;
  event.agreement_hash = policy::DocumentHash(out.document);
  event.party = said.value("party", "");
  event.sequence = said.value("sequence", 1U);
  if (const std::string previous = said.value("previous", "");
      !previous.empty()) {
    TRY(event.previous, HashFrom(previous));
  }
  event.kind = kind;
  event.at = said.value("at", std::int64_t{0});
  for (const Json& stop : said.value("open_stops", Json::array())) {
    TRY(Hash hash, HashFrom(stop.value("stop", "")));
    out.open_stops.emplace_back(stop.value("peer", ""), hash);
  }
  if (said.contains("sum")) {
    event.count = said.value("count", 0U);
    TRY(event.hash, HashFrom(said.value("sum", "")));
  }
  return out;
}

int Print(const absl::StatusOr<rpc::AdminReply>& reply,
          const RemoteOptions& options) {
  if (!reply.ok()) return ReportError(reply.status(), options.json);
  return ReportResult(reply->exit_code, reply->json, reply->text, options.json);
}

// Signs the event with the person's one key and hands it to the node.
absl::StatusOr<rpc::AdminReply> Give(const RemoteOptions& options,
                                     policy::Event event,
                                     const std::string& command,
                                     std::vector<model::Argument> arguments) {
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  TRY(const policy::KeyId id, policy::ParseKeyId(key.key_id()));
  event.by = {id};
  return Ask(options, command, std::move(arguments), SignEvent(key, event));
}

absl::StatusOr<rpc::AdminReply> Opinion(Values& v,
                                        const RemoteOptions& options) {
  const auto verdict =
      policy::FromWord<policy::OpinionVerdict>(v.one["verdict"]);
  if (!verdict)
    return WithReason(Invalid("--verdict is agree, conditions or object"),
                      kUsageReason);
  TRY(const Bytes text, ReadInput(v.one["text"]));
  TRY(Ahead ahead, Look(options, v.one["agreement"], EventKind::kOpinion));
  ahead.event.verdict = *verdict;
  ahead.event.text_hash = primitive::Sha256(text);
  return Give(options, std::move(ahead.event), "agreement add",
              {{"agreement", v.one["agreement"]}});
}

absl::StatusOr<rpc::AdminReply> Propose(Values& v,
                                        const RemoteOptions& options) {
  TRY(Ahead ahead, Look(options, v.one["agreement"], EventKind::kPropose));
  return Give(options, std::move(ahead.event), "agreement add",
              {{"agreement", v.one["agreement"]}});
}

absl::StatusOr<rpc::AdminReply> Reject(Values& v,
                                       const RemoteOptions& options) {
  TRY(Ahead ahead, Look(options, v.one["agreement"], EventKind::kReject));
  ahead.event.reason = v.one["reason"];
  return Give(options, std::move(ahead.event), "agreement add",
              {{"agreement", v.one["agreement"]}});
}

// The signer reads the agreement in plain words first; which words those were
// is signed beside the document.
absl::StatusOr<rpc::AdminReply> SignAtNode(Values& v,
                                           const RemoteOptions& options) {
  constexpr std::size_t kShortest = 16;  // digits of the text's hash
  TRY(Ahead ahead, Look(options, v.one["file"], EventKind::kSign));
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  TRY(const std::string prose,
      policy::Prose(ahead.agreement, catalogues, v.one["lang"]));
  ahead.event.text_hash = policy::ProseHash(prose);
  ahead.event.language = v.one["lang"];
  const std::string digits = ToHex(ahead.event.text_hash);
  const std::string& read = v.one["read"];
  if (read.empty()) {
    std::fputs(prose.c_str(), stderr);
    return WithNext(
        WithReason(Invalid("you have not said that you read the text above"),
                   kUsageReason),
        "give the command again with --read " + digits.substr(0, kShortest));
  }
  if (read.size() < kShortest || !digits.starts_with(read)) {
    return WithReason(
        Invalid("--read is not the hash of the text in this language"),
        kUsageReason);
  }
  const std::vector<model::Argument> about = {{"agreement", v.one["file"]}};
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  TRY_OK(
      Give(options, std::move(ahead.event), "agreement add", about).status());
  return Ask(options, "agreement add", about,
             policy::EmitEnvelope(
                 SignBody(key, policy::kAgreementType, ahead.document)));
}

absl::StatusOr<std::pair<Json, std::string>> SignOnPaper(
    Values& v, const RemoteOptions& options) {
  if (v.one["out"].empty())
    return WithReason(Invalid("--out is missing"), kUsageReason);
  TRY(const Bytes document, DocumentIn(v.one["file"]));
  // Nobody signs what cannot be loaded.
  TRY_OK(policy::Agreement::Parse(document).status());
  return SignFile(v, options, policy::kAgreementType);
}

// At the node, by the draft's hash; else on paper, from file to file.
int Sign(Values& v, const RemoteOptions& options) {
  if (IsHash(v.one["file"])) return Print(SignAtNode(v, options), options);
  const auto done = SignOnPaper(v, options);
  if (!done.ok()) return ReportError(done.status(), options.json);
  return ReportResult(kDone, done->first.dump(), done->second, options.json);
}

// A stop needs one key, and so one command.
int Suspend(Values& v, const RemoteOptions& options) {
  if (!IsHash(v.one["what"]))
    return RunRemote(options, "agreement suspend", {}, v.one["what"]);
  const auto given = [&]() -> absl::StatusOr<rpc::AdminReply> {
    const auto reason = policy::FromWord<policy::StopReason>(v.one["reason"]);
    if (!reason)
      return WithReason(
          Invalid("--reason is rights, legal, security, technical or other"),
          kUsageReason);
    TRY(Ahead ahead, Look(options, v.one["what"], EventKind::kStop));
    ahead.event.stop_reason = *reason;
    ahead.event.peer = v.one["peer"];
    return Give(options, std::move(ahead.event), "agreement suspend", {});
  };
  return Print(given(), options);
}

// Written here with the first signature; the others add theirs.
absl::StatusOr<rpc::AdminReply> WriteFirst(Values& v,
                                           const RemoteOptions& options,
                                           policy::Event event) {
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  if (v.one["out"].empty())
    return WithReason(Invalid("--out is missing"), kUsageReason);
  std::sort(event.by.begin(), event.by.end());
  const bool counts =
      std::any_of(event.by.begin(), event.by.end(),
                  [&key](const auto& id) { return id.text == key.key_id(); });
  if (!counts) {
    return WithReason(
        Denied("this key is not one of the ", std::to_string(event.by.size()),
               " that must sign"),
        "AG-503");
  }
  TRY_OK(WriteOutput(v.one["out"], SignEvent(key, event)));
  rpc::AdminReply reply;
  reply.json = Json{{"signatures", 1}, {"needed", event.by.size()}}.dump();
  reply.text = "written with 1 of " + std::to_string(event.by.size()) +
               " signatures; the others: `entente agreement sign-event`, then "
               "give the file to this command again\n";
  for (const policy::KeyId& id : event.by) reply.text += "  " + id.text + "\n";
  return reply;
}

int Resume(Values& v, const RemoteOptions& options) {
  if (!IsHash(v.one["what"]))
    return RunRemote(options, "agreement resume", {}, v.one["what"]);
  const auto written = [&]() -> absl::StatusOr<rpc::AdminReply> {
    TRY(Ahead ahead, Look(options, v.one["what"], EventKind::kResume));
    policy::Event& event = ahead.event;
    event.peer = v.one["peer"];
    for (const auto& [peer, stop] : ahead.open_stops) {
      if (event.peer == "all" || event.peer == peer)
        event.lifts.push_back(stop);
    }
    std::sort(event.lifts.begin(), event.lifts.end());
    event.lifts.erase(std::unique(event.lifts.begin(), event.lifts.end()),
                      event.lifts.end());
    if (event.lifts.empty())
      return WithNext(
          WithReason(Unready("no stop is open with ",
                             event.peer == "all" ? "any party" : event.peer),
                     "stop-unknown"),
          "nothing is to be lifted; `entente agreement list` shows "
          "the state of each pair");
    for (const policy::Party& party : ahead.agreement.parties) {
      if (event.peer != "all" && party.code != event.party &&
          party.code != event.peer)
        continue;
      event.by.push_back(party.sign_legal);
      event.by.push_back(party.sign_technical);
    }
    return WriteFirst(v, options, std::move(event));
  };
  return Print(written(), options);
}

int Terminate(Values& v, const RemoteOptions& options) {
  if (!IsHash(v.one["what"]))
    return RunRemote(options, "agreement terminate", {}, v.one["what"]);
  const auto written = [&]() -> absl::StatusOr<rpc::AdminReply> {
    TRY(Ahead ahead, Look(options, v.one["what"], EventKind::kNotice));
    policy::Event& event = ahead.event;
    const policy::Party* party = ahead.agreement.FindParty(event.party);
    if (party == nullptr) return Internal("the node is no party of it");
    event.effective =
        event.at +
        std::int64_t{ahead.agreement.validity.notice_of_termination_days} *
            86'400;
    event.by = {party->sign_legal, party->sign_technical};
    TRY(rpc::AdminReply reply, WriteFirst(v, options, event));
    reply.text +=
        "notice takes effect " + base::FormatTime(event.effective) + "\n";
    return reply;
  };
  return Print(written(), options);
}

// A case list or a deletion proof: the node counts, both keys of this state
// sign.
int SignEnd(Values& v, const RemoteOptions& options, EventKind kind) {
  const std::string command = "agreement " + std::string(policy::Word(kind));
  if (!IsHash(v.one["what"]))
    return RunRemote(options, command, {}, v.one["what"]);
  const auto written = [&]() -> absl::StatusOr<rpc::AdminReply> {
    TRY(Ahead ahead, Look(options, v.one["what"], kind));
    policy::Event& event = ahead.event;
    const policy::Party* party = ahead.agreement.FindParty(event.party);
    if (party == nullptr) return Internal("the node is no party of it");
    event.by = {party->sign_legal, party->sign_technical};
    TRY(rpc::AdminReply reply, WriteFirst(v, options, event));
    reply.text +=
        (kind == EventKind::kCaseList ? "open cases listed: "
                                      : "disclosures deleted, nothing left: ") +
        std::to_string(event.count) + "\n";
    return reply;
  };
  return Print(written(), options);
}
int CaseListEvent(Values& v, const RemoteOptions& options) {
  return SignEnd(v, options, EventKind::kCaseList);
}
int DeletionProof(Values& v, const RemoteOptions& options) {
  return SignEnd(v, options, EventKind::kDeletionProof);
}

using Step = absl::StatusOr<rpc::AdminReply> (*)(Values&, const RemoteOptions&);

std::shared_ptr<Values> AddStep(
    Command app, const Shared& shared, const char* name, const char* help,
    std::initializer_list<std::pair<const char*, const char*>> options,
    Step step) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(app, "agreement", name, help);
  at.Add("agreement", values->one["agreement"],
         "hash of the document (`entente agreement status`)")
      .Required();
  for (const auto& [option, text] : options) {
    at.Add("--" + std::string(option), values->one[option], text).Required();
  }
  BindRun(shared, at, values, [step](Values& v, const RemoteOptions& remote) {
    return Print(step(v, remote), remote);
  });
  return values;
}

Command AddEvent(Command app, const Shared& shared, const char* name,
                 const char* help, const std::shared_ptr<Values>& values,
                 int (*work)(Values&, const RemoteOptions&)) {
  Command at = Leaf(app, "agreement", name, help);
  at.Add("what", values->one["what"],
         "hash of the agreement, or a signed event file")
      .Required();
  BindRun(shared, at, values, work);
  return at;
}

void AddSign(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  values->one["lang"] = "en";
  Command at =
      Leaf(app, "agreement", "sign",
           "sign a draft on the node by its hash, after reading it in plain "
           "words; or a document or envelope file (offline)");
  at.Add("file", values->one["file"],
         "hash of the draft; or document or envelope")
      .Required();
  at.Add("--lang", values->one["lang"],
         "language of the text that is read: en, fr or ru");
  at.Add("--read", values->one["read"],
         "first 16 or more digits of the hash of the text that was "
         "read");
  at.Add("--out", values->one["out"], "envelope to write (offline)");
  BindRun(shared, at, values, Sign);
}

}  // namespace

void AddAgreementNodeCommands(Command app, const Shared& shared) {
  AddStep(app, shared, "opinion",
          "give the data protection officer's opinion of a draft (dpo)",
          {{"verdict", "agree, conditions or object"},
           {"text", "file with the opinion; its hash is signed"}},
          Opinion);
  AddStep(app, shared, "propose",
          "propose a draft to its other parties, with a legal or technical "
          "key of this state; not by whoever drafted it",
          {}, Propose);
  AddStep(app, shared, "reject",
          "reject a draft, with a legal or technical key",
          {{"reason", "a word of a-z, 0-9 and `-`"}}, Reject);
  AddSign(app, shared);
  auto stop = std::make_shared<Values>();
  stop->one["reason"] = "other";
  stop->one["peer"] = "all";
  Command at = AddEvent(app, shared, "suspend",
                        "stop everything under an agreement at once; one "
                        "authorised key is enough",
                        stop, Suspend);
  at.Add("--reason", stop->one["reason"],
         "rights, legal, security, technical or other");
  at.Add("--peer", stop->one["peer"], "only towards this party (default: all)");
  auto lift = std::make_shared<Values>();
  lift->one["peer"] = "all";
  at = AddEvent(app, shared, "resume",
                "lift the open stops; needs the legal and technical key of "
                "every party",
                lift, Resume);
  at.Add("--peer", lift->one["peer"], "the other party (default: all)");
  at.Add("--out", lift->one["out"], "event to write");
  for (const auto& [name, help, work] :
       {std::tuple("terminate",
                   "give notice of an agreement; needs the legal and technical "
                   "key of this state",
                   &Terminate),
        std::tuple("case-list",
                   "list the open cases that still need what an ended "
                   "agreement disclosed; needs the legal and technical key of "
                   "this state",
                   &CaseListEvent),
        std::tuple("deletion-proof",
                   "state that nothing disclosed under an ended agreement is "
                   "left; needs the legal and technical key of this state",
                   &DeletionProof)}) {
    auto values = std::make_shared<Values>();
    at = AddEvent(app, shared, name, help, values, work);
    at.Add("--out", values->one["out"], "event to write");
  }
}

}  // namespace entente::cli
