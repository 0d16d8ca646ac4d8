// Appending to a real log in a real store: one caller, and 64 at a time.
#include <mutex>
#include <thread>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "tests/bench/audit_parts.h"
#include "tests/bench/bench_log.h"
#include "tests/bench/probes.h"

namespace entente::bench {
namespace {

constexpr std::size_t kCallers = 64;
constexpr double kMostMs = 20;  // audit.md, 12: p99 of 64 callers
constexpr std::size_t kTreeLeaves = 200'000;

double TreeRate() {
  merkle::Tree tree;
  Hash hash{};
  const double started = NowMs();
  for (std::size_t i = 0; i < kTreeLeaves; ++i) {
    hash[i % 32] ^= static_cast<std::uint8_t>(i);
    tree.Append(hash);
  }
  const bool whole = tree.Root() != Hash{};
  return static_cast<double>(whole ? kTreeLeaves : 0) * 1000 /
         (NowMs() - started);
}

}  // namespace

absl::StatusOr<Together> AppendTogether(BenchLog& log, std::size_t each) {
  std::mutex mutex;
  absl::Status failure;
  Together out;
  const auto work = [&] {
    std::vector<double> mine;
    absl::Status status;
    for (std::size_t i = 0; i < each && status.ok(); ++i) {
      const absl::StatusOr<double> took = log.AppendOne("quota, purpose");
      status = took.status();
      if (took.ok()) mine.push_back(*took);
    }
    const std::lock_guard lock(mutex);
    failure.Update(status);
    out.each_ms.insert(out.each_ms.end(), mine.begin(), mine.end());
  };
  const double started = NowMs();
  {
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < kCallers; ++i) callers.emplace_back(work);
  }
  TRY_OK(failure);
  out.per_second =
      static_cast<double>(out.each_ms.size()) * 1000 / (NowMs() - started);
  return out;
}

absl::Status AppendFigures(const std::filesystem::path& folder,
                           const AuditSizes& sizes, std::uint32_t runs,
                           std::vector<Result>& out) {
  TRY(const std::unique_ptr<BenchLog> log, BenchLog::Open(folder, {}));
  TRY(const std::unique_ptr<store::Store> rows,
      OpenBenchStore(folder / "rows"));
  std::vector<double> together_size;
  Series one, one_p99, many, many_disk, many_p99, tree;
  std::vector<double> disk, store_rows, hashes;
  TRY_OK(AppendTogether(*log, 4).status());  // warm
  for (std::uint32_t run = 0; run < runs; ++run) {
    TRY(const std::vector<double> probe, SyncedWrites(folder, sizes.appends));
    std::vector<double> alone;
    for (std::size_t i = 0; i < sizes.appends; ++i) {
      TRY(const double took, log->AppendOne("quota, purpose"));
      alone.push_back(took);
    }
    TRY(const double q, StoreRowRate(*rows, sizes.appends_each));
    const audit::Counts before = log->log().counts();
    TRY(const Together together, AppendTogether(*log, sizes.appends_each));
    const audit::Counts after = log->log().counts();
    together_size.push_back(
        static_cast<double>(after.jobs - before.jobs) /
        static_cast<double>(after.batches - before.batches));
    TRY_OK(log->log().Tick().status());
    const double p = RateOf(probe);
    const double h = HashRate();
    disk.push_back(p);
    store_rows.push_back(q);
    hashes.push_back(h);
    one.Rate(RateOf(alone), p);
    one_p99.Time(Percentile99(alone), 3 * Percentile99(probe) + 2);
    many.Rate(together.per_second, q);
    many_disk.Rate(together.per_second, p);
    many_p99.Time(Percentile99(together.each_ms), kMostMs);
    tree.Rate(TreeRate(), h);
  }
  out.push_back({"probe_p", Median(disk), "writes/s", 0, 0, runs});
  out.push_back({"probe_q", Median(store_rows), "rows/s", 0, 0, runs});
  out.push_back({"probe_h64", Median(hashes), "hashes/s", 0, 0, runs});
  out.push_back(one.Give("append_1", "entries/s"));
  out.push_back(one_p99.Give("append_1_p99", "ms"));
  out.push_back(many.Give("append_64", "entries/s"));
  out.push_back(many_disk.Give("append_64_of_p", "entries/s"));
  out.push_back(many_p99.Give("append_64_p99", "ms"));
  out.push_back({"append_64_a_commit", Median(together_size), "entries",
                 kCallers, Median(together_size) / kCallers, runs});
  out.push_back(tree.Give("tree_append", "leaves/s"));
  return absl::OkStatus();
}

}  // namespace entente::bench
