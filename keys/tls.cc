// Making identities and switching between them.

#include "keys/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "keys/files.h"

namespace entente::keys {
namespace {

constexpr std::int64_t kSkewSeconds = 300;
constexpr int kMaxDays = 3660;
constexpr std::size_t kNameSize = 16;  // hex digits of the pin
constexpr std::size_t kMaxCertificate = 32768;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using ExtensionPtr =
    std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

absl::Status LibraryFailed() {
  ERR_clear_error();
  return Internal("the TLS library cannot make a certificate");
}

bool AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr &&
         X509_add_ext(certificate, extension.get(), -1) == 1;
}

// 127 random bits; also in the subject, so that OpenSSL never has two trusted
// certificates of one name to choose from.
bool SetSerialAndSubject(X509* certificate, std::string_view party) {
  ByteArray<16> serial = primitive::RandomArray<16>();
  serial[0] &= 0x7fU;
  serial[0] |= 0x40U;  // no leading zero byte, so one length for all
  const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  const std::string name = Join({party, " ", ToHex(serial)});
  X509_NAME* subject = X509_get_subject_name(certificate);
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) !=
             nullptr &&
         X509_NAME_add_entry_by_NID(
             subject, NID_commonName, MBSTRING_ASC,
             reinterpret_cast<const unsigned char*>(name.data()),
             static_cast<int>(name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

bool SetValidity(X509* certificate, std::int64_t from, std::int64_t until) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), from) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), until) != nullptr;
}

X509Ptr SelfSigned(EVP_PKEY* key, const std::string& uri,
                   std::string_view party, std::int64_t now, int days) {
  X509Ptr certificate(X509_new());
  X509* x = certificate.get();
  if (x == nullptr || X509_set_version(x, 2) != 1 ||
      X509_set_pubkey(x, key) != 1 || !SetSerialAndSubject(x, party) ||
      !SetValidity(x, now - kSkewSeconds,
                   now + std::int64_t{days} * 24 * 60 * 60) ||
      !AddExtension(x, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(x, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(x, NID_ext_key_usage, "serverAuth,clientAuth") ||
      !AddExtension(x, NID_subject_alt_name, "URI:" + uri) ||
      !AddExtension(x, NID_subject_key_identifier, "hash") ||
      X509_sign(x, key, EVP_sha256()) <= 0) {
    return nullptr;
  }
  return certificate;
}

absl::Status WriteKeyPem(const std::string& path, EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0,
                                    nullptr, nullptr) != 1) {
    return LibraryFailed();
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  const MutableByteView pem(reinterpret_cast<std::uint8_t*>(data),
                            static_cast<std::size_t>(size));
  WipeAtEnd wipe(pem);
  return WriteNewFile(path, pem);
}

absl::StatusOr<Bytes> DerOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return LibraryFailed();
  Bytes out = ToBytes(ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return out;
}

bool IsIdentityName(std::string_view name) {
  return name.size() == kNameSize && FromHex(name).ok();
}

std::string CurrentLink(const std::string& dir) { return dir + "/current"; }

absl::StatusOr<std::string> CurrentName(const std::string& dir) {
  std::error_code error;
  const std::string name =
      std::filesystem::read_symlink(CurrentLink(dir), error).string();
  if (error || !IsIdentityName(name)) {
    return NotFound("there is no current TLS identity");
  }
  return name;
}

}  // namespace

absl::StatusOr<TlsIdentity> PrepareTlsIdentity(const std::string& dir,
                                               std::string_view party_uri,
                                               std::int64_t now,
                                               int validity_days) {
  TRY(const std::string party, PartyOfUri(party_uri));
  if (validity_days < 1 || validity_days > kMaxDays) {
    return Invalid("a certificate is valid for 1 to 3660 days");
  }
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return LibraryFailed();
  const X509Ptr certificate =
      SelfSigned(key.get(), std::string(party_uri), party, now, validity_days);
  if (certificate == nullptr) return LibraryFailed();

  TlsIdentity out;
  TRY(out.certificate, DerOf(certificate.get()));
  TRY(const CertificateFacts facts, ReadCertificate(out.certificate));
  out.spki_pin = facts.spki_pin;
  out.name = ToHex(out.spki_pin).substr(0, kNameSize);
  const std::string folder = dir + "/" + out.name;
  TRY_OK(MakePrivateDir(dir));
  TRY_OK(CheckPrivateDir(dir));
  TRY_OK(MakePrivateDir(folder));
  TRY_OK(WriteKeyPem(folder + "/key.pem", key.get()));
  TRY_OK(WriteNewFile(folder + "/cert.pem",
                      AsBytes(CertificatePem(out.certificate))));
  return out;
}

absl::Status ActivateTlsIdentity(const std::string& dir,
                                 const std::string& name) {
  if (!IsIdentityName(name) || !FileExists(dir + "/" + name + "/key.pem") ||
      !FileExists(dir + "/" + name + "/cert.pem")) {
    return NotFound("there is no such TLS identity");
  }
  const std::string temporary = CurrentLink(dir) + kTemporarySuffix;
  ::unlink(temporary.c_str());
  if (::symlink(name.c_str(), temporary.c_str()) != 0 ||
      ::rename(temporary.c_str(), CurrentLink(dir).c_str()) != 0) {
    return Unavailable("cannot switch the TLS identity: ",
                       std::generic_category().message(errno));
  }
  return SyncDir(dir);
}

absl::StatusOr<TlsIdentity> MakeTlsIdentity(const std::string& dir,
                                            std::string_view party_uri,
                                            std::int64_t now,
                                            int validity_days) {
  TRY(TlsIdentity identity,
      PrepareTlsIdentity(dir, party_uri, now, validity_days));
  TRY_OK(ActivateTlsIdentity(dir, identity.name));
  return identity;
}

absl::Status DropOldTlsIdentities(const std::string& dir) {
  TRY(const std::string current, CurrentName(dir));
  TRY(const std::vector<std::string> names, ListDir(dir));
  for (const std::string& name : names) {
    if (!IsIdentityName(name) || name == current) continue;
    const std::string folder = dir + "/" + name;
    TRY_OK(OverwriteAndRemove(folder + "/key.pem"));
    TRY_OK(OverwriteAndRemove(folder + "/cert.pem"));
    if (::rmdir(folder.c_str()) != 0) {
      return Unavailable("cannot remove the folder of an old TLS identity");
    }
  }
  return SyncDir(dir);
}

absl::StatusOr<TlsIdentity> CurrentTlsIdentity(const std::string& dir) {
  TlsIdentity out;
  TRY(out.name, CurrentName(dir));
  TRY(const Bytes pem, ReadPrivateFile(dir + "/" + out.name + "/cert.pem",
                                       kMaxCertificate, Privacy::kOwnerOnly));
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    ERR_clear_error();
    return ProofFailed("the certificate of the TLS identity is damaged");
  }
  TRY(out.certificate, DerOf(certificate.get()));
  TRY(const CertificateFacts facts, ReadCertificate(out.certificate));
  out.spki_pin = facts.spki_pin;
  return out;
}

}  // namespace entente::keys
