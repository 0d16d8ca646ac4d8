#pragma once
// The calls of proto/entente/v1/peer.proto, once, for server, client and names.

#define ENTENTE_PEER_METHODS(X) \
  X(Hello)                      \
  X(Announce)                   \
  X(Status)                     \
  X(Propose)                    \
  X(TagSet)                     \
  X(TagSetChunk)                \
  X(Screen)                     \
  X(RequestDisclosure)          \
  X(Deliver)                    \
  X(Outcome)                    \
  X(Recall)                     \
  X(RecallReceipt)              \
  X(Witness)                    \
  X(LeafProof)                  \
  X(SwapCheckpoints)            \
  X(GetConsistency)             \
  X(ReconcileDay)               \
  X(ReconcileNode)
