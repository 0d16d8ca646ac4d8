#include "node/rpc/peer.h"

#include <array>

#include "node/rpc/peer_methods.h"

namespace entente::rpc {

std::span<const std::string_view> PeerMethods() {
#define ENTENTE_NAME(name) method::k##name,
  static constexpr std::array kAll = {ENTENTE_PEER_METHODS(ENTENTE_NAME)};
#undef ENTENTE_NAME
  return kAll;
}

}  // namespace entente::rpc
