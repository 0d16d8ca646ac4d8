#pragma once
// One function per command. The table in admin.cc says who may call it.

#include <absl/status/statusor.h>

#include "node/admin/context.h"
#include "node/admin/request.h"

namespace entente::admin {

using Handler = absl::StatusOr<Reply> (*)(Context&, Request&);

absl::StatusOr<Reply> Status(Context& context, Request& request);
// What the data protection officers are told about logs: into the array
// `alarms` of a status.
absl::Status AddLogAlarms(Context& context, Reply& reply);

absl::StatusOr<Reply> PersonAdd(Context& context, Request& request);
absl::StatusOr<Reply> PersonConfirm(Context& context, Request& request);
absl::StatusOr<Reply> PersonList(Context& context, Request& request);
absl::StatusOr<Reply> PersonRemove(Context& context, Request& request);

absl::StatusOr<Reply> PeerCard(Context& context, Request& request);
absl::StatusOr<Reply> PeerOwn(Context& context, Request& request);
absl::StatusOr<Reply> PeerAdd(Context& context, Request& request);
absl::StatusOr<Reply> PeerRenew(Context& context, Request& request);
absl::StatusOr<Reply> PeerConfirm(Context& context, Request& request);
absl::StatusOr<Reply> PeerList(Context& context, Request& request);
absl::StatusOr<Reply> PeerCheck(Context& context, Request& request);

absl::StatusOr<Reply> AgreementImport(Context& context, Request& request);
absl::StatusOr<Reply> AgreementList(Context& context, Request& request);
absl::StatusOr<Reply> AgreementEvent(Context& context, Request& request);
absl::StatusOr<Reply> AgreementLint(Context& context, Request& request);
absl::StatusOr<Reply> AgreementExplain(Context& context, Request& request);
absl::StatusOr<Reply> AgreementDraft(Context& context, Request& request);
absl::StatusOr<Reply> AgreementStatus(Context& context, Request& request);
absl::StatusOr<Reply> AgreementNext(Context& context, Request& request);
absl::StatusOr<Reply> AgreementAdd(Context& context, Request& request);
absl::StatusOr<Reply> AgreementChanges(Context& context, Request& request);
absl::StatusOr<Reply> AgreementSimulate(Context& context, Request& request);
// `agreement`: the hash of a document, in hex.
absl::StatusOr<Hash> HashArgument(Request& request);
absl::StatusOr<Reply> AgreementActivate(Context& context, Request& request);

absl::StatusOr<Reply> ListImport(Context& context, Request& request);
absl::StatusOr<Reply> ListShow(Context& context, Request& request);
absl::StatusOr<Reply> ListRemove(Context& context, Request& request);
absl::StatusOr<Reply> ProtectImport(Context& context, Request& request);
absl::StatusOr<Reply> FlightImport(Context& context, Request& request);
absl::StatusOr<Reply> FlightList(Context& context, Request& request);

absl::StatusOr<Reply> TagSetFetch(Context& context, Request& request);
absl::StatusOr<Reply> TagSetList(Context& context, Request& request);
absl::StatusOr<Reply> Screen(Context& context, Request& request);
absl::StatusOr<Reply> ScreenList(Context& context, Request& request);
absl::StatusOr<Reply> ScreenResume(Context& context, Request& request);

absl::StatusOr<Reply> HitsList(Context& context, Request& request);
absl::StatusOr<Reply> HitsShow(Context& context, Request& request);
absl::StatusOr<Reply> HitsOutcome(Context& context, Request& request);
// The entry that a card is added, offered or renewed; `body` is the card's.
ledger::Event CardEvent(std::string_view peer, ByteView body,
                        std::string_view change, std::string_view by);
// What `status` tells the data protection officer and the auditor beside.
absl::Status AddQuotaAlarms(Context& context, const Request& request,
                            Reply& reply);
absl::StatusOr<Reply> CaseAsk(Context& context, Request& request);
absl::StatusOr<Reply> CaseOpen(Context& context, Request& request);
absl::StatusOr<Reply> CaseClose(Context& context, Request& request);
absl::StatusOr<Reply> CaseList(Context& context, Request& request);
absl::StatusOr<Reply> Review(Context& context, Request& request);
absl::StatusOr<Reply> DiscloseAsk(Context& context, Request& request);
absl::StatusOr<Reply> DiscloseList(Context& context, Request& request);
absl::StatusOr<Reply> DiscloseShow(Context& context, Request& request);
absl::StatusOr<Reply> DiscloseRelease(Context& context, Request& request);
absl::StatusOr<Reply> RecallSend(Context& context, Request& request);
absl::StatusOr<Reply> RecallList(Context& context, Request& request);

absl::StatusOr<Reply> AuditExport(Context& context, Request& request);
absl::StatusOr<Reply> AuditProve(Context& context, Request& request);
absl::StatusOr<Reply> AuditOpen(Context& context, Request& request);
absl::StatusOr<Reply> AuditSample(Context& context, Request& request);
absl::StatusOr<Reply> AuditReview(Context& context, Request& request);
absl::StatusOr<Reply> AuditReviewSign(Context& context, Request& request);
absl::StatusOr<Reply> AuditErase(Context& context, Request& request);
absl::StatusOr<Reply> AuditSearch(Context& context, Request& request);
absl::StatusOr<Reply> AuditFollow(Context& context, Request& request);
absl::StatusOr<Reply> AuditStats(Context& context, Request& request);
absl::StatusOr<Reply> AuditShow(Context& context, Request& request);
absl::StatusOr<Reply> AuditWitnesses(Context& context, Request& request);
absl::StatusOr<Reply> AuditCheck(Context& context, Request& request);
absl::StatusOr<Reply> AuditPolicy(Context& context, Request& request);
absl::StatusOr<Reply> AuditTick(Context& context, Request& request);
absl::StatusOr<Reply> AuditWitness(Context& context, Request& request);

absl::StatusOr<Reply> KeyList(Context& context, Request& request);
absl::StatusOr<Reply> KeyDestroy(Context& context, Request& request);

}  // namespace entente::admin
