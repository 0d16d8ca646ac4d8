#pragma once
// Certificates for tests, good and odd ones. Only tests use this.

#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/rpc/peer.h"

namespace entente::rpc {

struct CertificateSpec {
  std::vector<std::string> uris;
  long valid_from_s = -3600;  // from now
  long valid_until_s = 86'400;
  const struct TestCertificate* issuer = nullptr;  // null: itself
  std::string usage = "serverAuth,clientAuth";
  // Further names as OpenSSL writes them, such as `DNS:a,IP:192.0.2.7`.
  std::string names{};
};

struct TestCertificate {
  std::string key_pem;
  std::string cert_pem;
  Hash spki{};
};

// A fresh P-256 key and its certificate. Aborts when OpenSSL fails.
TestCertificate MakeCertificate(const CertificateSpec& spec);

// A fresh folder below the test's temporary folder, mode 0700.
std::string FreshFolder();
void WriteText(const std::string& path, const std::string& text);

// Puts it where TlsFiles::folder wants it, by renaming a symlink.
void Install(const std::string& folder, const TestCertificate& certificate);

}  // namespace entente::rpc
