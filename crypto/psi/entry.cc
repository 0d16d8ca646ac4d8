#include "crypto/psi/entry.h"

#include <algorithm>

#include "crypto/base/status.h"

namespace entente::psi {
namespace {

constexpr std::size_t kRuleAt = 6;
constexpr std::size_t kCheckAt = 7;
constexpr std::uint8_t kCheck = 0;

bool IsLabel(const Label& label) {
  return label.rule != 0 || label.handle == Handle{};
}

}  // namespace

absl::StatusOr<Entry> MakeEntry(const oprf::Token& token, const Label& label) {
  if (!IsLabel(label)) return Invalid("tag set: rule 0 takes no row handle");
  Entry out;
  std::copy_n(token.begin(), out.size(), out.begin());  // tag || pad
  for (std::size_t i = 0; i < label.handle.size(); ++i) {
    out[kTagSize + i] ^= label.handle[i];
  }
  out[kTagSize + kRuleAt] ^= label.rule;
  out[kTagSize + kCheckAt] ^= kCheck;
  return out;
}

std::optional<Label> OpenEntry(const oprf::Token& token, const Entry& entry) {
  if (!std::equal(entry.begin(), entry.begin() + kTagSize, token.begin())) {
    return std::nullopt;
  }
  ByteArray<8> plain;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    plain[i] = entry[kTagSize + i] ^ token[kTagSize + i];
  }
  Label label;
  std::copy_n(plain.begin(), label.handle.size(), label.handle.begin());
  label.rule = plain[kRuleAt];
  if (plain[kCheckAt] != kCheck || !IsLabel(label)) return std::nullopt;
  return label;
}

}  // namespace entente::psi
