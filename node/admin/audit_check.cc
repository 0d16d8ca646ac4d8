// The self-check on demand: every leaf and body against what was signed.

#include "node/admin/audit_check.h"

#include <vector>

#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "node/exchange/acts.h"
#include "node/ledger/erasure.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

constexpr std::size_t kMostErasures = 1000;  // shown; the check reads all

// Everybody who ever had a key here: who signed an erasure may have left.
absl::StatusOr<std::vector<merkle::VerifierKey>> KeysOfPeople(
    exchange::Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto people,
      store::AllRecords<model::Officer>(*reader, store::Table::kUser));
  std::vector<merkle::VerifierKey> out;
  for (const auto& [key, person] : people) {
    TRY(merkle::VerifierKey verifier,
        merkle::VerifierKey::Make(person.id, merkle::NoteKeyType::kEd25519,
                                  person.key));
    out.push_back(std::move(verifier));
  }
  return out;
}

absl::Status AddErasures(Context& context, Reply& reply) {
  exchange::Desk& desk = context.desk;
  TRY(const std::vector<merkle::VerifierKey> officers, KeysOfPeople(desk));
  TRY(const std::vector<std::uint64_t> at,
      desk.log.Find(audit::AuditLog::Key::kType, "erasure", 0, kMostErasures));
  reply.json["erased"] = Json::array();
  for (const std::uint64_t index : at) {
    TRY(const std::vector<audit::Entry> entries, desk.log.Read(index, 1));
    if (entries.empty()) return ProofFailed("an entry of the log is missing");
    TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries.front().leaf));
    TRY_OK(
        ledger::CheckErasure(context.facts.log_origin, index, leaf, officers));
    const std::string text = ledger::AuthorityText(index, leaf, officers);
    reply.json["erased"].push_back(
        {{"entries", std::string(leaf.Text("ranges"))}, {"text", text}});
    reply.text +=
        "entries " + std::string(leaf.Text("ranges")) + ": " + text + "\n";
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FullCheck(Context& context, const Request& request, Reply& reply) {
  if (!request.officer.Has(model::Role::kDpo) &&
      !request.officer.Has(model::Role::kAuditor)) {
    return WithNext(
        WithReason(Denied("your roles do not allow `audit check --full`"),
                   "role"),
        "`entente person list` shows who may");
  }
  exchange::Desk& desk = context.desk;
  const std::uint64_t size = desk.log.SignedHead().size;
  absl::Status checked = desk.log.SelfCheck();
  if (checked.ok()) checked = AddErasures(context, reply);
  if (!checked.ok() && !absl::IsDataLoss(checked)) return checked;
  ledger::Event entry("log.verify");
  entry.Set("first", 0)
      .Set("last", size == 0 ? 0 : size - 1)
      .Set("result", checked.ok() ? "holds" : "fails")
      .Set("size", size)
      .By(request.officer.id);
  // A log that broke takes no entry; the fault is told all the same.
  const absl::Status logged = exchange::LogOne(desk, std::move(entry));
  if (!checked.ok()) return WithReason(checked, "log-broken");
  TRY_OK(logged);
  reply.json["checked"] = size;
  reply.text += "every leaf, tile and body of " + std::to_string(size) +
                " entries is what was signed\n";
  return absl::OkStatus();
}

}  // namespace entente::admin
