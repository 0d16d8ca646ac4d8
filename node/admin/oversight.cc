// The log, the keys and the state of the node.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "node/admin/audit_check.h"
#include "node/admin/handlers.h"
#include "node/base/file.h"
#include "node/base/time.h"
#include "node/exchange/epochs.h"

namespace entente::admin {

absl::StatusOr<Reply> AuditCheck(Context& context, Request& request) {
  const bool full = request.args.Get("full") == "true";
  TRY_OK(request.args.Finish());
  audit::AuditLog& log = context.desk.log;
  const audit::Counts counts = log.counts();
  Reply reply;
  reply.json = {{"state", audit::LogName(log.state())},
                {"size", counts.size},
                {"published", counts.published},
                {"quorum_age_seconds", counts.quorum_age},
                {"spooled", counts.spooled}};
  reply.text = "log " + std::string(audit::LogName(log.state())) + ": " +
               std::to_string(counts.size) + " entries, " +
               std::to_string(counts.published) + " published\n";
  if (full) TRY_OK(FullCheck(context, request, reply));
  if (log.state() == audit::State::kBroken) reply.exit_code = 4;
  return reply;
}

absl::StatusOr<Reply> AuditPolicy(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  const std::string path = context.desk.data_dir + "/witness.policy";
  std::string policy;
  if (base::FileExists(path)) {
    TRY(const Bytes text, base::ReadFile(path, 64 * 1024));
    policy = ToString(text);
  } else {
    TRY(const primitive::PublicKey key,
        context.desk.keys.Public(keys::Purpose::kLog));
    TRY(const merkle::VerifierKey log,
        merkle::VerifierKey::Make(context.facts.log_origin,
                                  merkle::NoteKeyType::kEd25519, key));
    policy = "log " + log.Text() + "\nquorum none\n";
  }
  // What others need to ask this node's witness.
  TRY(const primitive::PublicKey witness_key,
      context.desk.keys.Public(keys::Purpose::kWitness));
  TRY(const merkle::VerifierKey witness,
      merkle::VerifierKey::Make(context.facts.witness_name,
                                merkle::NoteKeyType::kCosignature,
                                witness_key));
  Reply reply;
  reply.json = {{"policy", policy}, {"witness", witness.Text()}};
  reply.text = policy;
  return reply;
}

absl::StatusOr<Reply> AuditTick(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  const absl::Status witnessed = context.upkeep.PublishAndWitness();
  const audit::Head head = context.desk.log.PublishedHead();
  Reply reply;
  reply.json = {{"size", head.size},
                {"root", ToHex(head.root)},
                {"witnessed", witnessed.ok()},
                {"reason", ReasonOf(witnessed)},
                {"witnesses", Json::array()}};
  reply.text = "published " + std::to_string(head.size) + " entries\n";
  for (const audit::AuditLog::WitnessState& witness :
       context.desk.log.Witnesses()) {
    reply.json["witnesses"].push_back(
        {{"name", witness.name}, {"size", witness.size}});
    reply.text +=
        witness.name + " cosigned " + std::to_string(witness.size) + "\n";
  }
  if (!witnessed.ok()) {
    reply.exit_code = 1;
    reply.text += "not witnessed now: " + MessageOf(witnessed) + "\n";
  }
  return reply;
}

absl::StatusOr<Reply> AuditWitnesses(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  const audit::AuditLog& log = context.desk.log;
  const audit::Counts counts = log.counts();
  const std::vector<audit::AuditLog::WitnessState> all = log.Witnesses();
  Reply reply;
  reply.json = {{"state", audit::LogName(log.state())},
                {"published", counts.published},
                {"quorum_age_seconds", counts.quorum_age},
                {"witnesses", Json::array()}};
  if (all.empty()) {
    reply.text =
        "no witness cosigns this log: `entente audit witness --party PEER`\n";
    return reply;
  }
  reply.text = "the quorum last held " + std::to_string(counts.quorum_age) +
               " s ago; log " + std::string(audit::LogName(log.state())) + "\n";
  for (const audit::AuditLog::WitnessState& witness : all) {
    const std::uint64_t behind =
        counts.published - std::min(counts.published, witness.size);
    const std::string when =
        witness.size == 0 ? "" : base::FormatTime(witness.cosigned);
    reply.json["witnesses"].push_back({{"name", witness.name},
                                       {"size", witness.size},
                                       {"behind", behind},
                                       {"cosigned", when}});
    reply.text += witness.name + "  ";
    if (witness.size == 0) {
      reply.text += "never cosigned\n";
      continue;
    }
    reply.text += "cosigned " + std::to_string(witness.size) + " entries at " +
                  when + ", " + std::to_string(behind) + " behind\n";
  }
  return reply;
}

absl::StatusOr<Reply> AuditWitness(Context& context, Request& request) {
  TRY(const std::string party, request.args.Need("party"));
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  TRY(const keys::NodeCard card, desk.trust.Card(party));
  TRY(const primitive::PublicKey log_key,
      desk.keys.Public(keys::Purpose::kLog));
  TRY(const merkle::VerifierKey log,
      merkle::VerifierKey::Make(context.facts.log_origin,
                                merkle::NoteKeyType::kEd25519, log_key));
  TRY(const merkle::VerifierKey witness,
      merkle::VerifierKey::Make(card.witness_name,
                                merkle::NoteKeyType::kCosignature,
                                card.witness_key));
  const std::string path = desk.data_dir + "/witness.policy";
  const std::string before =
      base::FileExists(path)
          ? ToString(base::ReadFile(path, 64 * 1024).value_or(Bytes()))
          : std::string();
  const std::string policy = "log " + log.Text() + "\nwitness " + party + " " +
                             witness.Text() + "\nquorum " + party + "\n";
  audit::Job job;
  // The log itself notes the policy that it runs under, at its next start.
  job.events.push_back(
      ledger::Event("config.change")
          .Set("name", "witness-policy")
          .Seal("new", ToHex(primitive::Sha256(AsBytes(policy))))
          .Seal("old", before.empty()
                           ? std::string("-")
                           : ToHex(primitive::Sha256(AsBytes(before))))
          .By(request.officer.id));
  TRY_OK(desk.log.Commit(std::move(job)).status());
  TRY_OK(base::WriteFileAtomic(path, AsBytes(policy)));
  Reply reply;
  reply.json = {{"witness", party}, {"policy", policy}, {"restart", true}};
  reply.text =
      party +
      " must cosign every checkpoint from the next start of the node on";
  return reply;
}

absl::StatusOr<Reply> KeyList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  Reply reply;
  reply.json = {{"keys", Json::array()}, {"epochs", Json::array()}};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(keys::Purpose::kLast);
       ++i) {
    const auto purpose = static_cast<keys::Purpose>(i);
    for (const keys::KeyInfo& key : desk.keys.Keys(purpose)) {
      reply.json["keys"].push_back({{"purpose", keys::PurposeName(purpose)},
                                    {"kid", ToHex(key.kid)},
                                    {"generation", key.generation}});
      reply.text += std::string(keys::PurposeName(purpose)) + "  " +
                    ToHex(key.kid) + "  generation " +
                    std::to_string(key.generation) + "\n";
    }
  }
  for (const keys::EpochPublic& key : desk.keys.EpochKeys()) {
    const exchange::AgreementRef agreement = desk.book.Find(key.agreement);
    const std::string id =
        agreement == nullptr ? ToHex(key.agreement) : agreement->agreement().id;
    const std::string destroyed =
        agreement == nullptr
            ? ""
            : base::FormatTime(
                  exchange::EpochNumber(*agreement, key.epoch).destroy_after);
    reply.json["epochs"].push_back({{"agreement", id},
                                    {"epoch", key.epoch},
                                    {"kid", ToHex(key.kid)},
                                    {"destroyed_at", destroyed}});
    reply.text += "epoch " + std::to_string(key.epoch) + " of " + id + "  " +
                  ToHex(key.kid) + "  destroyed at " + destroyed + "\n";
  }
  return reply;
}

absl::StatusOr<Reply> KeyDestroy(Context& context, Request& request) {
  TRY(const std::string id, request.args.Need("agreement"));
  TRY(const std::uint64_t epoch, request.args.Number("epoch", 0));
  TRY_OK(request.args.Finish());
  TRY(const std::size_t destroyed, exchange::DestroyEndedEpochs(context.desk));
  Reply reply;
  reply.json = {{"agreement", id}, {"epoch", epoch}, {"destroyed", destroyed}};
  for (const keys::EpochPublic& key : context.desk.keys.EpochKeys()) {
    const exchange::AgreementRef agreement =
        context.desk.book.Find(key.agreement);
    if (agreement != nullptr && agreement->agreement().id == id &&
        key.epoch == epoch) {
      return WithReason(Denied("this epoch or its grace is still running"),
                        "epoch-running");
    }
  }
  reply.text = "the key of epoch " + std::to_string(epoch) + " is gone";
  return reply;
}

absl::StatusOr<Reply> Status(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  exchange::Desk& desk = context.desk;
  const audit::Counts counts = desk.log.counts();
  Reply reply;
  reply.json = {{"party", desk.party},
                {"name", context.facts.name},
                {"endpoint", context.facts.endpoint},
                {"version", context.facts.version},
                {"time", base::FormatTime(desk.clock.NowSeconds())},
                {"log",
                 {{"origin", context.facts.log_origin},
                  {"state", audit::LogName(desk.log.state())},
                  {"size", counts.size}}},
                {"agreements", desk.book.All().size()},
                {"alarms", Json::array()},
                {"peers", Json::array()},
                {"refused_connections", context.refused_connections()}};
  reply.text = desk.party + " (" + context.facts.name + ") at " +
               context.facts.endpoint + ", log " +
               std::string(audit::LogName(desk.log.state())) + " with " +
               std::to_string(counts.size) + " entries, " +
               std::to_string(desk.book.All().size()) + " agreements\n";
  TRY_OK(AddLogAlarms(context, reply));
  for (const auto& [party, traffic] : context.traffic()) {
    reply.json["peers"].push_back({{"party", party},
                                   {"calls", traffic.calls},
                                   {"bytes_in", traffic.bytes_in},
                                   {"bytes_out", traffic.bytes_out}});
    reply.text += party + ": " + std::to_string(traffic.calls) + " calls, " +
                  std::to_string(traffic.bytes_in) + " bytes in, " +
                  std::to_string(traffic.bytes_out) + " bytes out\n";
  }
  TRY(const std::vector<Id16> open, context.asker.OpenBatches());
  if (!open.empty())
    reply.text += std::to_string(open.size()) +
                  " screenings are not ended: `entente screen list`\n";
  reply.json["open_screenings"] = open.size();
  TRY_OK(AddQuotaAlarms(context, request, reply));
  return reply;
}

}  // namespace entente::admin
