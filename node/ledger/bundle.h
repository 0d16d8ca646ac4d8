#pragma once
// Bundles (`X.entente-audit.tar`): a part of a log in one file that a stranger
// checks off line, with nothing but his own policy file.
// docs/protocol/audit-bundle.md is the byte-exact page; verify_bundle.h reads.
//
// A bundle shows a whole range of entries with nothing left out, single entries
// by proof, or both. The same input gives the same bytes.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/merkle/note.h"
#include "crypto/merkle/tiles.h"
#include "node/ledger/opening.h"

namespace entente::ledger {

// The entries [first, end). Empty: first and end are 0.
struct EntryRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  bool empty() const { return first == end; }
  bool Has(std::uint64_t index) const { return first <= index && index < end; }
  bool operator==(const EntryRange&) const = default;
};

// Which entries somebody asks for. What is absent does not narrow.
struct Selection {
  std::optional<EntryRange> range = {};
  std::vector<std::string> types = {};  // of the catalogue
  std::optional<Id16> exchange = {};    // `batch` or `hit` of the leaf
};
// Their indexes, rising, from the entry bundles of a published log of `size`
// entries. INVALID_ARGUMENT: the range reaches beyond the log, or an unknown
// type. DATA_LOSS: an entry bundle is malformed. Others: those of `read`.
absl::StatusOr<std::vector<std::uint64_t>> SelectEntries(
    const merkle::TileReader& read, std::uint64_t size,
    const Selection& selection);

struct BundleInput {
  // The files of the published folder, its checkpoint included. They must not
  // change meanwhile.
  merkle::TileReader read;
  std::string policy;  // the exporter's policy file, for information
  EntryRange range;
  std::vector<std::uint64_t> singles;  // rising; shown by proof

  // The record (wrap.h) of a sealed entry. NOT_FOUND: it was erased or expired.
  std::function<absl::StatusOr<Bytes>(std::uint64_t index)> body;
  // The segment file of a number. NOT_FOUND is an error here.
  std::function<absl::StatusOr<Bytes>(std::uint32_t number)> segment;
  // Of entries in the range or among the singles, rising by index.
  std::vector<Opening> openings = {};

  std::string previous = {};  // a signed checkpoint of an earlier export
  // Day notes and split-view evidence by member name (bundle_names.h).
  std::map<std::string, std::string> attachments = {};

  merkle::VerifierKey
      exporter;  // type 0x01; the log's own key, or an officer's
  merkle::Signer sign;
};

struct BundleSummary {
  std::uint64_t size = 0;  // of the log at the checkpoint
  std::uint64_t bytes = 0;
  Hash sha256{};  // of the whole bundle: `sha256` of log.export
  std::uint64_t bodies = 0;
  std::uint64_t absent = 0;  // bodies erased or expired
};

// Takes the bytes of the bundle as they come.
using BundleSink = std::function<absl::Status(ByteView)>;

// Writes a bundle. Adds by proof the erasures and expiries that cover an absent
// body and lie outside the range. Holds one tile and one record at a time;
// everything is read twice.
//   INVALID_ARGUMENT     range, singles, openings or attachments are malformed
//   DATA_LOSS            a body is absent without cause, or a file is malformed
//   FAILED_PRECONDITION  something changed between the two readings
//   others               those of the readers, the signer and `sink`
// Not thread-safe.
absl::StatusOr<BundleSummary> WriteBundle(const BundleInput& input,
                                          const BundleSink& sink);

}  // namespace entente::ledger
