#pragma once
// People of a node: name, roles, personal key. A step that needs two people
// needs two keys of two people.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::model {

enum class Role : std::uint8_t {
  kAdministrator,
  kApprover,
  kOfficer,
  kDpo,
  kAuditor,
  kCustodian,
  kLast = kCustodian
};

inline constexpr std::string_view kRoleNames[] = {
    "administrator", "approver", "officer", "dpo", "auditor", "custodian"};

constexpr std::string_view RoleName(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

// One registered person. `roles` is a bit set by Role.
struct Officer {
  std::string id;  // chosen at registration, `[a-z][a-z0-9-]{1,31}`
  std::string name;
  std::uint8_t roles = 0;
  ByteArray<32> key{};  // Ed25519
  bool active = true;
  std::string added_by;  // waits for a second person; empty: confirmed

  bool Has(Role role) const {
    return active && (roles & (1U << static_cast<unsigned>(role))) != 0;
  }
  template <class A>
  void Fields(A& f) {
    f(id, name, roles, key, active, added_by);
  }
};

}  // namespace entente::model
