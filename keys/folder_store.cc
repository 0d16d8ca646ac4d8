#include "keys/folder_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"

namespace entente::keys {
namespace {

constexpr std::string_view kEpoch = "epoch";
constexpr std::string_view kPartition = "partition";

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

bool IsWord(std::string_view text, bool dots) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || (dots && c == '.');
         });
}

absl::Status CheckPartition(const Partition& partition) {
  if (!IsWord(partition.dataset, false) || !IsWord(partition.part, true)) {
    return Invalid("not a name of a partition");
  }
  return absl::OkStatus();
}

std::string NameOf(const Partition& partition) {
  return Join({partition.dataset, "/", partition.part});
}

absl::StatusOr<Partition> ParsePartition(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    Partition partition{std::string(name.substr(0, slash)),
                        std::string(name.substr(slash + 1))};
    if (CheckPartition(partition).ok()) return partition;
  }
  return ProofFailed("a key file is of a partition that does not exist");
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
  if (loaded.label.purpose == kPartition) {
    TRY(const Partition partition, ParsePartition(loaded.label.name));
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

// --- Destruction.

absl::StatusOr<DestructionCertificate> FolderStore::DestroyFile(
    const KeyLabel& label, std::int64_t now,
    const std::function<void()>& forget) {
  const std::string stem = StemOf(label);
  TRY(std::optional<DestructionCertificate> done, folder_.Gone(stem));
  if (!done) {
    Destruction what{.purpose = label.purpose,
                     .name = label.name,
                     .kid = label.kid,
                     .method = "overwrite-unlink",
                     .time = now,
                     .nonce = primitive::RandomArray<16>()};
    DestructionCertificate certificate{
        .kid = label.kid, .body = EncodeStatement(what), .signature = {}};
    TRY(certificate.signature,
        Sign(Purpose::kStatement,
             Concat({AsBytes("entente/statement/1\n"), certificate.body})));
    // Once this is durable the key counts as destroyed; an erasure that a crash
    // cuts short is finished when the store opens.
    TRY_OK(folder_.WriteGone(label, certificate));
    done = std::move(certificate);
  }
  forget();
  TRY_OK(folder_.Erase(stem));
  return *std::move(done);
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

// --- Partitions.

absl::Status FolderStore::EnsurePartition(const Partition& partition) {
  TRY_OK(CheckPartition(partition));
  const std::lock_guard change(change_);
  if (PartitionKey(partition).ok()) return absl::OkStatus();
  KeyLabel label;
  label.purpose = kPartition;
  label.name = NameOf(partition);
  TRY(const auto gone, folder_.Gone(StemOf(label)));
  if (gone) return Unready("the key of this partition was destroyed");
  TRY(Held held,
      NewKeyFile(KeyKind::kBox, std::string(kPartition), NameOf(partition), 1));
  const std::lock_guard lock(mutex_);
  partitions_[partition] = std::move(held);
  return absl::OkStatus();
}

std::vector<Partition> FolderStore::Partitions() const {
  const std::lock_guard lock(mutex_);
  std::vector<Partition> out;
  for (const auto& [partition, held] : partitions_) out.push_back(partition);
  return out;
}

absl::StatusOr<FolderStore::Held> FolderStore::PartitionKey(
    const Partition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto at = partitions_.find(partition);
  if (at == partitions_.end()) {
    return NotFound(
        "no key of this partition: none was made, or it was "
        "destroyed");
  }
  return at->second;
}

absl::StatusOr<Bytes> FolderStore::SealPartition(const Partition& partition,
                                                 ByteView aad,
                                                 ByteView plaintext) const {
  TRY(const Held held, PartitionKey(partition));
  return SealUnder(*held, aad, plaintext);
}

absl::StatusOr<Bytes> FolderStore::OpenPartition(const Partition& partition,
                                                 ByteView aad,
                                                 ByteView box) const {
  TRY(const Held held, PartitionKey(partition));
  TRY(const Id16 kid, KidOfBox(box));
  if (kid != held->label.kid) {
    return ProofFailed(
        "a sealed row does not open: it is of another partition");
  }
  return OpenUnder(*held, aad, box);
}

absl::StatusOr<DestructionCertificate> FolderStore::DestroyPartition(
    const Partition& partition, std::int64_t now) {
  TRY_OK(CheckPartition(partition));
  const std::lock_guard change(change_);
  KeyLabel label;
  label.purpose = kPartition;
  label.name = NameOf(partition);
  const absl::StatusOr<Held> held = PartitionKey(partition);
  if (held.ok()) {
    label = (*held)->label;
  } else {
    TRY(const auto gone, folder_.Gone(StemOf(label)));
    if (!gone) return held.status();
  }
  return DestroyFile(label, now, [&] {
    const std::lock_guard lock(mutex_);
    partitions_.erase(partition);
  });
}

// --- Epochs.

absl::StatusOr<EpochPublic> FolderStore::CreateEpochKey(const Hash& agreement,
                                                        std::uint64_t epoch) {
  const std::lock_guard change(change_);
  return epochs_.Create(agreement, epoch);
}

absl::StatusOr<EpochPublic> FolderStore::EpochKey(const Hash& agreement,
                                                  std::uint64_t epoch) const {
  return epochs_.Find(agreement, epoch);
}

std::vector<EpochPublic> FolderStore::EpochKeys() const {
  return epochs_.All();
}

absl::StatusOr<oprf::Evaluation> FolderStore::EvaluateEpoch(
    const Hash& agreement, std::uint64_t epoch, ByteView info,
    std::span<const oprf::Blinded> blinded) {
  TRY(const keys::EpochKeys::Use use, epochs_.Enter(agreement, epoch));
  return oprf::Evaluate(*use.key, blinded, info);
}

absl::StatusOr<std::vector<oprf::Token>> FolderStore::TokensFor(
    const Hash& agreement, std::uint64_t epoch, ByteView info,
    std::span<const Bytes> inputs) {
  TRY(const keys::EpochKeys::Use use, epochs_.Enter(agreement, epoch));
  return oprf::Tokens(*use.key, inputs, info);
}

absl::Status FolderStore::SuspendAgreement(const Hash& agreement) {
  epochs_.AddSuspended(agreement);  // at once, whatever change is going on
  const std::lock_guard change(change_);
  return epochs_.Suspend(agreement);
}

absl::Status FolderStore::ResumeAgreement(const Hash& agreement) {
  const std::lock_guard change(change_);
  return epochs_.Resume(agreement);
}

bool FolderStore::IsSuspended(const Hash& agreement) const {
  return epochs_.IsSuspended(agreement);
}

absl::StatusOr<DestructionCertificate> FolderStore::DestroyEpochKey(
    const Hash& agreement, std::uint64_t epoch, std::int64_t now) {
  const std::lock_guard change(change_);
  KeyLabel label = keys::EpochKeys::LabelOf(agreement, epoch);
  const absl::StatusOr<EpochPublic> info = epochs_.Find(agreement, epoch);
  if (info.ok()) {
    label.kid = info->kid;
    label.public_key = ToBytes(info->key.bytes());
  } else {
    TRY(const auto gone, folder_.Gone(StemOf(label)));
    if (!gone) return info.status();
  }
  return DestroyFile(label, now, [&] { epochs_.Forget(agreement, epoch); });
}

}  // namespace entente::keys
