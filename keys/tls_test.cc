#include "keys/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "crypto/primitive/hash.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace entente::keys {
namespace {

using ::entente::testing::HasCode;
using ::entente::testing::TempDir;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kNotFound = absl::StatusCode::kNotFound;
constexpr std::int64_t kNow = 1800000000;
constexpr std::string_view kUri = "entente://party/QVA";

using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

X509Ptr Parse(const Bytes& der) {
  const unsigned char* at = der.data();
  return {d2i_X509(nullptr, &at, static_cast<long>(der.size())), &X509_free};
}

TEST(TlsTest, MakesAnIdentityOfTwoFilesBehindALink) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const TlsIdentity made,
                       MakeTlsIdentity(dir.Path("tls"), kUri, kNow, 90));
  EXPECT_EQ(std::filesystem::read_symlink(dir.Path("tls/current")).string(),
            made.name);
  struct stat info{};
  ASSERT_EQ(::stat(dir.Path("tls/current/key.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const std::string pem = testing::ReadFile(dir.Path("tls/current/cert.pem"));
  EXPECT_EQ(pem, CertificatePem(made.certificate));
  ASSERT_OK_AND_ASSIGN(const Hash pin, SpkiPinOfPem(pem));
  EXPECT_EQ(pin, made.spki_pin);
  ASSERT_OK_AND_ASSIGN(const TlsIdentity current,
                       CurrentTlsIdentity(dir.Path("tls")));
  EXPECT_EQ(current.certificate, made.certificate);
  EXPECT_EQ(current.spki_pin, made.spki_pin);
}

TEST(TlsTest, MakesTheCertificateThatTheDoorsExpect) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const TlsIdentity made,
                       MakeTlsIdentity(dir.Path("tls"), kUri, kNow, 90));
  ASSERT_OK_AND_ASSIGN(const CertificateFacts facts,
                       ReadCertificate(made.certificate));
  EXPECT_EQ(facts.uri, kUri);
  EXPECT_EQ(facts.not_before, kNow - 300);
  EXPECT_EQ(facts.not_after, kNow + 90 * 86400);
  const X509Ptr x = Parse(made.certificate);
  ASSERT_NE(x, nullptr);
  EXPECT_EQ(X509_get_version(x.get()), 2);
  EXPECT_EQ(X509_check_ca(x.get()), 0);
  EXPECT_EQ(
      X509_get_extended_key_usage(x.get()) & (XKU_SSL_SERVER | XKU_SSL_CLIENT),
      static_cast<std::uint32_t>(XKU_SSL_SERVER | XKU_SSL_CLIENT));
  EXPECT_EQ(X509_verify(x.get(), X509_get0_pubkey(x.get())), 1);
  // The private key beside it is its own.
  const std::string pem = testing::ReadFile(dir.Path("tls/current/key.pem"));
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                   &BIO_free);
  const KeyPtr key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 256);
  EXPECT_EQ(X509_check_private_key(x.get(), key.get()), 1);
}

// It is trusted as its own root, and by nothing else.
TEST(TlsTest, VerifiesAsItsOwnRootInsideItsTerm) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const TlsIdentity a,
                       MakeTlsIdentity(dir.Path("a"), kUri, kNow, 90));
  ASSERT_OK_AND_ASSIGN(const TlsIdentity b,
                       MakeTlsIdentity(dir.Path("b"), kUri, kNow, 90));
  const auto verify = [&](const TlsIdentity& leaf, int purpose,
                          std::int64_t now) {
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> roots(
        X509_STORE_new(), &X509_STORE_free);
    const X509Ptr root = Parse(a.certificate);
    const X509Ptr x = Parse(leaf.certificate);
    X509_STORE_add_cert(roots.get(), root.get());
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>
        context(X509_STORE_CTX_new(), &X509_STORE_CTX_free);
    X509_STORE_CTX_init(context.get(), roots.get(), x.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_STORE_CTX_set_time(context.get(), 0, now);
    return X509_verify_cert(context.get()) == 1;
  };
  EXPECT_TRUE(verify(a, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_TRUE(verify(a, X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_FALSE(verify(b, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_FALSE(verify(a, X509_PURPOSE_SSL_SERVER, kNow + 91 * 86400));
  EXPECT_FALSE(verify(a, X509_PURPOSE_SSL_SERVER, kNow - 301));
}

TEST(TlsTest, RotatesInThreeSteps) {
  const TempDir dir;
  const std::string tls = dir.Path("tls");
  ASSERT_OK_AND_ASSIGN(const TlsIdentity first,
                       MakeTlsIdentity(tls, kUri, kNow));
  ASSERT_OK_AND_ASSIGN(const TlsIdentity next,
                       PrepareTlsIdentity(tls, kUri, kNow));
  EXPECT_EQ(CurrentTlsIdentity(tls)->name, first.name);
  ASSERT_OK(ActivateTlsIdentity(tls, next.name));
  EXPECT_EQ(CurrentTlsIdentity(tls)->spki_pin, next.spki_pin);
  EXPECT_TRUE(std::filesystem::exists(tls + "/" + first.name + "/key.pem"));
  ASSERT_OK(DropOldTlsIdentities(tls));
  EXPECT_FALSE(std::filesystem::exists(tls + "/" + first.name));
  EXPECT_EQ(CurrentTlsIdentity(tls)->spki_pin, next.spki_pin);
}

TEST(TlsTest, RefusesUrisAndDaysThatAreNone) {
  const TempDir dir;
  for (const char* uri :
       {"", "QVA", "entente://party/qva", "entente://party/QVAX",
        "entente://party/QVA,DNS:x.example", "https://party/QVA"}) {
    EXPECT_THAT(PrepareTlsIdentity(dir.Path("tls"), uri, kNow),
                HasCode(kInvalid))
        << uri;
  }
  EXPECT_THAT(PrepareTlsIdentity(dir.Path("tls"), kUri, kNow, 0),
              HasCode(kInvalid));
  EXPECT_THAT(PrepareTlsIdentity(dir.Path("tls"), kUri, kNow, 3661),
              HasCode(kInvalid));
  EXPECT_FALSE(std::filesystem::exists(dir.Path("tls")));
}

TEST(TlsTest, SwitchesOnlyToWhatIsThere) {
  const TempDir dir;
  ASSERT_OK(MakeTlsIdentity(dir.Path("tls"), kUri, kNow));
  for (const char* name : {"", "0123456789abcdef", "..", "../tls", "current"}) {
    EXPECT_THAT(ActivateTlsIdentity(dir.Path("tls"), name), HasCode(kNotFound))
        << name;
  }
  EXPECT_THAT(CurrentTlsIdentity(dir.Path("none")), HasCode(kNotFound));
  EXPECT_THAT(DropOldTlsIdentities(dir.Path("none")), HasCode(kNotFound));
}

TEST(TlsTest, ReadsOnlyWholeCertificatesWithOneUri) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const TlsIdentity made,
                       MakeTlsIdentity(dir.Path("tls"), kUri, kNow));
  Bytes der = made.certificate;
  der.push_back(0);
  EXPECT_THAT(ReadCertificate(der), HasCode(kInvalid));
  der.resize(der.size() - 2);
  EXPECT_THAT(ReadCertificate(der), HasCode(kInvalid));
  EXPECT_THAT(ReadCertificate({}), HasCode(kInvalid));
  EXPECT_THAT(ReadCertificate(Bytes(20000)), HasCode(kInvalid));
  EXPECT_THAT(SpkiPinOfPem("no certificate"), HasCode(kInvalid));
  EXPECT_THAT(SpkiPinOfPem(std::string(100000, 'x')), HasCode(kInvalid));
  // A refusal leaves nothing behind for the next user of OpenSSL.
  EXPECT_EQ(ERR_peek_error(), 0U);
}

// The same certificate with other alternative names, not signed anew: reading
// verifies nothing.
Bytes WithNames(const Bytes& der, const char* names) {
  const X509Ptr x = Parse(der);
  const int at = X509_get_ext_by_NID(x.get(), NID_subject_alt_name, -1);
  X509_EXTENSION_free(X509_delete_ext(x.get(), at));
  if (*names != '\0') {
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(x.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  Bytes out(8192);
  unsigned char* to = out.data();
  // The cached encoding is stale after a change.
  out.resize(static_cast<std::size_t>(i2d_re_X509_tbs(x.get(), &to)) > 0
                 ? out.size()
                 : 0);
  to = out.data();
  out.resize(static_cast<std::size_t>(i2d_X509(x.get(), &to)));
  return out;
}

TEST(TlsTest, RefusesTwoNamesAndNamesOfAnotherKind) {
  const TempDir dir;
  ASSERT_OK_AND_ASSIGN(const TlsIdentity made,
                       MakeTlsIdentity(dir.Path("tls"), kUri, kNow));
  EXPECT_OK(
      ReadCertificate(WithNames(made.certificate, "URI:entente://party/QOR")));
  for (const char* names :
       {"", "DNS:node.example",
        "URI:entente://party/QVA,URI:entente://party/QOR",
        "URI:entente://party/QVA,DNS:node.example", "IP:127.0.0.1"}) {
    EXPECT_THAT(ReadCertificate(WithNames(made.certificate, names)),
                HasCode(kInvalid))
        << names;
  }
}

TEST(TlsTest, ReadsPartyUrisInOneFormOnly) {
  EXPECT_EQ(*PartyOfUri(PartyUri("QVA")), "QVA");
  for (const char* uri :
       {"entente://party/", "entente://party/QV", "entente://party/QVA ",
        "entente://party/Qva", "entente:/party/QVA"}) {
    EXPECT_THAT(PartyOfUri(uri), HasCode(kInvalid)) << uri;
  }
}

}  // namespace
}  // namespace entente::keys
