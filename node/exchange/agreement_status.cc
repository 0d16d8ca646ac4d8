// The status statements of the book: made, verified, kept.

#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/agreement_book.h"
#include "node/exchange/agreement_rows.h"
#include "node/store/record.h"
#include "policy/envelope.h"
#include "policy/freshness.h"

namespace entente::exchange {

absl::StatusOr<KnownStatus> AgreementBook::MakeStatus(
    const policy::Compiled& agreement) const {
  policy::StatusStatement statement;
  {
    base::MutexLock lock(mutex_);
    const auto it = entries_.find(agreement.hash());
    if (it == entries_.end()) return NotFound("no such agreement");
    const Entry& entry = it->second;
    const auto last = entry.status.find(party_);
    statement.sequence =
        last == entry.status.end() ? 1 : last->second.highest_sequence + 1;
    statement.state = policy::State::kActive;
    const std::vector<policy::VerifiedEvent> events =
        EventsLocked(agreement.agreement().id);
    if (const policy::VerifiedEvent* head = policy::ChainHead(events, party_))
      statement.head = head->hash();
    for (const policy::Party& other : agreement.agreement().parties) {
      if (other.code == party_) continue;
      const policy::State state = ViewLocked(entry, party_, other.code).state;
      if (state != policy::State::kActive) statement.state = state;
    }
  }
  statement.agreement = agreement.hash();
  statement.party = party_;
  statement.issued = clock_.NowSeconds();
  policy::Envelope envelope;
  envelope.payload_type = policy::kStatusType;
  envelope.payload = policy::Emit(statement);
  TRY(const primitive::PublicKey key, keys_.Public(keys::Purpose::kStatement));
  TRY(const primitive::Signature signature,
      keys_.Sign(keys::Purpose::kStatement,
                 policy::SignPayload(policy::kStatusType, envelope.payload)));
  envelope.signatures.push_back(
      {policy::MakeKeyId("statement", key).text, ToBytes(ByteView(signature))});
  return KnownStatus{policy::EmitEnvelope(envelope), statement.sequence};
}

absl::StatusOr<KnownStatus> AgreementBook::VerifyStatus(
    const policy::Compiled& agreement, std::string_view party,
    ByteView envelope) const {
  policy::Signer signer;
  if (party == party_) {
    TRY(signer.public_key, keys_.Public(keys::Purpose::kStatement));
  } else {
    TRY(signer.public_key, trust_.StatementKey(party));
  }
  signer.key_id = policy::MakeKeyId("statement", signer.public_key);
  signer.party = std::string(party);
  signer.role = policy::SignerRole::kStatement;
  TRY(const policy::StatusStatement statement,
      policy::VerifyStatus(envelope, signer, agreement.hash()));
  return KnownStatus{ToBytes(envelope), statement.sequence};
}

absl::Status AgreementBook::StoreStatus(store::Writer& writer,
                                        const policy::Compiled& agreement,
                                        std::string_view party,
                                        const KnownStatus& status) const {
  const Bytes row =
      AgreementRow(kStatusRow, agreement.hash()).Text(party).bytes();
  TRY(const auto before,
      store::GetRecord<KnownStatus>(writer, store::Table::kAgreement, row));
  if (before && before->highest_sequence > status.highest_sequence) {
    return WithReason(
        Unready("the status statement is older than one seen before"),
        "status-old");
  }
  return store::PutRecord(writer, store::Table::kAgreement, row, status);
}

absl::Status AgreementBook::AdoptStatus(const policy::Compiled& agreement,
                                        std::string_view party,
                                        KnownStatus status) {
  TRY(const policy::Envelope envelope, policy::ParseEnvelope(status.envelope));
  TRY(const policy::StatusStatement statement,
      policy::StatusStatement::Parse(envelope.payload));
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(agreement.hash());
  if (it == entries_.end()) return NotFound("no such agreement");
  policy::StatusSeen& seen = it->second.seen[std::string(party)];
  if (statement.sequence < seen.highest_sequence) {
    return WithReason(
        Unready("the status statement is older than one seen before"),
        "status-old");
  }
  seen = {statement, statement.sequence};
  it->second.status.insert_or_assign(std::string(party), std::move(status));
  return absl::OkStatus();
}

std::uint32_t AgreementBook::StatusAge(const policy::Compiled& agreement,
                                       std::string_view party) const {
  base::MutexLock lock(mutex_);
  const auto it = entries_.find(agreement.hash());
  if (it == entries_.end()) return policy::kNoStatus;
  const auto seen = it->second.seen.find(party);
  if (seen == it->second.seen.end()) return policy::kNoStatus;
  return policy::StatusAge(seen->second.statement,
                           seen->second.highest_sequence, clock_.NowSeconds());
}

}  // namespace entente::exchange
