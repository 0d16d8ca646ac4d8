#include "node/app/witness_door.h"

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "crypto/merkle/policy.h"
#include "node/base/file.h"
#include "node/model/witness_reply.h"
#include "node/wire/witness_http.h"

namespace entente::app {
namespace {

// Half of what the witness gives one origin (node.cc): the rest is the peers'.
constexpr std::size_t kPerMinute = 30;
constexpr std::size_t kPolicyBytes = 64 * 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<rpc::HttpServer>> OpenWitnessDoor(
    const Config& config, audit::Witness& witness, const base::Clock& clock) {
  if (config.witness_listen.empty()) return std::unique_ptr<rpc::HttpServer>();
  auto answers =
      std::make_shared<wire::WitnessHttp>(witness, clock, kPerMinute);
  rpc::HttpServerOptions options;
  options.listen = config.witness_listen;
  options.handler = [answers](const model::HttpRequest& request) {
    return answers->Answer(request);
  };
  return rpc::HttpServer::Start(std::move(options));
}

absl::StatusOr<std::vector<audit::Witness::Log>> ForeignLogs(
    const Config& config) {
  std::vector<audit::Witness::Log> out;
  for (const std::string& text : config.witness_logs) {
    const auto key = merkle::VerifierKey::Parse(text);
    if (!key.ok() || key->type() != merkle::NoteKeyType::kEd25519)
      return Invalid("node.toml: `witness_logs` holds verifier keys of logs");
    out.push_back({key->name(), text});
  }
  return out;
}

absl::StatusOr<WitnessUrls> ReadWitnessUrls(const std::string& data_dir) {
  WitnessUrls out;
  const std::string path = data_dir + "/witness.policy";
  if (!base::FileExists(path)) return out;
  TRY(const Bytes text, base::ReadFile(path, kPolicyBytes));
  TRY(const merkle::TrustPolicy policy,
      merkle::TrustPolicy::Parse(AsText(text)));
  for (const merkle::TrustPolicy::Witness& witness : policy.witnesses()) {
    if (witness.url.empty()) continue;
    TRY(rpc::HttpUrl url, rpc::ParseHttpUrl(witness.url));
    out.emplace(witness.name, std::move(url));
  }
  return out;
}

absl::StatusOr<model::SignedStatement> AskByHttp(
    const rpc::HttpUrl& url, const model::SignedStatement& statement,
    const rpc::HttpPostOptions& options) {
  TRY(model::HttpReply reply,
      rpc::HttpPost(url, "/add-checkpoint", AsText(statement.body), options));
  return model::SignedStatement{
      Encode(model::WitnessReply{static_cast<std::uint32_t>(reply.status),
                                 std::move(reply.body),
                                 std::move(reply.content_type)}),
      {}};
}

}  // namespace entente::app
