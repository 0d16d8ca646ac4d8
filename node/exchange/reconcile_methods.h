#pragma once
// The calls of reconcile.h and leaf_proof.h, by the names of the service.

#include <string_view>

namespace entente::exchange {

inline constexpr std::string_view kReconcileDay = "ReconcileDay";
inline constexpr std::string_view kReconcileNode = "ReconcileNode";
inline constexpr std::string_view kLeafProof = "LeafProof";

}  // namespace entente::exchange
