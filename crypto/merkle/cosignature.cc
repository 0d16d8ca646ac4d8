#include "crypto/merkle/cosignature.h"

#include <string>

#include "crypto/base/status.h"
#include "crypto/merkle/tree.h"

namespace entente::merkle {

Bytes CosignedMessage(std::uint64_t time, std::string_view text) {
  return ToBytes(
      Join({"cosignature/v1\ntime ", std::to_string(time), "\n", text}));
}

absl::StatusOr<NoteLine> Cosign(const VerifierKey& key, std::uint64_t time,
                                std::string_view text, const Signer& sign) {
  if (key.type() != NoteKeyType::kCosignature) {
    return Invalid("a key of another type cannot cosign");
  }
  if (time == 0 || time >= kSizeLimit) {
    return Invalid("time of a cosignature out of range");
  }
  const Bytes message = CosignedMessage(time, text);
  TRY(const primitive::Signature signature, sign(message));
  if (!primitive::VerifyEd25519(key.key(), message, signature)) {
    return ProofFailed("the signer holds another key");
  }
  NoteLine line{key.name(), key.id(), {}};
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    line.signature.push_back(static_cast<std::uint8_t>(time >> (shift - 8)));
  }
  line.signature.insert(line.signature.end(), signature.begin(),
                        signature.end());
  return line;
}

std::uint64_t TimeOfCosignature(ByteView signature) {
  if (signature.size() != 8 + 64) return 0;
  std::uint64_t time = 0;
  for (std::uint8_t b : signature.first(8)) time = (time << 8U) | b;
  return time < kSizeLimit ? time : 0;
}

}  // namespace entente::merkle
