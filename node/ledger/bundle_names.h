#pragma once
// The names of the members of a bundle (`X.entente-audit.tar`) and of single
// files that travel beside a log. A closed list: a verifier refuses any other
// name, which also keeps `..`, absolute names and odd bytes out. Thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::ledger {

std::string ProofName(std::uint64_t index);    // proofs/<i>.tlog-proof
std::string LeafName(std::uint64_t index);     // proofs/<i>.leaf
std::string OpeningName(std::uint64_t index);  // openings/<i>.opening
// reconcile/<16 hex of the agreement>-<day>.note; `day`: 2027-01-01.
std::string DayNoteName(const Hash& agreement, std::string_view day);
// evidence/<hex8 of H(origin)>-<size>.split-view
std::string EvidenceMember(std::string_view origin, std::uint64_t size);

// Whether a bundle may have a member of this name: the names above, the files
// of a volume (merkle::ParsePath), and policy, bodies, segments,
// previous.checkpoint, previous.consistency, catalogue.json, VERIFY.txt,
// SHA256SUMS, bundle.note.
bool IsBundleMember(std::string_view name);

}  // namespace entente::ledger
