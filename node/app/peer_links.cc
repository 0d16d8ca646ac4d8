#include "node/app/peer_links.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::app {

absl::StatusOr<std::shared_ptr<rpc::PeerClient>> PeerLinks::ClientFor(
    std::string_view party) {
  TRY(const keys::NodeCard card, trust_.Card(party));
  base::MutexLock lock(mutex_);
  const auto known = clients_.find(party);
  if (known != clients_.end()) return known->second;
  rpc::PeerClientOptions options;
  options.target = card.endpoint;
  options.tls = tls_;
  options.roster = &roster_;
  options.party = std::string(party);
  options.tap = tap_;
  TRY(std::unique_ptr<rpc::PeerClient> made,
      rpc::PeerClient::Create(std::move(options)));
  std::shared_ptr<rpc::PeerClient> client = std::move(made);
  clients_.emplace(party, client);
  return client;
}

absl::StatusOr<model::SignedStatement> PeerLinks::Call(
    std::string_view party, std::string_view method,
    const model::SignedStatement& statement,
    std::chrono::milliseconds deadline) {
  // A card that is pinned and not valid now is no reason to ask elsewhere.
  if (method == exchange::method::kWitness &&
      absl::IsNotFound(trust_.Card(party).status())) {
    const auto url = witnesses_.find(party);
    if (url != witnesses_.end())
      return AskByHttp(url->second, statement, {deadline, witness_roots_});
    return WithReason(Unready("no card of the witness ", party,
                              " is pinned, and the policy has no URL of it"),
                      "witness-unknown");
  }
  TRY(const std::shared_ptr<rpc::PeerClient> client, ClientFor(party));
  TRY(rpc::PeerReply reply,
      client->Call(method, statement.body, statement.signature, deadline));
  return model::SignedStatement{std::move(reply.body),
                                std::move(reply.signature)};
}

void PeerLinks::Forget() {
  base::MutexLock lock(mutex_);
  clients_.clear();
}

std::map<std::string, rpc::Traffic> PeerLinks::traffic() const {
  base::MutexLock lock(mutex_);
  std::map<std::string, rpc::Traffic> out;
  for (const auto& [party, client] : clients_) out[party] = client->traffic();
  return out;
}

}  // namespace entente::app
