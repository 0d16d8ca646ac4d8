#include "node/admin/admin.h"

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/signature.h"
#include "node/admin/handlers.h"
#include "node/admin/reconcile.h"
#include "node/exchange/key.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

using model::Role;

constexpr std::string_view kDomain = "entente/command/1\n";
constexpr std::int64_t kFreshSeconds = 300;

constexpr std::uint8_t Bits(std::initializer_list<Role> roles) {
  std::uint8_t out = 0;
  for (Role role : roles)
    out = static_cast<std::uint8_t>(out | (1U << static_cast<unsigned>(role)));
  return out;
}

constexpr std::uint8_t kAnybody =
    Bits({Role::kAdministrator, Role::kApprover, Role::kOfficer, Role::kDpo,
          Role::kAuditor, Role::kCustodian});
constexpr std::uint8_t kAdmins = Bits({Role::kAdministrator});
constexpr std::uint8_t kOfficers = Bits({Role::kOfficer});
constexpr std::uint8_t kReviewers = Bits({Role::kOfficer, Role::kApprover});
constexpr std::uint8_t kOverseers = Bits({Role::kDpo, Role::kAuditor});
constexpr std::uint8_t kStopping =
    Bits({Role::kAdministrator, Role::kApprover, Role::kOfficer, Role::kDpo});

struct Route {
  CommandRow row;
  Handler handler;
};

// Who reviews is checked again inside the state change, with a logged refusal:
// those commands are open to every role here.
constexpr Route kRoutes[] = {
    {{"status", kAnybody}, Status},
    {{"person add", kAdmins}, PersonAdd},
    {{"person confirm", Bits({Role::kDpo, Role::kApprover})}, PersonConfirm},
    {{"person list", kAnybody}, PersonList},
    {{"person remove", kAdmins}, PersonRemove},
    {{"peer card", Bits({Role::kAdministrator, Role::kCustodian})}, PeerCard},
    {{"peer own", kAdmins}, PeerOwn},
    {{"peer add", kAdmins}, PeerAdd},
    {{"peer renew", kAdmins}, PeerRenew},
    {{"peer confirm", Bits({Role::kApprover, Role::kDpo})}, PeerConfirm},
    {{"peer list", kAnybody}, PeerList},
    {{"peer check", kAnybody}, PeerCheck},
    {{"agreement import", kAdmins}, AgreementImport},
    {{"agreement list", kAnybody}, AgreementList},
    {{"agreement draft", kAdmins}, AgreementDraft},
    {{"agreement status", kAnybody}, AgreementStatus},
    {{"agreement next", kAnybody}, AgreementNext},
    // The keys that an event or a signature needs say who may: the state change
    // checks them.
    {{"agreement add", kAnybody}, AgreementAdd},
    {{"agreement changes", kAnybody}, AgreementChanges},
    // It opens sealed facts: the data protection officer's to do.
    {{"agreement simulate", Bits({Role::kDpo})}, AgreementSimulate},
    {{"agreement explain", Bits({Role::kDpo})}, AgreementExplain},
    {{"agreement lint", kAnybody}, AgreementLint},
    {{"agreement activate", Bits({Role::kAdministrator, Role::kApprover})},
     AgreementActivate},
    {{"agreement suspend", kStopping}, AgreementEvent},
    {{"agreement resume", kStopping}, AgreementEvent},
    {{"agreement terminate",
      Bits({Role::kAdministrator, Role::kApprover, Role::kCustodian})},
     AgreementEvent},
    {{"agreement case-list",
      Bits({Role::kAdministrator, Role::kApprover, Role::kCustodian})},
     AgreementEvent},
    {{"agreement deletion-proof",
      Bits({Role::kAdministrator, Role::kApprover, Role::kCustodian})},
     AgreementEvent},
    {{"list import", kOfficers}, ListImport},
    {{"list show", Bits({Role::kOfficer, Role::kApprover, Role::kDpo})},
     ListShow},
    {{"list remove", kOfficers}, ListRemove},
    {{"protect import", Bits({Role::kDpo})}, ProtectImport},
    {{"flight import", kOfficers}, FlightImport},
    {{"flight list", kReviewers}, FlightList},
    {{"tagset fetch", kReviewers}, TagSetFetch},
    {{"tagset list", kAnybody}, TagSetList},
    {{"screen", kReviewers}, Screen},
    {{"screen list", kAnybody}, ScreenList},
    {{"screen resume", kReviewers}, ScreenResume},
    {{"hits list", Bits({Role::kOfficer, Role::kApprover, Role::kDpo})},
     HitsList},
    {{"hits show", Bits({Role::kOfficer, Role::kApprover, Role::kDpo})},
     HitsShow},
    {{"hits outcome", kAnybody}, HitsOutcome},
    {{"case ask", kAnybody}, CaseAsk},
    {{"case open", kAnybody}, CaseOpen},
    {{"case close", kAnybody}, CaseClose},
    {{"case list", Bits({Role::kOfficer, Role::kApprover, Role::kDpo})},
     CaseList},
    {{"review", kAnybody}, Review},
    {{"disclose ask", kAnybody}, DiscloseAsk},
    {{"disclose list", Bits({Role::kOfficer, Role::kApprover, Role::kDpo})},
     DiscloseList},
    {{"disclose show", kAnybody}, DiscloseShow},
    {{"disclose release", kAnybody}, DiscloseRelease},
    {{"recall send", kAnybody}, RecallSend},
    {{"recall list", Bits({Role::kOfficer, Role::kApprover, Role::kDpo})},
     RecallList},
    {{"audit show", kAnybody}, AuditShow},
    {{"audit stats", kAnybody}, AuditStats},
    {{"audit follow", kAnybody}, AuditFollow},
    {{"audit export", kOverseers}, AuditExport},
    {{"audit prove", kOverseers}, AuditProve},
    {{"audit open", Bits({Role::kDpo})}, AuditOpen},
    {{"audit erase", Bits({Role::kDpo})}, AuditErase},
    {{"audit search", Bits({Role::kDpo})}, AuditSearch},
    {{"audit sample", kOverseers}, AuditSample},
    {{"audit review", Bits({Role::kDpo})}, AuditReview},
    {{"audit review sign", Bits({Role::kDpo})}, AuditReviewSign},
    {{"audit check", kAnybody}, AuditCheck},
    {{"audit policy", kAnybody}, AuditPolicy},
    {{"audit tick", Bits({Role::kAdministrator, Role::kDpo, Role::kAuditor})},
     AuditTick},
    {{"audit witness", kAdmins}, AuditWitness},
    {{"audit witnesses", kAnybody}, AuditWitnesses},
    {{"audit reconcile", kOverseers}, AuditReconcile},
    {{"key list", kAnybody}, KeyList},
    {{"key destroy", Bits({Role::kCustodian})}, KeyDestroy},
};

const Route* FindRoute(std::string_view name) {
  for (const Route& route : kRoutes) {
    if (route.row.name == name) return &route;
  }
  return nullptr;
}

// Hands the file on and holds its end back until its bytes are the ones that
// the person signed for.
class CheckedFile {
 public:
  CheckedFile(const ChunkSource& source, const Hash& expected)
      : source_(source), expected_(expected) {}

  absl::StatusOr<std::optional<Bytes>> Next() {
    if (source_ == nullptr) return Invalid("this command needs a file");
    TRY(std::optional<Bytes> chunk, source_());
    if (chunk) {
      hash_.Update(*chunk);
      return chunk;
    }
    if (hash_.Finish() != expected_) {
      return WithReason(
          ProofFailed("the file is not the one that was signed for"),
          "attachment-differs");
    }
    return chunk;
  }

 private:
  const ChunkSource& source_;
  const Hash expected_;
  primitive::Sha256Stream hash_;
};

// How far a command came before it was refused.
constexpr std::string_view kByKey = "key";          // it is nobody's
constexpr std::string_view kByCommand = "command";  // it is somebody's

// Who was not let in is told so whether or not the entry could be written: what
// is refused acts on nothing.
absl::Status RefusedAtTheDoor(exchange::Desk& desk, std::string_view method,
                              std::string_view user, absl::Status status) {
  audit::Job job;
  job.events.push_back(
      ledger::Event("login.fail")
          .Set("method", method)
          .Set("n", 1)
          .Set("reason", exchange::CodeOrDash(ReasonOf(status)))
          .Seal("user", exchange::CodeOrDash(user)));
  desk.log.Commit(std::move(job)).status().IgnoreError();
  return WithEntry(std::move(status));
}

// A refusal has a reason; what has none is a slip of the pen or a broken part.
bool IsRefusal(const absl::Status& status) {
  return !status.ok() && !ReasonOf(status).empty();
}

}  // namespace

std::span<const CommandRow> CommandTable() {
  static const std::vector<CommandRow> rows = [] {
    std::vector<CommandRow> out;
    for (const Route& route : kRoutes) out.push_back(route.row);
    return out;
  }();
  return rows;
}

absl::StatusOr<model::Officer> Admin::Authenticate(
    ByteView body, ByteView signature, const model::Command& command) {
  exchange::Desk& desk = context_.desk;
  if (command.party != desk.party) {
    return WithReason(Unauthenticated("the command is meant for another node"),
                      "command-signature");
  }
  const std::int64_t now = desk.clock.NowSeconds();
  // No difference is taken: nobody has signed this time yet, it may be any
  // number.
  if (command.time > now + kFreshSeconds ||
      command.time < now - kFreshSeconds) {
    return WithReason(Unready("the clock of this terminal and the node's "
                              "differ by more than five minutes"),
                      "clock-skew");
  }
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  absl::StatusOr<model::Officer> officer = FindPerson(*reader, command.person);
  if (officer.ok() && !officer->added_by.empty()) {
    return WithNext(
        WithReason(Unauthenticated("this person is registered, and waits for "
                                   "a second person's confirmation"),
                   "person-pending"),
        "ask a data protection officer or an approver: `entente person "
        "confirm`");
  }
  if (!officer.ok() || !officer->active) {
    return WithNext(
        WithReason(Unauthenticated("no such person is registered at this node"),
                   "person-unknown"),
        "ask an administrator: `entente person list`");
  }
  if (!primitive::VerifyEd25519(officer->key, Concat({AsBytes(kDomain), body}),
                                signature)) {
    return WithReason(
        Unauthenticated("the command's signature is not this person's"),
        "command-signature");
  }
  // Each command counts once: its nonce is remembered until it is too old to be
  // accepted anyhow.
  const Bytes row =
      exchange::RecordKey().Raw(AsBytes("n")).Raw(command.nonce).bytes();
  const absl::Status kept =
      desk.store.Write([&](store::Writer& writer) -> absl::Status {
        TRY(const std::optional<Bytes> used,
            writer.Get(store::Table::kReplay, row));
        if (used)
          return WithReason(Unready("this very command was given before"),
                            "command-replayed");
        return writer.Put(store::Table::kReplay, row, {},
                          now + 2 * kFreshSeconds);
      });
  // A full disk does not keep anybody from stopping: the event is signed by
  // itself, and given twice it changes nothing.
  if (!kept.ok() && (command.name != "agreement suspend" ||
                     ReasonOf(kept) == "command-replayed"))
    return kept;
  return officer;
}

absl::StatusOr<Reply> Admin::Execute(ByteView body, ByteView signature,
                                     const ChunkSource& file) {
  absl::StatusOr<model::Command> command =
      DecodeStatement<model::Command>(body);
  exchange::Desk& desk = context_.desk;
  if (!command.ok()) {
    return RefusedAtTheDoor(
        desk, kByKey, "-",
        WithReason(Invalid("the command is malformed"), "command-malformed"));
  }
  absl::StatusOr<model::Officer> officer =
      Authenticate(body, signature, *command);
  if (!officer.ok())
    return RefusedAtTheDoor(desk, kByKey, command->person, officer.status());
  absl::StatusOr<Reply> reply = Dispatch(*command, *officer, file);
  // A slip of the pen in the arguments: told, and not worth an entry.
  if (absl::IsInvalidArgument(reply.status()) &&
      ReasonOf(reply.status()).empty())
    return WithReason(reply.status(), kUsageReason);
  // Every refusal has one entry: the room's own, or this one.
  if (IsRefusal(reply.status()) && !HasEntry(reply.status())) {
    return RefusedAtTheDoor(desk, kByCommand, command->person, reply.status());
  }
  return reply;
}

absl::StatusOr<Reply> Admin::Dispatch(const model::Command& command,
                                      const model::Officer& officer,
                                      const ChunkSource& file) {
  const Route* route = FindRoute(command.name);
  if (route == nullptr)
    return WithReason(Invalid("this node does not know the command"),
                      "command-unknown");
  if ((route->row.roles & officer.roles) == 0) {
    return WithNext(
        WithReason(Denied("your roles do not allow `", command.name, "`"),
                   "role"),
        "`entente person list` shows who may");
  }
  CheckedFile checked(file, command.attachment);
  const ChunkSource next = [&checked] { return checked.Next(); };
  Arguments args(command.arguments);
  Request request{officer, args, next, command.attachment};
  return route->handler(context_, request);
}

absl::StatusOr<model::Officer> FindPerson(store::Reader& reader,
                                          std::string_view id) {
  return store::NeedRecord<model::Officer>(reader, store::Table::kUser,
                                           AsBytes(id), "person");
}

}  // namespace entente::admin
