// Reading certificates: what tls.h says of those that others made.

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "keys/label.h"
#include "keys/tls.h"

namespace entente::keys {
namespace {

constexpr std::string_view kUriPrefix = "entente://party/";
// Far above any certificate of ours; keeps a hostile one from costing much.
constexpr std::size_t kMaxDer = 16384;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

// OpenSSL leaves its errors on the thread, where gRPC would find them.
template <class T>
T WithoutErrors(T value) {
  ERR_clear_error();
  return value;
}

absl::StatusOr<Hash> PinOf(const X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
  if (size <= 0) {
    return WithoutErrors(Invalid("a certificate without a public key"));
  }
  const Hash pin =
      primitive::Sha256(ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return pin;
}

absl::StatusOr<std::string> UriOf(const X509& certificate) {
  int critical = 0;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
      &certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr || sk_GENERAL_NAME_num(names.get()) != 1) {
    return WithoutErrors(
        Invalid("a certificate names exactly one URI and nothing else"));
  }
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  int type = 0;
  const auto* text =
      static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
  if (type != GEN_URI) {
    return Invalid("a certificate names exactly one URI and nothing else");
  }
  return ToString(ByteView(ASN1_STRING_get0_data(text),
                           static_cast<std::size_t>(ASN1_STRING_length(text))));
}

absl::StatusOr<std::int64_t> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return WithoutErrors(Invalid("a certificate with a malformed time"));
  }
  return std::int64_t{::timegm(&parts)};
}

}  // namespace

std::string PartyUri(std::string_view party) {
  return Join({kUriPrefix, party});
}

absl::StatusOr<std::string> PartyOfUri(std::string_view uri) {
  if (!uri.starts_with(kUriPrefix) ||
      !IsPartyCode(uri.substr(kUriPrefix.size()))) {
    return Invalid("not a party URI");
  }
  return std::string(uri.substr(kUriPrefix.size()));
}

absl::StatusOr<CertificateFacts> ReadCertificate(ByteView der) {
  if (der.empty() || der.size() > kMaxDer) return Invalid("not a certificate");
  const unsigned char* at = der.data();
  const X509Ptr certificate(
      d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (certificate == nullptr || at != der.data() + der.size()) {
    return WithoutErrors(Invalid("not a certificate"));
  }
  CertificateFacts facts;
  TRY(facts.spki_pin, PinOf(*certificate));
  TRY(facts.uri, UriOf(*certificate));
  TRY(facts.not_before, TimeOf(X509_get0_notBefore(certificate.get())));
  TRY(facts.not_after, TimeOf(X509_get0_notAfter(certificate.get())));
  return facts;
}

absl::StatusOr<Hash> SpkiPinOfPem(std::string_view pem) {
  if (pem.size() > 2 * kMaxDer) return Invalid("not a PEM certificate");
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CHECK(bio != nullptr);
  const X509Ptr certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return WithoutErrors(Invalid("not a PEM certificate"));
  }
  return PinOf(*certificate);
}

std::string CertificatePem(ByteView der) {
  const std::string base64 = ToBase64(der);
  std::string out = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < base64.size(); at += 64) {
    out += base64.substr(at, 64);
    out += '\n';
  }
  return out + "-----END CERTIFICATE-----\n";
}

}  // namespace entente::keys
