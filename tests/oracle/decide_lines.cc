// Decides what it reads: the C++ side of the differential oracle.
//
// One command a line on standard input, one answer a line on standard output:
//   agreement HEX            the document; `ok`, or `refused AG-...`
//   local P A D U F Q        Local of the following facts, decimal; `ok`
//   facts HEX                128 bytes facts/1; the 57 bytes of the decision
//                            as hex, or `undecodable`
// The document is signed here with the example keys that its key ids name.
// Exits 2 on a line that it does not know: a test must not pass on garbage.

#include <cstdio>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "crypto/base/bytes.h"
#include "policy/fixture.h"

namespace entente::policy {
namespace {

// The part of a label after its party, as the generator writes it.
SignerRole RoleOf(std::string_view label) {
  if (label.ends_with("-legal")) return SignerRole::kLegal;
  if (label.ends_with("-tech")) return SignerRole::kTechnical;
  return label.ends_with("-dpo") ? SignerRole::kDpo : SignerRole::kDuty;
}

Signers SignersOfDocument(const Agreement& agreement) {
  Signers signers;
  const auto add = [&](const Party& party, const KeyId& key) {
    signers.push_back(
        fixture::ExampleSigner(key.label(), party.code, RoleOf(key.label())));
  };
  for (const Party& party : agreement.parties) {
    add(party, party.sign_technical);
    for (const KeyId& key : party.suspend) add(party, key);
  }
  return signers;
}

absl::StatusOr<Compiled> Load(ByteView document, const Catalogues& catalogues) {
  TRY(const Agreement agreement, Agreement::Parse(document));
  std::vector<std::string> labels;
  for (const Party& party : agreement.parties) {
    labels.emplace_back(party.sign_legal.label());
    labels.emplace_back(party.sign_technical.label());
  }
  TRY(VerifiedAgreement verified,
      VerifyEnvelope(fixture::SignedEnvelope(kAgreementType, document, labels),
                     kAgreementType, SignersOfDocument(agreement)));
  return Compiled::Create(std::move(verified), catalogues);
}

std::optional<Local> ReadLocal(std::istream& in) {
  Local local;
  unsigned actions = 0;
  unsigned datasets = 0;
  in >> local.parties >> actions >> datasets >> local.purposes >>
      local.fields >> local.quota_per_day;
  if (!in) return std::nullopt;
  local.actions = static_cast<std::uint8_t>(actions);
  local.datasets = static_cast<std::uint8_t>(datasets);
  return local;
}

class Session {
 public:
  // The answer to one line; nothing: the line is not known.
  std::optional<std::string> Answer(const std::string& line) {
    std::istringstream in(line);
    std::string command;
    in >> command;
    if (command == "local") {
      const std::optional<Local> local = ReadLocal(in);
      if (!local) return std::nullopt;
      local_ = *local;
      return "ok";
    }
    std::string hex;
    in >> hex;
    const absl::StatusOr<Bytes> bytes = FromHex(hex);
    if (!bytes.ok()) return std::nullopt;
    if (command == "agreement") return Take(*bytes);
    if (command == "facts" && compiled_) return Decide(*bytes);
    return std::nullopt;
  }

 private:
  std::string Take(ByteView document) {
    absl::StatusOr<Compiled> compiled = Load(document, catalogues_);
    local_ = {};
    compiled_.reset();
    if (!compiled.ok()) {
      return "refused " + std::string(compiled.status().message());
    }
    compiled_.emplace(*std::move(compiled));
    return "ok";
  }

  std::string Decide(ByteView bytes) const {
    const absl::StatusOr<Facts> facts = DecodeFacts(bytes);
    if (!facts.ok()) return "undecodable";
    return ToHex(EncodeDecision(Evaluate(*compiled_, local_, *facts)));
  }

  Catalogues catalogues_ = fixture::RealCatalogues();
  std::optional<Compiled> compiled_;
  Local local_;
};

}  // namespace
}  // namespace entente::policy

int main() {
  entente::policy::Session session;
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::optional<std::string> answer = session.Answer(line);
    if (!answer) {
      std::fprintf(stderr, "oracle_decide: unknown line: %.60s\n",
                   line.c_str());
      return 2;
    }
    std::cout << *answer << '\n';
  }
  return 0;
}
