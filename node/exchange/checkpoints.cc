#include "node/exchange/checkpoints.h"

#include <set>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/model/log_statements.h"

namespace entente::exchange {
namespace {

using audit::Untied;
using model::SignedStatement;

constexpr auto kDeadline = std::chrono::seconds(20);

absl::StatusOr<model::Checkpoints> OwnHeads(Desk& desk) {
  model::Checkpoints out;
  TRY(out.notes, desk.sightings.Notes());
  return out;
}

absl::StatusOr<std::vector<Untied>> TakeHeads(Desk& desk,
                                              const model::Checkpoints& heads) {
  if (heads.notes.size() > audit::kMostNotes)
    return WithReason(Invalid("too many heads"), "statement-malformed");
  std::vector<Untied> out;
  for (const std::string& note : heads.notes) {
    TRY(std::vector<Untied> untied, desk.sightings.Take(note));
    std::move(untied.begin(), untied.end(), std::back_inserter(out));
  }
  return out;
}

// True when the log answered and said that it has no such proof: then it shows
// none, which is not the same as being away.
bool Answered(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsUnimplemented(status) ||
         absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status);
}

absl::Status TieOne(Desk& desk, const Untied& untied) {
  model::ConsistencyAsk ask;
  ask.origin = primitive::Sha256(AsBytes(untied.origin));
  ask.old_size = untied.first_size;
  ask.new_size = untied.second_size;
  const auto answer = desk.courier.Call<model::Consistency>(
      untied.party, method::kGetConsistency, ask, kDeadline);
  if (!answer.ok() && !Answered(answer.status())) return answer.status();
  const bool fits = answer.ok() && answer->value.origin == ask.origin &&
                    answer->value.old_size == ask.old_size &&
                    answer->value.new_size == ask.new_size;
  return desk.sightings
      .Settle(untied, fits ? answer->value.proof : merkle::Proof())
      .status();
}

absl::Status Tie(Desk& desk, const std::vector<Untied>& untied) {
  absl::Status first;
  std::set<std::string> away;  // waited for once, not for each of its heads
  for (const Untied& pair : untied) {
    if (away.contains(pair.party)) continue;
    const absl::Status tied = TieOne(desk, pair);
    if (tied.ok()) continue;
    away.insert(pair.party);
    if (first.ok()) first = tied;
  }
  return first;
}

}  // namespace

absl::Status SwapCheckpoints(Desk& desk, std::string_view peer) {
  TRY(model::Checkpoints ours, OwnHeads(desk));
  TRY(const auto theirs, desk.courier.Call<model::Checkpoints>(
                             peer, method::kSwapCheckpoints, ours, kDeadline));
  TRY(const std::vector<Untied> untied, TakeHeads(desk, theirs.value));
  // Another log's absence does not keep this pair apart: it is asked again.
  Tie(desk, untied).IgnoreError();
  return absl::OkStatus();
}

absl::StatusOr<SignedStatement> AnswerCheckpoints(Desk& desk,
                                                  std::string_view from,
                                                  const SignedStatement& in) {
  TRY(const Opened<model::Checkpoints> theirs,
      desk.courier.Open<model::Checkpoints>(from, in));
  TRY_OK(TakeHeads(desk, theirs.value).status());
  TRY(model::Checkpoints ours, OwnHeads(desk));
  return desk.courier.Seal(ours, from);
}

absl::StatusOr<SignedStatement> AnswerConsistency(Desk& desk,
                                                  std::string_view from,
                                                  const SignedStatement& in) {
  TRY(const Opened<model::ConsistencyAsk> ask,
      desk.courier.Open<model::ConsistencyAsk>(from, in));
  model::Consistency answer;
  answer.origin = ask.value.origin;
  answer.old_size = ask.value.old_size;
  answer.new_size = ask.value.new_size;
  const bool own =
      answer.origin == primitive::Sha256(AsBytes(desk.log.origin()));
  absl::StatusOr<merkle::Proof> proof =
      own ? desk.log.SeededConsistency(answer.old_size, answer.new_size)
          : NotFound("another log");
  if (absl::IsNotFound(proof.status()))
    return WithReason(proof.status(), "log-unknown");
  if (!proof.ok()) return proof.status();
  answer.proof = *std::move(proof);
  return desk.courier.Seal(answer, from);
}

absl::Status TieWaiting(Desk& desk) {
  TRY(const std::vector<Untied> waiting, desk.sightings.Waiting());
  return Tie(desk, waiting);
}

}  // namespace entente::exchange
