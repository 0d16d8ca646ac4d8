#include "node/exchange/unknown_key.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/acts.h"

namespace entente::exchange {

absl::Status OfUnknownKey(absl::Status refused, ByteView envelope,
                          const policy::Signers& trusted,
                          std::string_view party) {
  const absl::StatusOr<policy::Envelope> parsed =
      policy::ParseEnvelope(envelope);
  if (ReasonOf(refused) != "AG-501" || !parsed.ok() ||
      parsed->signatures.empty())
    return refused;
  const auto known = [&](const policy::EnvelopeSignature& signature) {
    return std::any_of(trusted.begin(), trusted.end(),
                       [&](const policy::Signer& signer) {
                         return signer.key_id.text == signature.key_id;
                       });
  };
  if (std::any_of(parsed->signatures.begin(), parsed->signatures.end(), known))
    return refused;
  const absl::StatusOr<policy::KeyId> id =
      policy::ParseKeyId(parsed->signatures.front().key_id);
  const std::string label =
      CodeOrDash(id.ok() ? id->label() : std::string_view());
  return WithNext(
      WithReason(ProofFailed("this key (", label, ") is not on ", party,
                             "'s node card"),
                 "AG-501"),
      Join({"`entente peer list` shows the keys of each card; give the command "
            "with --key of a person who is on ",
            party,
            "'s, or put a card with this key in place: `entente peer card`, "
            "`sign-card`, `own`, and the other side takes it with `peer "
            "renew`"}));
}

}  // namespace entente::exchange
