#pragma once
// Private to this room: KeyStore over a KeyFolder.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "keys/epoch_keys.h"
#include "keys/held_key.h"
#include "keys/key_folder.h"
#include "keys/key_store.h"

namespace entente::keys {

class FolderStore final : public KeyStore {
 public:
  explicit FolderStore(KeyFolder folder)
      : folder_(std::move(folder)), epochs_(folder_) {}
  // Reads every key, once, before anything else.
  absl::Status LoadAll();

  absl::Status Generate(Purpose purpose) override;
  absl::StatusOr<KeyInfo> Rotate(Purpose purpose) override;
  std::vector<KeyInfo> Keys(Purpose purpose) const override;
  absl::StatusOr<DestructionCertificate> Destroy(Purpose purpose,
                                                 const Id16& kid,
                                                 std::int64_t now) override;

  absl::StatusOr<primitive::PublicKey> Public(Purpose purpose) const override;
  absl::StatusOr<primitive::Signature> Sign(Purpose purpose,
                                            ByteView message) const override;
  absl::StatusOr<primitive::Signature> SignWith(
      Purpose purpose, const Id16& kid, ByteView message) const override;
  absl::StatusOr<primitive::HpkePublicKey> HpkePublic(
      Purpose purpose) const override;
  absl::StatusOr<Bytes> OpenSealed(Purpose purpose, ByteView enc, ByteView info,
                                   ByteView aad,
                                   ByteView ciphertext) const override;
  absl::StatusOr<Hash> Mac(Purpose purpose, ByteView message) const override;
  absl::StatusOr<Bytes> SealLocal(Purpose purpose, ByteView aad,
                                  ByteView plaintext) const override;
  absl::StatusOr<Bytes> OpenLocal(Purpose purpose, ByteView aad,
                                  ByteView box) const override;
  absl::StatusOr<SecretBytes> StoreKey() const override;

  absl::Status EnsurePartition(const Partition& partition) override;
  std::vector<Partition> Partitions() const override;
  absl::StatusOr<Bytes> SealPartition(const Partition& partition, ByteView aad,
                                      ByteView plaintext) const override;
  absl::StatusOr<Bytes> OpenPartition(const Partition& partition, ByteView aad,
                                      ByteView box) const override;
  absl::StatusOr<DestructionCertificate> DestroyPartition(
      const Partition& partition, std::int64_t now) override;

  absl::StatusOr<EpochPublic> CreateEpochKey(const Hash& agreement,
                                             std::uint64_t epoch) override;
  absl::StatusOr<EpochPublic> EpochKey(const Hash& agreement,
                                       std::uint64_t epoch) const override;
  std::vector<EpochPublic> EpochKeys() const override;
  absl::StatusOr<oprf::Evaluation> EvaluateEpoch(
      const Hash& agreement, std::uint64_t epoch, ByteView info,
      std::span<const oprf::Blinded> blinded) override;
  absl::StatusOr<std::vector<oprf::Token>> TokensFor(
      const Hash& agreement, std::uint64_t epoch, ByteView info,
      std::span<const Bytes> inputs) override;
  absl::Status SuspendAgreement(const Hash& agreement) override;
  absl::Status ResumeAgreement(const Hash& agreement) override;
  bool IsSuspended(const Hash& agreement) const override;
  absl::StatusOr<DestructionCertificate> DestroyEpochKey(
      const Hash& agreement, std::uint64_t epoch, std::int64_t now) override;

 private:
  using Held = std::shared_ptr<const HeldKey>;
  static constexpr std::size_t kPurposes =
      static_cast<std::size_t>(Purpose::kLast) + 1;

  absl::Status Place(LoadedKey loaded);
  absl::StatusOr<Held> NewKeyFile(KeyKind kind, std::string purpose,
                                  std::string name, std::uint32_t generation);
  // The newest key; it is of `kind` or INVALID_ARGUMENT.
  absl::StatusOr<Held> Newest(Purpose purpose, KeyKind kind) const;
  absl::StatusOr<Held> ByKid(Purpose purpose, KeyKind kind,
                             const Id16& kid) const;
  absl::StatusOr<Held> PartitionKey(const Partition& partition) const;
  // Certificate, then `forget`, then the file. The stem of `label` is the
  // key's.
  absl::StatusOr<DestructionCertificate> DestroyFile(
      const KeyLabel& label, std::int64_t now,
      const std::function<void()>& forget);

  KeyFolder folder_;
  keys::EpochKeys epochs_;
  // Orders changes of the folder; held across I/O, which no use of a key waits
  // for.
  std::mutex change_;
  mutable std::mutex mutex_;                             // guards the two below
  std::array<std::vector<Held>, kPurposes> by_purpose_;  // newest first
  std::map<Partition, Held> partitions_;
};

}  // namespace entente::keys
