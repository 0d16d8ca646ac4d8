#pragma once
// Private to the benchmark of the audit log: its parts and what they share.

#include <absl/status/statusor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle/note.h"
#include "crypto/primitive/signature.h"
#include "tests/bench/bench.h"

namespace entente::bench {

inline constexpr char kOrigin[] = "audit.bench.orsena.example/2027a";

struct LogKey {
  primitive::SigningKey key = primitive::SigningKey::Generate();
  merkle::VerifierKey Verifier() const {
    return *merkle::VerifierKey::Make(kOrigin, merkle::NoteKeyType::kEd25519,
                                      key.public_key());
  }
  merkle::Signer Sign() const {
    return [this](ByteView message) { return key.Sign(message); };
  }
};

// One figure, gathered over runs: value, reference and their ratio are each the
// median. For a rate the ratio is value / reference, for a time the other way
// round, so that more is better and 1 is "as the reference".
class Series {
 public:
  void Rate(double value, double reference) {
    Add(value, reference, value / reference);
  }
  void Time(double value, double reference) {
    Add(value, reference, reference / value);
  }
  Result Give(std::string name, std::string unit) const {
    return {std::move(name),     Median(values_), std::move(unit),
            Median(references_), Median(ratios_), values_.size()};
  }

 private:
  void Add(double value, double reference, double ratio) {
    values_.push_back(value);
    references_.push_back(reference);
    ratios_.push_back(ratio);
  }
  std::vector<double> values_;
  std::vector<double> references_;
  std::vector<double> ratios_;
};

// How large the samples are: the figures are those of the full size; the small
// one shows in seconds that everything runs.
struct AuditSizes {
  std::size_t appends = 400;         // of one caller, a run
  std::size_t appends_each = 80;     // of each of 64 callers, a run
  std::uint64_t tree = 10'000'000;   // leaves that proofs come out of
  std::uint64_t volume = 1'000'000;  // entries that are verified
  std::size_t cosignatures = 200;    // of the witness, a run
  std::size_t exported = 100'000;    // entries of the export beside appends
  std::string_view tree_name = "10m";
  std::string_view volume_name = "1m";
};

// bench_append.cc: append_1, append_64, and the tree alone.
absl::Status AppendFigures(const std::filesystem::path& folder,
                           const AuditSizes& sizes, std::uint32_t runs,
                           std::vector<Result>& out);
// bench_beside.cc: appends beside ticks and an export.
absl::Status BesideFigures(const std::filesystem::path& folder,
                           const AuditSizes& sizes, std::uint32_t runs,
                           std::vector<Result>& out);
// bench_verify.cc: proofs, and the verification of a volume.
absl::Status ProofFigures(const std::filesystem::path& folder,
                          const AuditSizes& sizes, std::uint32_t runs,
                          std::vector<Result>& out);
absl::Status VerifyFigures(const std::filesystem::path& folder,
                           const AuditSizes& sizes, std::uint32_t runs,
                           std::vector<Result>& out);
// bench_witness.cc
absl::Status WitnessFigures(const std::filesystem::path& folder,
                            const AuditSizes& sizes, std::uint32_t runs,
                            std::vector<Result>& out);

}  // namespace entente::bench
