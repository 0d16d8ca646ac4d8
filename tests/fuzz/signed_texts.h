#pragma once
// What must hold for any bytes that come as an agreement, an event, a status
// statement or an envelope. For the libFuzzer target and for the short run in
// ctest, which mutates sound texts by seed. Aborts where something does not
// hold.

#include <cstdlib>
#include <string>
#include <vector>

#include "policy/agreement.h"
#include "policy/compiled.h"
#include "policy/envelope.h"
#include "policy/event.h"
#include "policy/fixture.h"
#include "policy/freshness.h"
#include "policy/lint.h"

namespace entente::policy::fuzz {

inline void Require(bool holds) {
  if (!holds) std::abort();
}

// One spelling for one meaning: what is read is written back byte for byte.
template <class T>
bool OneSpelling(ByteView in) {
  const absl::StatusOr<T> read = T::Parse(in);
  if (read.ok()) {
    Require(Emit(*read) == ToBytes(in));
  } else {
    Require(!MessageOf(read.status()).empty());
  }
  return read.ok();
}

inline bool OfAgreement(ByteView in) {
  const ParsedAgreement parsed = ParseAgreement(in);
  // A document or findings, never both and never neither.
  Require(parsed.agreement.has_value() == parsed.findings.empty());
  Require(Agreement::Parse(in).ok() == parsed.agreement.has_value());
  if (!parsed.agreement) return false;
  Require(Emit(*parsed.agreement) == ToBytes(in));
  static const Catalogues catalogues = fixture::RealCatalogues();
  // Whatever can be read can be judged.
  Lint(*parsed.agreement, catalogues);
  return true;
}

// What verifies under the example's keys is one of their documents: a mutation
// cannot hold.
inline bool OfEnvelope(ByteView in) {
  const absl::StatusOr<Envelope> parsed = ParseEnvelope(in);
  if (parsed.ok()) {
    // Written and read again it is the same envelope.
    const absl::StatusOr<Envelope> again = ParseEnvelope(EmitEnvelope(*parsed));
    Require(again.ok() && again->payload == parsed->payload &&
            again->payload_type == parsed->payload_type &&
            again->signatures == parsed->signatures);
  }
  static const Signers signers = fixture::ExampleSigners();
  static const std::vector<Bytes> documents{fixture::DemoAgreement(),
                                            fixture::HitAgreement()};
  const auto verified = VerifyEnvelope(in, kAgreementType, signers);
  Require(!verified.ok() || verified->body() == documents[0] ||
          verified->body() == documents[1]);
  return parsed.ok();
}

// Byte 0 says what the rest is. True: it was read.
inline bool Run(ByteView in) {
  if (in.empty()) return false;
  const ByteView rest = in.subspan(1);
  switch (in[0] % 4) {
    case 0:
      return OfAgreement(rest);
    case 1:
      return OneSpelling<Event>(rest);
    case 2:
      return OneSpelling<StatusStatement>(rest);
    default:
      return OfEnvelope(rest);
  }
}

inline Event SomeEvent(EventKind kind) {
  Event event;
  event.agreement = "QOR-QVA-2026-001";
  event.agreement_hash = DocumentHash(fixture::DemoAgreement());
  event.party = "QOR";
  event.kind = kind;
  event.at = fixture::kNow;
  event.by = {fixture::ExampleSigners()[0].key_id};
  event.peer = "all";
  event.reason = "not-needed";
  event.lifts = {event.agreement_hash};
  event.effective = fixture::kNow;
  event.date = fixture::kNow / 86'400 * 86'400;
  event.hash = event.agreement_hash;
  event.text_hash = event.agreement_hash;
  event.language = "en";
  event.count = 3;
  return event;
}

// Sound inputs of every kind, each with its first byte.
inline std::vector<Bytes> Seeds() {
  std::vector<Bytes> out;
  const auto add = [&out](std::uint8_t kind, ByteView text) {
    Bytes one{kind};
    one.insert(one.end(), text.begin(), text.end());
    out.push_back(std::move(one));
  };
  for (const Bytes& document :
       {fixture::DemoAgreement(), fixture::HitAgreement()}) {
    add(0, document);
    add(3, fixture::SignedEnvelope(kAgreementType, document,
                                   fixture::TreatySigners()));
  }
  for (std::size_t i = 0; i <= static_cast<std::size_t>(EventKind::kLast); ++i)
    add(1, Emit(SomeEvent(static_cast<EventKind>(i))));
  StatusStatement status;
  status.agreement = DocumentHash(fixture::DemoAgreement());
  status.party = "QVA";
  status.issued = fixture::kNow;
  add(2, Emit(status));
  status.head = status.agreement;
  add(2, Emit(status));
  return out;
}

}  // namespace entente::policy::fuzz
