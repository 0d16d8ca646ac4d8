#pragma once
// The proof that the policy engine allowed one act. Only Decide (evaluate.h)
// makes a Permit; it is bound to one act, lives 60 seconds and is move-only: an
// approval is used once. This guards against mistakes, not against an enemy in
// the process.
// Source: agreements.md 5; architecture.md, "The three doors".

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>

#include "crypto/base/bytes.h"
#include "policy/decision.h"

namespace entente::policy {

class Compiled;
struct Facts;
struct Local;

inline constexpr std::int64_t kPermitSeconds = 60;

// SHA-256 over "entente/act/1" LF, then each with a 2-byte length: agreement
// hash, clause id, holder, asker, action, purpose leaf, subject, facts hash.
struct ActId {
  Hash value{};
  bool operator==(const ActId&) const = default;
};

class Permit;
// Allowed once the missing approvals, case or flag checks are there.
struct Pending {
  Decision decision;
  ActId act;
};
struct Denial {
  Decision decision;
  ActId act;
};
using Verdict = std::variant<Permit, Pending, Denial>;

class Permit {
 public:
  Permit(Permit&&) noexcept = default;
  Permit& operator=(Permit&&) noexcept = default;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  const ActId& act() const { return act_; }
  // POSIX seconds: the first second at which the permit is void.
  std::int64_t expires() const { return expires_; }
  const Decision& decision() const { return decision_; }
  const Hash& agreement() const { return agreement_; }
  std::string_view clause() const { return {clause_.data(), clause_size_}; }

 private:
  friend Verdict Decide(const Compiled&, const Local&, const Facts&,
                        const Id16&) noexcept;
  Permit() = default;

  ActId act_;
  std::int64_t expires_ = 0;
  Decision decision_;
  Hash agreement_{};
  std::array<char, 32> clause_{};
  std::size_t clause_size_ = 0;
};

}  // namespace entente::policy
