// This node as a witness: each answer is recorded durably, then signed.
#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/merkle/add_checkpoint.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/tree.h"
#include "node/audit/witness.h"
#include "node/base/clock.h"
#include "node/store/sqlcipher_store.h"
#include "tests/bench/audit_parts.h"
#include "tests/bench/probes.h"

namespace entente::bench {
namespace {

constexpr std::size_t kStep = 16;    // entries between two heads
constexpr double kBesideDiskMs = 3;  // audit.md, 12

// Until the store writes over its write-ahead log (1,024 pages) and no longer
// extends it: so it works all its life but the first minutes.
constexpr std::size_t kWarmUp = 600;

// A log that grows by `kStep` entries and asks each time.
class Asker {
 public:
  explicit Asker(const LogKey& key) : key_(key) {}
  absl::StatusOr<std::string> Next() {
    const std::uint64_t old_size = hashes_.size();
    for (std::size_t i = 0; i < kStep; ++i) {
      Hash hash{};
      for (std::size_t b = 0; b < 8; ++b) {
        hash[b] = static_cast<std::uint8_t>(hashes_.size() >> (8 * b));
      }
      hashes_.push_back(hash);
      tree_.Append(hash);
    }
    merkle::AddCheckpoint out;
    out.old_size = old_size;
    TRY(out.proof, merkle::ProveConsistency(old_size, tree_.size(),
                                            merkle::HashesFromLeaves(hashes_)));
    TRY(out.note, merkle::SignCheckpoint({kOrigin, tree_.size(), tree_.Root()},
                                         key_.Verifier(), key_.Sign()));
    return out.Text();
  }

 private:
  const LogKey& key_;
  std::vector<Hash> hashes_;
  merkle::Tree tree_;
};

}  // namespace

absl::Status WitnessFigures(const std::filesystem::path& folder,
                            const AuditSizes& sizes, std::uint32_t runs,
                            std::vector<Result>& out) {
  const LogKey log;
  const primitive::SigningKey key = primitive::SigningKey::Generate();
  const base::SystemClock clock;
  TRY(const std::unique_ptr<store::Store> store,
      store::OpenSqlCipher(
          {(folder / "witness").string(), store::OpenMode::kCreate},
          SecretBytes::Random(32)));
  audit::Witness::Options options;
  options.name = "witness.bench.valmara.example/w1";
  options.key = key.public_key();
  options.sign = [&key](ByteView m) -> absl::StatusOr<primitive::Signature> {
    return key.Sign(m);
  };
  options.store = store.get();
  options.clock = &clock;
  options.logs = {{kOrigin, log.Verifier().Text()}};
  options.per_minute = 1'000'000;  // the rate that protects it is not measured
  TRY(const std::unique_ptr<audit::Witness> witness,
      audit::Witness::Create(options));
  Asker asker(log);
  for (std::size_t i = 0; i < kWarmUp; ++i) {
    TRY(const std::string body, asker.Next());
    TRY_OK(witness->AddCheckpoint(AsBytes(body)).status());
  }
  Series answers, median, p99;
  std::vector<double> verifications;
  for (std::uint32_t run = 0; run < runs; ++run) {
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < sizes.cosignatures; ++i) {
      TRY(std::string body, asker.Next());
      bodies.push_back(std::move(body));
    }
    TRY(std::vector<double> probe, SyncedWrites(folder, sizes.cosignatures));
    const double v = VerifyRate();
    std::vector<double> each;
    for (const std::string& body : bodies) {
      const double started = NowMs();
      TRY(const audit::WitnessReply reply,
          witness->AddCheckpoint(AsBytes(body)));
      each.push_back(NowMs() - started);
      if (reply.status != 200) return Internal("the witness refused");
    }
    verifications.push_back(v);
    answers.Rate(RateOf(each), std::min(RateOf(probe), v));
    median.Time(Median(each), Median(probe) + kBesideDiskMs);
    p99.Time(Percentile99(each), Percentile99(probe) + kBesideDiskMs);
  }
  out.push_back({"probe_v", Median(verifications), "checks/s", 0, 0, runs});
  out.push_back(answers.Give("witness", "answers/s"));
  out.push_back(median.Give("witness_p50", "ms"));
  out.push_back(p99.Give("witness_p99", "ms"));
  return absl::OkStatus();
}

}  // namespace entente::bench
