#pragma once
// Mutual TLS 1.3 between nodes, without a central authority: the roots are the
// parties' own certificates, and identity is URI name and key pin, both
// (platform.md 3.3). There is no plaintext mode and no switch that skips a
// check.

#include <absl/status/status.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/rpc/peer.h"

namespace entente::rpc {

// What a certificate claims and TLS has proved.
struct Identity {
  std::string uri;
  Hash spki{};
  friend bool operator==(const Identity&, const Identity&) = default;
};

// OK admits. Called from gRPC's threads, once a handshake; the error's text is
// not shown to anybody.
using Admit = std::function<absl::Status(const Identity&)>;

// FAILED_PRECONDITION: key, certificate or roots are missing, unreadable or not
// PEM (an empty roots file is fine: nobody is trusted), or key and certificate
// do not belong together. gRPC itself would only write a log line.
absl::Status CheckTlsFiles(const TlsFiles& files);

std::shared_ptr<grpc::ServerCredentials> ServerTls(const TlsFiles& files,
                                                   Admit admit);
std::shared_ptr<grpc::ChannelCredentials> ClientTls(const TlsFiles& files,
                                                    Admit admit);

// The identity behind an open connection. UNAUTHENTICATED: the certificate does
// not have exactly one URI name.
absl::StatusOr<Identity> IdentityOf(const grpc::AuthContext& context);

}  // namespace entente::rpc
