#include "keys/key_folder.h"

#include <algorithm>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/aead.h"

namespace entente::keys {
namespace {

constexpr std::size_t kMaxFile = 4096;
constexpr std::string_view kKeySuffix = ".key";
constexpr std::string_view kGoneSuffix = ".gone";
constexpr std::string_view kSuspendedPrefix = "suspended_";
constexpr std::string_view kHeaderName = "store";
constexpr std::string_view kLockName = "lock";

struct StoreHeader {
  static constexpr std::string_view kLabel = "entente/key-store/1";
  SealingHeader sealing;
  Bytes box;  // the root key
  template <class A>
  void Fields(A& f) {
    f(sealing, box);
  }
};

struct SealedKey {
  static constexpr std::string_view kLabel = "entente/key-file/1";
  KeyLabel label;
  Bytes box;
  template <class A>
  void Fields(A& f) {
    f(label, box);
  }
};

struct SealedCertificate {
  static constexpr std::string_view kLabel = "entente/key-gone/1";
  KeyLabel label;
  Bytes box;
  template <class A>
  void Fields(A& f) {
    f(label, box);
  }
};

// All that a file says in clear: the same file with an empty box.
template <class T>
Bytes AadOf(T file) {
  file.box.clear();
  return EncodeStatement(file);
}

absl::Status Damaged() {
  return WithNext(
      ProofFailed("a file of the key store is damaged"),
      "restore the key folder from its backup; do not make new keys");
}

absl::Status DoesNotOpen() {
  return ProofFailed(
      "the key store does not open: it is sealed by another key or passphrase, "
      "or its header is damaged");
}

// A file that cannot be read as what its name says is damage, whatever the
// cause below; a disk that fails stays a disk that fails.
absl::Status AsDamage(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsNotFound(status) ||
                 absl::IsFailedPrecondition(status)
             ? status
             : Damaged();
}

template <class T>
absl::StatusOr<T> ParseNamed(ByteView bytes, const std::string& stem) {
  absl::StatusOr<T> file = DecodeStatement<T>(bytes);
  if (!file.ok() || StemOf(file->label) != stem) return Damaged();
  return file;
}

bool TakeSuffix(std::string& name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.resize(name.size() - suffix.size());
  return true;
}

absl::Status WriteHeader(const std::string& path, const Sealing& sealing,
                         const SecretBytes& root) {
  StoreHeader header;
  header.sealing = sealing.NewHeader();
  TRY(const SecretBytes key, sealing.KeyUnder(header.sealing));
  header.box = primitive::SealSecret(key, AadOf(header), root);
  return WriteFileAtomic(path, EncodeStatement(header));
}

absl::StatusOr<SecretBytes> OpenHeader(const std::string& path,
                                       const Sealing& sealing) {
  absl::StatusOr<Bytes> raw =
      ReadPrivateFile(path, kMaxFile, Privacy::kOwnerOnly);
  if (!raw.ok()) {
    if (absl::IsNotFound(raw.status())) {
      return NotFound("the folder holds no key store");
    }
    return absl::IsInvalidArgument(raw.status()) ? DoesNotOpen() : raw.status();
  }
  absl::StatusOr<StoreHeader> header = DecodeStatement<StoreHeader>(*raw);
  if (!header.ok()) return DoesNotOpen();
  TRY(const SecretBytes key, sealing.KeyUnder(header->sealing));
  absl::StatusOr<SecretBytes> root =
      primitive::OpenSecret(key, AadOf(*header), header->box);
  if (!root.ok() || root->size() != 32) return DoesNotOpen();
  return root;
}

absl::Status DropTemporaries(const std::string& dir) {
  TRY(const std::vector<std::string> names, ListDir(dir));
  for (const std::string& name : names) {
    if (name.ends_with(kTemporarySuffix)) {
      TRY_OK(OverwriteAndRemove(dir + "/" + name));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string StemOf(const KeyLabel& label) {
  if (label.name.empty()) return label.purpose + "_" + ToHex(label.kid);
  std::string stem = label.purpose + "_" + label.name;
  std::replace(stem.begin(), stem.end(), '/', '_');
  return stem;
}

std::string KeyFolder::Path(std::string_view name) const {
  return Join({dir_, "/", name});
}

absl::StatusOr<KeyFolder> KeyFolder::Create(const std::string& dir,
                                            const Sealing& sealing) {
  TRY_OK(MakePrivateDir(dir));
  TRY_OK(CheckPrivateDir(dir));
  TRY(Fd lock, LockFile(Join({dir, "/", kLockName})));
  const std::string header = Join({dir, "/", kHeaderName});
  if (FileExists(header)) {
    return AlreadyExists("the folder holds a key store");
  }
  SecretBytes root = SecretBytes::Random(32);
  TRY_OK(WriteHeader(header, sealing, root));
  return KeyFolder(dir, std::move(lock), std::move(root));
}

absl::StatusOr<KeyFolder> KeyFolder::Open(const std::string& dir,
                                          const Sealing& sealing) {
  const std::string header = Join({dir, "/", kHeaderName});
  if (!FileExists(header)) return NotFound("the folder holds no key store");
  TRY_OK(CheckPrivateDir(dir));
  TRY(Fd lock, LockFile(Join({dir, "/", kLockName})));
  TRY(SecretBytes root, OpenHeader(header, sealing));
  TRY_OK(DropTemporaries(dir));
  return KeyFolder(dir, std::move(lock), std::move(root));
}

absl::Status KeyFolder::Reseal(const Sealing& next) const {
  return WriteHeader(Path(kHeaderName), next, root_);
}

absl::Status KeyFolder::Write(const KeyLabel& label,
                              const SecretBytes& secret) const {
  SealedKey file;
  file.label = label;
  file.box = primitive::SealSecret(root_, AadOf(file), secret);
  return WriteNewFile(Path(StemOf(label) + std::string(kKeySuffix)),
                      EncodeStatement(file));
}

absl::StatusOr<Bytes> KeyFolder::ReadSealed(const std::string& file) const {
  absl::StatusOr<Bytes> raw =
      ReadPrivateFile(Path(file), kMaxFile, Privacy::kOwnerOnly);
  if (!raw.ok()) return AsDamage(raw.status());
  return raw;
}

absl::StatusOr<LoadedKey> KeyFolder::Load(const std::string& stem) const {
  TRY(const Bytes raw, ReadSealed(stem + std::string(kKeySuffix)));
  TRY(SealedKey file, ParseNamed<SealedKey>(raw, stem));
  absl::StatusOr<SecretBytes> secret =
      primitive::OpenSecret(root_, AadOf(file), file.box);
  if (!secret.ok()) return Damaged();
  return LoadedKey{std::move(file.label), *std::move(secret)};
}

absl::StatusOr<std::vector<LoadedKey>> KeyFolder::LoadAll() const {
  TRY(std::vector<std::string> names, ListDir(dir_));
  std::vector<LoadedKey> out;
  for (std::string& name : names) {
    if (TakeSuffix(name, kGoneSuffix)) {
      TRY_OK(Gone(name).status());
      TRY_OK(Erase(name));
    }
  }
  for (std::string& name : names) {
    if (!TakeSuffix(name, kKeySuffix)) continue;
    if (FileExists(Path(name + std::string(kGoneSuffix)))) continue;
    TRY(LoadedKey key, Load(name));
    out.push_back(std::move(key));
  }
  return out;
}

absl::StatusOr<std::optional<DestructionCertificate>> KeyFolder::Gone(
    const std::string& stem) const {
  const std::string name = stem + std::string(kGoneSuffix);
  if (!FileExists(Path(name))) return std::nullopt;
  TRY(const Bytes raw, ReadSealed(name));
  TRY(const SealedCertificate file, ParseNamed<SealedCertificate>(raw, stem));
  const absl::StatusOr<Bytes> plain =
      primitive::OpenBox(root_, AadOf(file), file.box);
  if (!plain.ok()) return Damaged();
  absl::StatusOr<DestructionCertificate> certificate =
      Decode<DestructionCertificate>(*plain);
  if (!certificate.ok()) return Damaged();
  return *std::move(certificate);
}

absl::Status KeyFolder::WriteGone(
    const KeyLabel& label, const DestructionCertificate& certificate) const {
  SealedCertificate file;
  file.label = label;
  file.box = primitive::SealBox(root_, AadOf(file), Encode(certificate));
  return WriteNewFile(Path(StemOf(label) + std::string(kGoneSuffix)),
                      EncodeStatement(file));
}

absl::Status KeyFolder::Erase(const std::string& stem) const {
  return OverwriteAndRemove(Path(stem + std::string(kKeySuffix)));
}

absl::Status KeyFolder::MarkSuspended(const Hash& agreement) const {
  return WriteFileAtomic(Path(Join({kSuspendedPrefix, ToHex(agreement)})), {});
}

absl::Status KeyFolder::UnmarkSuspended(const Hash& agreement) const {
  return OverwriteAndRemove(Path(Join({kSuspendedPrefix, ToHex(agreement)})));
}

absl::StatusOr<std::vector<Hash>> KeyFolder::Suspended() const {
  TRY(const std::vector<std::string> names, ListDir(dir_));
  std::vector<Hash> out;
  for (const std::string& name : names) {
    if (!name.starts_with(kSuspendedPrefix)) continue;
    const absl::StatusOr<Bytes> bytes =
        FromHex(std::string_view(name).substr(kSuspendedPrefix.size()));
    const absl::StatusOr<Hash> hash =
        bytes.ok() ? ToArray<32>(*bytes) : bytes.status();
    // A marker that names no agreement would be a suspension that is lost.
    if (!hash.ok()) return Damaged();
    out.push_back(*hash);
  }
  return out;
}

}  // namespace entente::keys
