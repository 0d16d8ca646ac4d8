#include "node/admin/rehearsal.h"

#include "crypto/base/status.h"
#include "node/model/records.h"
#include "node/rehearsal/test_pack.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

constexpr std::string_view kTestList = "test-pack";

bool IsTestList(std::string_view list) { return list.starts_with(kTestList); }

absl::Status Mixed(std::string_view what) {
  return WithNext(WithReason(Denied(what), "test-pack-mixed"),
                  "rehearse on a node of its own: docs/operate/agreements.md, "
                  "section 11");
}

}  // namespace

bool IsTestEntry(std::string_view entry_id) {
  return entry_id.starts_with(rehearsal::kMark);
}

absl::Status MayHold(exchange::Desk& desk, const std::string& list,
                     std::uint64_t rows, std::uint64_t marked) {
  const bool test = IsTestList(list);
  if (!test && marked != 0)
    return Mixed(
        "entries of a test pack go only into a list whose name "
        "begins with `test-pack`");
  if (test && marked != rows)
    return Mixed(
        "a list whose name begins with `test-pack` takes only "
        "entries of a test pack");
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto lists,
      store::AllRecords<model::ListRecord>(*reader, store::Table::kList));
  for (const auto& [key, held] : lists) {
    if (IsTestList(held.name) != test)
      return Mixed(test ? "this node holds a list of real entries"
                        : "this node holds a list of a test pack");
  }
  return absl::OkStatus();
}

}  // namespace entente::admin
