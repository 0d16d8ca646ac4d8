#pragma once
// How the key of an entry is kept: under the segment key of the hour, or
// straight to the data protection officers. A segment key itself is kept only
// as HPKE wraps to its recipients. Thread-safe.
//
//   01 || u32be(segment) || nonce(12) || AEAD(segment key, key)
//   02 || u8(count) || count times {recipient id(8) || enc(32) || ct(48)}

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/primitive/aead.h"
#include "crypto/primitive/hpke.h"
#include "node/ledger/body.h"

namespace entente::ledger {

using RecipientId = ByteArray<8>;
RecipientId RecipientIdOf(const primitive::HpkePublicKey& key);

struct SegmentKey {
  std::uint32_t number = 0;
  SecretBytes key;  // 32 bytes
  static SegmentKey Random(std::uint32_t number);
};

// One HPKE wrap.
struct WrappedKey {
  RecipientId recipient{};
  ByteArray<32> enc{};
  ByteArray<48> sealed{};
};

// For vectors: the ephemeral key of each recipient, in order. Empty: fresh.
using Ephemerals = std::vector<primitive::HpkePrivateKey>;

// u32be(number) || u8(count) || wraps: what is stored and exported of a
// segment key. INVALID_ARGUMENT: no recipient, more than 255, one twice, or a
// public key of small order.
absl::StatusOr<Bytes> MakeSegmentFile(
    const SegmentKey& segment, std::string_view origin,
    std::span<const primitive::HpkePublicKey> recipients,
    const Ephemerals& ephemerals = {});
// Who opens what is sealed to `key`, without lending the private key.
struct Opener {
  primitive::HpkePublicKey key{};
  // DATA_LOSS: it does not open.
  std::function<absl::StatusOr<Bytes>(ByteView enc, ByteView info, ByteView aad,
                                      ByteView ciphertext)>
      open;
  // Borrows the key.
  static Opener With(const primitive::HpkePrivateKey& key);
};

struct SegmentFile {
  std::uint32_t number = 0;
  std::vector<WrappedKey> wraps;
};
// INVALID_ARGUMENT: malformed.
absl::StatusOr<SegmentFile> ParseSegmentFile(ByteView bytes);
// One after the other, numbers rising: the `segments` of a bundle.
absl::StatusOr<std::vector<SegmentFile>> ParseSegmentFiles(ByteView bytes);
// NOT_FOUND: not wrapped to this key. DATA_LOSS: it does not open.
absl::StatusOr<SegmentKey> OpenSegmentFile(const SegmentFile& file,
                                           std::string_view origin,
                                           const Opener& opener);
inline absl::StatusOr<SegmentKey> OpenSegmentFile(
    const SegmentFile& file, std::string_view origin,
    const primitive::HpkePrivateKey& key) {
  return OpenSegmentFile(file, origin, Opener::With(key));
}
// `recipients` of the event key.segment: ids in hex, separated by commas.
std::string RecipientsText(
    std::span<const primitive::HpkePublicKey> recipients);

// Wraps of an entry key.
Bytes WrapUnderSegment(const EntryKey& key, const EntryName& name,
                       const SegmentKey& segment,
                       const primitive::Nonce12& nonce);
absl::StatusOr<Bytes> WrapToRecipients(
    const EntryKey& key, const EntryName& name,
    std::span<const primitive::HpkePublicKey> recipients,
    const Ephemerals& ephemerals = {});

// A record: wrap, then body (body.h). Borrowed parts.
struct RecordParts {
  std::optional<std::uint32_t> segment;  // none: straight to recipients
  ByteView wrap;
  ByteView body;
};
// INVALID_ARGUMENT: malformed, bytes after the end.
absl::StatusOr<RecordParts> ParseRecord(ByteView record);
// DATA_LOSS: it does not open. FAILED_PRECONDITION: wrapped another way.
absl::StatusOr<EntryKey> UnwrapWithSegment(const RecordParts& record,
                                           const EntryName& name,
                                           const SegmentKey& segment);
absl::StatusOr<EntryKey> UnwrapWithRecipient(const RecordParts& record,
                                             const EntryName& name,
                                             const Opener& opener);
inline absl::StatusOr<EntryKey> UnwrapWithRecipient(
    const RecordParts& record, const EntryName& name,
    const primitive::HpkePrivateKey& key) {
  return UnwrapWithRecipient(record, name, Opener::With(key));
}

}  // namespace entente::ledger
