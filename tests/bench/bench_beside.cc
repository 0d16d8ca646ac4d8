// What appending feels of the node's other work on the log: ticks that five
// witnesses cosign, and the export of 100,000 entries.
#include <algorithm>
#include <thread>

#include "crypto/base/status.h"
#include "crypto/primitive/signature.h"
#include "node/audit/witness.h"
#include "tests/bench/audit_parts.h"
#include "tests/bench/bench_log.h"
#include "tests/bench/probes.h"

namespace entente::bench {
namespace {

constexpr std::size_t kWitnesses = 5;
constexpr std::size_t kCallers = 64;
constexpr double kMostMs = 20;  // audit.md, 12

std::string NameOf(std::size_t i) { return "w" + std::to_string(i); }

// Five witnesses, each with a store of its own.
class Witnesses {
 public:
  static absl::StatusOr<std::unique_ptr<Witnesses>> Make(
      const std::filesystem::path& folder) {
    auto out = std::make_unique<Witnesses>();
    for (std::size_t i = 0; i < kWitnesses; ++i) {
      TRY(std::unique_ptr<store::Store> store,
          OpenBenchStore(folder / NameOf(i)));
      out->stores_.push_back(std::move(store));
      out->keys_.push_back(primitive::SigningKey::Generate());
    }
    return out;
  }

  std::string Policy() const {
    std::string text;
    std::string all;
    for (std::size_t i = 0; i < kWitnesses; ++i) {
      const auto key = *merkle::VerifierKey::Make(
          FullName(i), merkle::NoteKeyType::kCosignature,
          keys_[i].public_key());
      text += "witness " + NameOf(i) + " " + key.Text() + "\n";
      all += " " + NameOf(i);
    }
    return text + "group five 3" + all + "\nquorum five\n";
  }

  absl::Status Start(const merkle::VerifierKey& log) {
    for (std::size_t i = 0; i < kWitnesses; ++i) {
      audit::Witness::Options options;
      options.name = FullName(i);
      options.key = keys_[i].public_key();
      options.sign = [key = &keys_[i]](
                         ByteView m) -> absl::StatusOr<primitive::Signature> {
        return key->Sign(m);
      };
      options.store = stores_[i].get();
      options.clock = &clock_;
      options.logs = {{kOrigin, log.Text()}};
      options.per_minute = 1'000'000;
      TRY(std::unique_ptr<audit::Witness> witness,
          audit::Witness::Create(std::move(options)));
      witnesses_.push_back(std::move(witness));
    }
    return absl::OkStatus();
  }

  // A tick, cosigned by all, as upkeep does it.
  absl::Status Tick(audit::AuditLog& log) {
    TRY_OK(log.Tick().status());
    for (std::size_t i = 0; i < kWitnesses; ++i) {
      TRY(const std::string body, log.BuildAddCheckpoint(NameOf(i)));
      TRY(const audit::WitnessReply reply,
          witnesses_[i]->AddCheckpoint(AsBytes(body)));
      if (reply.status != 200) return Internal("a witness refused");
      TRY_OK(log.AcceptCosignature(NameOf(i), reply.body));
    }
    return absl::OkStatus();
  }

 private:
  static std::string FullName(std::size_t i) {
    return "witness.bench.valmara.example/" + NameOf(i);
  }
  base::SystemClock clock_;
  std::vector<std::unique_ptr<store::Store>> stores_;
  std::vector<primitive::SigningKey> keys_;
  std::vector<std::unique_ptr<audit::Witness>> witnesses_;
};

// Appends until told to stop.
class Appender {
 public:
  explicit Appender(BenchLog& log)
      : thread_([this, &log](const std::stop_token& stop) {
          while (!stop.stop_requested() && status_.ok()) {
            const absl::StatusOr<double> took = log.AppendOne("quota");
            status_ = took.status();
            if (took.ok()) each_ms_.push_back(*took);
          }
        }) {}
  absl::StatusOr<std::vector<double>> Stop() {
    thread_.request_stop();
    thread_.join();
    TRY_OK(status_);
    return std::move(each_ms_);
  }

 private:
  absl::Status status_;
  std::vector<double> each_ms_;
  std::jthread thread_;
};

double Longest(const std::vector<double>& each) {
  return each.empty() ? 0 : *std::max_element(each.begin(), each.end());
}

}  // namespace

absl::Status BesideFigures(const std::filesystem::path& folder,
                           const AuditSizes& sizes, std::uint32_t runs,
                           std::vector<Result>& out) {
  TRY(const std::unique_ptr<Witnesses> witnesses, Witnesses::Make(folder));
  TRY(const std::unique_ptr<BenchLog> log,
      BenchLog::Open(folder, witnesses->Policy()));
  TRY_OK(witnesses->Start(log->key()));
  TRY_OK(AppendTogether(*log, sizes.exported / kCallers + 1).status());
  TRY_OK(witnesses->Tick(log->log()));
  Series longest, p99, probes;
  for (std::uint32_t run = 0; run < runs; ++run) {
    TRY(const std::vector<double> probe, SyncedWrites(folder, sizes.appends));
    Appender appender(*log);
    std::uint64_t bytes = 0;
    TRY_OK(witnesses->Tick(log->log()));
    TRY_OK(log->log()
               .Export({},
                       [&bytes](ByteView piece) {
                         bytes += piece.size();
                         return absl::OkStatus();
                       })
               .status());
    TRY_OK(witnesses->Tick(log->log()));
    TRY(const std::vector<double> each, appender.Stop());
    if (bytes == 0 || each.empty()) return Internal("nothing was measured");
    longest.Time(Longest(each), kMostMs);
    p99.Time(Percentile99(each), kMostMs);
    probes.Time(Longest(probe), kMostMs);
  }
  out.push_back(longest.Give("append_beside_longest", "ms"));
  out.push_back(p99.Give("append_beside_p99", "ms"));
  out.push_back(probes.Give("probe_longest", "ms"));
  return absl::OkStatus();
}

}  // namespace entente::bench
