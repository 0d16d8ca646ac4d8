#include "node/audit/rollback.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/policy.h"
#include "crypto/merkle/tree.h"
#include "node/audit/published_folder.h"
#include "node/audit/rows.h"

namespace entente::audit {
namespace {

using store::Table;

constexpr std::size_t kPage = 1024;

absl::Status RolledBack(std::string_view witness, std::string_view what) {
  return WithNext(
      WithReason(ProofFailed("this is an old copy of the audit log: ", witness,
                             " ", what),
                 "log-rolled-back"),
      "keep the data directory as evidence, tell the data protection officer, "
      "and start the copy that was in use last");
}

// What this copy of the log holds, without opening it.
class Copy {
 public:
  static absl::StatusOr<Copy> Load(const Options& options) {
    Copy out(options);
    TRY(const std::unique_ptr<store::Reader> reader, options.store->Read());
    TRY(const std::optional<Bytes> head,
        reader->Get(Table::kAuditHead, out.rows_.Head()));
    if (head) {
      TRY(const HeadRow row, Decode<HeadRow>(*head));
      out.committed_ = row.size;
    }
    TRY(const std::optional<Bytes> published,
        reader->Get(Table::kAuditHead, out.rows_.Published()));
    if (published) {
      TRY(const PublishedRow row, Decode<PublishedRow>(*published));
      out.published_ = row.size;
    }
    return out;
  }

  // 0: that witness never cosigned this volume.
  absl::StatusOr<std::uint64_t> CosignedBy(std::string_view witness) const {
    TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
    TRY(const std::optional<Bytes> row,
        reader->Get(Table::kAuditHead, rows_.Cosigned(witness)));
    if (!row) return std::uint64_t{0};
    TRY(const CosignedRow cosigned, Decode<CosignedRow>(*row));
    return cosigned.size;
  }

  std::uint64_t committed() const { return committed_; }
  std::uint64_t published() const { return published_; }

  // Hashes over all that is committed: from the tiles, and from the store's
  // leaves behind them.
  absl::StatusOr<merkle::HashSource> Hashes() const {
    std::vector<Hash> tail;
    while (published_ + tail.size() < committed_) {
      TRY(const std::unique_ptr<store::Reader> reader, options_.store->Read());
      const std::uint64_t next = published_ + tail.size();
      TRY(const std::vector<store::Row> rows,
          reader->Scan(Table::kAuditLeaf, rows_.Prefix(),
                       next == 0 ? Bytes() : rows_.Entry(next - 1), kPage));
      if (rows.empty()) return ProofFailed("the store lacks leaves");
      for (const store::Row& row : rows) {
        tail.push_back(merkle::LeafHash(row.value));
      }
    }
    const PublishedFolder folder(options_.dir + "/" + options_.volume);
    return Joined(merkle::HashesFromTiles(published_, folder.Reader()),
                  published_, std::move(tail));
  }

 private:
  explicit Copy(const Options& options)
      : options_(options), rows_(options.volume) {}

  static merkle::HashSource Joined(merkle::HashSource tiles,
                                   std::uint64_t published,
                                   std::vector<Hash> tail) {
    auto leaves = std::make_shared<const std::vector<Hash>>(std::move(tail));
    auto self = std::make_shared<merkle::HashSource>();
    const std::weak_ptr<merkle::HashSource> weak = self;
    *self = [tiles = std::move(tiles), published, leaves, weak](
                unsigned level, std::uint64_t index) -> absl::StatusOr<Hash> {
      const std::uint64_t end = (index + 1) << level;
      if (end <= published) return tiles(level, index);
      if (level == 0) return (*leaves)[index - published];
      const auto source = weak.lock();
      TRY(const Hash left, (*source)(level - 1, 2 * index));
      TRY(const Hash right, (*source)(level - 1, 2 * index + 1));
      return merkle::NodeHash(left, right);
    };
    return [self](unsigned level, std::uint64_t index) {
      return (*self)(level, index);
    };
  }

  const Options& options_;
  Rows rows_;
  std::uint64_t committed_ = 0;
  std::uint64_t published_ = 0;
};

class Check {
 public:
  Check(const Options& options, const Copy& copy, const AskWitness& ask,
        merkle::VerifierKey log, merkle::HashSource hashes)
      : options_(options),
        copy_(copy),
        ask_(ask),
        log_(std::move(log)),
        hashes_(std::move(hashes)) {}

  // Whether this witness answered that it saw no more; if not, `why`.
  absl::StatusOr<bool> Of(const merkle::TrustPolicy::Witness& witness,
                          std::string& why) const {
    TRY(const std::uint64_t cosigned, copy_.CosignedBy(witness.name));
    std::uint64_t old_size = std::min(cosigned, copy_.published());
    std::uint64_t size = copy_.published();
    for (int attempt = 0; attempt < 2; ++attempt) {
      TRY(const std::string body, BodyOf(old_size, size));
      const absl::StatusOr<WitnessReply> reply = ask_(witness.name, body);
      if (!reply.ok()) {  // not reached
        why = ReasonOf(reply.status());
        return false;
      }
      why = reply->status == 200 ? "not its signature"
                                 : "status " + std::to_string(reply->status);
      switch (reply->status) {
        case 200:
          return Holds(witness, size, reply->body);
        case 404:  // counts only from one that never knew the volume
          return cosigned == 0;
        case 409: {
          const absl::StatusOr<std::uint64_t> said =
              merkle::ParseRecordedSize(reply->body);
          if (!said.ok()) return false;
          const std::uint64_t recorded = *said;
          if (recorded > copy_.committed()) {
            return RolledBack(witness.name,
                              Join({"saw ", std::to_string(recorded),
                                    " entries, and this copy has ",
                                    std::to_string(copy_.committed())}));
          }
          // Its answer to a head that was not published yet was lost.
          old_size = recorded;
          size = std::max(size, recorded);
          break;
        }
        case 422:
          return RolledBack(witness.name, "saw another history of it");
        default:
          return false;
      }
    }
    return false;
  }

 private:
  // The same bytes as when this head was first signed.
  absl::StatusOr<std::string> BodyOf(std::uint64_t old_size,
                                     std::uint64_t size) const {
    merkle::AddCheckpoint out;
    out.old_size = old_size;
    TRY(const Hash root, merkle::RootOf(size, hashes_));
    TRY(out.note, merkle::SignCheckpoint({options_.origin, size, root}, log_,
                                         options_.sign));
    TRY(out.proof, merkle::ProveConsistency(old_size, size, hashes_));
    return out.Text();
  }

  // Whoever answers in the witness's place has no key of it.
  absl::StatusOr<bool> Holds(const merkle::TrustPolicy::Witness& witness,
                             std::uint64_t size, std::string_view lines) const {
    const auto parsed = merkle::ParseNoteLines(lines);
    if (!parsed.ok()) return false;
    TRY(const Hash root, merkle::RootOf(size, hashes_));
    const auto verified = merkle::VerifyLines(
        merkle::Checkpoint{options_.origin, size, root}.Text(), *parsed,
        {&witness.key, 1});
    return verified.ok() && !verified->empty();
  }

  const Options& options_;
  const Copy& copy_;
  const AskWitness& ask_;
  const merkle::VerifierKey log_;
  const merkle::HashSource hashes_;
};

}  // namespace

absl::Status CheckNotRolledBack(const Options& options, const AskWitness& ask) {
  if (options.witness_policy.empty()) return absl::OkStatus();
  TRY(const merkle::TrustPolicy policy,
      merkle::TrustPolicy::Parse(options.witness_policy));
  if (!policy.needs_witnesses()) return absl::OkStatus();
  TRY(const Copy copy, Copy::Load(options));
  TRY(merkle::HashSource hashes, copy.Hashes());
  TRY(merkle::VerifierKey log,
      merkle::VerifierKey::Make(options.origin, merkle::NoteKeyType::kEd25519,
                                options.log_key));
  const Check check(options, copy, ask, std::move(log), std::move(hashes));
  std::vector<bool> answered;
  std::string silent;
  for (const merkle::TrustPolicy::Witness& witness : policy.witnesses()) {
    std::string why;
    TRY(const bool good, check.Of(witness, why));
    answered.push_back(good);
    if (good) continue;
    silent += (silent.empty() ? "" : ", ") + witness.name + ": " +
              (why.empty() ? "no answer" : why);
  }
  if (policy.QuorumMet(answered)) return absl::OkStatus();
  return WithNext(
      WithReason(
          Unavailable("too few witnesses answer (", silent,
                      "): without them nobody can tell whether this copy of "
                      "the audit log is an old one"),
          "log-unwitnessed"),
      "start the witnesses' nodes, then this one; `entented --help` says what "
      "two people can decide meanwhile");
}

}  // namespace entente::audit
