#include "node/cli/local_commands.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "keys/node_card.h"
#include "node/base/file.h"
#include "node/base/time.h"
#include "node/cli/agreement_commands.h"
#include "node/cli/agreement_explain_command.h"
#include "node/cli/agreement_node_commands.h"
#include "node/cli/agreement_sign.h"
#include "node/cli/agreement_test_pack_command.h"
#include "node/cli/agreement_text_commands.h"
#include "node/cli/audit_commands.h"
#include "node/cli/audit_erase_command.h"
#include "node/cli/audit_follow_command.h"
#include "node/cli/bench.h"
#include "node/cli/command_parts.h"
#include "node/cli/output.h"
#include "node/cli/person.h"
#include "policy/envelope.h"
#include "policy/event.h"
#include "policy/finding.h"

namespace entente::cli {
namespace {

// --- People.

absl::StatusOr<std::pair<Json, std::string>> PersonNew(
    Values& v, const RemoteOptions& options) {
  TRY(const keys::PersonKey key, keys::PersonKey::Create(v.one["id"]));
  TRY(const keys::Sealing sealing, v.one["key-file"].empty()
                                       ? SealingFor(options.passphrase_file)
                                       : KeyFileSealing(v.one["key-file"]));
  TRY_OK(key.Save(v.one["out"], sealing));
  Json out = {{"id", key.label()},
              {"key_id", key.key_id()},
              {"public_key", ToHex(key.public_key())}};
  return std::pair(out, "key of " + key.label() + " written; public key " +
                            ToHex(key.public_key()));
}

absl::StatusOr<std::pair<Json, std::string>> PersonPublic(
    Values& v, const RemoteOptions&) {
  TRY(const keys::PersonPublic person, keys::PersonKey::Peek(v.one["file"]));
  const std::string key_id = policy::MakeKeyId(person.label, person.key).text;
  // For `entente audit verify --dpo`.
  TRY(const merkle::VerifierKey verifier,
      merkle::VerifierKey::Make(person.label, merkle::NoteKeyType::kEd25519,
                                person.key));
  Json out = {{"id", person.label},
              {"key_id", key_id},
              {"verifier_key", verifier.Text()},
              {"public_key", ToHex(person.key)},
              {"hpke_key", ToHex(person.hpke_key)}};
  return std::pair(out, ToHex(person.key));
}

// --- Node cards.

absl::StatusOr<std::pair<Json, std::string>> CardSign(
    Values& v, const RemoteOptions& options) {
  TRY(Bytes text, ReadInput(v.one["body"]));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  TRY(const Bytes body, FromHex(AsText(text)));
  TRY(const keys::NodeCard card, keys::ParseCard(body));
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  TRY(const keys::SignedCard signed_card,
      keys::SignCard(card, key.signer(),
                     card.sequence > 1 ? key.signer() : keys::Signer()));
  TRY_OK(WriteOutput(v.one["out"], AsBytes(keys::WriteCard(signed_card))));
  const std::string fingerprint = keys::CardFingerprint(signed_card.body);
  return std::pair(
      Json{{"party", card.party}, {"fingerprint", fingerprint}},
      "card of " + card.party + " signed; fingerprint\n  " + fingerprint);
}

absl::StatusOr<std::pair<Json, std::string>> CardShow(Values& v,
                                                      const RemoteOptions&) {
  TRY(const Bytes text, ReadInput(v.one["card"]));
  TRY(const keys::SignedCard signed_card, keys::ReadCard(AsText(text)));
  TRY(const keys::NodeCard card, keys::VerifyCard(signed_card));
  const std::string fingerprint = keys::CardFingerprint(signed_card.body);
  return std::pair(Json{{"party", card.party},
                        {"name", card.name},
                        {"endpoint", card.endpoint},
                        {"fingerprint", fingerprint}},
                   card.party + " " + card.name + " at " + card.endpoint +
                       "\n  " + fingerprint);
}

// --- Agreements on paper.

absl::StatusOr<std::pair<Json, std::string>> AgreementCheck(
    Values& v, const RemoteOptions&) {
  TRY(const policy::Agreement agreement, ReadAgreement(v.one["file"]));
  return std::pair(Json{{"id", agreement.id}, {"version", agreement.version}},
                   agreement.id + ": well formed");
}

absl::StatusOr<std::pair<Json, std::string>> AgreementMerge(
    Values& v, const RemoteOptions&) {
  TRY(const Bytes first, ReadInput(v.one["first"]));
  TRY(const Bytes second, ReadInput(v.one["second"]));
  TRY(const policy::Envelope a, policy::ParseEnvelope(first));
  TRY(const policy::Envelope b, policy::ParseEnvelope(second));
  TRY(const policy::Envelope merged, policy::MergeEnvelopes(a, b));
  TRY_OK(WriteOutput(v.one["out"], policy::EmitEnvelope(merged)));
  return std::pair(
      Json{{"signatures", merged.signatures.size()}},
      SignatureCount(merged.signatures.size()) + " in the envelope");
}

// The start of an event about the agreement: whose, and its place in the chain.
absl::StatusOr<policy::Event> EventAbout(const policy::Agreement& agreement,
                                         Values& v) {
  policy::Event event;
  event.agreement = agreement.id;
  event.agreement_hash = policy::DocumentHash(policy::Emit(agreement));
  event.party = v.one["party"];
  event.sequence = static_cast<std::uint32_t>(v.number == 0 ? 1 : v.number);
  if (!v.one["previous"].empty()) {
    TRY(const Bytes previous, FromHex(v.one["previous"]));
    TRY(event.previous, ToArray<32>(previous));
  }
  event.at = std::time(nullptr);
  return event;
}

// A stop or resume of an agreement: the event body is written from the document
// and signed here.
absl::StatusOr<std::pair<Json, std::string>> AgreementStop(
    Values& v, const RemoteOptions& options) {
  TRY(const policy::Agreement agreement, ReadAgreement(v.one["file"]));
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  TRY(policy::Event event, EventAbout(agreement, v));
  event.kind = policy::EventKind::kStop;
  event.peer = v.one["peer"].empty() ? "all" : v.one["peer"];
  const auto reason = policy::FromWord<policy::StopReason>(v.one["reason"]);
  if (!reason)
    return Invalid("--reason is rights, legal, security, technical or other");
  event.stop_reason = *reason;
  TRY(const policy::KeyId id, policy::ParseKeyId(key.key_id()));
  event.by = {id};
  TRY_OK(WriteOutput(v.one["out"], SignEvent(key, event)));
  return std::pair(
      Json{{"event", ToHex(policy::DocumentHash(policy::Emit(event)))}},
      "stop signed; give it to the node: `entente agreement suspend`");
}

// A resume of named stops: the legal and technical key of every party of the
// pair must sign it. Written here with the first signature; the others add
// theirs with `agreement sign-event`.
absl::StatusOr<std::pair<Json, std::string>> AgreementLift(
    Values& v, const RemoteOptions& options) {
  TRY(const policy::Agreement agreement, ReadAgreement(v.one["file"]));
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  TRY(policy::Event event, EventAbout(agreement, v));
  event.kind = policy::EventKind::kResume;
  event.peer = v.one["peer"];
  for (const std::string& hex : v.many["lifts"]) {
    TRY(const Bytes raw, FromHex(hex));
    TRY(const Hash stop, ToArray<32>(raw));
    event.lifts.push_back(stop);
  }
  std::sort(event.lifts.begin(), event.lifts.end());
  for (const policy::Party& party : agreement.parties) {
    if (event.peer != "all" && party.code != event.party &&
        party.code != event.peer) {
      continue;
    }
    event.by.push_back(party.sign_legal);
    event.by.push_back(party.sign_technical);
  }
  std::sort(event.by.begin(), event.by.end());
  TRY_OK(WriteOutput(v.one["out"], SignEvent(key, event)));
  return std::pair(
      Json{{"signatures", 1}, {"needed", event.by.size()}},
      "resume written with 1 of " + std::to_string(event.by.size()) +
          " signatures; the others: `entente agreement sign-event`");
}

absl::StatusOr<std::pair<Json, std::string>> AgreementSignEvent(
    Values& v, const RemoteOptions& options) {
  return SignFile(v, options, policy::kEventType);
}

// --- Making a node: `entented --init` beside this program does it.

int Init(const std::vector<std::string>& arguments) {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string daemon = (self.parent_path() / "entented").string();
  std::vector<std::string> words = {daemon, "--init"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(daemon.c_str(), argv.data());
  std::fprintf(stderr,
               "entente: `entented` was not found beside this program\n");
  return kFailed;
}

void AddInit(Command app, const Shared& shared) {
  Command init = Leaf(app, "", "init",
                      "make a node: folder, keys, database, log, first "
                      "administrator and data protection officer");
  auto values = std::make_shared<Values>();
  const std::pair<const char*, const char*> options[] = {
      {"data", "data folder, to be made"},
      {"party", "three-letter code of the state"},
      {"name", "name of the state"},
      {"dns", "names the log and the witness, such as piu.orsena.example"},
      {"listen", "numeric address and port for peers, such as 127.0.0.1:7101"},
      {"administrator", "personal key file of the first administrator"},
      {"dpo", "personal key file of the first data protection officer"}};
  for (const auto& [name, help] : options)
    init.Add(std::string("--") + name, values->one[name], help).Required();
  init.Add("--endpoint", values->one["endpoint"],
           "host and port as peers reach it (default: --listen)");
  init.Add(
      "--seal-key", values->one["seal-key"],
      "key file that opens the node's keys (default: made in the data folder)");
  init.Add("--seal-credential", values->one["seal-credential"],
           "systemd credential instead of a key file");
  init.Flag("--seal-ask", values->ask,
            "a passphrase opens the node's keys; asked for at every start");
  init.OnChosen([&run = shared.run, values] {
    run = [values] {
      std::vector<std::string> arguments;
      for (const auto& [name, value] : values->one) {
        if (value.empty()) continue;
        arguments.push_back("--" + name);
        arguments.push_back(value);
      }
      if (values->ask) arguments.emplace_back("--seal-ask");
      return Init(arguments);
    };
  });
}

void AddPeople(Command app, const Shared& shared) {
  auto made = std::make_shared<Values>();
  Command person_new =
      Leaf(app, "person", "new",
           "make a personal key, sealed by a passphrase or a key file "
           "(offline)");
  person_new.Add("id", made->one["id"], "short id, such as r-amsel").Required();
  person_new.Add("--out", made->one["out"], "key file to write").Required();
  person_new.Add(
      "--key-file", made->one["key-file"],
      "seal it with this file of 32 random bytes, such as on a medium that is "
      "taken out, not with a passphrase; made when absent, then to be named "
      "with --passphrase-file");
  Bind(shared, person_new, made, PersonNew);
  auto shown = std::make_shared<Values>();
  Command person_public =
      Leaf(app, "person", "public",
           "print the public key of a personal key file (offline)");
  person_public.Add("file", shown->one["file"], "key file").Required();
  Bind(shared, person_public, shown, PersonPublic);
}

void AddCards(Command app, const Shared& shared) {
  auto signing = std::make_shared<Values>();
  Command sign =
      Leaf(app, "peer", "sign-card",
           "sign a node card with the state's technical key, --key (offline)");
  sign.Add("body", signing->one["body"], "what `entente peer card` printed")
      .Required();
  sign.Add("--out", signing->one["out"], "card file to write").Required();
  Bind(shared, sign, signing, CardSign);
  auto shown = std::make_shared<Values>();
  Command show = Leaf(app, "peer", "show-card",
                      "print a card file and its fingerprint (offline)");
  show.Add("card", shown->one["card"], "card file").Required();
  Bind(shared, show, shown, CardShow);
}

void AddAgreements(Command app, const Shared& shared) {
  const auto add =
      [&](const char* name, const char* help,
          std::initializer_list<std::pair<const char*, const char*>> needed,
          Work work) {
        auto values = std::make_shared<Values>();
        Command at = Leaf(app, "agreement", name, help);
        for (const auto& [option, text] : needed) {
          at.Add(
                option,
                values
                    ->one[std::string(option).substr(option[0] == '-' ? 2 : 0)],
                text)
              .Required();
        }
        Bind(shared, at, values, std::move(work));
        return std::pair(at, values);
      };
  add("check", "is the document in its one spelling? (offline)",
      {{"file", "document"}}, AgreementCheck);
  add("merge",
      "put the signatures of two envelopes of one document into one (offline)",
      {{"first", "envelope"},
       {"second", "envelope"},
       {"--out", "envelope to write"}},
      AgreementMerge);
  auto [stop, stop_values] = add("stop",
                                 "sign a stop of an agreement with one of its "
                                 "`suspend` keys, --key (offline)",
                                 {{"file", "the agreement's envelope"},
                                  {"--party", "own party code"},
                                  {"--out", "event to write"}},
                                 AgreementStop);
  stop_values->one["reason"] = "other";
  stop.Add("--reason", stop_values->one["reason"],
           "rights, legal, security, technical or other");
  stop.Add("--peer", stop_values->one["peer"],
           "only towards this party (default: all)");
  stop.Add("--sequence", stop_values->number,
           "number in the party's chain of events (default 1)");
  stop.Add("--previous", stop_values->one["previous"],
           "hash of the party's event before it, in hex");
  auto [lift, lift_values] =
      add("lift",
          "write a resume of named stops and sign it first, --key "
          "(offline)",
          {{"file", "the agreement's envelope"},
           {"--party", "own party code"},
           {"--peer", "the other party, or all"},
           {"--out", "event to write"}},
          AgreementLift);
  lift.Add("--lifts", lift_values->many["lifts"],
           "hash of a stop, in hex; may be given again")
      .Required();
  lift.Add("--sequence", lift_values->number,
           "number in the party's chain of events (default 1)");
  lift.Add("--previous", lift_values->one["previous"],
           "hash of the party's event before it, in hex");
  add("sign-event",
      "add the signature of --key to an event that needs several, such as a "
      "resume or a notice; then give the file to `agreement resume` or "
      "`agreement terminate` (offline)",
      {{"file", "what `agreement resume --out` or `terminate --out` wrote"},
       {"--out", "envelope to write; may be the same file"}},
      AgreementSignEvent);
}

}  // namespace

void AddLocalCommands(Command app, const RemoteOptions& options,
                      std::function<int()>& run) {
  static std::vector<std::unique_ptr<Shared>> kept;
  kept.push_back(std::make_unique<Shared>(Shared{options, run}));
  const Shared& shared = *kept.back();
  AddInit(app, shared);
  AddPeople(app, shared);
  AddCards(app, shared);
  AddAgreements(app, shared);
  AddAgreementComparisons(app, options, run);
  AddAgreementTextCommands(app, shared);
  AddAgreementNodeCommands(app, shared);
  AddAgreementExplain(app, shared);
  AddAgreementTestPack(app, shared);
  AddAuditCommands(app, options, run);
  AddAuditErase(app, shared);
  AddAuditFollow(app, shared);
  AddBench(app, options, run);
}

}  // namespace entente::cli
