#include "node/exchange/witness_call.h"

#include <chrono>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"

namespace entente::exchange {

absl::StatusOr<model::WitnessReply> CallWitness(PeerLink& link,
                                                std::string_view witness,
                                                std::string_view body) {
  model::SignedStatement ask;
  ask.body = ToBytes(body);
  TRY(const model::SignedStatement raw,
      link.Call(witness, method::kWitness, ask, std::chrono::seconds(5)));
  return Decode<model::WitnessReply>(raw.body);
}

}  // namespace entente::exchange
