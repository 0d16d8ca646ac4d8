#include "node/rpc/certificates_for_test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "crypto/base/status.h"
#include "keys/tls.h"

namespace entente::rpc {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Bio Memory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
          &BIO_free};
}

void AddExtension(X509* cert, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(cert, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void SetName(X509_NAME* name, const std::string& text) {
  const std::string common = text.empty() ? "none" : text;
  // SAFETY: OpenSSL's alphabet of bytes is unsigned.
  CHECK(X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_UTF8, AsBytes(common).data(),
            static_cast<int>(common.size()), -1, 0) == 1);
}

std::string Names(const CertificateSpec& spec) {
  std::string out = spec.names;
  for (const std::string& uri : spec.uris) {
    out += (out.empty() ? "URI:" : ",URI:") + uri;
  }
  return out;
}

void Sign(X509* cert, EVP_PKEY* own, const CertificateSpec& spec) {
  if (spec.issuer == nullptr) {
    CHECK(X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1);
    CHECK(X509_sign(cert, own, EVP_sha256()) > 0);
    return;
  }
  const Bio cert_bio = Memory(spec.issuer->cert_pem);
  const Bio key_bio = Memory(spec.issuer->key_pem);
  const Certificate issuer(
      PEM_read_bio_X509(cert_bio.get(), nullptr, nullptr, nullptr), &X509_free);
  const Key key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  CHECK(issuer && key);
  CHECK(X509_set_issuer_name(cert, X509_get_subject_name(issuer.get())) == 1);
  CHECK(X509_sign(cert, key.get(), EVP_sha256()) > 0);
}

}  // namespace

TestCertificate MakeCertificate(const CertificateSpec& spec) {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate cert(X509_new(), &X509_free);
  CHECK(key && cert);
  X509_set_version(cert.get(), X509_VERSION_3);
  ByteArray<8> serial{};
  CHECK(RAND_bytes(serial.data(), 8) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()),
                          serial[0] * 65536U + serial[1] * 256U + serial[2]);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), spec.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), spec.valid_until_s);
  SetName(X509_get_subject_name(cert.get()),
          spec.uris.empty() ? "" : spec.uris[0].substr(10));
  CHECK(X509_set_pubkey(cert.get(), key.get()) == 1);
  AddExtension(cert.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(cert.get(), NID_ext_key_usage, spec.usage);
  const std::string names = Names(spec);
  if (!names.empty()) {
    AddExtension(cert.get(), NID_subject_alt_name, names);
  }
  Sign(cert.get(), key.get(), spec);

  const Bio cert_bio(BIO_new(BIO_s_mem()), &BIO_free);
  const Bio key_bio(BIO_new(BIO_s_mem()), &BIO_free);
  CHECK(PEM_write_bio_X509(cert_bio.get(), cert.get()) == 1);
  CHECK(PEM_write_bio_PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0,
                                 nullptr, nullptr) == 1);
  const std::string pem = Text(cert_bio.get());
  return {Text(key_bio.get()), pem, *keys::SpkiPinOfPem(pem)};
}

std::string FreshFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "entente-rpc-XXXXXX").string();
  CHECK(mkdtemp(name.data()) != nullptr);
  return name;
}

void WriteText(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::ofstream(fresh, std::ios::binary) << text;
  CHECK(std::rename(fresh.c_str(), path.c_str()) == 0);
}

void Install(const std::string& folder, const TestCertificate& certificate) {
  static int counter = 0;
  const std::string name = "tls-" + std::to_string(++counter);
  std::filesystem::create_directory(folder + "/" + name);
  WriteText(folder + "/" + name + "/key.pem", certificate.key_pem);
  WriteText(folder + "/" + name + "/cert.pem", certificate.cert_pem);
  const std::string link = folder + "/current.new";
  std::filesystem::create_directory_symlink(name, link);
  CHECK(std::rename(link.c_str(), (folder + "/current").c_str()) == 0);
}

}  // namespace entente::rpc
