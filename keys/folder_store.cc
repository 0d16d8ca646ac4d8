#include "keys/folder_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "keys/partition.h"

namespace entente::keys {
namespace {

constexpr std::string_view kEpoch = "epoch";

std::size_t Index(Purpose purpose) { return static_cast<std::size_t>(purpose); }

absl::Status NoKey(Purpose purpose) {
  return NotFound("the node has no such key: ", PurposeName(purpose));
}

std::optional<Purpose> PurposeOf(std::string_view name) {
  for (std::size_t i = 0; i <= Index(Purpose::kLast); ++i) {
    if (PurposeName(static_cast<Purpose>(i)) == name) {
      return static_cast<Purpose>(i);
    }
  }
  return std::nullopt;
}

KeyInfo InfoOf(Purpose purpose, const HeldKey& held) {
  return {.purpose = purpose,
          .kid = held.label.kid,
          .generation = held.label.generation,
          .public_key = held.label.public_key};
}

}  // namespace

// --- Opening.

absl::Status FolderStore::LoadAll() {
  TRY(const std::vector<Hash> suspended, folder_.Suspended());
  for (const Hash& agreement : suspended) epochs_.AddSuspended(agreement);
  TRY(std::vector<LoadedKey> loaded, folder_.LoadAll());
  for (LoadedKey& key : loaded) TRY_OK(Place(std::move(key)));
  for (std::vector<Held>& keys : by_purpose_) {
    std::sort(keys.begin(), keys.end(), [](const Held& a, const Held& b) {
      return a->label.generation > b->label.generation;
    });
    const auto same = std::adjacent_find(
        keys.begin(), keys.end(), [](const Held& a, const Held& b) {
          return a->label.generation == b->label.generation;
        });
    if (same != keys.end()) {
      return ProofFailed("two keys of one purpose have the same generation");
    }
  }
  return absl::OkStatus();
}

absl::Status FolderStore::Place(LoadedKey loaded) {
  if (loaded.label.purpose == kEpoch) return epochs_.Add(std::move(loaded));
  if (loaded.label.purpose == kPartitionWord) {
    TRY(const Partition partition, PartitionOf(loaded.label));
    TRY(HeldKey held, RestoreHeldKey(KeyKind::kBox, std::move(loaded)));
    partitions_[partition] = std::make_shared<const HeldKey>(std::move(held));
    return absl::OkStatus();
  }
  const std::optional<Purpose> purpose = PurposeOf(loaded.label.purpose);
  if (!purpose || !loaded.label.name.empty()) {
    return ProofFailed("a key file is for a purpose that does not exist");
  }
  TRY(HeldKey held, RestoreHeldKey(KindOf(*purpose), std::move(loaded)));
  by_purpose_[Index(*purpose)].push_back(
      std::make_shared<const HeldKey>(std::move(held)));
  return absl::OkStatus();
}

// --- Keys by purpose.

absl::StatusOr<FolderStore::Held> FolderStore::NewKeyFile(
    KeyKind kind, std::string purpose, std::string name,
    std::uint32_t generation) {
  auto held = std::make_shared<const HeldKey>(
      NewHeldKey(kind, std::move(purpose), std::move(name), generation));
  TRY_OK(folder_.Write(held->label, held->secret()));
  return held;
}

absl::Status FolderStore::Generate(Purpose purpose) {
  const std::lock_guard change(change_);
  if (!Keys(purpose).empty()) {
    return AlreadyExists("the node has such a key: ", PurposeName(purpose));
  }
  TRY(Held held,
      NewKeyFile(KindOf(purpose), std::string(PurposeName(purpose)), "", 1));
  const std::lock_guard lock(mutex_);
  by_purpose_[Index(purpose)].push_back(std::move(held));
  return absl::OkStatus();
}

absl::StatusOr<KeyInfo> FolderStore::Rotate(Purpose purpose) {
  if (KindOf(purpose) == KeyKind::kRaw) {
    return Unready("the database's key is not rotated: the database holds it");
  }
  const std::lock_guard change(change_);
  const std::vector<KeyInfo> have = Keys(purpose);
  if (have.empty()) return NoKey(purpose);
  TRY(Held held, NewKeyFile(KindOf(purpose), std::string(PurposeName(purpose)),
                            "", have.front().generation + 1));
  const KeyInfo info = InfoOf(purpose, *held);
  const std::lock_guard lock(mutex_);
  std::vector<Held>& keys = by_purpose_[Index(purpose)];
  keys.insert(keys.begin(), std::move(held));
  return info;
}

std::vector<KeyInfo> FolderStore::Keys(Purpose purpose) const {
  const std::lock_guard lock(mutex_);
  std::vector<KeyInfo> out;
  for (const Held& held : by_purpose_[Index(purpose)]) {
    out.push_back(InfoOf(purpose, *held));
  }
  return out;
}

absl::StatusOr<FolderStore::Held> FolderStore::Newest(Purpose purpose,
                                                      KeyKind kind) const {
  if (KindOf(purpose) != kind) {
    return Invalid("a key of another kind: ", PurposeName(purpose));
  }
  const std::lock_guard lock(mutex_);
  const std::vector<Held>& keys = by_purpose_[Index(purpose)];
  if (keys.empty()) return NoKey(purpose);
  return keys.front();
}

absl::StatusOr<FolderStore::Held> FolderStore::ByKid(Purpose purpose,
                                                     KeyKind kind,
                                                     const Id16& kid) const {
  TRY_OK(Newest(purpose, kind).status());
  const std::lock_guard lock(mutex_);
  for (const Held& held : by_purpose_[Index(purpose)]) {
    if (held->label.kid == kid) return held;
  }
  return NoKey(purpose);
}

absl::StatusOr<primitive::PublicKey> FolderStore::Public(
    Purpose purpose) const {
  TRY(const Held held, Newest(purpose, KeyKind::kSigning));
  return ToArray<32>(held->label.public_key);
}

absl::StatusOr<primitive::Signature> FolderStore::Sign(Purpose purpose,
                                                       ByteView message) const {
  TRY(const Held held, Newest(purpose, KeyKind::kSigning));
  return std::get<primitive::SigningKey>(held->key).Sign(message);
}

absl::StatusOr<primitive::Signature> FolderStore::SignWith(
    Purpose purpose, const Id16& kid, ByteView message) const {
  TRY(const Held held, ByKid(purpose, KeyKind::kSigning, kid));
  return std::get<primitive::SigningKey>(held->key).Sign(message);
}

absl::StatusOr<primitive::HpkePublicKey> FolderStore::HpkePublic(
    Purpose purpose) const {
  TRY(const Held held, Newest(purpose, KeyKind::kHpke));
  return ToArray<32>(held->label.public_key);
}

absl::StatusOr<Bytes> FolderStore::OpenSealed(Purpose purpose, ByteView enc,
                                              ByteView info, ByteView aad,
                                              ByteView ciphertext) const {
  TRY_OK(Newest(purpose, KeyKind::kHpke).status());
  std::vector<Held> keys;
  {
    const std::lock_guard lock(mutex_);
    keys = by_purpose_[Index(purpose)];
  }
  for (const Held& held : keys) {
    absl::StatusOr<Bytes> out =
        primitive::HpkeOpen(std::get<primitive::HpkePrivateKey>(held->key), enc,
                            info, aad, ciphertext);
    if (out.ok()) return out;
  }
  return ProofFailed(
      "a sealed message does not open: it is for another key, or "
      "damaged");
}

absl::StatusOr<Hash> FolderStore::Mac(Purpose purpose, ByteView message) const {
  TRY(const Held held, Newest(purpose, KeyKind::kMac));
  return primitive::HmacSha256(held->secret(), {message});
}

absl::StatusOr<Bytes> FolderStore::SealLocal(Purpose purpose, ByteView aad,
                                             ByteView plaintext) const {
  TRY(const Held held, Newest(purpose, KeyKind::kBox));
  return SealUnder(*held, aad, plaintext);
}

absl::StatusOr<Bytes> FolderStore::OpenLocal(Purpose purpose, ByteView aad,
                                             ByteView box) const {
  TRY(const Id16 kid, KidOfBox(box));
  TRY(const Held held, ByKid(purpose, KeyKind::kBox, kid));
  return OpenUnder(*held, aad, box);
}

absl::StatusOr<SecretBytes> FolderStore::StoreKey() const {
  TRY(const Held held, Newest(Purpose::kStore, KeyKind::kRaw));
  return held->secret().Clone();
}

absl::StatusOr<DestructionCertificate> FolderStore::Destroy(Purpose purpose,
                                                            const Id16& kid,
                                                            std::int64_t now) {
  const std::lock_guard change(change_);
  const std::vector<KeyInfo> have = Keys(purpose);
  if (!have.empty() && have.front().kid == kid) {
    return Unready("the newest key of a purpose is in use: rotate it first");
  }
  KeyLabel label;
  label.purpose = PurposeName(purpose);
  label.kid = kid;
  const auto at = std::find_if(have.begin(), have.end(),
                               [&](const KeyInfo& k) { return k.kid == kid; });
  if (at == have.end()) {
    TRY(const auto gone, folder_.Gone(StemOf(label)));
    if (!gone) return NoKey(purpose);
  } else {
    label.generation = at->generation;
    label.public_key = at->public_key;
  }
  return DestroyFile(label, now, [&] {
    const std::lock_guard lock(mutex_);
    std::erase_if(by_purpose_[Index(purpose)],
                  [&](const Held& held) { return held->label.kid == kid; });
  });
}

}  // namespace entente::keys
