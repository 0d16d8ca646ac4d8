// Partitions, epochs, and the destruction of any key.

#include <optional>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "keys/folder_store.h"
#include "keys/partition.h"

namespace entente::keys {

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

// --- Partitions.

absl::Status FolderStore::EnsurePartition(const Partition& partition) {
  TRY_OK(CheckPartition(partition));
  const std::lock_guard change(change_);
  if (PartitionKey(partition).ok()) return absl::OkStatus();
  KeyLabel label = LabelOf(partition);
  TRY(const auto gone, folder_.Gone(StemOf(label)));
  if (gone) return Unready("the key of this partition was destroyed");
  TRY(Held held, NewKeyFile(KeyKind::kBox, label.purpose, label.name, 1));
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
  KeyLabel label = LabelOf(partition);
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
