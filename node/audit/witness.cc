#include "node/audit/witness.h"

#include <deque>
#include <map>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/witness.h"
#include "crypto/primitive/hash.h"
#include "node/audit/sighting_rows.h"
#include "node/base/mutex.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::int64_t kMinute = 60;

Bytes KeyOf(const Hash& origin_hash) {
  return Concat({AsBytes("record/"), origin_hash});
}

Bytes EvidencePrefix(std::string_view origin) {
  return Concat({AsBytes("evidence/"), primitive::Sha256(AsBytes(origin))});
}

absl::StatusOr<std::vector<merkle::KnownLog>> ToKnown(
    const std::vector<Witness::Log>& logs) {
  std::vector<merkle::KnownLog> known;
  for (const Witness::Log& log : logs) {
    TRY(merkle::VerifierKey key, merkle::VerifierKey::Parse(log.vkey));
    if (key.type() != merkle::NoteKeyType::kEd25519) {
      return Invalid("a log's key is of type Ed25519");
    }
    bool merged = false;
    for (merkle::KnownLog& other : known) {
      if (other.origin != log.origin) continue;
      other.keys.push_back(key);  // two keys while one replaces the other
      merged = true;
    }
    if (!merged) known.push_back({log.origin, {std::move(key)}});
  }
  return known;
}

class StoredWitness final : public Witness {
 public:
  StoredWitness(Options options, merkle::VerifierKey key,
                std::vector<merkle::KnownLog> known)
      : options_(std::move(options)),
        key_(std::move(key)),
        known_(std::move(known)) {}

  absl::Status SetLogs(std::vector<Log> logs) override EXCLUDES(mutex_) {
    TRY(std::vector<merkle::KnownLog> known, ToKnown(logs));
    base::MutexLock lock(mutex_);
    known_ = std::move(known);
    return absl::OkStatus();
  }

  absl::StatusOr<WitnessReply> AddCheckpoint(ByteView body) override
      EXCLUDES(mutex_) {
    TRY(const merkle::WitnessDecision decision, DecideAndRecord(body));
    if (decision.evidence && options_.evidence)
      options_.evidence(*decision.evidence);
    WitnessReply reply{decision.status, decision.body,
                       std::string(decision.content_type)};
    if (decision.status != 200) return reply;
    // Only now, with the record on disk.
    TRY(reply.body, merkle::WitnessAnswer(decision, key_, options_.sign));
    return reply;
  }

  absl::StatusOr<std::string> LatestNote(const Hash& origin_hash) override {
    TRY(const auto record, Lookup(origin_hash));
    if (!record) return NotFound("nothing is recorded of that log");
    return record->note;
  }

  absl::StatusOr<std::vector<std::string>> Evidence(
      const std::string& origin) override {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::vector<store::Row> rows,
        reader->Scan(Table::kWitness, EvidencePrefix(origin), {}, 1000));
    std::vector<std::string> files;
    for (const store::Row& row : rows) files.push_back(ToString(row.value));
    return files;
  }

 private:
  absl::StatusOr<std::optional<merkle::WitnessRecord>> Lookup(
      const Hash& origin_hash) {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::optional<Bytes> row,
        reader->Get(Table::kWitness, KeyOf(origin_hash)));
    if (!row) return std::optional<merkle::WitnessRecord>();
    TRY(merkle::WitnessRecord record, Decode<merkle::WitnessRecord>(*row));
    return std::optional<merkle::WitnessRecord>(std::move(record));
  }

  // Only this object writes records: what it wrote last is what the store has.
  absl::StatusOr<std::optional<merkle::WitnessRecord>> Recorded(
      const std::string& origin) REQUIRES(mutex_) {
    const auto known = recorded_.find(origin);
    if (known != recorded_.end()) return std::optional(known->second);
    return Lookup(primitive::Sha256(AsBytes(origin)));
  }

  // The lock is held across the store's write: decisions on one log must not
  // overtake each other, or a record could go back.
  absl::StatusOr<merkle::WitnessDecision> DecideAndRecord(ByteView body)
      EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    const std::int64_t now = options_.clock->NowSeconds();
    TRY(merkle::WitnessDecision decision,
        merkle::DecideWitness(
            AsText(body), known_,
            [this](const std::string& origin)
                REQUIRES(mutex_) { return Recorded(origin); },
            static_cast<std::uint64_t>(now)));
    if (decision.status == 404 || decision.origin.empty()) return decision;
    if (decision.status != 403 && TooMany(decision.origin, now)) {
      merkle::WitnessDecision refused;
      refused.status = 429;
      refused.origin = decision.origin;
      return refused;
    }
    // A log that showed two histories gets no cosignature; what it sends may
    // still prove more.
    if (decision.status == 200 && options_.may_cosign &&
        !options_.may_cosign(decision.origin)) {
      merkle::WitnessDecision refused;
      refused.status = 403;
      refused.origin = decision.origin;
      refused.body = "this log showed two histories\n";
      return refused;
    }
    // Forgotten before it changes: a write that fails may be on disk or not.
    recorded_.erase(decision.origin);
    TRY_OK(Record(decision));
    if (decision.record) {
      recorded_.emplace(decision.origin, *decision.record);
    }
    return decision;
  }

  bool TooMany(const std::string& origin, std::int64_t now) REQUIRES(mutex_) {
    std::deque<std::int64_t>& asked = asked_[origin];
    while (!asked.empty() &&
           (asked.front() <= now - kMinute || asked.front() > now)) {
      asked.pop_front();
    }
    if (asked.size() >= static_cast<std::size_t>(options_.per_minute)) {
      return true;
    }
    asked.push_back(now);
    return false;
  }

  absl::Status Record(const merkle::WitnessDecision& decision) {
    if (!decision.record && !decision.evidence) return absl::OkStatus();
    return options_.store->Write([&](store::Writer& writer) -> absl::Status {
      if (decision.record) {
        TRY_OK(writer.Put(Table::kWitness, RecordKey(decision.origin),
                          Encode(*decision.record)));
      }
      if (!decision.evidence) return absl::OkStatus();
      // Named by its hash: the same evidence is kept once.
      const Bytes key =
          Concat({EvidencePrefix(decision.origin),
                  primitive::Sha256(AsBytes(*decision.evidence))});
      return writer.Put(Table::kWitness, key, AsBytes(*decision.evidence));
    });
  }

  const Options options_;
  const merkle::VerifierKey key_;
  base::Mutex mutex_;
  std::vector<merkle::KnownLog> known_ GUARDED_BY(mutex_);
  std::map<std::string, std::deque<std::int64_t>> asked_ GUARDED_BY(mutex_);
  std::map<std::string, merkle::WitnessRecord> recorded_ GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Witness>> Witness::Create(Options options) {
  if (options.store == nullptr || options.clock == nullptr || !options.sign ||
      options.per_minute < 1) {
    return Invalid("a witness needs a store, a clock, its key and a rate");
  }
  TRY(merkle::VerifierKey key,
      merkle::VerifierKey::Make(options.name, merkle::NoteKeyType::kCosignature,
                                options.key));
  TRY(std::vector<merkle::KnownLog> known, ToKnown(options.logs));
  return std::make_unique<StoredWitness>(std::move(options), std::move(key),
                                         std::move(known));
}

}  // namespace entente::audit
