#pragma once
// Off-line verification of a volume: every byte of every file, with nothing but
// the files and the caller's own policy. docs/protocol/audit-log.md, section
// 10, says what each check is.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/merkle/policy.h"
#include "node/ledger/bundle.h"

namespace entente::ledger {

enum class Verdict : std::uint8_t {
  kVerified,
  kVerifiedUnwitnessed,  // only under a policy with `quorum none`
  kTampered,
  kIncomplete,
  kUntrusted,  // signature, origin, quorum, catalogue
  kSplitView
};
std::string_view VerdictName(Verdict verdict);  // VERIFIED, TAMPERED, ...
inline bool IsVerified(Verdict verdict) {
  return verdict == Verdict::kVerified ||
         verdict == Verdict::kVerifiedUnwitnessed;
}

// 0 verified, 4 refused, as every `entente` command.
inline int ExitCode(Verdict verdict) { return IsVerified(verdict) ? 0 : 4; }

enum class ClaimResult : std::uint8_t { kHolds, kFails, kNotChecked };
struct Claim {
  std::string_view id;    // V3
  std::string_view what;  // a plain sentence
  ClaimResult result = ClaimResult::kNotChecked;
  std::string reason = {};  // what was seen; may be empty
};

// What is said of single entries.
struct Remark {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // included
  std::string text;        // "erased, authorised by entry 128 ..."
};
// A field that an opening shows, checked. Personal data.
struct OpenedField {
  std::uint64_t index = 0;
  std::string name;
  std::string value;
};

// What was found first. Holds no personal data.
struct Fault {
  std::string_view claim;  // V5
  std::string file;
  std::optional<std::uint64_t> index;  // of the entry
  std::string why;
};

struct Report {
  Verdict verdict = Verdict::kIncomplete;
  std::optional<Fault> fault;  // present unless verified
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  std::size_t witnesses = 0;  // valid cosignatures
  std::uint64_t entries = 0;  // read and checked
  std::uint64_t pads = 0;
  std::uint64_t sealed = 0;     // entries with a commitment
  std::uint64_t erased = 0;     // of these, named by an erasure
  std::uint64_t pruned = 0;     // removed at the end of their term
  std::int64_t first_time = 0;  // microseconds
  std::int64_t last_time = 0;
  std::vector<Claim> claims;  // in order
  std::vector<std::string> warnings;
  std::vector<Remark> remarks;  // bodies that are gone, and on whose word

  // Of a bundle only.
  std::optional<EntryRange> range;
  std::uint64_t singles = 0;   // entries shown by proof
  std::uint64_t bodies = 0;    // present
  std::uint64_t expired = 0;   // absent, their term ended
  std::uint64_t unsealed = 0;  // of these, opened and as committed
  std::vector<OpenedField> opened;
};

// The files of `audit/<volume>/`.
struct Folder {
  // Relative paths of every regular file below the folder, in any order; names
  // of anything else (links, devices) as well, so that they are refused.
  std::vector<std::string> files;
  // NOT_FOUND: gone meanwhile. Others: I/O.
  std::function<absl::StatusOr<Bytes>(const std::string& path)> read;
};

// The most bytes that a file of this name can have in a sound volume; 0 when
// no volume has such a file. A reader need not read more.
std::size_t MaxFileBytes(std::string_view path);

struct VerifyOptions {
  // A signed checkpoint of the same log that the caller kept: checks that the
  // volume only adds to it.
  std::optional<std::string> previous;
  // Data protection officers whose erasures count (type 0x01). Without any,
  // V9 is not checked.
  std::vector<merkle::VerifierKey> officers;
};

// Reads each file once, one at a time. Errors of the reader other than
// NOT_FOUND end it (no verdict). Not thread-safe.
absl::StatusOr<Report> VerifyFolder(const Folder& folder,
                                    const merkle::TrustPolicy& policy,
                                    const VerifyOptions& options = {});

// The report for people, one finding a line.
std::string ReportText(const Report& report);

}  // namespace entente::ledger
