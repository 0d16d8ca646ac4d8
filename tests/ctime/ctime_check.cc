// Constant-time check, run under valgrind: secrets are marked undefined, every
// path that touches one is run, and memcheck reports each branch and each
// address that depends on a secret. What leaves (sent, published, a verdict)
// is declassified where it leaves: inside crypto/group and crypto/oprf by
// Declassify (this program compiles them again with ENTENTE_CTIME), inside
// libsodium by the wrappers of sodium_wrappers.cc, here for the rest.
//
// With --plant=branch or --plant=index it runs one planted leak, which memcheck
// must find: that shows that the check can fail.
//
// Argon2id is not here: its second half reads memory by secret indexes, by
// design (RFC 9106).

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "crypto/group/batch.h"
#include "crypto/group/hash_to.h"
#include "crypto/group/scalar.h"
#include "crypto/oprf/client.h"
#include "crypto/oprf/server.h"
#include "crypto/primitive/aead.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/hkdf.h"
#include "crypto/primitive/hpke.h"
#include "crypto/primitive/signature.h"

namespace entente::testing {

struct SecretReader {
  static ByteView View(const SecretBytes& s) { return s.Reveal(KeyAccess()); }
};

namespace {

using ::entente::group::SecretScalar;
using ::entente::group::SecretScalars;

void MarkSecret(ByteView bytes) {
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}

// For what the program itself looks at after the end of a secret path.
void Publish(ByteView bytes) {
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
}

// A secret of `size` bytes that memcheck follows.
SecretBytes Secret(std::size_t size, std::uint8_t fill) {
  Bytes bytes(size, fill);
  SecretBytes out = SecretBytes::CopyOf(bytes);
  MarkSecret(SecretReader::View(out));
  return out;
}

Bytes SecretInput(std::string_view text) {
  Bytes out = ToBytes(text);
  MarkSecret(out);
  return out;
}

void CheckComparison() {
  const Bytes a = SecretInput("one secret text");
  const Bytes b = SecretInput("one secret text");
  const Bytes c = SecretInput("another secret!");
  CHECK(ConstantTimeEqual(a, b));
  CHECK(!ConstantTimeEqual(a, c));
}

void CheckHashes() {
  const SecretBytes key = Secret(32, 1);
  const Bytes message = SecretInput("a secret message");
  Hash mac = primitive::HmacSha256(key, {message});
  Publish(mac);
  CHECK(mac != Hash{});
  const SecretBytes okm =
      primitive::Hkdf(key, AsBytes("salt"), AsBytes("info"), 80);
  CHECK(okm.size() == 80);
}

void CheckAead() {
  const SecretBytes key = Secret(32, 2);
  const Bytes plaintext = SecretInput("a secret text of some length");
  const Bytes aad = ToBytes("aad");
  Bytes sealed = primitive::AeadSeal(key, {}, aad, plaintext);
  CHECK(primitive::AeadOpen(key, {}, aad, sealed).ok());
  sealed[0] ^= 1U;
  CHECK(!primitive::AeadOpen(key, {}, aad, sealed).ok());
  Bytes box = primitive::SealBox(key, aad, plaintext);
  CHECK(primitive::OpenBox(key, aad, box).ok());
  box.back() ^= 1U;
  CHECK(!primitive::OpenBox(key, aad, box).ok());
  const Bytes sealed_key = primitive::SealSecret(key, aad, Secret(32, 3));
  CHECK(primitive::OpenSecret(key, aad, sealed_key).ok());
}

void CheckSignature() {
  auto key = primitive::SigningKey::FromSeed(Secret(32, 4));
  CHECK(key.ok());
  primitive::PublicKey public_key = key->public_key();
  Publish(public_key);
  const Bytes message = ToBytes("a statement");
  primitive::Signature signature = key->Sign(message);
  Publish(signature);
  CHECK(primitive::VerifyEd25519(public_key, message, signature));
}

void CheckHpke() {
  auto key = primitive::HpkePrivateKey::FromBytes(Secret(32, 5));
  CHECK(key.ok());
  primitive::HpkePublicKey to = key->public_key();
  Publish(to);
  const Bytes plaintext = SecretInput("a disclosure");
  auto sealed = primitive::HpkeSeal(to, AsBytes("info"), {}, plaintext);
  CHECK(sealed.ok());
  Publish(sealed->enc);
  Publish(sealed->ciphertext);
  CHECK(primitive::HpkeOpen(*key, sealed->enc, AsBytes("info"), {},
                            sealed->ciphertext)
            .ok());
  sealed->ciphertext[0] ^= 1U;
  CHECK(!primitive::HpkeOpen(*key, sealed->enc, AsBytes("info"), {},
                             sealed->ciphertext)
             .ok());
}

void CheckScalars() {
  const SecretScalar random = SecretScalar::Random();  // see randombytes_buf
  CHECK(random.Plus(group::Scalar()).ok());
  CHECK(random.Inverse().bytes().size() == 32);
  CHECK(SecretScalar::FromBytes(Secret(32, 6)).ok());
  CHECK(!SecretScalar::FromBytes(Secret(32, 0xff)).ok());
  CHECK(!SecretScalar::FromBytes(Secret(32, 0)).ok());
  CHECK(SecretScalar::FromWide(Secret(64, 7)).ok());
  CHECK(SecretScalars::Random(3).Inverses().size() == 3);
  CHECK(SecretScalars::FromBytes(Secret(64, 6)).ok());
}

void CheckOprf() {
  const Bytes info = ToBytes("info");
  const std::vector<Bytes> inputs = {SecretInput("match key one"),
                                     SecretInput("match key two"),
                                     SecretInput("")};
  CHECK(oprf::ServerKey::DeriveKeyPair(Secret(32, 8), info).ok());
  CHECK(oprf::ServerKey::Generate().secret().size() == 32);
  const auto key = oprf::ServerKey::FromBytes(Secret(32, 9));
  CHECK(key.ok());
  auto asked = oprf::Blind(inputs, info, key->public_key());
  CHECK(asked.ok());
  const auto answer = oprf::Evaluate(*key, asked->blinded, info);
  CHECK(answer.ok());
  auto tokens = oprf::Finalize(std::move(asked->blinds), answer->evaluated,
                               answer->proof);
  CHECK(tokens.ok());
  auto known = oprf::Tokens(*key, inputs, info);
  CHECK(known.ok());
  for (oprf::Token& token : *tokens) Publish(token);
  for (oprf::Token& token : *known) Publish(token);
  CHECK(*tokens == *known);
}

// The planted leaks: a branch and an address that depend on a secret.
void PlantBranch() {
  const SecretBytes key = Secret(32, 1);
  volatile int seen = 0;
  if (SecretReader::View(key)[0] == 1) seen = 1;
  static_cast<void>(seen);
}

void PlantIndex() {
  static const std::array<std::uint8_t, 256> table{1, 2, 3};
  const SecretBytes key = Secret(32, 1);
  const volatile std::uint8_t seen = table[SecretReader::View(key)[0]];
  static_cast<void>(seen);
}

int Run(std::string_view plant) {
  if (RUNNING_ON_VALGRIND == 0) {
    std::fputs("ctime_check: run me under valgrind\n", stderr);
    return 2;
  }
  EnsureSodium();
  if (plant == "--plant=branch") {
    PlantBranch();
  } else if (plant == "--plant=index") {
    PlantIndex();
  } else if (plant.empty()) {
    CheckComparison();
    CheckHashes();
    CheckAead();
    CheckSignature();
    CheckHpke();
    CheckScalars();
    CheckOprf();
  } else {
    std::fputs("ctime_check: unknown argument\n", stderr);
    return 2;
  }
  std::puts("ctime_check: all paths ran");
  return 0;
}

}  // namespace
}  // namespace entente::testing

int main(int argc, char** argv) {
  return entente::testing::Run(argc > 1 ? argv[1] : "");
}
