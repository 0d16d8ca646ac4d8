#include "node/exchange/leaf_proof.h"

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/proof_file.h"
#include "node/exchange/reconcile_methods.h"
#include "node/model/log_statements.h"

namespace entente::exchange {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

absl::Status Misplaced(std::string_view what) {
  return WithReason(ProofFailed("the proof of an entry: ", what),
                    "answer-misplaced");
}

absl::StatusOr<LeafShown> CheckProof(const keys::NodeCard& card,
                                     const Hash& leaf,
                                     const merkle::ProofFile& file) {
  TRY(const merkle::VerifierKey key, LogKeyOf(card));
  const auto opened = merkle::OpenNote(file.checkpoint, {&key, 1});
  if (!opened.ok()) return Misplaced("its head is not the log's");
  TRY(const merkle::Checkpoint head,
      merkle::ParseCheckpoint(opened->note.text));
  if (head.origin != card.log_origin) return Misplaced("of another log");
  if (!merkle::VerifyInclusion(file.index, head.size, leaf, file.proof,
                               head.root)
           .ok())
    return Misplaced("it leads to another root");
  return LeafShown{file.index, head.size};
}

}  // namespace

absl::StatusOr<LeafShown> AskLeafProof(Desk& desk, std::string_view peer,
                                       const Hash& leaf) {
  TRY(const keys::NodeCard card, desk.trust.Card(peer));
  model::LeafAsk ask;
  ask.leaf = leaf;
  TRY(const auto answer,
      desk.courier.Call<model::LeafProof>(peer, kLeafProof, ask, kDeadline));
  if (answer.value.leaf != leaf) return Misplaced("of another entry");
  const auto file = merkle::ParseProofFile(answer.value.proof);
  if (!file.ok()) return Misplaced("malformed");
  TRY(const LeafShown shown, CheckProof(card, leaf, *file));
  // A head that was made for this answer alone meets those that others saw.
  TRY_OK(desk.sightings.Take(file->checkpoint).status());
  return shown;
}

absl::StatusOr<model::SignedStatement> AnswerLeafProof(
    Desk& desk, std::string_view from, const model::SignedStatement& in) {
  TRY(const Opened<model::LeafAsk> ask,
      desk.courier.Open<model::LeafAsk>(from, in));
  const auto index = desk.log.FindLeaf(ask.value.leaf);
  if (!index.ok())
    return WithReason(NotFound("no such entry crossed"), "leaf-unknown");
  model::LeafProof answer;
  answer.leaf = ask.value.leaf;
  absl::StatusOr<std::string> proof = desk.log.ProveInclusion(*index);
  if (absl::IsNotFound(proof.status()))
    return WithReason(proof.status(), "leaf-unpublished");
  if (!proof.ok()) return proof.status();
  answer.proof = *std::move(proof);
  return desk.courier.Seal(answer, from);
}

}  // namespace entente::exchange
