#include "policy/event.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "policy/event_schema.h"
#include "policy/schema_reader.h"
#include "policy/schema_writer.h"

namespace entente::policy {
namespace {

absl::Status WrongSigners(std::string_view what) {
  return WithNext(WithReason(Denied(what), "AG-503"),
                  "let the keys sign that this kind of event needs");
}

absl::StatusOr<const Party*> PartyOf(const EventScope& scope,
                                     std::string_view code) {
  const Party* party = scope.agreement.FindParty(code);
  if (party == nullptr) {
    return WrongSigners(Join({code, " is no party of the agreement"}));
  }
  return party;
}

// The one that was chosen, if it is among `keys`.
absl::StatusOr<std::vector<KeyId>> OneOf(const std::vector<KeyId>& keys,
                                         std::string_view chosen) {
  for (const KeyId& key : keys) {
    if (key.text == chosen) return std::vector<KeyId>{key};
  }
  return WrongSigners("this key may not sign such an event");
}

absl::StatusOr<std::vector<KeyId>> ResumeKeys(const Event& event,
                                              const EventScope& scope) {
  std::vector<KeyId> keys;
  if (event.peer != "all") {
    TRY_OK(PartyOf(scope, event.peer).status());
    if (event.peer == event.party) {
      return WrongSigners("a party is no pair with itself");
    }
  }
  for (const Party& party : scope.agreement.parties) {
    if (event.peer == "all" || party.code == event.party ||
        party.code == event.peer) {
      keys.push_back(party.sign_legal);
      keys.push_back(party.sign_technical);
    }
  }
  return keys;
}

std::vector<KeyId> DpoKeys(const EventScope& scope, std::string_view party) {
  std::vector<KeyId> keys;
  for (const Signer& signer : scope.signers) {
    if (signer.party == party && signer.role == SignerRole::kDpo) {
      keys.push_back(signer.key_id);
    }
  }
  return keys;
}

absl::StatusOr<std::vector<KeyId>> KeysByKind(const Event& event,
                                              const EventScope& scope,
                                              std::string_view chosen) {
  TRY(const Party* party, PartyOf(scope, event.party));
  const std::vector<KeyId> both{party->sign_legal, party->sign_technical};
  switch (event.kind) {
    case EventKind::kStop:
      if (event.peer != "all") {
        TRY_OK(PartyOf(scope, event.peer).status());
      }
      return OneOf(party->suspend, chosen);
    case EventKind::kResume:
      return ResumeKeys(event, scope);
    case EventKind::kOpinion:
      return OneOf(DpoKeys(scope, event.party), chosen);
    case EventKind::kPropose:
    case EventKind::kReject:
    case EventKind::kSign:
      return OneOf(both, chosen);
    case EventKind::kNotice:
    case EventKind::kAssessment:
    case EventKind::kCaseList:
    case EventKind::kDeletionProof:
      return both;
  }
  return WrongSigners("unknown kind of event");
}

}  // namespace

const Signer* EventScope::FindSigner(std::string_view key_id) const {
  for (const Signer& signer : signers) {
    if (signer.key_id.text == key_id) return &signer;
  }
  return nullptr;
}

bool IsPreparatory(EventKind kind) {
  return kind == EventKind::kPropose || kind == EventKind::kReject ||
         kind == EventKind::kOpinion || kind == EventKind::kSign;
}

absl::StatusOr<Event> Event::Parse(ByteView body) {
  Event event;
  Findings findings;
  PositionMap where;
  if (!ReadDocument(body, event, findings, where,
                    [](const Event& value) { return Emit(value); })) {
    return ToStatus(findings);
  }
  if ((event.sequence == 1) != !event.previous.has_value()) {
    return WithReason(
        Invalid("only the first event of a chain has no event before it"),
        "AG-107");
  }
  return event;
}

Bytes Emit(const Event& event) { return WriteDocument(event); }

absl::StatusOr<std::vector<KeyId>> RequiredKeys(const Event& event,
                                                const EventScope& scope,
                                                std::string_view chosen) {
  TRY(std::vector<KeyId> keys, KeysByKind(event, scope, chosen));
  std::sort(keys.begin(), keys.end());
  return keys;
}

absl::StatusOr<VerifiedEvent> VerifyEvent(ByteView envelope,
                                          const EventScope& scope) {
  TRY(const OpenedEnvelope opened,
      OpenForSome(envelope, kEventType, scope.signers));
  TRY(Event event, Event::Parse(opened.payload));
  if (event.agreement != scope.agreement.id ||
      event.agreement_hash != scope.hash) {
    return Invalid("the event is about another agreement or version");
  }
  const std::string_view chosen = event.by.size() == 1
                                      ? std::string_view(event.by[0].text)
                                      : std::string_view();
  TRY(const std::vector<KeyId> keys, RequiredKeys(event, scope, chosen));
  if (event.by != keys) {
    return WrongSigners("`by` is not the set of keys that must sign");
  }
  for (const KeyId& key : keys) {
    const Signer* signer = scope.FindSigner(key.text);
    if (signer == nullptr) return WrongSigners("a key that is not trusted");
    if (!opened.Signed(key.text)) return NoSignature(*signer);
  }
  return VerifiedEvent(std::move(event), DocumentHash(opened.payload));
}

Event NextEvent(const EventScope& scope, std::string_view party,
                const VerifiedEvent* last, EventKind kind, std::int64_t at) {
  Event event;
  event.agreement = scope.agreement.id;
  event.agreement_hash = scope.hash;
  event.party = party;
  event.kind = kind;
  event.at = at;
  if (last != nullptr) {
    event.sequence = last->event().sequence + 1;
    event.previous = last->hash();
  }
  return event;
}

}  // namespace entente::policy
