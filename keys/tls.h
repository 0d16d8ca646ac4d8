#pragma once
// TLS identities: self-signed P-256 certificates in folders that gRPC watches.
//
// The TLS key is the one private key that is a plain file (mode 0600), because
// gRPC reads it from there. It proves the name on a connection and nothing
// else: statements are signed by the statement key.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::keys {

// `entente://party/QVA`.
std::string PartyUri(std::string_view party);
// The code in a party URI. INVALID_ARGUMENT: anything but the exact form.
absl::StatusOr<std::string> PartyOfUri(std::string_view uri);

struct TlsIdentity {
  std::string name;  // of its folder below `dir`
  Hash spki_pin{};
  Bytes certificate;  // DER, for the node card
};

// Makes a key and a certificate for `party_uri` in a fresh folder below `dir`:
// key.pem (0600) and cert.pem. CA:FALSE, server and client use, exactly one URI
// name, valid from five minutes before `now` (POSIX seconds) for
// `validity_days` (1 to 3660). Does not touch `current`: first the new pin goes
// out in a node card, then ActivateTlsIdentity.
//   INVALID_ARGUMENT   the URI or the days
//   UNAVAILABLE        the disk fails
absl::StatusOr<TlsIdentity> PrepareTlsIdentity(const std::string& dir,
                                               std::string_view party_uri,
                                               std::int64_t now,
                                               int validity_days = 3650);
// Points the symlink `dir`/current at the folder, atomically. NOT_FOUND: there
// is no such identity.
absl::Status ActivateTlsIdentity(const std::string& dir,
                                 const std::string& name);
// Both, for a node's first identity and for tests.
absl::StatusOr<TlsIdentity> MakeTlsIdentity(const std::string& dir,
                                            std::string_view party_uri,
                                            std::int64_t now,
                                            int validity_days = 3650);
// Overwrites and removes every identity but the current one.
absl::Status DropOldTlsIdentities(const std::string& dir);
// The one that `current` points at. NOT_FOUND: none.
absl::StatusOr<TlsIdentity> CurrentTlsIdentity(const std::string& dir);

// What a certificate says of itself. Nothing is verified.
struct CertificateFacts {
  Hash spki_pin{};              // SHA-256 over the DER SubjectPublicKeyInfo
  std::string uri;              // of its one URI name
  std::int64_t not_before = 0;  // POSIX seconds
  std::int64_t not_after = 0;
};
// INVALID_ARGUMENT: not one DER certificate, or its alternative names are not
// exactly one URI.
absl::StatusOr<CertificateFacts> ReadCertificate(ByteView der);

// The pin of the first certificate in PEM text: SHA-256 over the DER
// SubjectPublicKeyInfo. INVALID_ARGUMENT: no certificate in it.
absl::StatusOr<Hash> SpkiPinOfPem(std::string_view pem);

// One certificate from DER to PEM. The bytes are not looked at.
std::string CertificatePem(ByteView der);

}  // namespace entente::keys
