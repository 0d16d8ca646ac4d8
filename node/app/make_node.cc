#include "node/app/make_node.h"

#include <array>
#include <utility>

#include "crypto/base/status.h"
#include "keys/file_key_store.h"
#include "keys/person_key.h"
#include "keys/tls.h"
#include "node/admin/admin.h"
#include "node/app/parts.h"
#include "node/base/file.h"
#include "node/exchange/courier.h"
#include "node/exchange/trust_book.h"
#include "policy/text/embedded.h"

namespace entente::app {
namespace {

constexpr keys::Purpose kPurposes[] = {
    keys::Purpose::kStatement, keys::Purpose::kLog,
    keys::Purpose::kWitness,   keys::Purpose::kDisclosure,
    keys::Purpose::kAudit,     keys::Purpose::kStore,
    keys::Purpose::kActor,     keys::Purpose::kIndex,
    keys::Purpose::kPartition, keys::Purpose::kGuard};

absl::StatusOr<model::Officer> OfficerFrom(const std::string& key_file,
                                           model::Role role) {
  TRY(const keys::PersonPublic person, keys::PersonKey::Peek(key_file));
  model::Officer officer;
  officer.id = person.label;
  officer.name = person.label;
  officer.roles = static_cast<std::uint8_t>(1U << static_cast<unsigned>(role));
  officer.key = person.key;
  return officer;
}

// Nobody is called while a node is made.
class NoLink final : public exchange::PeerLink {
 public:
  absl::StatusOr<model::SignedStatement> Call(
      std::string_view, std::string_view, const model::SignedStatement&,
      std::chrono::milliseconds) override {
    return Unavailable("the node is not running");
  }
};

absl::Status NeedEmpty(const std::string& data_dir) {
  const auto files = base::ListFiles(data_dir);
  if (files.ok() && !files->empty()) {
    return WithNext(
        AlreadyExists("the folder is not empty"),
        "choose another one, or delete what an interrupted attempt left");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeNode(const MakeOptions& options) {
  const std::string& dir = options.data_dir;
  Config config = options.config;
  TRY_OK(NeedEmpty(dir));
  TRY_OK(base::MakeDirs(dir));
  if (config.seal_key_file.empty() && config.seal_credential.empty() &&
      !config.seal_ask) {
    config.seal_key_file = dir + "/seal.key";
    TRY_OK(keys::Sealing::MakeKeyFile(config.seal_key_file));
  }
  TRY_OK(CheckConfig(config));
  TRY(const model::Officer administrator,
      OfficerFrom(options.administrator, model::Role::kAdministrator));
  TRY(const model::Officer dpo, OfficerFrom(options.dpo, model::Role::kDpo));
  TRY(const keys::PersonPublic dpo_key, keys::PersonKey::Peek(options.dpo));
  TRY(const keys::Sealing sealing, SealingOf(config));
  TRY(const std::unique_ptr<keys::KeyStore> keys,
      keys::FileKeyStore::Create(dir + "/keys", sealing));
  for (const keys::Purpose purpose : kPurposes) TRY_OK(keys->Generate(purpose));
  base::SystemClock clock;
  TRY_OK(base::MakeDirs(dir + "/tls"));
  TRY_OK(keys::MakeTlsIdentity(dir + "/tls", keys::PartyUri(config.party),
                               clock.NowSeconds())
             .status());
  for (const char* folder : {"/tagsets/out", "/tagsets/in", "/run"})
    TRY_OK(base::MakeDirs(dir + folder));
  TRY(const std::unique_ptr<store::Store> store, OpenStore(dir, *keys, true));
  TRY_OK(KeepRecipients(*store, {dpo_key.hpke_key}));
  TRY(const std::unique_ptr<audit::AuditLog> log,
      OpenLog(dir, config, *keys, *store, clock));
  NoLink link;
  exchange::TrustBook trust(clock);
  TRY(policy::Catalogues catalogues, policy::BuiltInCatalogues());
  exchange::AgreementBook book(config.party, std::move(catalogues), *keys,
                               trust, clock);
  exchange::Courier courier(config.party, *keys, trust, clock, link);
  TRY(const std::unique_ptr<audit::Sightings> sightings,
      audit::Sightings::Create(
          {store.get(), log.get(), &clock, dir + "/audit", {}}));
  exchange::Desk desk{config.party, dir,   *keys, *store,  *log,
                      clock,        trust, book,  courier, *sightings};
  const std::array<model::Officer, 2> people = {administrator, dpo};
  TRY_OK(admin::RegisterFirst(desk, people));
  TRY_OK(log->Stop("made"));
  // Last: a folder without this file is no node.
  return base::WriteFileAtomic(ConfigPath(dir), AsBytes(WriteConfig(config)));
}

}  // namespace entente::app
