// The decision, the load and the comparison of agreements of 16 and of 200
// clauses (policy/many_clauses.h), on one core.
//
// References, taken in turn with what they stand beside: SHA-256 of 64 bytes by
// libsodium for decisions and the diff, verification of the 4 Ed25519
// signatures of the envelope by libsodium for the load.

#include <time.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#include "crypto/base/status.h"
#include "policy/diff.h"
#include "policy/many_clauses.h"
#include "tests/bench/bench.h"

namespace entente::bench {
namespace {

namespace fixture = policy::fixture;
using policy::Compiled;
using policy::Facts;

constexpr std::size_t kRequests = 4096;     // fit the second-level cache
constexpr std::size_t kDecisions = 500000;  // a run
constexpr std::size_t kHashes = 200000;

// Of this thread's core: other work on the machine does not count.
double CoreSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

double Seconds(const std::function<void()>& work) {
  const double started = CoreSeconds();
  work();
  return CoreSeconds() - started;
}

// Keeps results alive: what nobody reads the compiler leaves out.
void Use(std::uint64_t value) {
  static std::atomic<std::uint64_t> sink;
  sink.store(value, std::memory_order_relaxed);
}

// Hashes a second.
double HashRate() {
  ByteArray<64> block{};
  const double seconds = Seconds([&block] {
    for (std::size_t i = 0; i < kHashes; ++i) {
      const Hash hash = primitive::Sha256(block);
      std::copy(hash.begin(), hash.end(), block.begin());
    }
  });
  Use(block[0]);
  return static_cast<double>(kHashes) / seconds;
}

// Decisions a second.
double DecisionRate(const Compiled& compiled, const std::vector<Facts>& facts) {
  std::uint64_t sum = 0;
  const policy::Local local;
  const double seconds = Seconds([&] {
    for (std::size_t i = 0; i < kDecisions; ++i) {
      sum += policy::Evaluate(compiled, local, facts[i % kRequests]).reasons;
    }
  });
  Use(sum);
  return static_cast<double>(kDecisions) / seconds;
}

// Nanoseconds below which 99 of 100 single decisions stay, clock included.
double DecisionP99(const Compiled& compiled, const std::vector<Facts>& facts) {
  std::vector<double> each;
  each.reserve(kRequests);
  std::uint64_t sum = 0;
  const policy::Local local;
  for (const Facts& f : facts) {
    const auto started = std::chrono::steady_clock::now();
    sum += policy::Evaluate(compiled, local, f).reasons;
    const std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - started;
    each.push_back(took.count());
  }
  Use(sum);
  return Percentile99(std::move(each));
}

void DecideWith(std::size_t clauses, std::uint32_t runs,
                std::vector<Result>& out) {
  const Compiled compiled =
      fixture::Compile(policy::Emit(fixture::ManyClauses(clauses)));
  const std::vector<Facts> facts = fixture::MixedFacts(compiled, kRequests);
  DecisionRate(compiled, facts);  // warm
  std::vector<double> rates;
  std::vector<double> references;
  std::vector<double> ratios;
  std::vector<double> p99;
  for (std::uint32_t i = 0; i < runs; ++i) {
    references.push_back(HashRate());
    rates.push_back(DecisionRate(compiled, facts));
    ratios.push_back(rates.back() / references.back());
    p99.push_back(DecisionP99(compiled, facts));
  }
  const std::string name = "decide_" + std::to_string(clauses);
  out.push_back({name, Median(rates), "decisions/s", Median(references),
                 Median(ratios), runs});
  out.push_back({name + "_p99", Median(p99), "ns", 0, 0, runs});
}

struct Paper {
  Bytes document;
  Bytes envelope;
  policy::Signers signers;
  policy::Catalogues catalogues;
};

absl::Status LoadOnce(const Paper& paper) {
  TRY(policy::VerifiedAgreement verified,
      policy::VerifyEnvelope(paper.envelope, policy::kAgreementType,
                             paper.signers));
  return Compiled::Create(std::move(verified), paper.catalogues).status();
}

absl::Status VerifyOnly(const Paper& paper) {
  TRY(const policy::Envelope envelope, policy::ParseEnvelope(paper.envelope));
  const Bytes message =
      policy::SignPayload(policy::kAgreementType, paper.document);
  std::size_t good = 0;
  for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
    const auto& signature = envelope.signatures[i];
    for (const policy::Signer& signer : paper.signers) {
      if (signer.key_id.text != signature.key_id) continue;
      good += primitive::VerifyEd25519(signer.public_key, message,
                                       signature.signature)
                  ? 1U
                  : 0U;
    }
  }
  return good == 4 ? absl::OkStatus() : Internal("a signature does not hold");
}

absl::Status LoadWith(std::size_t clauses, std::uint32_t runs,
                      std::vector<Result>& out) {
  Paper paper{policy::Emit(fixture::ManyClauses(clauses)),
              {},
              fixture::ExampleSigners(),
              fixture::RealCatalogues()};
  paper.envelope = fixture::SignedEnvelope(
      policy::kAgreementType, paper.document, fixture::TreatySigners());
  std::vector<double> loads;
  std::vector<double> references;
  std::vector<double> ratios;
  absl::Status status;
  for (std::uint32_t i = 0; i < runs; ++i) {
    references.push_back(Seconds([&] { status.Update(VerifyOnly(paper)); }));
    loads.push_back(Seconds([&] { status.Update(LoadOnce(paper)); }));
    ratios.push_back(references.back() / loads.back());
  }
  TRY_OK(status);
  out.push_back({"load_" + std::to_string(clauses), Median(loads) * 1000, "ms",
                 Median(references) * 1000, Median(ratios), runs});
  return absl::OkStatus();
}

// Every clause differs in age and in quota, every second one in a field.
policy::Agreement Amended(policy::Agreement agreement) {
  for (std::size_t i = 0; i < agreement.clauses.size(); ++i) {
    policy::Clause& clause = agreement.clauses[i];
    clause.record_age_max_hours += 1;
    clause.quota_per_day -= 1;
    if (i % 2 == 0 && clause.masks()) clause.fields.pop_back();
  }
  agreement.version += 1;
  return agreement;
}

void DiffWith(std::size_t clauses, std::uint32_t runs,
              std::vector<Result>& out) {
  const policy::Catalogues catalogues = fixture::RealCatalogues();
  const policy::Agreement before = fixture::ManyClauses(clauses);
  const policy::Agreement after = Amended(before);
  std::vector<double> diffs;
  std::vector<double> references;
  std::vector<double> ratios;
  for (std::uint32_t i = 0; i < runs; ++i) {
    constexpr double kReferenceHashes = 10000;
    references.push_back(kReferenceHashes / HashRate());
    diffs.push_back(Seconds([&] {
      Use(policy::Compare({before, catalogues}, {after, catalogues})
              .lines.size());
    }));
    ratios.push_back(references.back() / diffs.back());
  }
  out.push_back({"diff_" + std::to_string(clauses), Median(diffs) * 1000, "ms",
                 Median(references) * 1000, Median(ratios), runs});
}

}  // namespace

absl::StatusOr<std::vector<Result>> Decide(std::uint32_t runs) {
  std::vector<Result> out;
  DecideWith(16, runs, out);
  DecideWith(200, runs, out);
  TRY_OK(LoadWith(200, runs, out));
  DiffWith(200, runs, out);
  TRY_OK(Simulate10m(out));
  return out;
}

}  // namespace entente::bench
