#include "policy/envelope.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "crypto/base/status.h"
#include "policy/envelope_json.h"

namespace entente::policy {
namespace {

constexpr std::array<std::string_view, 5> kRoleNames{
    "legal", "technical", "dpo", "duty", "statement"};

bool Signs(const Signer& signer) {
  return signer.role == SignerRole::kLegal ||
         signer.role == SignerRole::kTechnical;
}

// The key id names the key itself; local state that says otherwise is wrong.
bool KeyMatchesId(const Signer& signer) {
  return ToHex(primitive::KeyId(signer.public_key)) == signer.key_id.kid();
}

bool HasSignature(const Envelope& envelope, ByteView signed_bytes,
                  const Signer& signer) {
  if (!KeyMatchesId(signer)) return false;
  return std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                     [&](const EnvelopeSignature& signature) {
                       return signature.key_id == signer.key_id.text &&
                              primitive::VerifyEd25519(signer.public_key,
                                                       signed_bytes,
                                                       signature.signature);
                     });
}

absl::Status KeysDiffer(std::string_view what) {
  return WithNext(
      WithReason(Denied(what), "AG-503"),
      "compare the keys of the document with those on the node cards");
}

const Signer* FindIn(std::span<const Signer> signers, std::string_view key_id) {
  for (const Signer& signer : signers) {
    if (signer.key_id.text == key_id) return &signer;
  }
  return nullptr;
}

bool Stands(std::span<const Signer> trusted, const KeyId& key,
            std::string_view party, SignerRole role) {
  const Signer* signer = FindIn(trusted, key.text);
  return signer != nullptr && signer->party == party && signer->role == role;
}

// The document's signing keys are the trusted ones, neither more nor fewer.
absl::Status CheckKeys(const Agreement& agreement,
                       std::span<const Signer> trusted) {
  std::set<std::string> named;
  for (const Party& party : agreement.parties) {
    if (!Stands(trusted, party.sign_legal, party.code, SignerRole::kLegal) ||
        !Stands(trusted, party.sign_technical, party.code,
                SignerRole::kTechnical)) {
      return KeysDiffer(Join({"the signing keys of ", party.code,
                              " are not those that this node trusts"}));
    }
    named.insert(party.sign_legal.text);
    named.insert(party.sign_technical.text);
    bool dpo = false;
    for (const KeyId& key : party.suspend) {
      const Signer* signer = FindIn(trusted, key.text);
      if (signer == nullptr || signer->party != party.code ||
          !KeyMatchesId(*signer)) {
        return KeysDiffer(Join({"the stop key ", key.label(), " of ",
                                party.code, " is not trusted here"}));
      }
      dpo = dpo || signer->role == SignerRole::kDpo;
    }
    if (!dpo) {
      return KeysDiffer(Join({"no key of ", party.code,
                              "'s data protection officer stands in suspend"}));
    }
  }
  for (const Signer& signer : trusted) {
    if (Signs(signer) && named.find(signer.key_id.text) == named.end()) {
      return KeysDiffer(Join({"the document does not name ", signer.party,
                              "'s ", SignerRoleName(signer.role), " key"}));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckDistinct(std::span<const Signer> trusted) {
  const auto twice = [](const Signer& signer) {
    return WithNext(
        WithReason(
            Denied("one person or key stands twice: ", signer.party, "'s ",
                   SignerRoleName(signer.role), " key ", signer.key_id.label()),
            "AG-504"),
        "give each place its own person and key");
  };
  std::set<primitive::PublicKey> keys;
  std::set<std::string> persons;
  for (const Signer& signer : trusted) {
    if (!keys.insert(signer.public_key).second) return twice(signer);
    if (!Signs(signer) && signer.role != SignerRole::kDpo) continue;
    const std::string person = signer.person.empty()
                                   ? std::string(signer.key_id.label())
                                   : signer.person;
    if (!persons.insert(person).second) return twice(signer);
  }
  return absl::OkStatus();
}

absl::StatusOr<Envelope> ParseTyped(ByteView bytes,
                                    std::string_view payload_type) {
  TRY(Envelope envelope, ParseEnvelope(bytes));
  if (envelope.payload_type != payload_type) {
    return WithNext(
        WithReason(Invalid("the envelope holds another type"), "AG-502"),
        Join({"send an envelope of type ", payload_type}));
  }
  return envelope;
}

absl::Status NobodyTrusted() {
  return WithNext(
      WithReason(ProofFailed("no valid signature of a trusted key"), "AG-501"),
      "pin the node cards of the parties, or ask for the envelope again");
}

}  // namespace

std::string_view SignerRoleName(SignerRole role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

Signers SignersOf(std::span<const Signer> trusted,
                  std::span<const std::string> parties) {
  Signers out;
  for (const Signer& signer : trusted) {
    if (std::find(parties.begin(), parties.end(), signer.party) !=
        parties.end()) {
      out.push_back(signer);
    }
  }
  return out;
}

Bytes SignPayload(std::string_view payload_type, ByteView payload) {
  const std::string head =
      Join({"DSSEv1 ", std::to_string(payload_type.size()), " ", payload_type,
            " ", std::to_string(payload.size()), " "});
  return Concat({AsBytes(head), payload});
}

absl::StatusOr<Envelope> ParseEnvelope(ByteView json) {
  auto envelope = ReadEnvelopeJson(json);
  if (!envelope.ok()) {
    return WithNext(WithReason(envelope.status(), "AG-502"),
                    "ask for the envelope again");
  }
  return envelope;
}

Bytes EmitEnvelope(const Envelope& envelope) {
  return WriteEnvelopeJson(envelope);
}

absl::StatusOr<Envelope> MergeEnvelopes(const Envelope& a, const Envelope& b) {
  if (a.payload_type != b.payload_type || a.payload != b.payload) {
    return Unready("the envelopes do not hold the same bytes");
  }
  Envelope out = a;
  out.signatures.insert(out.signatures.end(), b.signatures.begin(),
                        b.signatures.end());
  std::sort(out.signatures.begin(), out.signatures.end(),
            [](const EnvelopeSignature& x, const EnvelopeSignature& y) {
              return std::tie(x.key_id, x.signature) <
                     std::tie(y.key_id, y.signature);
            });
  out.signatures.erase(
      std::unique(out.signatures.begin(), out.signatures.end()),
      out.signatures.end());
  if (out.signatures.size() > kMaxSignatures) {
    return Unready("the envelope would hold too many signatures");
  }
  return out;
}

// A missing, a wrong and a stripped signature give this one answer.
absl::Status NoSignature(const Signer& signer) {
  const std::string key = Join(
      {signer.party, "'s ", SignerRoleName(signer.role), " key ",
       signer.key_id.label(), " (", signer.key_id.kid().substr(0, 8), ")"});
  return WithNext(
      WithReason(ProofFailed("no valid signature of ", key), "AG-501"),
      Join({"ask ", signer.party, " to sign and send the envelope again"}));
}

absl::StatusOr<Bytes> OpenEnvelope(ByteView envelope,
                                   std::string_view payload_type,
                                   std::span<const Signer> required) {
  TRY(Envelope parsed, ParseTyped(envelope, payload_type));
  if (required.empty()) return NobodyTrusted();
  const Bytes signed_bytes = SignPayload(payload_type, parsed.payload);
  for (const Signer& signer : required) {
    if (!HasSignature(parsed, signed_bytes, signer)) return NoSignature(signer);
  }
  return std::move(parsed.payload);
}

bool OpenedEnvelope::Signed(std::string_view key_id) const {
  return std::find(signed_by.begin(), signed_by.end(), key_id) !=
         signed_by.end();
}

absl::StatusOr<OpenedEnvelope> OpenForSome(ByteView envelope,
                                           std::string_view payload_type,
                                           std::span<const Signer> trusted) {
  TRY(Envelope parsed, ParseTyped(envelope, payload_type));
  const Bytes signed_bytes = SignPayload(payload_type, parsed.payload);
  OpenedEnvelope out;
  for (const Signer& signer : trusted) {
    if (HasSignature(parsed, signed_bytes, signer)) {
      out.signed_by.push_back(signer.key_id.text);
    }
  }
  if (out.signed_by.empty()) return NobodyTrusted();
  std::sort(out.signed_by.begin(), out.signed_by.end());
  out.payload = std::move(parsed.payload);
  return out;
}

VerifiedAgreement::VerifiedAgreement(Agreement agreement, Bytes body,
                                     Signers signers)
    : agreement_(std::move(agreement)),
      body_(std::move(body)),
      hash_(DocumentHash(body_)),
      signers_(std::move(signers)) {}

const Signer* VerifiedAgreement::FindSigner(std::string_view key_id) const {
  return FindIn(signers_, key_id);
}

absl::StatusOr<VerifiedAgreement> VerifyEnvelope(
    ByteView envelope, std::string_view payload_type,
    std::span<const Signer> trusted, const std::optional<Hash>& expected) {
  Signers required;
  std::copy_if(trusted.begin(), trusted.end(), std::back_inserter(required),
               Signs);
  TRY(Bytes body, OpenEnvelope(envelope, payload_type, required));
  if (expected && DocumentHash(body) != *expected) {
    return WithNext(
        WithReason(ProofFailed("the agreement has another hash than expected"),
                   "AG-505"),
        "compare the hash with the other parties by telephone");
  }
  TRY(Agreement agreement, Agreement::Parse(body));
  TRY_OK(CheckKeys(agreement, trusted));
  TRY_OK(CheckDistinct(trusted));
  return VerifiedAgreement(std::move(agreement), std::move(body),
                           Signers(trusted.begin(), trusted.end()));
}

}  // namespace entente::policy
