#include "node/ledger/bundle_names.h"

#include <algorithm>
#include <iterator>

#include "crypto/base/status.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/tiles.h"

namespace entente::ledger {
namespace {

constexpr std::string_view kFixed[] = {
    "policy",     "bodies",         "segments",   "previous.checkpoint",
    "SHA256SUMS", "catalogue.json", "VERIFY.txt", "previous.consistency",
    "bundle.note"};

bool IsHex(std::string_view text, std::size_t size) {
  return text.size() == size &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsIndex(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         text.find_first_not_of("0123456789") == std::string_view::npos &&
         (text.size() == 1 || text[0] != '0');
}

// Four digits, two, two.
bool IsDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  std::string digits(text);
  digits.erase(7, 1).erase(4, 1);
  return digits.find_first_not_of("0123456789") == std::string::npos;
}

// Takes prefix and suffix off, when `text` has both.
bool Between(std::string_view& text, std::string_view prefix,
             std::string_view suffix) {
  if (text.size() < prefix.size() + suffix.size() ||
      !text.starts_with(prefix) || !text.ends_with(suffix)) {
    return false;
  }
  text.remove_prefix(prefix.size());
  text.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::string ProofName(std::uint64_t index) {
  return Join({"proofs/", std::to_string(index), ".tlog-proof"});
}
std::string LeafName(std::uint64_t index) {
  return Join({"proofs/", std::to_string(index), ".leaf"});
}
std::string OpeningName(std::uint64_t index) {
  return Join({"openings/", std::to_string(index), ".opening"});
}
std::string DayNoteName(const Hash& agreement, std::string_view day) {
  return Join(
      {"reconcile/", ToHex(ByteView(agreement).first(8)), "-", day, ".note"});
}
std::string EvidenceMember(std::string_view origin, std::uint64_t size) {
  return "evidence/" + merkle::EvidenceName(origin, size);
}

bool IsBundleMember(std::string_view name) {
  if (std::find(std::begin(kFixed), std::end(kFixed), name) !=
          std::end(kFixed) ||
      merkle::ParsePath(name).ok()) {
    return true;
  }
  std::string_view rest = name;
  if (Between(rest, "proofs/", ".tlog-proof") ||
      Between(rest, "proofs/", ".leaf") ||
      Between(rest, "openings/", ".opening")) {
    return IsIndex(rest);
  }
  if (Between(rest, "reconcile/", ".note")) {
    return rest.size() == 27 && IsHex(rest.substr(0, 16), 16) &&
           rest[16] == '-' && IsDay(rest.substr(17));
  }
  if (Between(rest, "evidence/", ".split-view")) {
    return rest.size() > 9 && IsHex(rest.substr(0, 8), 8) && rest[8] == '-' &&
           IsIndex(rest.substr(9));
  }
  return false;
}

}  // namespace entente::ledger
