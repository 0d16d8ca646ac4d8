#pragma once
// A list is replaced as a whole: its new generation is written in rounds that
// nobody sees, one row makes it the list, and what the old one had and the new
// one has not is recalled before the old one goes. Every step can be done again
// after a crash.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "node/admin/context.h"
#include "node/admin/import_report.h"
#include "node/ingest/report.h"
#include "node/model/records.h"

namespace entente::admin {

// Writes a new generation beside the one in force and counts how they differ.
// Thread-compatible.
class NewGeneration final : public ingest::EntrySink {
 public:
  // `before`: the list as it is; generation 0 when there is none.
  NewGeneration(Context& context, model::ListRecord before);
  ~NewGeneration() override;

  void OnDiagnostic(const ingest::Diagnostic& diagnostic) override {
    report.Add(diagnostic);
  }
  void OnEntry(model::ListEntry&& entry) override;
  // Writes the last round; the first failure of any round is returned here.
  absl::Status Finish();
  // Makes the new generation the list, with its entry in the log.
  absl::Status Publish(const std::string& by);

  ImportReport report;
  std::uint64_t unknown_ground = 0;  // entries whose ground is no purpose
  std::uint64_t marked = 0;          // entries of a test pack
  std::uint64_t added = 0;
  std::uint64_t changed = 0;
  std::uint64_t kept = 0;
  std::uint64_t removed = 0;  // after Finish
  std::uint64_t rows() const { return added + changed + kept; }

 private:
  absl::Status WriteRound();
  absl::Status Write(store::Writer& writer, const std::string& entry_id,
                     const Bytes& entry);

  Context& context_;
  const model::ListRecord before_;
  absl::Status failure_;
  std::vector<std::pair<std::string, Bytes>> round_;  // by entry id
  std::size_t round_bytes_ = 0;
};

// Ends what an import of `list` left: rows of a generation that never came into
// force go; whoever was told of an entry that the generation in force lacks, or
// has otherwise, is to be told to erase or correct it, and then the old one
// goes. The recalls are written, not delivered. Under Context::lists.
struct Finished {
  std::size_t recalls = 0;
  absl::Status left;  // why a recall could not be written yet; its generation
                      // stays until it can
};
absl::StatusOr<Finished> FinishList(Context& context, const std::string& list);

}  // namespace entente::admin
