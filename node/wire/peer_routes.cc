#include "node/wire/peer_routes.h"

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/epochs.h"
#include "node/exchange/peer_link.h"
#include "node/exchange/tag_sets.h"
#include "node/hits/hits.h"
#include "node/model/witness_reply.h"

namespace entente::wire {

namespace method = exchange::method;
using model::SignedStatement;

absl::StatusOr<SignedStatement> PeerRoutes::ServeWitness(
    const SignedStatement& in) {
  TRY(const audit::WitnessReply reply, witness_.AddCheckpoint(in.body));
  // The answer is C2SP's own: it carries its own signature, so the envelope has
  // none.
  return SignedStatement{
      Encode(model::WitnessReply{static_cast<std::uint32_t>(reply.status),
                                 reply.body, reply.content_type}),
      {}};
}

absl::StatusOr<SignedStatement> PeerRoutes::Serve(std::string_view party,
                                                  std::string_view name,
                                                  const SignedStatement& in) {
  if (party == desk_.party)
    return WithReason(Unauthenticated("a node does not call itself"),
                      "party-not-admitted");
  if (name == method::kHello) return holder_.AnswerHello(party, in);
  if (name == method::kStatus) return holder_.AnswerStatus(party, in);
  if (name == method::kAnnounce)
    return exchange::AnswerEpochAsk(desk_, party, in);
  if (name == method::kTagSet)
    return exchange::AnswerTagSetAsk(desk_, party, in, *hidden_.Get());
  if (name == method::kTagSetChunk)
    return exchange::AnswerTagSetChunk(desk_, party, in);
  if (name == method::kScreen) return holder_.AnswerScreen(party, in);
  if (name == method::kRequestDisclosure)
    return hits::TakeRequest(desk_, party, in);
  if (name == method::kDeliver) return hits::TakeDisclosure(desk_, party, in);
  if (name == method::kOutcome) return hits::TakeOutcome(desk_, party, in);
  if (name == method::kRecall) return hits::TakeRecall(desk_, party, in);
  if (name == method::kRecallReceipt)
    return hits::TakeRecallReceipt(desk_, party, in);
  if (name == method::kWitness) return ServeWitness(in);
  return WithReason(absl::UnimplementedError("no such call"), "peer-version");
}

}  // namespace entente::wire
