// What the data protection officer takes out of the log: keys and bodies of
// entries, on a signature that stays in their place.

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/upkeep/erasures.h"

namespace entente::admin {
namespace {

absl::StatusOr<audit::AuditLog::Erasure> ErasureOf(Request& request) {
  audit::AuditLog::Erasure out;
  TRY(out.ranges, request.args.Need("entries"));
  TRY(out.ground, request.args.Need("ground"));
  TRY(out.case_id, request.args.Need("case"));
  TRY(const std::string signature, request.args.Need("signature"));
  TRY_OK(request.args.Finish());
  TRY(const Bytes raw, FromHex(signature));
  TRY(out.signature, ToArray<64>(raw));
  out.officer = request.officer.key;
  out.user = request.officer.id;
  return out;
}

}  // namespace

absl::StatusOr<Reply> AuditErase(Context& context, Request& request) {
  TRY(const audit::AuditLog::Erasure erasure, ErasureOf(request));
  exchange::Desk& desk = context.desk;
  // A bundle that is being written reads the bodies of a moment ago.
  base::MutexLock lock(*context.exports);
  TRY(const audit::AuditLog::Erased erased, desk.log.Erase(erasure));
  const std::uint64_t index = erased.receipt.index();
  Reply reply;
  reply.json = {{"erasure", index},
                {"bodies", erased.bodies},
                {"entries", erasure.ranges},
                {"case", erasure.case_id}};
  reply.text = std::to_string(erased.bodies) + " bodies and their keys are " +
               "gone, authorised in entry " + std::to_string(index) +
               ", case " + erasure.case_id + "\n";
  // The erasure stands. What is left of it is finished now, or by the node
  // itself within minutes.
  const absl::StatusOr<upkeep::ErasuresDone> done =
      upkeep::FinishErasures(desk);
  reply.json["scrubbed"] = done.ok() && done->erasures > 0;
  reply.json["exports_removed"] = done.ok() ? done->exports : 0;
  if (!done.ok()) {
    reply.text +=
        "remnants are still in the store's files: " + MessageOf(done.status()) +
        "; the node tries again every minute, and `erasure.scrub` "
        "says when they are gone\n";
    return reply;
  }
  if (done->exports > 0) {
    reply.text += std::to_string(done->exports) +
                  " bundles in the node's `exports` folder held them and were "
                  "removed\n";
  }
  reply.text +=
      "no remnant is left in the store's files; bundles that others have are "
      "theirs to destroy\n";
  return reply;
}

}  // namespace entente::admin
