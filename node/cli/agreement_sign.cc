#include "node/cli/agreement_sign.h"

#include "crypto/base/status.h"
#include "node/cli/person.h"

namespace entente::cli {

policy::Envelope SignBody(const keys::PersonKey& key, std::string_view type,
                          const Bytes& body) {
  policy::Envelope envelope;
  envelope.payload_type = std::string(type);
  envelope.payload = body;
  envelope.signatures.push_back(
      {key.key_id(),
       ToBytes(ByteView(key.Sign(policy::SignPayload(type, body))))});
  return envelope;
}

Bytes SignEvent(const keys::PersonKey& key, const policy::Event& event) {
  return policy::EmitEnvelope(
      SignBody(key, policy::kEventType, policy::Emit(event)));
}

std::string SignatureCount(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " signature" : " signatures");
}

absl::StatusOr<std::pair<Json, std::string>> SignFile(
    Values& v, const RemoteOptions& options, std::string_view type) {
  TRY(const Bytes file, ReadInput(v.one["file"]));
  policy::Envelope envelope;
  if (!file.empty() && file[0] == '{') {
    TRY(envelope, policy::ParseEnvelope(file));
    if (envelope.payload_type != type)
      return WithReason(Invalid("the envelope holds something else"), "AG-502");
  } else {
    envelope.payload_type = type;
    envelope.payload = file;
  }
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  TRY(const policy::Envelope merged,
      policy::MergeEnvelopes(envelope, SignBody(key, type, envelope.payload)));
  TRY_OK(WriteOutput(v.one["out"], policy::EmitEnvelope(merged)));
  return std::pair(
      Json{{"signatures", merged.signatures.size()},
           {"hash", policy::HashText(policy::DocumentHash(merged.payload))}},
      key.key_id() + " signed; " + SignatureCount(merged.signatures.size()) +
          " in the envelope");
}

}  // namespace entente::cli
