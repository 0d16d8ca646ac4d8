#include "keys/sealing.h"

#include <algorithm>
#include <cstdlib>

#include "crypto/base/status.h"
#include "crypto/primitive/hkdf.h"
#include "crypto/primitive/random.h"
#include "keys/files.h"

namespace entente::keys {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMinPassphrase = 8;
// A damaged header must not make us work for hours or ask for all memory.
constexpr std::uint32_t kMaxPasses = 16;
constexpr std::uint64_t kMaxMemoryBytes = std::uint64_t{1} << 30U;

absl::StatusOr<SecretBytes> ReadKey(const std::string& path, Privacy privacy) {
  absl::StatusOr<Bytes> raw = ReadPrivateFile(path, 4096, privacy);
  if (!raw.ok()) return raw.status();
  WipeAtEnd wipe(*raw);
  if (raw->size() != kKeySize) {
    return Invalid("a sealing key file holds 32 bytes");
  }
  // Not a test of randomness: it catches a file that was only made long.
  if (std::all_of(raw->begin(), raw->end(),
                  [&](std::uint8_t b) { return b == raw->front(); })) {
    return Invalid("the sealing key file does not hold random bytes");
  }
  return SecretBytes::CopyOf(*raw);
}

bool IsCredentialName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
         });
}

absl::Status OtherKind(SealingKind wanted) {
  return ProofFailed(wanted == SealingKind::kKey
                         ? "it is sealed by a key file, not by a passphrase"
                         : "it is sealed by a passphrase, not by a key file");
}

}  // namespace

absl::StatusOr<Sealing> Sealing::FromKeyFile(const std::string& path) {
  TRY(SecretBytes key, ReadKey(path, Privacy::kOwnerOnly));
  return Sealing(SealingKind::kKey, std::move(key), {});
}

absl::StatusOr<Sealing> Sealing::FromCredential(const std::string& name) {
  if (!IsCredentialName(name)) return Invalid("not a name of a credential");
  const char* folder = ::secure_getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder != '/') {
    return WithNext(Unready("this process was given no credentials"),
                    "start it under systemd with LoadCredential");
  }
  TRY(SecretBytes key,
      ReadKey(std::string(folder) + "/" + name, Privacy::kCredential));
  return Sealing(SealingKind::kKey, std::move(key), {});
}

absl::StatusOr<Sealing> Sealing::FromPassphrase(
    SecretBytes passphrase, const primitive::Argon2Cost& cost) {
  if (passphrase.size() < kMinPassphrase) {
    return Invalid("a passphrase has at least 8 bytes");
  }
  if (cost.passes == 0 || cost.passes > kMaxPasses ||
      cost.memory_bytes > kMaxMemoryBytes) {
    return Invalid("argon2 cost out of range");
  }
  return Sealing(SealingKind::kPassphrase, std::move(passphrase), cost);
}

absl::Status Sealing::MakeKeyFile(const std::string& path) {
  Bytes key(kKeySize);
  WipeAtEnd wipe(key);
  primitive::RandomBytes(key);
  return WriteNewFile(path, key);
}

SealingHeader Sealing::NewHeader() const {
  SealingHeader header;
  header.kind = kind_;
  header.salt = primitive::RandomArray<16>();
  if (kind_ == SealingKind::kPassphrase) {
    header.passes = static_cast<std::uint32_t>(cost_.passes);
    header.memory_bytes = cost_.memory_bytes;
  }
  return header;
}

absl::StatusOr<SecretBytes> Sealing::KeyUnder(
    const SealingHeader& header) const {
  if (header.kind != kind_) return OtherKind(header.kind);
  if (kind_ == SealingKind::kKey) {
    if (header.passes != 0 || header.memory_bytes != 0) {
      return ProofFailed("the sealing header is damaged");
    }
    return primitive::Hkdf(secret_, header.salt, AsBytes("entente/sealing/1"),
                           kKeySize);
  }
  if (header.passes > kMaxPasses || header.memory_bytes > kMaxMemoryBytes) {
    return ProofFailed("the sealing header is damaged");
  }
  absl::StatusOr<SecretBytes> key = primitive::Argon2id(
      secret_, header.salt,
      {.passes = header.passes, .memory_bytes = header.memory_bytes}, kKeySize);
  if (!key.ok() && absl::IsInvalidArgument(key.status())) {
    return ProofFailed("the sealing header is damaged");
  }
  return key;
}

}  // namespace entente::keys
