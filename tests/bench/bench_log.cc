#include "tests/bench/bench_log.h"

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/hpke.h"
#include "node/store/sqlcipher_store.h"
#include "tests/bench/probes.h"

namespace entente::bench {

absl::StatusOr<std::unique_ptr<store::Store>> OpenBenchStore(
    const std::filesystem::path& path) {
  return store::OpenSqlCipher({path.string(), store::OpenMode::kCreate},
                              SecretBytes::Random(32));
}

absl::StatusOr<std::unique_ptr<BenchLog>> BenchLog::Open(
    const std::filesystem::path& folder, const std::string& witnesses) {
  std::unique_ptr<BenchLog> out(new BenchLog);
  TRY(out->store_, OpenBenchStore(folder / "store"));
  audit::Options options;
  options.dir = (folder / "audit").string();
  options.origin = kOrigin;
  options.volume = "2027a";
  options.version = "bench";
  options.store = out->store_.get();
  options.clock = &out->clock_;
  options.log_key = out->key_.key.public_key();
  options.sign = out->key_.Sign();
  options.actor_mac = [log = out.get()](ByteView m) -> absl::StatusOr<Hash> {
    return primitive::HmacSha256(log->actor_, {m});
  };
  options.recipients = {primitive::HpkePrivateKey::Generate().public_key(),
                        primitive::HpkePrivateKey::Generate().public_key()};
  options.node_key = primitive::HpkePrivateKey::Generate().public_key();
  options.disk_floor_bytes = 1U << 20U;
  options.reserve_bytes = 4096;
  if (!witnesses.empty()) {
    options.witness_policy = Join({"log ", out->key().Text(), "\n", witnesses});
  }
  TRY(out->log_, audit::AuditLog::Open(std::move(options)));
  return out;
}

absl::StatusOr<double> BenchLog::AppendOne(std::string_view reasons) {
  audit::Job job;
  job.events.push_back(ledger::Event("screen.refuse")
                           .Set("batch", Id16{1, 2, 3})
                           .Set("code", "A03")
                           .Set("dir", "out")
                           .Set("peer", "QVA")
                           .FillAbsent()
                           .Seal("reasons", reasons)
                           .By("officer.invented"));
  const double started = NowMs();
  TRY(const std::vector<audit::Receipt> receipts, log_->Commit(std::move(job)));
  const double took = NowMs() - started;
  if (receipts.size() != 1 || receipts[0].size() <= receipts[0].index()) {
    return Internal("an entry is in no signed head");
  }
  return took;
}

}  // namespace entente::bench
