// A draft tried on ten million logged acts: records of facts/1 and the decision
// that was taken, read back from a file as a log gives them, decoded, decided
// again under the draft with every code mapped by its name, and summed up.
//
// The draft has a party more, whose code sorts before both others, and its
// bases in another order, so that no index of the old document is right in it.
// Reference: SHA-256 of 64 bytes by libsodium, as often.

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "crypto/base/status.h"
#include "policy/evaluate.h"
#include "policy/many_clauses.h"
#include "policy/simulate.h"
#include "tests/bench/bench.h"
#include "tests/testing/temp_dir.h"

namespace entente::bench {
namespace {

namespace fixture = policy::fixture;
using policy::Compiled;

constexpr std::size_t kActs = 10'000'000;
constexpr std::size_t kInFile = 500'000;  // read again and again
constexpr std::size_t kRecord = policy::kFactsBytes + policy::kDecisionBytes;
constexpr std::size_t kAtATime = 4096;

double CoreSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

double PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

absl::Status WriteActs(const std::string& path, const Compiled& was) {
  const std::vector<policy::Facts> facts = fixture::MixedFacts(was, kInFile);
  const File file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr) return Unavailable("the file of acts cannot be made");
  for (const policy::Facts& f : facts) {
    Bytes record = ToBytes(ByteView(policy::EncodeFacts(f)));
    const Bytes decision =
        policy::EncodeDecision(policy::Evaluate(was, policy::Local{}, f));
    record.insert(record.end(), decision.begin(), decision.end());
    if (std::fwrite(record.data(), 1, record.size(), file.get()) !=
        record.size())
      return Unavailable("the file of acts cannot be written");
  }
  return absl::OkStatus();
}

absl::Status One(ByteView record, std::uint64_t number, const Compiled& was,
                 const policy::Simulation& draft,
                 policy::SimulationTally& tally) {
  TRY(const policy::Facts facts,
      policy::DecodeFacts(record.first(policy::kFactsBytes)));
  TRY(const policy::Decision then,
      policy::DecodeDecision(record.subspan(policy::kFactsBytes)));
  const auto& clauses = was.agreement().clauses;
  tally.Add(number,
            then.clause < clauses.size() ? clauses[then.clause].id : "-", then,
            draft.Evaluate(was, facts));
  return absl::OkStatus();
}

absl::Status Replay(const std::string& path, const Compiled& was,
                    const policy::Simulation& draft,
                    policy::SimulationTally& tally) {
  Bytes page(kRecord * kAtATime);
  std::uint64_t number = 0;
  while (number < kActs) {
    const File file(std::fopen(path.c_str(), "rb"));
    if (file == nullptr) return Unavailable("the file of acts is gone");
    while (number < kActs) {
      const std::size_t got =
          std::fread(page.data(), kRecord, kAtATime, file.get());
      if (got == 0) break;
      for (std::size_t i = 0; i < got && number < kActs; ++i) {
        TRY_OK(One(ByteView(page).subspan(i * kRecord, kRecord), number++, was,
                   draft, tally));
      }
    }
  }
  return absl::OkStatus();
}

// The other order of bases, and a lower quota, age and field here and there.
policy::Agreement Draft(const Compiled& was) {
  policy::Agreement draft =
      fixture::WithThirdParty(policy::Emit(was.agreement()), "QMA").agreement();
  for (std::size_t i = 0; i < draft.clauses.size(); i += 3) {
    draft.clauses[i].record_age_max_hours = 4;
    draft.clauses[i].quota_per_day =
        std::max(1U, draft.clauses[i].quota_per_day / 2);
  }
  return draft;
}

double Hashes(std::size_t count) {
  ByteArray<64> block{};
  const double started = CoreSeconds();
  for (std::size_t i = 0; i < count; ++i) {
    const Hash hash = primitive::Sha256(block);
    std::copy(hash.begin(), hash.end(), block.begin());
  }
  return CoreSeconds() - started;
}

}  // namespace

absl::Status Simulate10m(std::vector<Result>& out) {
  const testing::TempDir folder;
  const std::string path = folder.Path("acts");
  const Compiled was =
      fixture::Compile(policy::Emit(fixture::ManyClauses(200)));
  TRY_OK(WriteActs(path, was));
  TRY(const policy::Simulation draft,
      policy::Simulation::Create(Draft(was), fixture::RealCatalogues()));
  const double reference = Hashes(kActs / 10) * 10;
  const double before = PeakMegabytes();
  policy::SimulationTally tally;
  const double started = CoreSeconds();
  TRY_OK(Replay(path, was, draft, tally));
  const double seconds = CoreSeconds() - started;
  if (tally.decisions != kActs || tally.same == kActs || tally.same == 0)
    return Internal("the simulation did not see what it was to see");
  out.push_back(
      {"simulate_10m", seconds, "s", reference, reference / seconds, 1});
  out.push_back(
      {"simulate_10m_memory", PeakMegabytes() - before, "MB", 0, 0, 1});
  return absl::OkStatus();
}

}  // namespace entente::bench
