#include "node/exchange/draft_table.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/signature.h"
#include "node/exchange/agreement_rows.h"
#include "policy/diff.h"
#include "policy/lint.h"

namespace entente::exchange {
namespace {

constexpr std::ptrdiff_t kMostOpen = 64;

bool Lapsed(const Desk& desk, const DraftRecord& draft) {
  return draft.proposed != 0 &&
         desk.clock.NowSeconds() > draft.proposed + kProposalSeconds;
}

// The key as the document names it; unknown here: no card of the party that has
// it is pinned.
policy::Signer SignerOf(const OpenedDraft& draft, const policy::Party& party,
                        const policy::KeyId& id, policy::SignerRole role) {
  if (const policy::Signer* known = draft.Scope().FindSigner(id.text);
      known != nullptr)
    return *known;
  policy::Signer unknown;
  unknown.key_id = id;
  unknown.party = party.code;
  unknown.role = role;
  unknown.person = std::string(id.label());
  return unknown;
}

}  // namespace

Bytes DraftRow(const Hash& hash) {
  return AgreementRow(kDraftRow, hash).bytes();
}

absl::StatusOr<OpenedDraft> OpenDraft(const Desk& desk, DraftRecord record) {
  TRY(policy::Envelope envelope, policy::ParseEnvelope(record.envelope));
  TRY(policy::Agreement agreement, policy::Agreement::Parse(envelope.payload));
  policy::Signers signers = desk.book.SignersFor(agreement);
  OpenedDraft out{std::move(record),
                  std::move(envelope),
                  std::move(agreement),
                  std::move(signers),
                  {}};
  for (const Bytes& event : out.record.events) {
    // One that no longer verifies (a card was renewed) counts as none.
    auto verified = policy::VerifyEvent(event, out.Scope());
    if (verified.ok()) out.events.push_back(*std::move(verified));
  }
  return out;
}

bool Required(const policy::Signer& signer) {
  return signer.role == policy::SignerRole::kLegal ||
         signer.role == policy::SignerRole::kTechnical;
}

bool Signed(const policy::Envelope& envelope, const policy::Signer& signer) {
  for (const policy::EnvelopeSignature& signature : envelope.signatures) {
    if (signature.key_id != signer.key_id.text) continue;
    if (primitive::VerifyEd25519(
            signer.public_key,
            policy::SignPayload(policy::kAgreementType, envelope.payload),
            signature.signature))
      return true;
  }
  return false;
}

std::optional<policy::OpinionVerdict> OpinionOf(const OpenedDraft& draft,
                                                std::string_view party) {
  const policy::Event* last = nullptr;
  for (const policy::VerifiedEvent& event : draft.events) {
    const policy::Event& said = event.event();
    if (said.kind != policy::EventKind::kOpinion || said.party != party)
      continue;
    if (last == nullptr || said.sequence > last->sequence) last = &said;
  }
  if (last == nullptr) return std::nullopt;
  return last->verdict;
}

bool IsWider(const Desk& desk, const policy::Agreement& agreement) {
  if (agreement.version == 1) return false;
  const AgreementRef before = desk.book.Newest(agreement.id);
  if (before == nullptr) return true;
  const policy::Catalogues& catalogues = desk.book.catalogues();
  return policy::Compare({before->agreement(), catalogues},
                         {agreement, catalogues})
      .NeedsOpinions();
}

DraftStanding Stand(const Desk& desk, const OpenedDraft& draft) {
  DraftStanding out;
  for (const policy::Party& party : draft.agreement.parties) {
    for (const auto& [id, role] :
         {std::pair(party.sign_legal, policy::SignerRole::kLegal),
          std::pair(party.sign_technical, policy::SignerRole::kTechnical)}) {
      policy::Signer signer = SignerOf(draft, party, id, role);
      if (!Signed(draft.envelope, signer))
        out.unsigned_by.push_back(std::move(signer));
    }
    const auto opinion = OpinionOf(draft, party.code);
    if (!opinion) out.without_opinion.push_back(party.code);
    if (opinion == policy::OpinionVerdict::kObject)
      out.objecting.push_back(party.code);
  }
  out.wider = IsWider(desk, draft.agreement);
  out.lapsed = Lapsed(desk, draft.record);
  return out;
}

absl::StatusOr<policy::Agreement> Readable(const Desk& desk,
                                           ByteView document) {
  TRY(policy::Agreement agreement, policy::Agreement::Parse(document));
  if (agreement.FindParty(desk.party) == nullptr) {
    return WithReason(Denied("this node's state is no party of the agreement"),
                      "AG-503");
  }
  const AgreementRef before = desk.book.Newest(agreement.id);
  policy::LintContext context;
  if (before != nullptr) {
    if (agreement.version <= before->agreement().version) {
      return WithNext(
          WithReason(
              Denied("version ", std::to_string(before->agreement().version),
                     " of this agreement is held"),
              "AG-218"),
          Join({"write version = ",
                std::to_string(before->agreement().version + 1),
                " and replaces = \"", policy::HashText(before->hash()), "\""}));
    }
    context.previous = &before->agreement();
    context.previous_hash = before->hash();
  }
  TRY_OK(policy::ToStatus(
      policy::Lint(agreement, desk.book.catalogues(), context)));
  return agreement;
}

absl::Status RoomForOneMore(Desk& desk) {
  TRY(const std::vector<DraftRecord> drafts, Drafts(desk));
  // Those that are over stay, because chains lead through them.
  const auto open = std::count_if(
      drafts.begin(), drafts.end(), [&desk](const DraftRecord& draft) {
        return draft.state != DraftState::kRejected && !Lapsed(desk, draft);
      });
  if (open < kMostOpen) return absl::OkStatus();
  return WithNext(
      WithReason(Exhausted("too many drafts are open"), "draft-state"),
      "reject those that nobody means to sign");
}

absl::Status WrongState(std::string_view what) {
  return WithNext(WithReason(Unready(what), "draft-state"),
                  "`entente agreement status` shows what is missing");
}

}  // namespace entente::exchange
