// Bundles of the published head: what the store adds to the folder.

#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"
#include "node/ledger/bundle.h"

namespace entente::audit {
namespace {

using store::Table;

// What a reader of a log without witnesses trusts.
std::string PolicyOf(const std::string& witness_policy,
                     const merkle::VerifierKey& log_key) {
  if (!witness_policy.empty()) return witness_policy;
  return Join({"log ", log_key.Text(), "\nquorum none\n"});
}

// A range alone is shown whole; anything narrower entry by entry.
absl::Status Choose(ledger::Selection selection, std::uint64_t first,
                    std::uint64_t size, ledger::BundleInput& input) {
  if (!selection.range) selection.range = ledger::EntryRange{first, size};
  if (selection.range->first < first) {
    return WithNext(
        WithReason(NotFound("entries below ", std::to_string(first),
                            " were removed at the end of their term"),
                   "entry-pruned"),
        "choose a range from there; those that stayed are in the volume's "
        "folder `kept`");
  }
  if (selection.types.empty() && !selection.exchange) {
    input.range = *selection.range;
    if (input.range.empty()) input.range = {};
    return absl::OkStatus();
  }
  TRY(input.singles, ledger::SelectEntries(input.read, size, selection));
  return absl::OkStatus();
}

// Readers of the store, one after the other: a long export that held one
// snapshot would keep the write-ahead log from being emptied, and whoever
// commits next would pay for its length. What changes between the two readings
// of a bundle its writer finds.
class Rereader {
 public:
  explicit Rereader(store::Store& store) : store_(store) {}
  absl::StatusOr<std::optional<Bytes>> Get(Table table, ByteView key) {
    if (!reader_ || uses_ == kUses) {
      reader_.reset();
      TRY(reader_, store_.Read());
      uses_ = 0;
    }
    ++uses_;
    return reader_->Get(table, key);
  }

 private:
  static constexpr std::uint64_t kUses = 256;
  store::Store& store_;
  std::unique_ptr<store::Reader> reader_;
  std::uint64_t uses_ = 0;
};

}  // namespace

absl::StatusOr<ledger::BundleSummary> AuditLog::Impl::Export(
    const ExportRequest& request, const ledger::BundleSink& sink) {
  // Held throughout: a publication would exchange partial files meanwhile.
  base::MutexLock lock(publish_mutex_);
  const Head published = PublishedHead();
  Rereader reader(*options_.store);
  ledger::BundleInput input{
      .read = folder_.Reader(),
      .policy = PolicyOf(options_.witness_policy, *log_key_),
      .range = {},
      .singles = {},
      .body = [&](std::uint64_t index) -> absl::StatusOr<Bytes> {
        TRY(std::optional<Bytes> record,
            reader.Get(Table::kAuditBody, rows_.Entry(index)));
        if (!record) return NotFound("the entry has no body");
        return *std::move(record);
      },
      .segment = [&](std::uint32_t number) -> absl::StatusOr<Bytes> {
        TRY(std::optional<Bytes> file,
            reader.Get(Table::kAuditHead, rows_.Segment(number)));
        if (!file) return ProofFailed("the key of a segment is missing");
        return *std::move(file);
      },
      .openings = request.openings,
      .previous = request.previous,
      .attachments = request.attachments,
      .exporter = request.exporter.value_or(*log_key_),
      .sign = request.exporter ? request.sign : options_.sign};
  TRY_OK(Choose(request.selection, folder_.first(), published.size, input));
  absl::StatusOr<ledger::BundleSummary> summary =
      ledger::WriteBundle(input, sink);
  if (absl::IsDataLoss(summary.status()) &&
      published.size < SignedHead().size) {
    return Unready("a body went and the entry that says so is not published: ",
                   MessageOf(summary.status()));
  }
  return summary;
}

}  // namespace entente::audit
