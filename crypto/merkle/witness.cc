#include "crypto/merkle/witness.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/tree.h"

namespace entente::merkle {
namespace {

WitnessDecision Refuse(int status, std::string_view why) {
  WitnessDecision out;
  out.status = status;
  out.body = Join({why, "\n"});
  return out;
}

// What the request says, checked as far as its own bytes go.
struct Request {
  AddCheckpoint body;
  Checkpoint head;
  std::string text;
  const KnownLog* log = nullptr;
};

const KnownLog* FindLog(std::span<const KnownLog> known,
                        std::string_view origin) {
  for (const KnownLog& log : known) {
    if (log.origin == origin) return &log;
  }
  return nullptr;
}

// The proof with its seed hash in front, or nothing when it was left out: the
// old size is a power of two, and the seed is not ours to invent.
Proof SeededProof(std::uint64_t old_size, const Proof& proof) {
  return std::has_single_bit(old_size) ? Proof() : proof;
}

// Evidence, when the recorded head and the new one prove a split view.
std::optional<std::string> EvidenceOf(const Request& request,
                                      const WitnessRecord& record) {
  const Proof seeded = record.size == request.head.size
                           ? Proof()
                           : SeededProof(record.size, request.body.proof);
  for (const VerifierKey& key : request.log->keys) {
    auto file = MakeEvidence(key, record.note, request.body.note, seeded);
    if (file.ok()) return *std::move(file);
  }
  return std::nullopt;
}

// The decision once the log is known to have signed, before the record.
std::optional<WitnessDecision> CheckSizes(const Request& request) {
  if (request.body.old_size > request.head.size) {
    return Refuse(400, "the old size is above the new one");
  }
  if (request.head.size == 0 && request.head.root != EmptyRoot()) {
    return Refuse(422, "an empty tree with another root");
  }
  return std::nullopt;
}

WitnessDecision Decide(const Request& request,
                       const std::optional<WitnessRecord>& record,
                       std::uint64_t now) {
  const std::uint64_t recorded = record ? record->size : 0;
  if (request.body.old_size != recorded) {
    WitnessDecision out = Refuse(409, std::to_string(recorded));
    out.content_type = kSizeContentType;
    return out;
  }
  const Hash old_root = record ? record->root : EmptyRoot();
  const absl::Status consistent =
      VerifyConsistency(recorded, request.head.size, old_root,
                        request.head.root, request.body.proof);
  if (!consistent.ok()) {
    WitnessDecision out = Refuse(422, "the consistency proof does not hold");
    if (record) out.evidence = EvidenceOf(request, *record);
    return out;
  }
  WitnessDecision out;
  out.status = 200;
  out.text = request.text;
  out.record =
      WitnessRecord{request.head.size, request.head.root, request.body.note,
                    std::max(now, record ? record->time : 0)};
  return out;
}

}  // namespace

absl::StatusOr<WitnessDecision> DecideWitness(std::string_view body,
                                              std::span<const KnownLog> known,
                                              const RecordLookup& lookup,
                                              std::uint64_t now) {
  auto parsed = ParseAddCheckpoint(body);
  if (!parsed.ok()) return Refuse(400, MessageOf(parsed.status()));
  const auto parts = SplitNote(parsed->note);
  if (!parts.ok()) return Refuse(400, MessageOf(parts.status()));
  auto head = ParseForeignCheckpoint(parts->text);
  if (!head.ok()) return Refuse(400, MessageOf(head.status()));
  const KnownLog* log = FindLog(known, head->origin);
  if (log == nullptr) return Refuse(404, "unknown log");
  const auto opened = OpenNote(parsed->note, log->keys);
  if (!opened.ok()) return Refuse(403, "no valid signature of the log");

  std::string origin = head->origin;
  const Request request{*std::move(parsed), *std::move(head), opened->note.text,
                        log};
  auto early = CheckSizes(request);
  if (!early) {
    TRY(const std::optional<WitnessRecord> record, lookup(origin));
    early = Decide(request, record, now);
  }
  early->origin = std::move(origin);
  return *std::move(early);
}

absl::StatusOr<std::string> WitnessAnswer(const WitnessDecision& decision,
                                          const VerifierKey& key,
                                          const Signer& sign) {
  if (decision.status != 200 || !decision.record) {
    return Unready("nothing to cosign");
  }
  TRY(const NoteLine line,
      Cosign(key, decision.record->time, decision.text, sign));
  return line.Text();
}

}  // namespace entente::merkle
