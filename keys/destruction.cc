#include "keys/destruction.h"

#include "crypto/base/codec.h"
#include "crypto/base/status.h"

namespace entente::keys {

absl::StatusOr<Destruction> OpenCertificate(
    const DestructionCertificate& certificate,
    const primitive::PublicKey& statement_key) {
  const Bytes message =
      Concat({AsBytes("entente/statement/1\n"), certificate.body});
  if (!primitive::VerifyEd25519(statement_key, message,
                                certificate.signature)) {
    return ProofFailed("the signature of a destruction does not hold");
  }
  TRY(Destruction out, DecodeStatement<Destruction>(certificate.body));
  if (out.kid != certificate.kid) {
    return Invalid("a destruction certificate of another key");
  }
  return out;
}

}  // namespace entente::keys
