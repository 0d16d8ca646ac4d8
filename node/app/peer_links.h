#pragma once
// The network behind the exchange: one channel per pinned peer, made when it is
// first needed and again when its card changed.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "node/app/witness_door.h"
#include "node/base/mutex.h"
#include "node/exchange/peer_link.h"
#include "node/exchange/trust_book.h"
#include "node/rpc/peer_client.h"
#include "node/rpc/roster.h"

namespace entente::app {

// Who may connect: the pinned cards.
class TrustRoster final : public rpc::Roster {
 public:
  explicit TrustRoster(const exchange::TrustBook& trust) : trust_(trust) {}
  absl::StatusOr<std::string> Admits(std::string_view uri,
                                     const Hash& spki) const override {
    return trust_.Admits(uri, spki);
  }

 private:
  const exchange::TrustBook& trust_;
};

// Thread-safe.
class PeerLinks final : public exchange::PeerLink {
 public:
  PeerLinks(const exchange::TrustBook& trust, const rpc::Roster& roster,
            rpc::TlsFiles tls, rpc::Tap tap)
      : trust_(trust),
        roster_(roster),
        tls_(std::move(tls)),
        tap_(std::move(tap)) {}

  absl::StatusOr<model::SignedStatement> Call(
      std::string_view party, std::string_view method,
      const model::SignedStatement& statement,
      std::chrono::milliseconds deadline) override;
  // Witnesses that are asked by HTTP unless a card of that name is pinned.
  // Before the first call.
  // `roots`: PEM file for those of `https`; empty: the system's.
  void SetWitnesses(WitnessUrls urls, std::string roots) {
    witnesses_ = std::move(urls);
    witness_roots_ = std::move(roots);
  }
  // Channels are made anew at their next use.
  void Forget() EXCLUDES(mutex_);
  std::map<std::string, rpc::Traffic> traffic() const EXCLUDES(mutex_);

 private:
  absl::StatusOr<std::shared_ptr<rpc::PeerClient>> ClientFor(
      std::string_view party) EXCLUDES(mutex_);

  const exchange::TrustBook& trust_;
  const rpc::Roster& roster_;
  const rpc::TlsFiles tls_;
  const rpc::Tap tap_;
  WitnessUrls witnesses_;
  std::string witness_roots_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<rpc::PeerClient>, std::less<>> clients_
      GUARDED_BY(mutex_);  // shared: calls outlive Forget
};

}  // namespace entente::app
