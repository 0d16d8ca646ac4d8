#include "node/ledger/body.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/compiled.h"
#include "node/ledger/nfc.h"

namespace entente::ledger {
namespace {

using primitive::HmacSha256;

constexpr std::uint8_t kVersion = 0x01;
constexpr std::size_t kStep = 256;
constexpr std::size_t kSmallest = 512;
constexpr std::size_t kBodyHead = 1 + 12 + 4;  // version, nonce, length

void AppendU16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

std::size_t SlotSize(const Slot& slot) {
  return 1 + slot.name.size() + 2 + slot.value.size();
}

void AppendSlot(Bytes& out, const Slot& slot) {
  out.push_back(static_cast<std::uint8_t>(slot.name.size()));
  out.insert(out.end(), slot.name.begin(), slot.name.end());
  AppendU16(out, slot.value.size());
  out.insert(out.end(), slot.value.begin(), slot.value.end());
}

Hash SaltUnder(const primitive::HmacSha256Key& key, std::size_t slot) {
  const ByteArray<1> number = {static_cast<std::uint8_t>(slot)};
  return key.Mac({AsBytes("entente/audit/salt/1"), number});
}

Bytes BodyAad(const EntryName& name) {
  return Concat({AsBytes("entente/audit/body/1\n"), AsBytes(name.origin),
                 AsBytes("\n"), name.id});
}

std::size_t PaddedSize(std::size_t size) {
  return std::max(kSmallest, (size + kStep - 1) / kStep * kStep);
}

// The slots out of an opened body, in their one spelling.
class SlotReader {
 public:
  explicit SlotReader(ByteView in) : in_(in) {}

  absl::StatusOr<Slots> Read() {
    const ByteView head = Take(2);
    if (!ok_ || head[0] != kVersion || head[1] != kSlots) return Malformed();
    Slots out;
    for (Slot& slot : out) {
      slot.name = ToString(Take(Number(1)));
      slot.value = ToString(Take(Number(2)));
      const bool empty = slot.name.empty() && !slot.value.empty();
      if (!ok_ || empty || slot.value.size() > kMaxSlotValue ||
          !IsNfc(slot.value)) {
        return Malformed();
      }
    }
    const bool zeroes = std::all_of(in_.begin(), in_.end(),
                                    [](std::uint8_t b) { return b == 0; });
    return zeroes ? absl::StatusOr<Slots>(out) : Malformed();
  }

 private:
  static absl::Status Malformed() {
    return ProofFailed("a sealed body that is malformed inside");
  }
  ByteView Take(std::size_t n) {
    if (n > in_.size()) ok_ = false;
    if (!ok_) return {};
    const ByteView out = in_.first(n);
    in_ = in_.subspan(n);
    return out;
  }
  std::size_t Number(std::size_t width) {
    std::size_t value = 0;
    for (std::uint8_t b : Take(width)) value = (value << 8U) | b;
    return value;
  }
  ByteView in_;
  bool ok_ = true;
};

}  // namespace

absl::StatusOr<Slots> MakeSlots(
    const EventType& type, std::string_view user,
    const std::map<std::string, std::string, std::less<>>& fields) {
  const auto& names = CompiledOf(type).sealed;
  Slots out;
  out[0] = {"type", std::string(type.name)};
  out[1] = {"actor", std::string(user == "-" ? kNodeActor : user)};
  CHECK(names.size() + 2 <= kSlots);
  std::size_t found = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Slot& slot = out[i + 2];
    slot.name = std::string(names[i]);
    const auto field = fields.find(names[i]);
    if (field == fields.end()) continue;
    slot.value = field->second;
    ++found;
    if (slot.value.size() > kMaxSlotValue || !IsNfc(slot.value)) {
      return Invalid("a sealed text that is too long or not UTF-8 in NFC: `",
                     names[i], "`");
    }
  }
  if (found != fields.size()) {
    return Invalid("a sealed field that this type does not have");
  }
  return out;
}

Bytes SlotBytes(const Slot& slot) {
  Bytes out;
  out.reserve(SlotSize(slot));
  AppendSlot(out, slot);
  return out;
}

EntryKey EntryKey::Random() { return EntryKey(SecretBytes::Random(32)); }

absl::StatusOr<EntryKey> EntryKey::FromBytes(SecretBytes key) {
  if (key.size() != 32) return WrongLength(key.size(), 32);
  return EntryKey(std::move(key));
}

Hash EntryKey::Salt(std::size_t slot) const {
  return SaltUnder(primitive::HmacSha256Key(key_), slot);
}

Hash EntryKey::CommitKey() const {
  return HmacSha256(key_, {AsBytes("entente/audit/commit/1")});
}

SecretBytes EntryKey::BodyKey() const {
  Hash key = HmacSha256(key_, {AsBytes("entente/audit/body/1")});
  WipeAtEnd wipe(key);
  return SecretBytes::CopyOf(key);
}

Hash EntryKey::SetRoot(std::span<const Bytes> match_keys) const {
  Hash set_key = HmacSha256(key_, {AsBytes("entente/audit/set/1")});
  WipeAtEnd wipe(set_key);
  std::vector<Hash> values;
  values.reserve(match_keys.size());
  for (const Bytes& key : match_keys) {
    values.push_back(HmacSha256(ByteView(set_key), {key}));
  }
  std::sort(values.begin(), values.end());
  for (Hash& value : values) value = merkle::LeafHash(value);
  return merkle::Root(values);
}

std::array<Hash, kSlots> SlotLeaves(const EntryKey& key, const Slots& slots) {
  const primitive::HmacSha256Key salts(key.bytes());
  std::size_t largest = 0;
  for (const Slot& slot : slots) largest = std::max(largest, SlotSize(slot));
  Bytes leaf;
  leaf.reserve(sizeof(Hash) + largest);
  std::array<Hash, kSlots> out;
  for (std::size_t j = 0; j < kSlots; ++j) {
    Hash salt = SaltUnder(salts, j);
    leaf.assign(salt.begin(), salt.end());
    Wipe(salt);
    AppendSlot(leaf, slots[j]);
    out[j] = merkle::LeafHash(leaf);
    Wipe(leaf);
  }
  return out;
}

Hash BodyRoot(const EntryKey& key, const Slots& slots) {
  return merkle::Root(SlotLeaves(key, slots));
}

Hash Commitment(ByteView commit_key, const EntryName& name, const Hash& root) {
  return HmacSha256(commit_key,
                    {AsBytes("entente/audit/commitment/1\n"),
                     AsBytes(name.origin), AsBytes("\n"), name.id, root});
}

absl::StatusOr<Bytes> SealBody(const EntryKey& key, const EntryName& name,
                               const Slots& slots,
                               const primitive::Nonce12& nonce,
                               std::size_t exact_size) {
  std::size_t needed = 2;
  for (const Slot& slot : slots) needed += SlotSize(slot);
  const std::size_t size = exact_size == 0 ? PaddedSize(needed) : exact_size;
  if (needed > size) return Invalid("a sealed body that does not fit");
  Bytes plain;
  plain.reserve(size);  // and so never moved: one copy to wipe
  plain.push_back(kVersion);
  plain.push_back(static_cast<std::uint8_t>(kSlots));
  for (const Slot& slot : slots) AppendSlot(plain, slot);
  plain.resize(size, 0);
  const WipeAtEnd wipe(plain);
  const Bytes sealed =
      primitive::AeadSeal(key.BodyKey(), nonce, BodyAad(name), plain);
  Bytes out;
  out.reserve(kBodyHead + sealed.size());
  out.push_back(kVersion);
  out.insert(out.end(), nonce.begin(), nonce.end());
  AppendU16(out, sealed.size() >> 16U);
  AppendU16(out, sealed.size() & 0xffffU);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

absl::StatusOr<Slots> OpenBody(const EntryKey& key, const EntryName& name,
                               ByteView body) {
  if (body.size() < kBodyHead || body[0] != kVersion) {
    return ProofFailed("a sealed body that is malformed");
  }
  std::size_t length = 0;
  for (std::uint8_t b : body.subspan(13, 4)) length = (length << 8U) | b;
  if (length != body.size() - kBodyHead) {
    return ProofFailed("a sealed body of another length");
  }
  TRY(const primitive::Nonce12 nonce, ToArray<12>(body.subspan(1, 12)));
  TRY(Bytes plain, primitive::AeadOpen(key.BodyKey(), nonce, BodyAad(name),
                                       body.subspan(kBodyHead)));
  WipeAtEnd wipe(plain);
  return SlotReader(plain).Read();
}

absl::StatusOr<Slots> OpenBodyOf(const EntryKey& key, const EntryName& name,
                                 ByteView body, const Hash& commitment) {
  TRY(Slots slots, OpenBody(key, name, body));
  Hash commit_key = key.CommitKey();
  WipeAtEnd wipe(commit_key);
  const Hash found = Commitment(commit_key, name, BodyRoot(key, slots));
  if (!ConstantTimeEqual(found, commitment)) {
    return ProofFailed("a body that is not the one committed to");
  }
  return slots;
}

Id16 SubjectTag(const SecretBytes& index_key, ByteView match_key) {
  const Hash hash =
      HmacSha256(index_key, {AsBytes("entente/audit/subject/1\n"), match_key});
  Id16 out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

Id16 ActorPseudonym(const SecretBytes& actor_key, std::string_view user) {
  const Hash hash = HmacSha256(actor_key, {AsBytes(user)});
  Id16 out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

}  // namespace entente::ledger
