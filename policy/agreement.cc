#include "policy/agreement.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/signature.h"
#include "policy/agreement_schema.h"
#include "policy/schema_reader.h"
#include "policy/schema_writer.h"

namespace entente::policy {
namespace {

constexpr std::string_view kAlgorithm = "ed25519:";
constexpr std::size_t kKidDigits = 32;

// Words whose list is the document itself: parties and bases (110).
class References {
 public:
  References(const Agreement& agreement, Findings& findings)
      : agreement_(agreement), findings_(findings) {}

  void Check() {
    for (const Clause& clause : agreement_.clauses) CheckClause(clause);
    for (const Reservation& reservation : agreement_.reservations) {
      NeedParty("reservation." + reservation.id + ".by", reservation.by);
    }
    for (const Prohibition& prohibition : agreement_.prohibitions) {
      CheckAny("prohibition." + prohibition.id, prohibition);
    }
    for (const Reservation& reservation : agreement_.reservations) {
      CheckAny("reservation." + reservation.id, reservation);
    }
  }

 private:
  void Report(int code, const std::string& path, std::string message,
              std::string next) {
    const Position at = agreement_.PositionOf(path);
    findings_.push_back(
        {code, at.line, at.column, std::move(message), std::move(next)});
  }
  void NeedParty(const std::string& path, const std::string& code) {
    if (agreement_.FindParty(code) != nullptr) return;
    Report(110, path, "there is no party \"" + code + "\"",
           "write the code of a party");
  }
  void CheckClause(const Clause& clause) {
    const std::string path = "clause." + clause.id;
    if (clause.each() != (clause.asker == "other")) {
      Report(110, path + ".asker",
             clause.id + ": \"each\" and \"other\" go together",
             "write both, or two party codes");
    } else if (!clause.each()) {
      NeedParty(path + ".holder", clause.holder);
      NeedParty(path + ".asker", clause.asker);
      if (clause.holder == clause.asker) {
        Report(107, path + ".asker",
               clause.id + ": holder and asker are the same party",
               "name two parties");
      }
    }
    for (std::size_t i = 0; i < clause.bases.size(); ++i) {
      const std::string& code = clause.bases[i];
      const bool found =
          std::any_of(agreement_.bases.begin(), agreement_.bases.end(),
                      [&](const Basis& basis) { return basis.code == code; });
      if (found) continue;
      Report(110, path + ".bases[" + std::to_string(i) + "]",
             clause.id + ": there is no basis \"" + code + "\"",
             "write the code of a basis");
    }
  }
  // "any" says it all, so nothing may stand beside it.
  void CheckAny(const std::string& path, const Restriction& restriction) {
    const auto check = [&](std::string_view key,
                           const std::vector<std::string>& words) {
      if (words.size() < 2 ||
          std::find(words.begin(), words.end(), "any") == words.end()) {
        return;
      }
      Report(107, path + "." + std::string(key),
             restriction.id + ": \"any\" stands alone in a list",
             "write [\"any\"], or name each word");
    };
    check("purposes", restriction.purposes);
    check("fields", restriction.fields);
  }

  const Agreement& agreement_;
  Findings& findings_;
};

}  // namespace

std::string_view KeyId::label() const {
  const std::string_view all(text);
  return all.size() < kAlgorithm.size() + kKidDigits + 1
             ? std::string_view()
             : all.substr(kAlgorithm.size(),
                          all.size() - kAlgorithm.size() - kKidDigits - 1);
}

std::string_view KeyId::kid() const {
  const std::string_view all(text);
  return all.size() < kKidDigits ? std::string_view()
                                 : all.substr(all.size() - kKidDigits);
}

absl::StatusOr<KeyId> ParseKeyId(std::string_view text) {
  const absl::Status malformed =
      Invalid("a key id is `ed25519:LABEL:KID` with 32 small hex digits");
  if (text.substr(0, kAlgorithm.size()) != kAlgorithm ||
      text.size() < kAlgorithm.size() + 1 + kKidDigits) {
    return malformed;
  }
  const KeyId id{std::string(text)};
  if (!IsBasisCode(id.label()) || text[text.size() - kKidDigits - 1] != ':' ||
      !FromHex(id.kid()).ok()) {
    return malformed;
  }
  return id;
}

KeyId MakeKeyId(std::string_view label, ByteView ed25519_public_key) {
  return {Join(
      {kAlgorithm, label, ":", ToHex(primitive::KeyId(ed25519_public_key))})};
}

ParsedAgreement ParseAgreement(ByteView bytes) {
  ParsedAgreement parsed;
  Agreement agreement;
  PositionMap where;
  const bool complete =
      ReadDocument(bytes, agreement, parsed.findings, where,
                   [](const Agreement& value) { return Emit(value); });
  agreement.where = std::move(where);
  if (!complete) return parsed;
  References(agreement, parsed.findings).Check();
  SortInFileOrder(parsed.findings);
  if (parsed.findings.empty()) parsed.agreement = std::move(agreement);
  return parsed;
}

absl::StatusOr<Agreement> Agreement::Parse(ByteView bytes) {
  ParsedAgreement parsed = ParseAgreement(bytes);
  if (!parsed.agreement) return ToStatus(parsed.findings);
  return *std::move(parsed.agreement);
}

const Party* Agreement::FindParty(std::string_view code) const {
  for (const Party& party : parties) {
    if (party.code == code) return &party;
  }
  return nullptr;
}

Position Agreement::PositionOf(std::string_view path) const {
  const auto found = where.find(path);
  return found == where.end() ? Position{} : found->second;
}

Bytes Emit(const Agreement& agreement) { return WriteDocument(agreement); }

Hash DocumentHash(ByteView bytes) { return primitive::Sha256(bytes); }

std::string HashText(const Hash& hash) { return "sha256:" + ToHex(hash); }

}  // namespace entente::policy
