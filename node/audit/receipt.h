#pragma once
// The second door's proof: an event is in the audit log, durably.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "crypto/base/bytes.h"
#include "policy/permit.h"

namespace entente::audit {

// Only AuditLog makes one, after the commit that holds the leaf. What takes a
// Receipt therefore cannot run before its event is on disk. Copyable: it is a
// proof, not an allowance (that is the Permit, used once). Immutable.
class Receipt {
 public:
  // The log: `audit.<DNS name of the node>/<volume>`.
  const std::string& origin() const { return origin_; }
  std::uint64_t index() const { return index_; }
  // RFC 6962 leaf hash; the other side's entry holds it as `peer_leaf`.
  const Hash& leaf_hash() const { return leaf_hash_; }
  // A signed head that covers the leaf: `size` > `index`.
  std::uint64_t size() const { return size_; }
  const Hash& root() const { return root_; }
  // The act whose Permit was shown when the event was appended; empty for an
  // event without one. The third door compares it with its Permit's act.
  const std::optional<policy::ActId>& act() const { return act_; }
  // True when the event was appended under this permit's act.
  bool Covers(const policy::Permit& permit) const;

 private:
  friend class AuditLog;
  Receipt() = default;
  std::string origin_;
  std::uint64_t index_ = 0;
  Hash leaf_hash_{};
  std::uint64_t size_ = 0;
  Hash root_{};
  std::optional<policy::ActId> act_;
};

// Where an event will stand if the running transaction commits. Not a proof:
// nothing outward may depend on it. Rows of the same transaction may keep it.
struct Staged {
  std::uint64_t index = 0;
  Hash leaf_hash{};
};

}  // namespace entente::audit
