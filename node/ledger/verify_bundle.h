#pragma once
// Off-line verification of a bundle, with nothing but the file and the caller's
// own policy. docs/protocol/audit-bundle.md, section 4, says what each claim
// is.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "crypto/merkle/policy.h"
#include "node/ledger/verify.h"
#include "node/ledger/wrap.h"

namespace entente::ledger {

// The bytes of a bundle, read at any place.
struct BundleSource {
  std::uint64_t size = 0;
  // Exactly `size` bytes from `offset`, always inside the file.
  std::function<absl::StatusOr<Bytes>(std::uint64_t offset, std::size_t size)>
      read;
  // Borrows the bytes.
  static BundleSource Of(ByteView bytes);
};

struct BundleOptions : VerifyOptions {
  // Opens every body that is sealed to this key and compares it with its
  // commitment.
  std::optional<Opener> opener;
};

// The most bytes that a member of this name can have; 0: no bundle has it.
std::size_t MaxMemberBytes(std::string_view name);

// Holds one tile, one entry bundle and one body at a time, a few bytes per
// entry, and the list of members. Errors of the source end it (no verdict). Not
// thread-safe.
absl::StatusOr<Report> VerifyBundle(const BundleSource& source,
                                    const merkle::TrustPolicy& policy,
                                    const BundleOptions& options = {});

}  // namespace entente::ledger
