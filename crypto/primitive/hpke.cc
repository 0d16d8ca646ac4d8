#include "crypto/primitive/hpke.h"

#include <string_view>

#include "crypto/base/status.h"
#include "crypto/primitive/aead.h"
#include "crypto/primitive/hkdf.h"
#include "crypto/primitive/secret_reader.h"
#include "crypto/primitive/x25519.h"

namespace entente::primitive {
namespace {

constexpr std::string_view kVersion = "HPKE-v1";
// suite_id of the KEM (RFC 9180, 4.1) and of the whole suite (5.1).
constexpr ByteArray<5> kKemSuite = {'K', 'E', 'M', 0x00, 0x20};
constexpr ByteArray<10> kHpkeSuite = {'H',  'P',  'K',  'E',  0x00,
                                      0x20, 0x00, 0x01, 0x00, 0x03};
constexpr std::size_t kHashSize = 32;

// LabeledExtract and LabeledExpand, RFC 9180, section 4.
SecretBytes LabeledExtract(ByteView suite, ByteView salt,
                           std::string_view label, ByteView ikm) {
  Bytes labeled = Concat({AsBytes(kVersion), suite, AsBytes(label), ikm});
  WipeAtEnd wipe(labeled);
  return HkdfExtract(salt, SecretBytes::CopyOf(labeled));
}

SecretBytes LabeledExpand(ByteView suite, const SecretBytes& prk,
                          std::string_view label, ByteView info,
                          std::size_t length) {
  const ByteArray<2> size = {static_cast<std::uint8_t>(length >> 8U),
                             static_cast<std::uint8_t>(length & 255U)};
  const Bytes labeled =
      Concat({size, AsBytes(kVersion), suite, AsBytes(label), info});
  return HkdfExpand(prk, labeled, length);
}

// ExtractAndExpand, section 4.1.
SecretBytes KemSecret(const SecretBytes& dh, ByteView enc, ByteView recipient) {
  const SecretBytes prk =
      LabeledExtract(kKemSuite, {}, "eae_prk", SecretReader::View(dh));
  return LabeledExpand(kKemSuite, prk, "shared_secret",
                       Concat({enc, recipient}), kHashSize);
}

struct Schedule {
  SecretBytes key;
  Nonce12 nonce{};
};

// KeySchedule, section 5.1, base mode: psk and psk_id are empty.
Schedule KeySchedule(const SecretBytes& shared_secret, ByteView info) {
  const SecretBytes psk_id_hash =
      LabeledExtract(kHpkeSuite, {}, "psk_id_hash", {});
  const SecretBytes info_hash =
      LabeledExtract(kHpkeSuite, {}, "info_hash", info);
  const std::uint8_t mode_base = 0;
  const Bytes context = Concat({{&mode_base, 1},
                                SecretReader::View(psk_id_hash),
                                SecretReader::View(info_hash)});
  const SecretBytes secret = LabeledExtract(
      kHpkeSuite, SecretReader::View(shared_secret), "secret", {});
  Schedule out;
  out.key = LabeledExpand(kHpkeSuite, secret, "key", context, 32);
  const SecretBytes nonce =
      LabeledExpand(kHpkeSuite, secret, "base_nonce", context, 12);
  const ByteView view = SecretReader::View(nonce);
  std::copy(view.begin(), view.end(), out.nonce.begin());
  return out;
}

}  // namespace

HpkePrivateKey HpkePrivateKey::Generate() {
  absl::StatusOr<HpkePrivateKey> key = FromBytes(SecretBytes::Random(32));
  CHECK(key.ok());
  return *std::move(key);
}

absl::StatusOr<HpkePrivateKey> HpkePrivateKey::FromBytes(SecretBytes key) {
  if (key.size() != 32) return WrongLength(key.size(), 32);
  HpkePrivateKey out;
  out.public_key_ = X25519Public(key);
  out.secret_ = std::move(key);
  return out;
}

absl::StatusOr<HpkeSealed> HpkeSeal(const HpkePublicKey& to, ByteView info,
                                    ByteView aad, ByteView plaintext) {
  return HpkeSealWith(HpkePrivateKey::Generate(), to, info, aad, plaintext);
}

absl::StatusOr<HpkeSealed> HpkeSealWith(const HpkePrivateKey& ephemeral,
                                        const HpkePublicKey& to, ByteView info,
                                        ByteView aad, ByteView plaintext) {
  TRY(const SecretBytes dh, X25519(ephemeral.secret(), to));
  HpkeSealed out;
  out.enc = ephemeral.public_key();
  const Schedule schedule = KeySchedule(KemSecret(dh, out.enc, to), info);
  out.ciphertext = AeadSeal(schedule.key, schedule.nonce, aad, plaintext);
  return out;
}

absl::StatusOr<Bytes> HpkeOpen(const HpkePrivateKey& key, ByteView enc,
                               ByteView info, ByteView aad,
                               ByteView ciphertext) {
  const auto refuse = [] {
    return ProofFailed("sealed message does not open: wrong key or damaged");
  };
  absl::StatusOr<ByteArray<32>> point = ToArray<32>(enc);
  if (!point.ok()) return refuse();
  absl::StatusOr<SecretBytes> dh = X25519(key.secret(), *point);
  if (!dh.ok()) return refuse();
  const Schedule schedule =
      KeySchedule(KemSecret(*dh, enc, key.public_key()), info);
  absl::StatusOr<Bytes> out =
      AeadOpen(schedule.key, schedule.nonce, aad, ciphertext);
  if (!out.ok()) return refuse();
  return out;
}

}  // namespace entente::primitive
