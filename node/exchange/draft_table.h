#pragma once
// Private to this room: a draft with everything that its bytes say, and what is
// still missing of it.

#include <absl/status/statusor.h>

#include <optional>
#include <string_view>
#include <vector>

#include "node/exchange/drafts.h"
#include "policy/envelope.h"

namespace entente::exchange {

Bytes DraftRow(const Hash& hash);

// A draft with everything that its bytes say.
struct OpenedDraft {
  DraftRecord record;
  policy::Envelope envelope;
  policy::Agreement agreement;
  policy::Signers signers;
  std::vector<policy::VerifiedEvent> events;

  policy::EventScope Scope() const { return {agreement, record.hash, signers}; }
  bool Has(const Hash& event) const {
    return std::any_of(
        events.begin(), events.end(),
        [&event](const auto& known) { return known.hash() == event; });
  }
};
absl::StatusOr<OpenedDraft> OpenDraft(const Desk& desk, DraftRecord record);

// Legal and technical keys sign an agreement.
bool Required(const policy::Signer& signer);
// Whether the envelope has the signer's signature, and it holds.
bool Signed(const policy::Envelope& envelope, const policy::Signer& signer);
// The last word of a party's data protection officer on this document.
std::optional<policy::OpinionVerdict> OpinionOf(const OpenedDraft& draft,
                                                std::string_view party);
// Whether the document allows what the version before did not. Of version 1
// there is none before; a later one whose predecessor is not held here counts
// as wider.
bool IsWider(const Desk& desk, const policy::Agreement& agreement);
DraftStanding Stand(const Desk& desk, const OpenedDraft& draft);

// Bytes that may become an agreement: well formed, of sense, ours, and the next
// of its chain. INVALID_ARGUMENT, PERMISSION_DENIED as PutDraft.
absl::StatusOr<policy::Agreement> Readable(const Desk& desk, ByteView document);
// RESOURCE_EXHAUSTED: as many drafts as a node takes are open.
absl::Status RoomForOneMore(Desk& desk);
// FAILED_PRECONDITION `draft-state`.
absl::Status WrongState(std::string_view what);

}  // namespace entente::exchange
