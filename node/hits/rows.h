#pragma once
// Rows of this room and small things that its files share.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "node/exchange/key.h"
#include "node/hits/hits.h"
#include "node/model/records.h"

namespace entente::hits {

inline constexpr std::int64_t kDay = 86'400;
inline constexpr auto kCallDeadline = std::chrono::seconds(20);

inline Bytes RequestRow(model::Way way, const Id16& hit) {
  return exchange::RecordKey()
      .Raw(AsBytes(way == model::Way::kOut ? "ro" : "ri"))
      .Raw(hit)
      .bytes();
}
inline Bytes ItemRow(const Id16& hit) {
  return exchange::RecordKey().Raw(AsBytes("d")).Raw(hit).bytes();
}
inline Bytes CaseRow(const Id16& hit) {
  return exchange::RecordKey().Raw(AsBytes("c")).Raw(hit).bytes();
}
inline Bytes OutcomeRow(const Id16& hit) {
  return exchange::RecordKey().Raw(AsBytes("o")).Raw(hit).bytes();
}
inline Bytes RecallRow(model::Way way, const Id16& hit) {
  return exchange::RecordKey()
      .Raw(AsBytes(way == model::Way::kOut ? "o" : "i"))
      .Raw(hit)
      .bytes();
}

// HPKE's info: a disclosure opens under its own request only.
inline Bytes SealInfo(const Hash& request) {
  return Concat({AsBytes("entente/disclosure/1\n"), request});
}
// Codes as the log holds them: parted by one blank.
template <class Items, class CodeOf>
std::string JoinCodes(const Items& items, CodeOf code_of) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ' ';
    out += code_of(item);
  }
  return out;
}
inline std::string JoinCodes(const std::vector<std::string>& codes) {
  return JoinCodes(codes, [](const std::string& code) { return code; });
}
inline std::string JoinCodes(const std::vector<model::FieldValue>& fields) {
  return JoinCodes(fields,
                   [](const model::FieldValue& field) { return field.code; });
}

// Requests are kept this long: who asked whom for what, without what was
// disclosed.
inline constexpr std::int64_t kKeepRequests = 1096 * kDay;

// `until`: as long as what was disclosed for it, if that is longer.
absl::Status PutRequest(store::Writer& writer,
                        const model::RequestRecord& record,
                        std::int64_t until = 0);
// Reads the request again inside the transaction, lets `change` look at it and
// change it, and writes it back. FAILED_PRECONDITION `hit-state` is what
// `change` says when somebody else was faster.
absl::Status ChangeRequest(
    store::Writer& writer, model::Way way, const Id16& hit,
    const std::function<absl::Status(model::RequestRecord&)>& change);
absl::Status AnsweredBefore();

// Whether anything may flow under the agreement between the pair now: neither
// suspended nor over. What waits, signed, stays where it is until it may.
bool Flows(Desk& desk, const Hash& agreement, std::string_view holder,
           std::string_view asker);

// PERMISSION_DENIED `role`, unless the person is active and holds one of the
// two roles.
absl::Status NeedReviewer(const model::Officer& officer);
// PERMISSION_DENIED `same-person`: the person or the key stands among the
// reviews.
absl::Status NeedAnotherPerson(const std::vector<model::ReviewRecord>& reviews,
                               const model::Officer& officer);
// Deletes what was disclosed for the hit, and the case that kept it.
absl::Status EraseItem(store::Writer& writer, const Id16& hit);
// Appends one event and applies `changes`.
absl::StatusOr<audit::Receipt> CommitOne(Desk& desk, ledger::Event event,
                                         audit::Changes changes,
                                         const std::vector<Id16>& tags = {});
// Logs a refusal by policy or by the state change, and gives `status` back.
absl::Status Refused(Desk& desk, std::string_view peer, const Id16& hit,
                     const absl::Status& status);

}  // namespace entente::hits
