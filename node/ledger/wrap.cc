#include "node/ledger/wrap.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/secret_reader.h"

namespace entente::ledger {
namespace {

constexpr std::uint8_t kUnderSegment = 0x01;
constexpr std::uint8_t kToRecipients = 0x02;
constexpr std::size_t kWrapBytes = 8 + 32 + 48;
constexpr std::size_t kSegmentWrapBytes = 1 + 4 + 12 + 48;

ByteArray<4> U32(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24U),
          static_cast<std::uint8_t>(value >> 16U),
          static_cast<std::uint8_t>(value >> 8U),
          static_cast<std::uint8_t>(value)};
}
std::uint32_t ReadU32(ByteView bytes) {
  std::uint32_t value = 0;
  for (std::uint8_t b : bytes.first(4)) value = (value << 8U) | b;
  return value;
}

Bytes EntryInfo(const EntryName& name) {
  return Concat({AsBytes("entente/audit/wrap/1\n"), AsBytes(name.origin),
                 AsBytes("\n"), name.id});
}
Bytes SegmentInfo(std::string_view origin, std::uint32_t number) {
  return Concat({AsBytes("entente/audit/segment/1\n"), AsBytes(origin),
                 AsBytes("\n"), U32(number)});
}

// u8(count) || wraps of `secret`.
absl::StatusOr<Bytes> WrapAll(const SecretBytes& secret, ByteView info,
                              std::span<const primitive::HpkePublicKey> to,
                              const Ephemerals& ephemerals) {
  if (to.empty() || to.size() > 255) {
    return Invalid("no recipient for a key, or too many");
  }
  if (!ephemerals.empty() && ephemerals.size() != to.size()) {
    return Invalid("another number of ephemeral keys than of recipients");
  }
  Bytes out = {static_cast<std::uint8_t>(to.size())};
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (std::find(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(i),
                  to[i]) != to.begin() + static_cast<std::ptrdiff_t>(i)) {
      return Invalid("the same recipient twice");
    }
    const ByteView plain = SecretReader::View(secret);
    TRY(const primitive::HpkeSealed sealed,
        ephemerals.empty()
            ? primitive::HpkeSeal(to[i], info, {}, plain)
            : primitive::HpkeSealWith(ephemerals[i], to[i], info, {}, plain));
    const RecipientId id = RecipientIdOf(to[i]);
    out.insert(out.end(), id.begin(), id.end());
    out.insert(out.end(), sealed.enc.begin(), sealed.enc.end());
    out.insert(out.end(), sealed.ciphertext.begin(), sealed.ciphertext.end());
  }
  return out;
}

absl::StatusOr<std::vector<WrappedKey>> ParseWraps(ByteView bytes) {
  if (bytes.empty() || bytes[0] == 0 ||
      bytes.size() != 1 + std::size_t{bytes[0]} * kWrapBytes) {
    return Invalid("malformed list of wrapped keys");
  }
  std::vector<WrappedKey> out;
  for (ByteView rest = bytes.subspan(1); !rest.empty();
       rest = rest.subspan(kWrapBytes)) {
    WrappedKey& wrap = out.emplace_back();
    TRY(wrap.recipient, ToArray<8>(rest.first(8)));
    TRY(wrap.enc, ToArray<32>(rest.subspan(8, 32)));
    TRY(wrap.sealed, ToArray<48>(rest.subspan(40, 48)));
  }
  return out;
}

absl::StatusOr<SecretBytes> Unwrap(const std::vector<WrappedKey>& wraps,
                                   ByteView info, const Opener& opener) {
  const RecipientId id = RecipientIdOf(opener.key);
  for (const WrappedKey& wrap : wraps) {
    if (wrap.recipient != id) continue;
    TRY(Bytes plain, opener.open(wrap.enc, info, {}, wrap.sealed));
    WipeAtEnd wipe(plain);
    return SecretBytes::CopyOf(plain);
  }
  return NotFound("not wrapped to this key");
}

}  // namespace

RecipientId RecipientIdOf(const primitive::HpkePublicKey& key) {
  const Hash hash =
      primitive::Sha256({AsBytes("entente/audit/recipient/1\n"), key});
  RecipientId out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

SegmentKey SegmentKey::Random(std::uint32_t number) {
  return {number, SecretBytes::Random(32)};
}

absl::StatusOr<Bytes> MakeSegmentFile(
    const SegmentKey& segment, std::string_view origin,
    std::span<const primitive::HpkePublicKey> recipients,
    const Ephemerals& ephemerals) {
  TRY(const Bytes wraps,
      WrapAll(segment.key, SegmentInfo(origin, segment.number), recipients,
              ephemerals));
  return Concat({U32(segment.number), wraps});
}

absl::StatusOr<SegmentFile> ParseSegmentFile(ByteView bytes) {
  if (bytes.size() < 4) return Invalid("malformed segment file");
  SegmentFile out;
  out.number = ReadU32(bytes);
  TRY(out.wraps, ParseWraps(bytes.subspan(4)));
  return out;
}

absl::StatusOr<std::vector<SegmentFile>> ParseSegmentFiles(ByteView bytes) {
  std::vector<SegmentFile> out;
  while (!bytes.empty()) {
    if (bytes.size() < 5) return Invalid("malformed segment file");
    const std::size_t size = 5 + std::size_t{bytes[4]} * kWrapBytes;
    if (bytes.size() < size) return Invalid("malformed segment file");
    TRY(SegmentFile file, ParseSegmentFile(bytes.first(size)));
    if (!out.empty() && file.number <= out.back().number) {
      return Invalid("segment files that do not rise");
    }
    out.push_back(std::move(file));
    bytes = bytes.subspan(size);
  }
  return out;
}

Opener Opener::With(const primitive::HpkePrivateKey& key) {
  return {key.public_key(),
          [&key](ByteView enc, ByteView info, ByteView aad, ByteView sealed) {
            return primitive::HpkeOpen(key, enc, info, aad, sealed);
          }};
}

absl::StatusOr<SegmentKey> OpenSegmentFile(const SegmentFile& file,
                                           std::string_view origin,
                                           const Opener& opener) {
  TRY(SecretBytes secret,
      Unwrap(file.wraps, SegmentInfo(origin, file.number), opener));
  if (secret.size() != 32) return ProofFailed("a segment key of bad length");
  return SegmentKey{file.number, std::move(secret)};
}

std::string RecipientsText(
    std::span<const primitive::HpkePublicKey> recipients) {
  std::string out;
  for (const primitive::HpkePublicKey& key : recipients) {
    if (!out.empty()) out += ',';
    out += ToHex(RecipientIdOf(key));
  }
  return out;
}

Bytes WrapUnderSegment(const EntryKey& key, const EntryName& name,
                       const SegmentKey& segment,
                       const primitive::Nonce12& nonce) {
  const ByteArray<1> kind = {kUnderSegment};
  const Bytes sealed = primitive::AeadSeal(segment.key, nonce, EntryInfo(name),
                                           SecretReader::View(key.bytes()));
  return Concat({kind, U32(segment.number), nonce, sealed});
}

absl::StatusOr<Bytes> WrapToRecipients(
    const EntryKey& key, const EntryName& name,
    std::span<const primitive::HpkePublicKey> recipients,
    const Ephemerals& ephemerals) {
  TRY(const Bytes wraps,
      WrapAll(key.bytes(), EntryInfo(name), recipients, ephemerals));
  const ByteArray<1> kind = {kToRecipients};
  return Concat({kind, wraps});
}

absl::StatusOr<RecordParts> ParseRecord(ByteView record) {
  RecordParts out;
  std::size_t wrap = 0;
  if (record.size() > kSegmentWrapBytes && record[0] == kUnderSegment) {
    wrap = kSegmentWrapBytes;
    out.segment = ReadU32(record.subspan(1));
  } else if (record.size() > 2 && record[0] == kToRecipients) {
    wrap = 2 + std::size_t{record[1]} * kWrapBytes;
    if (record[1] == 0) wrap = record.size();  // refused below
  }
  constexpr std::size_t kBodyHead = 1 + 12 + 4;
  if (wrap == 0 || record.size() < wrap + kBodyHead) {
    return Invalid("malformed record of a body");
  }
  out.wrap = record.first(wrap);
  out.body = record.subspan(wrap);
  if (ReadU32(out.body.subspan(13)) != out.body.size() - kBodyHead) {
    return Invalid("malformed record of a body");
  }
  return out;
}

absl::StatusOr<EntryKey> UnwrapWithSegment(const RecordParts& record,
                                           const EntryName& name,
                                           const SegmentKey& segment) {
  if (record.segment != segment.number) {
    return Unready("a body that is not wrapped under this segment");
  }
  TRY(const primitive::Nonce12 nonce, ToArray<12>(record.wrap.subspan(5, 12)));
  TRY(Bytes plain, primitive::AeadOpen(segment.key, nonce, EntryInfo(name),
                                       record.wrap.subspan(17)));
  WipeAtEnd wipe(plain);
  return EntryKey::FromBytes(SecretBytes::CopyOf(plain));
}

absl::StatusOr<EntryKey> UnwrapWithRecipient(const RecordParts& record,
                                             const EntryName& name,
                                             const Opener& opener) {
  if (record.segment) return Unready("a body that is wrapped under a segment");
  TRY(const auto wraps, ParseWraps(record.wrap.subspan(1)));
  TRY(SecretBytes secret, Unwrap(wraps, EntryInfo(name), opener));
  return EntryKey::FromBytes(std::move(secret));
}

}  // namespace entente::ledger
