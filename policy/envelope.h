#pragma once
// DSSE v1 envelopes: signatures over raw bytes, and the one way in which an
// agreement becomes a VerifiedAgreement. Signers come from trusted local state,
// never from the envelope: a stripped signature is a missing signature is a
// wrong signature.
//
//   PAE = "DSSEv1" SP len(type) SP type SP len(body) SP body
//   envelope: JSON {"payloadType", "payload" (base64),
//             "signatures": [{"keyid", "sig"}]}, at most 256 signatures
// Pure, thread-safe. Source: agreements.md 3; DSSE protocol v1.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/primitive/signature.h"
#include "policy/agreement.h"

namespace entente::policy {

inline constexpr std::string_view kAgreementType =
    "application/vnd.entente.agreement.v1+toml";
inline constexpr std::string_view kCatalogueType =
    "application/vnd.entente.catalogue.v1+toml";
inline constexpr std::string_view kEventType =
    "application/vnd.entente.event.v1+toml";
inline constexpr std::string_view kStatusType =
    "application/vnd.entente.status.v1+toml";
inline constexpr std::size_t kMaxSignatures = 256;
inline constexpr std::size_t kMaxEnvelopeBytes = std::size_t{512} * 1024;

// The bytes that a signer signs.
Bytes SignPayload(std::string_view payload_type, ByteView payload);

struct EnvelopeSignature {
  std::string key_id;
  Bytes signature;  // 64 bytes
  bool operator==(const EnvelopeSignature&) const = default;
};
struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;
  bool operator==(const Envelope&) const = default;
};
// INVALID_ARGUMENT, reason AG-502: not exactly this JSON object (a doubled,
// missing or unknown member, another encoding, too many or too large).
absl::StatusOr<Envelope> ParseEnvelope(ByteView json);
// One spelling: no white space, the members in the order above.
Bytes EmitEnvelope(const Envelope& envelope);
// The signatures of both, without doubles, sorted by key id.
// FAILED_PRECONDITION: another payload or type, or too many signatures.
absl::StatusOr<Envelope> MergeEnvelopes(const Envelope& a, const Envelope& b);

enum class SignerRole : std::uint8_t {
  kLegal,
  kTechnical,
  kDpo,
  kDuty,
  kStatement,  // the node's own key, for status statements
  kLast = kStatement
};

// A key that local state trusts: from a node card, exchanged in person.
struct Signer {
  KeyId key_id;
  primitive::PublicKey public_key{};
  std::string party;
  SignerRole role = SignerRole::kLegal;
  std::string person;  // a label of the person, to tell two people apart
};
using Signers = std::vector<Signer>;

// Those of the named parties. A node that trusts many states asks only the
// parties of this agreement.
Signers SignersOf(std::span<const Signer> trusted,
                  std::span<const std::string> parties);
// `legal`, `technical`, `dpo`, `duty`, `statement`.
std::string_view SignerRoleName(SignerRole role);

// The payload, when every one of `required` signed it. Other signatures are
// ignored.
//   INVALID_ARGUMENT  AG-502: envelope or payload type
//   DATA_LOSS         AG-501: no valid signature of a required key (missing,
//                     wrong and stripped alike), or nobody is required
absl::StatusOr<Bytes> OpenEnvelope(ByteView envelope,
                                   std::string_view payload_type,
                                   std::span<const Signer> required);

// The payload and which of `trusted` signed it, sorted, when at least one did.
// For bodies that name their own signers: verify first, then read whom they
// need. Errors as OpenEnvelope.
struct OpenedEnvelope {
  Bytes payload;
  std::vector<std::string> signed_by;  // key ids
  bool Signed(std::string_view key_id) const;
};
absl::StatusOr<OpenedEnvelope> OpenForSome(ByteView envelope,
                                           std::string_view payload_type,
                                           std::span<const Signer> trusted);
// AG-501 for this key.
absl::Status NoSignature(const Signer& signer);

// An agreement that all its parties signed. Only VerifyEnvelope makes one.
class VerifiedAgreement {
 public:
  const Agreement& agreement() const { return agreement_; }
  const Hash& hash() const { return hash_; }  // SHA-256 of the signed bytes
  const Bytes& body() const { return body_; }
  // The keys that local state trusts, of every role.
  const Signers& signers() const { return signers_; }
  // The trusted key behind an id; nullptr: unknown.
  const Signer* FindSigner(std::string_view key_id) const;

 private:
  friend absl::StatusOr<VerifiedAgreement> VerifyEnvelope(
      ByteView, std::string_view, std::span<const Signer>,
      const std::optional<Hash>&);
  friend class Simulation;  // (simulate.h) keeps what it makes to itself
  friend class Explainer;   // (explain.h) likewise
  VerifiedAgreement(Agreement agreement, Bytes body, Signers signers);

  Agreement agreement_;
  Bytes body_;
  Hash hash_{};
  Signers signers_;
};

// Verifies, then parses the same buffer; nothing is parsed before.
//
// `trusted`: every key that local state knows of the parties of this agreement,
// and of no other (SignersOf). The legal and the technical ones are required,
// all of them, never a count; every key in `suspend` must be among the others,
// so that a stop can be verified.
//   INVALID_ARGUMENT     AG-502 envelope or payload type; AG-101 to AG-110 a
//                        load error
//   DATA_LOSS            AG-501 no valid signature of a required key; AG-505
//   the
//                        hash is not `expected`
//   PERMISSION_DENIED    AG-503 the document's keys are not the required set,
//   or
//                        no DPO can stop it; AG-504 one person or key twice
absl::StatusOr<VerifiedAgreement> VerifyEnvelope(
    ByteView envelope, std::string_view payload_type,
    std::span<const Signer> trusted,
    const std::optional<Hash>& expected = std::nullopt);

}  // namespace entente::policy
