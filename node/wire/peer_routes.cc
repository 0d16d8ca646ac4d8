#include "node/wire/peer_routes.h"

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/checkpoints.h"
#include "node/exchange/drafts.h"
#include "node/exchange/epochs.h"
#include "node/exchange/leaf_proof.h"
#include "node/exchange/peer_link.h"
#include "node/exchange/reconcile.h"
#include "node/exchange/reconcile_methods.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/hits.h"
#include "node/hits/trail.h"
#include "node/model/witness_reply.h"

namespace entente::wire {

namespace method = exchange::method;
using model::SignedStatement;

absl::StatusOr<SignedStatement> AnswerAsWitness(audit::Witness& witness,
                                                const SignedStatement& in) {
  TRY(const audit::WitnessReply reply, witness.AddCheckpoint(in.body));
  // The envelope has no signature.
  return SignedStatement{
      Encode(model::WitnessReply{static_cast<std::uint32_t>(reply.status),
                                 reply.body, reply.content_type}),
      {}};
}

// What was acknowledged has its record before the acknowledgement leaves.
absl::StatusOr<SignedStatement> PeerRoutes::Kept(
    absl::StatusOr<SignedStatement> answer, std::string_view party,
    std::string_view name, const SignedStatement& in) {
  if (answer.ok()) TRY_OK(hits::KeepTrail(desk_, party, name, in, *answer));
  return answer;
}

absl::StatusOr<SignedStatement> PeerRoutes::Route(std::string_view party,
                                                  std::string_view name,
                                                  const SignedStatement& in) {
  if (party == desk_.party)
    return WithReason(Unauthenticated("a node does not call itself"),
                      "party-not-admitted");
  if (name == method::kHello) return holder_.AnswerHello(party, in);
  if (name == method::kStatus) return holder_.AnswerStatus(party, in);
  if (name == method::kPropose)
    return exchange::AnswerProposal(desk_, party, in);
  if (name == method::kAnnounce)
    return exchange::AnswerEpochAsk(desk_, party, in);
  if (name == method::kTagSet) return ServeTagSet(party, in);
  if (name == method::kTagSetChunk)
    return exchange::AnswerTagSetChunk(desk_, party, in);
  if (name == method::kScreen) return holder_.AnswerScreen(party, in);
  if (name == method::kRequestDisclosure)
    return Kept(hits::TakeRequest(desk_, party, in), party, name, in);
  if (name == method::kDeliver)
    return Kept(hits::TakeDisclosure(desk_, party, in), party, name, in);
  if (name == method::kOutcome)
    return Kept(hits::TakeOutcome(desk_, party, in), party, name, in);
  if (name == method::kRecall)
    return Kept(hits::TakeRecall(desk_, party, in), party, name, in);
  if (name == method::kRecallReceipt)
    return Kept(hits::TakeRecallReceipt(desk_, party, in), party, name, in);
  if (name == method::kWitness) return AnswerAsWitness(witness_, in);
  if (name == method::kSwapCheckpoints)
    return exchange::AnswerCheckpoints(desk_, party, in);
  if (name == method::kGetConsistency)
    return exchange::AnswerConsistency(desk_, party, in);
  if (name == exchange::kReconcileDay)
    return exchange::AnswerReconcileDay(desk_, party, in);
  if (name == exchange::kReconcileNode)
    return exchange::AnswerReconcileNode(desk_, party, in);
  if (name == exchange::kLeafProof)
    return exchange::AnswerLeafProof(desk_, party, in);
  return WithReason(absl::UnimplementedError("no such call"), "peer-version");
}

// Building a long list's set takes minutes: one at a time, and whoever asks
// meanwhile is told to ask again, so that no call waits in a worker.
absl::StatusOr<SignedStatement> PeerRoutes::ServeTagSet(
    std::string_view party, const SignedStatement& in) {
  // Only a statement that is the peer's own may occupy the builder.
  TRY_OK(desk_.courier.Open<model::TagSetAsk>(party, in).status());
  if (building_.exchange(true)) {
    return WithReason(Unavailable("a tag set is being built"),
                      "tagset-building");
  }
  absl::StatusOr<SignedStatement> answer =
      exchange::AnswerTagSetAsk(desk_, party, in, *hidden_.Get());
  building_ = false;
  return answer;
}

absl::StatusOr<SignedStatement> PeerRoutes::Serve(std::string_view party,
                                                  std::string_view name,
                                                  const SignedStatement& in) {
  absl::StatusOr<SignedStatement> answer = Route(party, name, in);
  if (answer.ok()) return answer;
  const std::string reason = ReasonOf(answer.status());
  for (const std::string_view unlogged :
       {"signature-wrong", "statement-malformed", "clock-skew",
        "agreement-differs", "party-not-admitted", "tagset-unknown",
        "epoch-unknown", "peer-unknown"}) {
    if (reason != unlogged) continue;
    base::MutexLock lock(mutex_);
    ++refusals_[{std::string(party), reason}];
  }
  return answer;
}

std::map<std::pair<std::string, std::string>, std::uint64_t>
PeerRoutes::TakeRefusals() {
  base::MutexLock lock(mutex_);
  return std::exchange(refusals_, {});
}

}  // namespace entente::wire
