#pragma once
// Everything of a node between its doors, opened from its folder, and a link in
// place of the network that may change what the other side says.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "crypto/base/status.h"
#include "keys/file_key_store.h"
#include "node/app/parts.h"
#include "node/audit/sightings.h"
#include "node/exchange/protected.h"
#include "node/wire/peer_routes.h"
#include "policy/text/embedded.h"
#include "tests/faults/support.h"

namespace entente::testing {

struct Inside {
  app::Config config;
  std::unique_ptr<keys::KeyStore> keys;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<audit::AuditLog> log;
  std::unique_ptr<exchange::TrustBook> trust;
  std::unique_ptr<exchange::AgreementBook> book;
  std::unique_ptr<exchange::Courier> courier;
  std::unique_ptr<audit::Sightings> sightings;
  std::unique_ptr<exchange::Desk> desk;
  std::unique_ptr<audit::Witness> witness;
  exchange::ProtectedSet hidden;

  absl::Status Open(const std::string& dir, base::Clock& clock,
                    exchange::PeerLink& link) {
    TRY(config, app::LoadConfig(dir));
    TRY(const keys::Sealing sealing, app::SealingOf(config));
    TRY(keys, keys::FileKeyStore::Open(dir + "/keys", sealing));
    TRY(store, app::OpenStore(dir, *keys, false));
    TRY(log, app::OpenLog(dir, config, *keys, *store, clock));
    trust = std::make_unique<exchange::TrustBook>(clock);
    TRY(policy::Catalogues catalogues, policy::BuiltInCatalogues());
    book = std::make_unique<exchange::AgreementBook>(
        config.party, std::move(catalogues), *keys, *trust, clock);
    courier = std::make_unique<exchange::Courier>(config.party, *keys, *trust,
                                                  clock, link);
    TRY(sightings, audit::Sightings::Create(
                       {store.get(), log.get(), &clock, dir + "/audit", {}}));
    desk = std::make_unique<exchange::Desk>(
        exchange::Desk{config.party, dir, *keys, *store, *log, clock, *trust,
                       *book, *courier, *sightings});
    TRY(const std::unique_ptr<store::Reader> reader, store->Read());
    TRY_OK(trust->Load(*reader));
    TRY_OK(book->Load(*reader));
    TRY(std::shared_ptr<const exchange::ProtectedIndex> index,
        exchange::ProtectedIndex::Load(*reader));
    hidden.Set(std::move(index));
    audit::Witness::Options options;
    options.name = config.witness_name();
    TRY(options.key, keys->Public(keys::Purpose::kWitness));
    options.sign = [this](ByteView message) {
      return keys->Sign(keys::Purpose::kWitness, message);
    };
    options.store = store.get();
    options.clock = &clock;
    TRY(witness, audit::Witness::Create(std::move(options)));
    return absl::OkStatus();
  }
  std::size_t Logged(const std::string& type) {
    const auto found = log->Find(audit::AuditLog::Key::kType, type, 0, 1000);
    EXPECT_OK(found);
    return found.ok() ? found->size() : 0;
  }
};

// Calls the other side's routes as `caller`; then `change` may do what it likes
// to the answer.
class CrookedLink final : public exchange::PeerLink {
 public:
  explicit CrookedLink(std::string caller = "QOR")
      : caller_(std::move(caller)) {}
  absl::StatusOr<model::SignedStatement> Call(
      std::string_view, std::string_view name,
      const model::SignedStatement& statement,
      std::chrono::milliseconds) override {
    if (routes == nullptr) return Unavailable("nobody");
    ++calls;
    TRY(model::SignedStatement answer, routes->Serve(caller_, name, statement));
    if (name == only && change) change(answer);
    return answer;
  }

  wire::PeerRoutes* routes = nullptr;
  std::string only;
  std::function<void(model::SignedStatement&)> change;
  int calls = 0;

 private:
  const std::string caller_;
};

}  // namespace entente::testing
