#include "node/audit/sightings.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/witness.h"
#include "crypto/primitive/hash.h"
#include "node/audit/sighted_head.h"
#include "node/audit/sighting_rows.h"
#include "node/base/file.h"
#include "node/base/mutex.h"
#include "node/store/record.h"

namespace entente::audit {
namespace {

using store::Table;

using Known = SightedLog;
using KnownLogs = SightedLogs;
using Head = SightedHead;

constexpr std::size_t kMostEvidence = 3'000'000;  // two notes and a proof

class StoredSightings final : public Sightings {
 public:
  explicit StoredSightings(Options options)
      : options_(std::move(options)), log_(options_.log) {}

  void AttachLog(AuditLog& log) override {
    log_ = &log;
    Changed();
  }

  absl::Status Load() {
    TRY(const std::vector<SplitRow> splits, Splits());
    TRY(const std::vector<WaitingRow> waiting, WaitingRows());
    base::MutexLock lock(mutex_);
    for (const SplitRow& row : splits) split_[row.origin] = row.party;
    for (const WaitingRow& row : waiting) {
      if (row.unproved != 0) unproved_.insert(row.origin);
    }
    return absl::OkStatus();
  }

  absl::Status SetLogs(std::vector<PeerLog> logs) override EXCLUDES(mutex_) {
    TRY(KnownLogs known, ToSighted(logs));
    {
      base::MutexLock lock(mutex_);
      known_ = std::move(known);
    }
    Changed();
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> Notes() override {
    std::vector<std::string> out;
    if (AuditLog* log = log_; log != nullptr) {
      if (std::string own = log->PublishedHead().note; !own.empty())
        out.push_back(std::move(own));
    }
    for (const auto& [origin, known] : Logs()) {
      TRY(const std::vector<Head> held, Held(origin, known));
      for (const Head& head : held) {
        if (out.size() < kMostNotes) out.push_back(head.note);
      }
    }
    return out;
  }

  absl::StatusOr<std::vector<Untied>> Take(std::string_view note) override {
    const std::optional<std::string> origin = OriginOf(note);
    if (!origin) return std::vector<Untied>();
    AuditLog* const log = log_;
    if (log == nullptr) return NoLog();
    if (*origin == log->origin()) {
      const absl::Status own = log->CompareWitnessed(AsBytes(note));
      // A line that is not this log's own says nothing about it.
      return own.ok() || ReasonOf(own) != "log-broken"
                 ? absl::StatusOr<std::vector<Untied>>(std::vector<Untied>())
                 : own;
    }
    const KnownLogs logs = Logs();
    const auto at = logs.find(*origin);
    if (at == logs.end() || IsSplit(*origin)) return std::vector<Untied>();
    const std::optional<Head> head = OpenSighted(at->second, note);
    if (!head) return std::vector<Untied>();
    return Compare(at->second, *head);
  }

  absl::StatusOr<std::vector<Untied>> Waiting() override {
    TRY(const std::vector<WaitingRow> rows, WaitingRows());
    std::vector<Untied> out;
    const KnownLogs logs = Logs();
    for (const WaitingRow& row : rows) {
      const auto known = logs.find(row.origin);
      if (known == logs.end()) continue;
      const auto first = OpenSighted(known->second, row.first);
      const auto second = OpenSighted(known->second, row.second);
      if (first && second)
        out.push_back(Between(known->second.party, *first, *second));
    }
    return out;
  }

  absl::StatusOr<Tie> Settle(const Untied& untied,
                             const merkle::Proof& seeded) override {
    const KnownLogs logs = Logs();
    const auto known = logs.find(untied.origin);
    if (known == logs.end())
      return WithReason(NotFound("no card names that log"), "peer-unknown");
    const auto first = OpenSighted(known->second, untied.first);
    const auto second = OpenSighted(known->second, untied.second);
    if (!first || !second) return Invalid("heads that the log did not sign");
    const auto roots = merkle::RootsFromSeededProof(untied.first_size,
                                                    untied.second_size, seeded);
    if (!roots.ok() || roots->new_root != second->checkpoint.root) {
      TRY_OK(MarkUnproved(untied));
      return Tie::kUnproved;
    }
    if (roots->old_root == first->checkpoint.root) {
      TRY_OK(Consistent(untied, *second));
      return Tie::kConsistent;
    }
    TRY(const std::string file,
        merkle::MakeEvidence(second->key, first->note, second->note, seeded));
    TRY_OK(KeepFile(known->second, *second, file));
    return Tie::kSplit;
  }

  absl::Status Keep(std::string_view file) override {
    for (const auto& [origin, known] : Logs()) {
      for (const merkle::VerifierKey& key : known.keys) {
        const auto heads = merkle::OpenEvidence(file, key);
        if (!heads.ok()) continue;
        return KeepFile(known, {heads->second, "", key}, file);
      }
    }
    return Unready("the file proves nothing about a known log");
  }

  absl::Status LogPending() override {
    TRY(const std::vector<SplitRow> rows, Splits());
    for (const SplitRow& row : rows) {
      if (!row.logged) TRY_OK(LogSplit(row));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<SplitAlarm>> Alarms() override {
    std::vector<SplitAlarm> out;
    TRY(const std::vector<SplitRow> splits, Splits());
    for (const SplitRow& row : splits)
      out.push_back({row.party, row.origin, true, row.file, row.time});
    TRY(const std::vector<WaitingRow> waiting, WaitingRows());
    for (const WaitingRow& row : waiting) {
      if (row.unproved != 0)
        out.push_back({row.party, row.origin, false, "", row.unproved});
    }
    return out;
  }

  absl::StatusOr<std::map<std::string, std::string>> Evidence() override {
    std::map<std::string, std::string> out;
    TRY(const std::vector<SplitRow> splits, Splits());
    for (const SplitRow& row : splits) {
      TRY(const Bytes file,
          base::ReadFile(EvidenceFolder() + "/" + row.file, kMostEvidence));
      out.emplace(row.file, ToString(file));
    }
    return out;
  }

  bool MayCosign(std::string_view origin) const override EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return !split_.contains(origin) && !unproved_.contains(origin);
  }

  std::set<std::string> Parties() const override EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    std::set<std::string> out;
    // Of the log that its card names now: a party that begins another volume,
    // under a card that people compared, begins anew.
    for (const auto& [origin, party] : split_) {
      if (known_.contains(origin)) out.insert(party);
    }
    return out;
  }

 private:
  KnownLogs Logs() const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return known_;
  }
  bool IsSplit(std::string_view origin) const EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return split_.contains(origin);
  }
  void Changed() {
    if (options_.changed && log_ != nullptr) options_.changed();
  }

  template <class Row>
  absl::StatusOr<std::vector<Row>> Rows(std::string_view prefix) {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(auto rows,
        store::AllRecords<Row>(*reader, Table::kWitness, AsBytes(prefix)));
    std::vector<Row> out;
    for (auto& [key, row] : rows) out.push_back(std::move(row));
    return out;
  }
  absl::StatusOr<std::vector<SplitRow>> Splits() {
    return Rows<SplitRow>(kSplitPrefix);
  }
  absl::StatusOr<std::vector<WaitingRow>> WaitingRows() {
    return Rows<WaitingRow>(kWaitingPrefix);
  }

  // What is held of a log: as its witness, and as somebody showed it.
  absl::StatusOr<std::vector<Head>> Held(const std::string& origin,
                                         const Known& known) {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const auto cosigned, store::GetRecord<merkle::WitnessRecord>(
                                 *reader, Table::kWitness, RecordKey(origin)));
    TRY(const auto seen,
        store::GetRecord<SeenRow>(*reader, Table::kWitness, SeenKey(origin)));
    std::vector<Head> out;
    if (cosigned) {
      if (auto head = OpenSighted(known, cosigned->note))
        out.push_back(*std::move(head));
    }
    if (seen) {
      auto head = OpenSighted(known, seen->note);
      if (head && (out.empty() || out[0].checkpoint != head->checkpoint))
        out.push_back(*std::move(head));
    }
    return out;
  }

  absl::StatusOr<std::vector<Untied>> Compare(const Known& known,
                                              const Head& head) {
    TRY(const std::vector<Head> held, Held(head.checkpoint.origin, known));
    std::vector<Untied> out;
    for (const Head& other : held) {
      if (other.checkpoint == head.checkpoint) continue;
      // The empty tree is the past of every tree.
      if (other.checkpoint.size == 0 || head.checkpoint.size == 0) continue;
      if (other.checkpoint.size == head.checkpoint.size) {
        TRY(const std::string file,
            merkle::MakeEvidence(head.key, other.note, head.note, {}));
        TRY_OK(KeepFile(known, head, file));
        return std::vector<Untied>();
      }
      out.push_back(Between(known.party, other, head));
    }
    if (held.empty()) TRY_OK(PutSeen(head));
    for (const Untied& untied : out) TRY_OK(PutWaiting(untied));
    return out;
  }

  absl::Status PutSeen(const Head& head) {
    return options_.store->Write([&](store::Writer& writer) {
      return store::PutRecord(writer, Table::kWitness,
                              SeenKey(head.checkpoint.origin),
                              SeenRow{head.note, options_.clock->NowSeconds()});
    });
  }

  absl::Status PutWaiting(const Untied& untied) {
    return options_.store->Write([&](store::Writer& writer) -> absl::Status {
      const Bytes key = WaitingKey(untied.origin, untied.first, untied.second);
      TRY(const std::optional<Bytes> known, writer.Get(Table::kWitness, key));
      if (known) return absl::OkStatus();
      // Only the log's owner could bring more: what it has shown will do.
      TRY(const std::uint64_t count,
          writer.Count(Table::kWitness, WaitingOf(untied.origin)));
      if (count >= kMostWaiting) return absl::OkStatus();
      return store::PutRecord(writer, Table::kWitness, key,
                              WaitingRow{untied.party, untied.origin,
                                         untied.first, untied.second, 0});
    });
  }

  absl::Status MarkUnproved(const Untied& untied) EXCLUDES(mutex_) {
    TRY_OK(options_.store->Write([&](store::Writer& writer) -> absl::Status {
      const Bytes key = WaitingKey(untied.origin, untied.first, untied.second);
      TRY(auto row, store::GetRecord<WaitingRow>(writer, Table::kWitness, key));
      if (!row || row->unproved != 0) return absl::OkStatus();
      row->unproved = options_.clock->NowSeconds();
      return store::PutRecord(writer, Table::kWitness, key, *row);
    }));
    base::MutexLock lock(mutex_);
    unproved_.insert(untied.origin);
    return absl::OkStatus();
  }

  absl::Status Consistent(const Untied& untied, const Head& second)
      EXCLUDES(mutex_) {
    bool doubted = false;
    TRY_OK(options_.store->Write([&](store::Writer& writer) -> absl::Status {
      TRY_OK(writer.Delete(
          Table::kWitness,
          WaitingKey(untied.origin, untied.first, untied.second)));
      TRY(const auto rows,
          store::AllRecords<WaitingRow>(writer, Table::kWitness,
                                        WaitingOf(untied.origin)));
      for (const auto& [key, row] : rows) doubted |= row.unproved != 0;
      TRY(const auto seen, store::GetRecord<SeenRow>(writer, Table::kWitness,
                                                     SeenKey(untied.origin)));
      if (seen && SizeOf(seen->note) >= second.checkpoint.size)
        return absl::OkStatus();
      return store::PutRecord(
          writer, Table::kWitness, SeenKey(untied.origin),
          SeenRow{second.note, options_.clock->NowSeconds()});
    }));
    base::MutexLock lock(mutex_);
    if (!doubted) unproved_.erase(untied.origin);
    return absl::OkStatus();
  }

  // The file first, then the row, then the entry: whatever fails, what proves
  // is there, and the entry follows from the row.
  absl::Status KeepFile(const Known& known, const Head& second,
                        std::string_view file) EXCLUDES(mutex_) {
    const std::string& origin = second.checkpoint.origin;
    SplitRow row;
    row.party = known.party;
    row.origin = origin;
    row.vkey = second.key.Text();
    row.file = merkle::EvidenceName(origin, second.checkpoint.size);
    row.sha256 = primitive::Sha256(AsBytes(file));
    row.kind = file.find("\nkind prefix\n") != std::string_view::npos
                   ? "prefix"
                   : "same-size";
    row.time = options_.clock->NowSeconds();
    bool fresh = false;
    {
      TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
      TRY(const std::optional<Bytes> kept,
          reader->Get(Table::kWitness, SplitKey(origin)));
      if (kept) return absl::OkStatus();  // the first one is proof enough
    }
    TRY_OK(base::MakeDirs(EvidenceFolder()));
    TRY_OK(base::WriteFileAtomic(EvidenceFolder() + "/" + row.file,
                                 AsBytes(file)));
    TRY_OK(options_.store->Write([&](store::Writer& writer) -> absl::Status {
      TRY(const std::optional<Bytes> kept,
          writer.Get(Table::kWitness, SplitKey(origin)));
      if (kept) return absl::OkStatus();
      fresh = true;
      // No proof is wanted any more: this one says enough.
      TRY(const std::vector<store::Row> waiting,
          writer.Scan(Table::kWitness, WaitingOf(origin), {}, kMostWaiting));
      for (const store::Row& pair : waiting)
        TRY_OK(writer.Delete(Table::kWitness, pair.key));
      return store::PutRecord(writer, Table::kWitness, SplitKey(origin), row);
    }));
    {
      base::MutexLock lock(mutex_);
      split_[origin] = known.party;
      unproved_.erase(origin);
    }
    if (!fresh) return absl::OkStatus();
    Changed();
    // The log may be closed to entries just now; LogPending tries again.
    LogSplit(row).IgnoreError();
    return absl::OkStatus();
  }

  std::string EvidenceFolder() const { return options_.dir + "/evidence"; }

  static absl::Status NoLog() {
    return WithReason(Unavailable("the node is starting"), "log-unavailable");
  }

  absl::Status LogSplit(const SplitRow& row) {
    AuditLog* const log = log_;
    if (log == nullptr) return NoLog();
    Job job;
    job.events.push_back(ledger::Event("witness.evidence")
                             .Set("file", row.sha256)
                             .Set("kind", row.kind)
                             .Set("origin", row.origin));
    job.changes = [&row](store::Writer& writer,
                         std::span<const Staged>) -> absl::Status {
      TRY(auto now, store::GetRecord<SplitRow>(writer, Table::kWitness,
                                               SplitKey(row.origin)));
      // Somebody else wrote the entry meanwhile.
      if (!now || now->logged) return AlreadyExists("logged");
      now->logged = true;
      return store::PutRecord(writer, Table::kWitness, SplitKey(row.origin),
                              *now);
    };
    const absl::Status logged = log->Commit(std::move(job)).status();
    return absl::IsAlreadyExists(logged) ? absl::OkStatus() : logged;
  }

  const Options options_;
  std::atomic<AuditLog*> log_;
  mutable base::Mutex mutex_;
  KnownLogs known_ GUARDED_BY(mutex_);
  std::map<std::string, std::string, std::less<>> split_
      GUARDED_BY(mutex_);  // origin -> party
  std::set<std::string, std::less<>> unproved_ GUARDED_BY(mutex_);  // origins
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sightings>> Sightings::Create(Options options) {
  if (options.store == nullptr || options.clock == nullptr ||
      options.dir.empty())
    return Invalid("sightings need a store, a clock and a folder");
  auto made = std::make_unique<StoredSightings>(std::move(options));
  TRY_OK(made->Load());
  return made;
}

}  // namespace entente::audit
