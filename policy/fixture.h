#pragma once
// For tests of this room and of those above: the demo agreement with the
// example keys of agreements.md 3.2, verified and compiled, and facts that its
// clauses permit. Aborts when the files of docs/ are not what they should be.
//
// Tests only: it reads files, and its keys are known to everybody.

#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/signature.h"
#include "policy/compiled.h"
#include "policy/evaluate.h"
#include "policy/event.h"
#include "tests/testing/shared_data.h"

namespace entente::policy::fixture {

// 2027-03-01T12:00:00Z, inside the demo agreement.
inline constexpr std::int64_t kNow = 1803902400;

template <class T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "fixture: %s\n", value.status().ToString().c_str());
    std::abort();
  }
  return *std::move(value);
}

inline Bytes DocFile(std::string_view path) {
  return ToBytes(
      testing::ReadFile(testing::SourceDir() / "docs" / std::string(path)));
}
inline Bytes HitAgreement() { return DocFile("examples/hit-agreement.toml"); }
inline Bytes DemoAgreement() { return DocFile("examples/demo-agreement.toml"); }

inline Catalogues RealCatalogues() {
  return Must(Catalogues::Parse(DocFile("catalogues/purposes.toml"),
                                DocFile("catalogues/fields.toml"),
                                DocFile("catalogues/profiles.toml"),
                                DocFile("catalogues/recipe-1.toml")));
}

// Ed25519 seed = SHA-256("entente example key " + label).
inline primitive::SigningKey ExampleKey(std::string_view label) {
  const Hash seed =
      primitive::Sha256({AsBytes("entente example key "), AsBytes(label)});
  return Must(primitive::SigningKey::FromSeed(SecretBytes::CopyOf(seed)));
}

inline Signer ExampleSigner(std::string_view label, std::string_view party,
                            SignerRole role) {
  Signer signer;
  signer.public_key = ExampleKey(label).public_key();
  signer.key_id = MakeKeyId(label, signer.public_key);
  signer.party = party;
  signer.role = role;
  signer.person = label;
  return signer;
}

// Every key of the example: legal, technical, DPO and duty of QOR and QVA.
inline Signers ExampleSigners() {
  return {ExampleSigner("qor-legal-2026", "QOR", SignerRole::kLegal),
          ExampleSigner("qor-tech-2026", "QOR", SignerRole::kTechnical),
          ExampleSigner("qor-dpo-2026", "QOR", SignerRole::kDpo),
          ExampleSigner("qor-duty-2026", "QOR", SignerRole::kDuty),
          ExampleSigner("qva-legal-2026", "QVA", SignerRole::kLegal),
          ExampleSigner("qva-tech-2026", "QVA", SignerRole::kTechnical),
          ExampleSigner("qva-dpo-2026", "QVA", SignerRole::kDpo),
          ExampleSigner("qva-duty-2026", "QVA", SignerRole::kDuty)};
}

inline const std::vector<std::string>& TreatySigners() {
  static const std::vector<std::string> labels{
      "qor-legal-2026", "qor-tech-2026", "qva-legal-2026", "qva-tech-2026"};
  return labels;
}

inline EnvelopeSignature SignAs(std::string_view label, std::string_view type,
                                ByteView payload) {
  const primitive::SigningKey key = ExampleKey(label);
  const primitive::Signature signature = key.Sign(SignPayload(type, payload));
  return {MakeKeyId(label, key.public_key()).text, ToBytes(signature)};
}

inline Bytes SignedEnvelope(std::string_view type, ByteView payload,
                            const std::vector<std::string>& labels) {
  Envelope envelope{std::string(type), ToBytes(payload), {}};
  for (const std::string& label : labels) {
    envelope.signatures.push_back(SignAs(label, type, payload));
  }
  return EmitEnvelope(envelope);
}

inline VerifiedAgreement Verify(ByteView document) {
  return Must(
      VerifyEnvelope(SignedEnvelope(kAgreementType, document, TreatySigners()),
                     kAgreementType, ExampleSigners()));
}

inline Compiled Compile(ByteView document) {
  return Must(Compiled::Create(Verify(document), RealCatalogues()));
}

inline void ReplaceAll(std::string& in, std::string_view from,
                       std::string_view to) {
  for (std::size_t at = in.find(from); at != std::string::npos;
       at = in.find(from, at + to.size())) {
    in.replace(at, from.size(), to);
  }
}

// An agreement of QOR and QVA with a third party, a twin of QOR with keys of
// its own, in its place by `code`: before QOR or between the two.
inline Compiled WithThirdParty(ByteView document, std::string_view code) {
  std::string text = ToString(document);
  const std::size_t qor = text.find("[[party]]\ncode = \"QOR\"");
  const std::size_t qva = text.find("[[party]]\ncode = \"QVA\"");
  std::string table = text.substr(qor, qva - qor);
  const std::string quoted = "code = \"" + std::string(code) + "\"";
  ReplaceAll(table, "code = \"QOR\"", quoted);
  Signers signers = ExampleSigners();
  std::vector<std::string> labels = TreatySigners();
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string label =
        "third" + std::string(signers[i].key_id.label().substr(3));
    signers.push_back(ExampleSigner(label, code, signers[i].role));
    ReplaceAll(table, signers[i].key_id.text, signers.back().key_id.text);
    if (i < 2) labels.push_back(label);  // the legal and the technical key
  }
  const bool first = code < "QOR";
  text.insert(first ? qor : qva, table);
  const std::string next = first ? "\nQOR = \"" : "\nQVA = \"";
  ReplaceAll(text, next, "\n" + std::string(code) + " = \"Act 1\"" + next);
  return Must(Compiled::Create(
      Must(VerifyEnvelope(SignedEnvelope(kAgreementType, AsBytes(text), labels),
                          kAgreementType, signers)),
      RealCatalogues()));
}

// Facts of a screening by QVA of 32 persons against QOR's list that the demo
// agreement permits.
inline Facts ScreenFacts(const Compiled& compiled) {
  Facts f;
  f.action = Action::kScreen;
  f.holder = *compiled.PartyIndex("QOR");
  f.asker = *compiled.PartyIndex("QVA");
  f.dataset = static_cast<std::uint8_t>(Dataset::kApi);
  f.purpose = *compiled.PurposeIndex("terrorism.travel");
  f.basis = *compiled.BasisIndex("protocol-4");
  f.match_set = static_cast<std::uint8_t>(MatchSet::kStandard);
  f.state = static_cast<std::uint8_t>(State::kActive);
  f.asked = compiled.fields().Bit("hit.handle") |
            compiled.fields().Bit("hit.rule") |
            compiled.fields().Bit("hit.tier");
  f.now = kNow;
  f.assessment_left_holder = 1000;
  f.assessment_left_asker = 1000;
  f.record_age = 5;
  f.units = 32;
  f.bits = fact::kLogOpen;
  f.agreement = compiled.hash();
  return f;
}

// A disclosure by QOR to QVA that the demo agreement permits: reviewed by both,
// with a case, every flag checked absent.
inline Facts DiscloseFacts(const Compiled& compiled) {
  Facts f = ScreenFacts(compiled);
  f.action = Action::kDisclose;
  f.dataset = static_cast<std::uint8_t>(Dataset::kList);
  f.role = static_cast<std::uint8_t>(Role::kOfficer);
  f.match_set = 0;
  f.asked = compiled.fields().Bit("doc.number") |
            compiled.fields().Bit("person.family-name");
  f.units = 1;
  f.approvals_holder = 1;
  f.approvals_asker = 1;
  f.bits |= fact::kHasCase;
  for (std::size_t i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    f.Set(static_cast<Flag>(i), FlagState::kAbsent);
  }
  return f;
}

// A retention question about an item of `clause`, held so many hours.
inline Facts RetainFacts(const Compiled& compiled, std::string_view clause,
                         std::uint32_t held_hours) {
  Facts f = DiscloseFacts(compiled);
  f.action = Action::kRetain;
  f.origin_clause = static_cast<std::uint8_t>(*compiled.ClauseIndex(clause));
  f.held = held_hours;
  f.units = 0;
  return f;
}

}  // namespace entente::policy::fixture
