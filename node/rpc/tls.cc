#include "node/rpc/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "keys/tls.h"
#include "node/base/file.h"

namespace entente::rpc {
namespace {

namespace tls = grpc::experimental;

constexpr unsigned kRefreshSeconds = 1;
// A certificate takes about 700 bytes of PEM: room for a thousand parties.
constexpr std::size_t kMaxPemBytes = std::size_t{1} << 20U;

std::string_view View(grpc::string_ref text) {
  return {text.data(), text.size()};
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::StatusOr<Identity> MakeIdentity(
    std::string_view pem, const std::vector<grpc::string_ref>& uris) {
  if (uris.size() != 1) {
    return Unauthenticated("a certificate needs exactly one URI name");
  }
  TRY(const Hash pin, keys::SpkiPinOfPem(pem));
  return Identity{std::string(View(uris[0])), pin};
}

// Asked when the chain has been verified. On a resumed session too; there only
// `peer_cert` is filled, not the chain.
class RosterVerifier final : public tls::ExternalCertificateVerifier {
 public:
  explicit RosterVerifier(Admit admit) : admit_(std::move(admit)) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)>, grpc::Status* out) override {
    *out = Decide(*request).ok()
               ? grpc::Status::OK
               : grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "");
    return true;  // answered here: the callback is not used
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  absl::Status Decide(const tls::TlsCustomVerificationCheckRequest& request) {
    TRY(const Identity identity,
        MakeIdentity(View(request.peer_cert()), request.uri_names()));
    return admit_(identity);
  }
  const Admit admit_;
};

std::shared_ptr<tls::CertificateProviderInterface> Watch(
    const TlsFiles& files) {
  return std::make_shared<tls::FileWatcherCertificateProvider>(
      files.folder + "/current/key.pem", files.folder + "/current/cert.pem",
      files.roots, kRefreshSeconds);
}

void Configure(tls::TlsCredentialsOptions& options, Admit admit) {
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(
      tls::ExternalCertificateVerifier::Create<RosterVerifier>(
          std::move(admit)));
}

absl::StatusOr<Bytes> ReadPem(const std::string& path, std::string_view what) {
  absl::StatusOr<Bytes> bytes = base::ReadFile(path, kMaxPemBytes);
  if (!bytes.ok()) return Unready("cannot read ", what);
  return bytes;
}

absl::StatusOr<Certificate> FirstCertificate(ByteView pem,
                                             std::string_view what) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                &BIO_free);
  Certificate out(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                  &X509_free);
  if (!out) return Unready(what, " is not PEM");
  return out;
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files) {
  TRY(const Bytes cert,
      ReadPem(files.folder + "/current/cert.pem", "the TLS certificate"));
  TRY(Bytes key, ReadPem(files.folder + "/current/key.pem", "the TLS key"));
  const WipeAtEnd wipe(key);
  TRY(const Bytes roots, ReadPem(files.roots, "the peers' certificates"));
  TRY(const Certificate certificate,
      FirstCertificate(cert, "the TLS certificate"));
  // Empty: no party is pinned yet, so nobody gets in.
  if (!roots.empty()) {
    TRY_OK(FirstCertificate(roots, "the peers' certificates").status());
  }
  const Bio bio(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())),
                &BIO_free);
  const PrivateKey pair(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  if (!pair || X509_check_private_key(certificate.get(), pair.get()) != 1) {
    return Unready("the TLS key does not belong to the TLS certificate");
  }
  return absl::OkStatus();
}

std::shared_ptr<grpc::ServerCredentials> ServerTls(const TlsFiles& files,
                                                   Admit admit) {
  tls::TlsServerCredentialsOptions options(Watch(files));
  Configure(options, std::move(admit));
  options.set_cert_request_type(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ClientTls(const TlsFiles& files,
                                                    Admit admit) {
  tls::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(files));
  Configure(options, std::move(admit));
  options.set_verify_server_certs(true);
  // Identity is URI and pin; a host name proves nothing here.
  options.set_check_call_host(false);
  return tls::TlsCredentials(options);
}

absl::StatusOr<Identity> IdentityOf(const grpc::AuthContext& context) {
  const auto certs =
      context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (certs.size() != 1) return Unauthenticated("no certificate");
  return MakeIdentity(View(certs[0]),
                      context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME));
}

}  // namespace entente::rpc
