#include "keys/epoch_keys.h"

#include <charconv>
#include <string>
#include <utility>

#include "crypto/base/status.h"

namespace entente::keys {
namespace {

constexpr std::string_view kPurpose = "epoch";

absl::Status SuspendedError() {
  return WithReason(
      Unready("the agreement is suspended: its keys are not used"),
      "agreement-suspended");
}

absl::Status NoSuchEpoch() {
  return NotFound(
      "no key of this agreement and epoch: none was made, or it was "
      "destroyed");
}

absl::StatusOr<Gate::Room> ParseName(const KeyLabel& label) {
  const absl::Status damaged =
      ProofFailed("a key file is of an epoch that does not exist");
  const std::size_t slash = label.name.find('/');
  if (slash != 64) return damaged;
  const absl::StatusOr<Bytes> hash =
      FromHex(std::string_view(label.name).substr(0, slash));
  if (!hash.ok()) return damaged;
  TRY(const Hash agreement, ToArray<32>(*hash));
  std::uint64_t epoch = 0;
  const char* end = label.name.data() + label.name.size();
  const auto parsed =
      std::from_chars(label.name.data() + slash + 1, end, epoch);
  if (parsed.ec != std::errc() || parsed.ptr != end ||
      EpochKeys::LabelOf(agreement, epoch).name != label.name) {
    return damaged;
  }
  return Gate::Room{agreement, epoch};
}

// The key, when it is the one that the label names.
absl::StatusOr<oprf::ServerKey> Restore(LoadedKey loaded) {
  absl::StatusOr<oprf::ServerKey> key =
      oprf::ServerKey::FromBytes(std::move(loaded.secret));
  if (!key.ok() ||
      ToBytes(key->public_key().bytes()) != loaded.label.public_key ||
      primitive::KeyId(loaded.label.public_key) != loaded.label.kid) {
    return ProofFailed("a key file holds another key than it says");
  }
  return key;
}

EpochPublic PublicOf(const Gate::Room& room, const oprf::ServerKey& key) {
  return EpochPublic{.agreement = room.first,
                     .epoch = room.second,
                     .kid = primitive::KeyId(key.public_key().bytes()),
                     .key = key.public_key()};
}

}  // namespace

KeyLabel EpochKeys::LabelOf(const Hash& agreement, std::uint64_t epoch) {
  KeyLabel label;
  label.purpose = kPurpose;
  label.name = Join({ToHex(agreement), "/", std::to_string(epoch)});
  return label;
}

absl::Status EpochKeys::Add(LoadedKey loaded) {
  TRY(const Gate::Room room, ParseName(loaded.label));
  TRY(oprf::ServerKey key, Restore(std::move(loaded)));
  Slot slot{.info = PublicOf(room, key), .key = nullptr};
  if (!gate_.IsShut(room.first)) {
    slot.key = std::make_shared<const oprf::ServerKey>(std::move(key));
  }
  const std::lock_guard lock(mutex_);
  slots_.insert_or_assign(room, std::move(slot));
  return absl::OkStatus();
}

absl::StatusOr<EpochPublic> EpochKeys::Create(const Hash& agreement,
                                              std::uint64_t epoch) {
  const Gate::Room room{agreement, epoch};
  if (gate_.IsShut(agreement)) return SuspendedError();
  absl::StatusOr<EpochPublic> have = Find(agreement, epoch);
  if (have.ok()) return have;
  KeyLabel label = LabelOf(agreement, epoch);
  TRY(const std::optional<DestructionCertificate> gone,
      folder_.Gone(StemOf(label)));
  if (gone) return Unready("the key of this epoch was destroyed");

  auto key =
      std::make_shared<const oprf::ServerKey>(oprf::ServerKey::Generate());
  const EpochPublic info = PublicOf(room, *key);
  label.kid = info.kid;
  label.public_key = ToBytes(info.key.bytes());
  TRY_OK(folder_.Write(label, key->secret()));
  const std::lock_guard lock(mutex_);
  slots_.insert_or_assign(room, Slot{.info = info, .key = std::move(key)});
  return info;
}

absl::StatusOr<EpochPublic> EpochKeys::Find(const Hash& agreement,
                                            std::uint64_t epoch) const {
  const std::lock_guard lock(mutex_);
  const auto at = slots_.find({agreement, epoch});
  if (at == slots_.end()) return NoSuchEpoch();
  return at->second.info;
}

std::vector<EpochPublic> EpochKeys::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<EpochPublic> out;
  out.reserve(slots_.size());
  for (const auto& [room, slot] : slots_) out.push_back(slot.info);
  return out;
}

absl::StatusOr<EpochKeys::Use> EpochKeys::Enter(const Hash& agreement,
                                                std::uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  const auto at = slots_.find({agreement, epoch});
  if (at == slots_.end()) return NoSuchEpoch();
  // INVARIANT: entered under mutex_, so that whoever takes the slot away and
  // then waits for the room has nobody behind it.
  std::optional<Gate::Pass> pass = gate_.Enter({agreement, epoch});
  if (!pass || at->second.key == nullptr) return SuspendedError();
  return Use{.pass = *std::move(pass), .key = at->second.key};
}

absl::Status EpochKeys::Suspend(const Hash& agreement) {
  gate_.Shut(agreement);  // before the disk, which may fail
  const absl::Status marked = folder_.MarkSuspended(agreement);
  gate_.WaitEmpty(agreement);
  const std::lock_guard lock(mutex_);
  for (auto& [room, slot] : slots_) {
    if (room.first == agreement) slot.key.reset();
  }
  return marked;
}

absl::Status EpochKeys::Resume(const Hash& agreement) {
  if (!gate_.IsShut(agreement)) return absl::OkStatus();
  std::vector<std::pair<Gate::Room, std::shared_ptr<const oprf::ServerKey>>>
      keys;
  for (const EpochPublic& info : All()) {
    if (info.agreement != agreement) continue;
    TRY(LoadedKey loaded, folder_.Load(StemOf(LabelOf(agreement, info.epoch))));
    TRY(oprf::ServerKey key, Restore(std::move(loaded)));
    if (key.public_key() != info.key) {
      return ProofFailed("a key file holds another key than before");
    }
    keys.emplace_back(Gate::Room{agreement, info.epoch},
                      std::make_shared<const oprf::ServerKey>(std::move(key)));
  }
  TRY_OK(folder_.UnmarkSuspended(agreement));
  {
    const std::lock_guard lock(mutex_);
    for (auto& [room, key] : keys) slots_.at(room).key = std::move(key);
  }
  gate_.Unshut(agreement);
  return absl::OkStatus();
}

void EpochKeys::Forget(const Hash& agreement, std::uint64_t epoch) {
  const Gate::Room room{agreement, epoch};
  {
    const std::lock_guard lock(mutex_);
    slots_.erase(room);
  }
  gate_.WaitEmpty(room);
}

}  // namespace entente::keys
