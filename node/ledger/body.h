#pragma once
// The sealed part of an entry: 16 slots under one fresh key, a hiding and
// binding commitment to them for the leaf, and their encryption. Whoever gets
// one slot opened learns nothing of the others. Byte-exact page:
// docs/protocol/audit-log.md, section 4. Thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/primitive/aead.h"
#include "node/ledger/catalogue.h"

namespace entente::ledger {

inline constexpr std::size_t kSlots = 16;
inline constexpr std::size_t kMaxSlotValue = 4096;
inline constexpr std::size_t kGuardBodySize = 1024;
// What stands in the actor slot when the node itself acts; no user has this id.
inline constexpr std::string_view kNodeActor = "node";

struct Slot {
  std::string name;
  std::string value;
  bool operator==(const Slot&) const = default;
};
using Slots = std::array<Slot, kSlots>;

// Slot 0 `type`, slot 1 `actor` (`-` becomes kNodeActor), then the sealed
// fields of the type in its order; absent fields have no value.
// INVALID_ARGUMENT: a field that the type does not have, a value that is too
// long or not UTF-8 in NFC.
absl::StatusOr<Slots> MakeSlots(
    const EventType& type, std::string_view user,
    const std::map<std::string, std::string, std::less<>>& fields);
Bytes SlotBytes(const Slot& slot);

// The key of one entry, 32 bytes, never used twice. Move-only.
class EntryKey {
 public:
  static EntryKey Random();
  // INVALID_ARGUMENT: not 32 bytes.
  static absl::StatusOr<EntryKey> FromBytes(SecretBytes key);
  const SecretBytes& bytes() const { return key_; }

  Hash Salt(std::size_t slot) const;
  Hash CommitKey() const;  // what an opening of one slot gives away
  SecretBytes BodyKey() const;
  // The root over the sorted keyed hashes of `match_keys`.
  Hash SetRoot(std::span<const Bytes> match_keys) const;

 private:
  explicit EntryKey(SecretBytes key) : key_(std::move(key)) {}
  SecretBytes key_;
};

// Which entry of which log a body belongs to.
struct EntryName {
  std::string origin;
  Id16 id{};
};

// The leaf hashes of salt || slot of all 16 slots, and the root over them.
std::array<Hash, kSlots> SlotLeaves(const EntryKey& key, const Slots& slots);
Hash BodyRoot(const EntryKey& key, const Slots& slots);
// The commitment in the leaf, from the root and the commit key.
Hash Commitment(ByteView commit_key, const EntryName& name, const Hash& root);

// Ciphertext part of a record: 01 || nonce || u32be(length) || sealed.
// `exact_size` 0: the next multiple of 256 from 512; else that size.
// INVALID_ARGUMENT: the slots do not fit into `exact_size`.
absl::StatusOr<Bytes> SealBody(const EntryKey& key, const EntryName& name,
                               const Slots& slots,
                               const primitive::Nonce12& nonce,
                               std::size_t exact_size);
// DATA_LOSS: it does not open, or what it opens to is malformed.
absl::StatusOr<Slots> OpenBody(const EntryKey& key, const EntryName& name,
                               ByteView body);
// Also compares with the commitment of the leaf. DATA_LOSS: another one.
absl::StatusOr<Slots> OpenBodyOf(const EntryKey& key, const EntryName& name,
                                 ByteView body, const Hash& commitment);

// For search by subject, in the store only, never in a leaf.
Id16 SubjectTag(const SecretBytes& index_key, ByteView match_key);
// The pseudonym of a user in one volume.
Id16 ActorPseudonym(const SecretBytes& actor_key, std::string_view user);

}  // namespace entente::ledger
