#pragma once
// Makes a new draft from an agreement: replaces values by path, sorts every set
// and every repeated table again, and writes the one canonical spelling. The
// CLI's `agreement new --from FILE --set PATH=VALUE`.
//
// Paths: `title`, `validity.from`, `party.QOR.sign_legal`,
// `clause.screen-terrorism.quota_per_day`, `basis.court-order.QOR`.
// Values: text as it is; an integer in digits; `true` or `false`; a set as its
// members joined by commas (empty: the empty set).
// Pure. Source: agreements.md 2.1.

#include <absl/status/statusor.h>

#include <map>
#include <string>

#include "crypto/base/bytes.h"

namespace entente::policy {

// NOT_FOUND: no such path. INVALID_ARGUMENT: a value of another type,
// `agreement` is not canonical, or the result is refused (its load error is the
// reason).
absl::StatusOr<Bytes> Rewrite(ByteView agreement,
                              const std::map<std::string, std::string>& values);

// Gives a party another code everywhere: its table, every provision, clause,
// reservation and receiver. NOT_FOUND: no party `from`.
absl::StatusOr<Bytes> RenameParty(ByteView agreement, const std::string& from,
                                  const std::string& to);

}  // namespace entente::policy
