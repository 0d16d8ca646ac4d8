#include "node/app/node.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/note.h"
#include "keys/file_key_store.h"
#include "keys/tls.h"
#include "node/admin/admin.h"
#include "node/app/parts.h"
#include "node/app/peer_links.h"
#include "node/app/witness_door.h"
#include "node/audit/witness.h"
#include "node/base/file.h"
#include "node/base/log.h"
#include "node/exchange/drafts.h"
#include "node/exchange/witness_call.h"
#include "node/match/self_check.h"
#include "node/rpc/admin_server.h"
#include "node/rpc/peer_server.h"
#include "node/upkeep/upkeep.h"
#include "node/wire/peer_routes.h"
#include "policy/text/embedded.h"

namespace entente::app {
namespace {

using base::Event;
using base::Field;

// How long a start waits for its witnesses, which may be starting too.
constexpr std::int64_t kWitnessWaitSeconds = 20;

rpc::AdminReply ToRpc(admin::Reply reply) {
  return {
      reply.exit_code,
      reply.json.dump(-1, ' ', false, admin::Json::error_handler_t::replace),
      std::move(reply.text)};
}

}  // namespace

// In the order in which they are made; destroyed the other way round.
struct Node::Parts {
  NodeOptions options;
  Config config;
  base::SystemClock system_clock;
  std::unique_ptr<keys::KeyStore> keys;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<audit::AuditLog> log;
  std::unique_ptr<exchange::TrustBook> trust;
  std::unique_ptr<TrustRoster> roster;
  std::unique_ptr<PeerLinks> links;
  std::unique_ptr<exchange::AgreementBook> book;
  std::unique_ptr<exchange::Courier> courier;
  std::unique_ptr<audit::Sightings> sightings;
  std::optional<exchange::Desk> desk;
  exchange::ProtectedSet hidden;
  std::unique_ptr<audit::Witness> witness;
  std::vector<audit::Witness::Log> foreign;  // of no card
  std::optional<exchange::Asker> asker;
  std::optional<upkeep::Upkeep> upkeep;
  std::optional<admin::Context> context;
  std::optional<admin::Admin> admin;
  std::optional<wire::PeerRoutes> routes;
  std::atomic<bool> ready = false;  // the log and all that needs it is there
  std::unique_ptr<rpc::PeerServer> peer_server;
  std::unique_ptr<rpc::HttpServer> witness_door;  // null: not configured
  std::unique_ptr<rpc::AdminServer> admin_server;
  std::int64_t next_refusals = 0;  // of the upkeep's thread
  std::uint64_t accepted_before = 0;
  std::map<std::string, std::uint64_t> logged_refusals;
  std::jthread upkeep_thread;

  base::Clock& clock() {
    return options.clock != nullptr ? *options.clock : system_clock;
  }
  const std::string& dir() const { return options.data_dir; }
  std::string roots_path() const { return dir() + "/tls/roots.pem"; }

  absl::Status Open();
  absl::Status OpenPeers();
  absl::Status OpenLogOnceWitnessed();
  absl::Status Load();
  absl::Status WriteRoots();
  bool MayCosign(std::string_view origin);
  absl::Status KnowLogs();
  absl::Status PeersChanged();
  absl::Status OpenDoors();
  absl::StatusOr<rpc::PeerReply> ServePeer(const rpc::PeerCall& call);
  std::map<std::string, admin::PeerTraffic> Traffic();
  void ResumeBatches();
  bool FinishLists();
  absl::Status LogRefusedConnections();
  void RunUpkeep(const std::stop_token& stop);
};

absl::Status Node::Parts::Open() {
  TRY(config, LoadConfig(dir()));
  // A recipe that does not give its own vectors would match nothing, or the
  // wrong people: then nothing starts.
  TRY_OK(match::Vectors().status());
  TRY(const keys::Sealing sealing, SealingOf(config));
  TRY(keys, keys::FileKeyStore::Open(dir() + "/keys", sealing));
  TRY(store, OpenStore(dir(), *keys, false));
  TRY_OK(OpenPeers());
  TRY_OK(OpenLogOnceWitnessed());
  TRY(policy::Catalogues catalogues, policy::BuiltInCatalogues());
  book = std::make_unique<exchange::AgreementBook>(
      config.party, std::move(catalogues), *keys, *trust, clock());
  courier = std::make_unique<exchange::Courier>(config.party, *keys, *trust,
                                                clock(), *links);
  sightings->AttachLog(*log);
  desk.emplace(exchange::Desk{config.party, dir(), *keys, *store, *log, clock(),
                              *trust, *book, *courier, *sightings});
  asker.emplace(*desk);
  upkeep.emplace(*desk);
  return absl::OkStatus();
}

// Who may call and whom to call; from here on this node answers as a witness.
absl::Status Node::Parts::OpenPeers() {
  trust = std::make_unique<exchange::TrustBook>(clock());
  {
    TRY(const std::unique_ptr<store::Reader> reader, store->Read());
    TRY_OK(trust->Load(*reader));
  }
  TRY_OK(WriteRoots());
  roster = std::make_unique<TrustRoster>(*trust);
  links = std::make_unique<PeerLinks>(
      *trust, *roster, rpc::TlsFiles{dir() + "/tls", roots_path()},
      options.tap);
  TRY(WitnessUrls urls, ReadWitnessUrls(dir()));
  TRY_OK(rpc::CheckHttpRoots(config.witness_roots));
  links->SetWitnesses(std::move(urls), config.witness_roots);
  TRY(foreign, ForeignLogs(config));
  // A log that showed two histories gets no cosignature, from the first answer
  // on.
  TRY(sightings, audit::Sightings::Create(
                     {store.get(), nullptr, &clock(), dir() + "/audit",
                      [this] { book->SetSplit(sightings->Parties()); }}));
  audit::Witness::Options witness_options;
  witness_options.name = config.witness_name();
  TRY(witness_options.key, keys->Public(keys::Purpose::kWitness));
  witness_options.sign = [this](ByteView message) {
    return keys->Sign(keys::Purpose::kWitness, message);
  };
  witness_options.store = store.get();
  witness_options.clock = &clock();
  witness_options.may_cosign = [this](std::string_view origin) {
    return MayCosign(origin);
  };
  witness_options.evidence = [this](std::string_view file) {
    if (const absl::Status kept = sightings->Keep(file); !kept.ok())
      base::Log(Event::kTaskFailed, Field("status", base::StatusField(kept)));
  };
  witness_options.per_minute =
      60;  // a person may ask for a checkpoint more often than the tick
  TRY(witness, audit::Witness::Create(std::move(witness_options)));
  TRY_OK(KnowLogs());
  rpc::PeerServerOptions peers;
  peers.listen = config.listen;
  peers.tls = {dir() + "/tls", roots_path()};
  peers.roster = roster.get();
  peers.handler = [this](const rpc::PeerCall& call) { return ServePeer(call); };
  peers.tap = options.tap;
  TRY(peer_server, rpc::PeerServer::Start(std::move(peers)));
  TRY(witness_door, OpenWitnessDoor(config, *witness, clock()));
  return absl::OkStatus();
}

// Sightings follow the logs of cards. A log of no card that showed two
// histories is known by what the witness kept of it.
bool Node::Parts::MayCosign(std::string_view origin) {
  for (const audit::Witness::Log& listed : foreign) {
    if (listed.origin != origin) continue;
    const auto kept = witness->Evidence(listed.origin);
    if (!kept.ok() || !kept->empty()) return false;
  }
  return sightings->MayCosign(origin);
}

absl::Status Node::Parts::OpenLogOnceWitnessed() {
  audit::AskWitness ask =
      [this](std::string_view name,
             std::string_view body) -> absl::StatusOr<audit::WitnessReply> {
    TRY(model::WitnessReply reply, exchange::CallWitness(*links, name, body));
    return audit::WitnessReply{static_cast<int>(reply.status),
                               std::move(reply.body),
                               std::move(reply.content_type)};
  };
  if (!options.without_witnesses.empty()) ask = {};
  const std::int64_t deadline =
      clock().MonotonicMicros() + kWitnessWaitSeconds * 1'000'000;
  for (;;) {
    absl::StatusOr<std::unique_ptr<audit::AuditLog>> opened =
        OpenLog(dir(), config, *keys, *store, clock(), ask);
    const bool wait = ReasonOf(opened.status()) == "log-unwitnessed" &&
                      clock().MonotonicMicros() < deadline;
    if (!wait) {
      TRY(log, std::move(opened));
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  if (ask) return absl::OkStatus();
  audit::Job job;
  job.events.push_back(ledger::Event("node.fault")
                           .Set("code", "start-without-witnesses")
                           .Set("sev", 3)
                           .Seal("detail", options.without_witnesses));
  return log->Commit(std::move(job)).status();
}

absl::Status Node::Parts::Load() {
  {
    TRY(const std::unique_ptr<store::Reader> reader, store->Read());
    TRY_OK(book->Load(*reader));
    TRY(std::shared_ptr<const exchange::ProtectedIndex> index,
        exchange::ProtectedIndex::Load(*reader));
    hidden.Set(std::move(index));
  }
  return exchange::LoadDrafts(*desk);
}

// The logs that the pinned cards name: to cosign, and to compare what is seen
// of them.
absl::Status Node::Parts::KnowLogs() {
  std::vector<audit::Witness::Log> logs;
  std::vector<audit::PeerLog> seen;
  for (const keys::NodeCard& card : trust->All()) {
    if (card.party == config.party) continue;
    TRY(const merkle::VerifierKey key, exchange::LogKeyOf(card));
    logs.push_back({card.log_origin, key.Text()});
    seen.push_back({card.party, card.log_origin, key.Text()});
  }
  // Whoever has a card is known by it alone.
  for (const audit::Witness::Log& listed : foreign) {
    const bool carded =
        listed.origin == config.log_origin() ||
        std::any_of(logs.begin(), logs.end(), [&listed](const auto& known) {
          return known.origin == listed.origin;
        });
    if (!carded) logs.push_back(listed);
  }
  TRY_OK(sightings->SetLogs(std::move(seen)));
  return witness->SetLogs(std::move(logs));
}

// The own certificate stands first, so that the file is never empty; it admits
// nobody, because nobody else holds its key.
absl::Status Node::Parts::WriteRoots() {
  TRY(const keys::TlsIdentity own, keys::CurrentTlsIdentity(dir() + "/tls"));
  const std::string roots =
      keys::CertificatePem(own.certificate) + trust->TlsRoots();
  return base::WriteFileAtomic(roots_path(), AsBytes(roots));
}

absl::Status Node::Parts::PeersChanged() {
  TRY_OK(WriteRoots());
  TRY_OK(KnowLogs());
  links->Forget();
  return absl::OkStatus();
}

absl::StatusOr<rpc::PeerReply> Node::Parts::ServePeer(
    const rpc::PeerCall& call) {
  const model::SignedStatement in{call.body, call.signature};
  const absl::StatusOr<model::SignedStatement> answer =
      ready.load() ? routes->Serve(call.party, call.method, in)
      : call.method == exchange::method::kWitness
          ? wire::AnswerAsWitness(*witness, in)
          : WithReason(Unavailable("the node is starting"), "log-unavailable");
  if (!answer.ok()) {
    base::Log(Event::kPeerCallFailed,
              Field("status", base::StatusField(answer.status())));
    return answer.status();
  }
  return rpc::PeerReply{answer->body, answer->signature};
}

std::map<std::string, admin::PeerTraffic> Node::Parts::Traffic() {
  std::map<std::string, admin::PeerTraffic> out;
  const auto add = [&out](const std::string& party,
                          const rpc::Traffic& traffic) {
    out[party].calls += traffic.calls;
    out[party].bytes_in += traffic.bytes_in;
    out[party].bytes_out += traffic.bytes_out;
  };
  for (const auto& [party, traffic] : links->traffic()) add(party, traffic);
  for (const auto& [party, traffic] : peer_server->counts().traffic)
    add(party, traffic);
  return out;
}

absl::Status Node::Parts::OpenDoors() {
  context.emplace(admin::Context{
      .desk = *desk,
      .hidden = hidden,
      .asker = *asker,
      .upkeep = *upkeep,
      .witness = *witness,
      .facts = {config.name, config.endpoint, config.log_origin(),
                config.witness_name(), kVersion, 365, config.passenger_hours,
                config.disk_floor_mib << 20U},
      .peers_changed = [this] { return PeersChanged(); },
      .traffic = [this] { return Traffic(); },
      .refused_connections = [this] { return peer_server->counts().refused; }});
  admin.emplace(*context);
  routes.emplace(*desk, hidden, *witness);
  ready = true;
  rpc::AdminServerOptions local;
  local.socket = dir() + "/run/admin.sock";
  // Screenings take their time; a stop must find a worker whatever else runs.
  local.workers = 8;
  local.execute =
      [this](const rpc::AdminCall& call) -> absl::StatusOr<rpc::AdminReply> {
    TRY(admin::Reply reply, admin->Execute(call.body, call.signature, {}));
    return ToRpc(std::move(reply));
  };
  local.import =
      [this](const rpc::AdminCall& call,
             const rpc::ChunkSource& next) -> absl::StatusOr<rpc::AdminReply> {
    TRY(admin::Reply reply, admin->Execute(call.body, call.signature, next));
    return ToRpc(std::move(reply));
  };
  TRY(admin_server, rpc::AdminServer::Start(std::move(local)));
  return absl::OkStatus();
}

void Node::Parts::ResumeBatches() {
  const absl::StatusOr<std::vector<Id16>> open = asker->OpenBatches();
  if (!open.ok()) return;
  for (const Id16& batch : *open) {
    const absl::StatusOr<exchange::BatchResult> ended = asker->Resume(batch);
    if (!ended.ok())
      base::Log(Event::kTaskFailed,
                Field("status", base::StatusField(ended.status())));
  }
}

// False: to be tried again.
bool Node::Parts::FinishLists() {
  const absl::Status status = admin::FinishLists(*context);
  if (!status.ok())
    base::Log(Event::kTaskFailed, Field("status", base::StatusField(status)));
  return status.ok();
}

// One entry a minute and cause: who was not let in, and how often.
absl::Status Node::Parts::LogRefusedConnections() {
  const std::int64_t now = clock().NowSeconds();
  if (now < next_refusals) return absl::OkStatus();
  next_refusals = now + 60;
  const rpc::PeerServerCounts counts = peer_server->counts();
  std::map<std::string, std::uint64_t> refused = counts.refused;
  // Accepted a round ago, and still no certificate that held.
  if (accepted_before > counts.decided)
    refused["handshake-failed"] = accepted_before - counts.decided;
  accepted_before = counts.accepted;
  audit::Job job;
  for (const auto& [cause, total] : refused) {
    std::uint64_t& logged = logged_refusals[cause];
    if (total <= logged) continue;
    job.events.push_back(ledger::Event("peer.refuse")
                             .Set("code", exchange::CodeOrDash(cause))
                             .Set("n", total - logged)
                             .Set("peer", "-")
                             .Set("spki", "-"));
    logged = total;
  }
  for (const auto& [who, times] : routes->TakeRefusals()) {
    job.events.push_back(ledger::Event("peer.refuse")
                             .Set("code", exchange::CodeOrDash(who.second))
                             .Set("n", times)
                             .Set("peer", exchange::CodeOrDash(who.first))
                             .Set("spki", "-"));
  }
  if (job.events.empty()) return absl::OkStatus();
  return log->Commit(std::move(job)).status();
}

void Node::Parts::RunUpkeep(const std::stop_token& stop) {
  std::int64_t next_resume = 0;
  bool lists_finished = false;
  while (!stop.stop_requested()) {
    // At the start, and for batches that a peer's absence left open.
    if (const std::int64_t now = clock().NowSeconds(); now >= next_resume) {
      next_resume = now + 300;
      if (!lists_finished) lists_finished = FinishLists();
      ResumeBatches();
    }
    absl::Status status = upkeep->Tick(clock().NowSeconds());
    if (status.ok()) status = LogRefusedConnections();
    if (!status.ok()) {
      base::Log(Event::kTaskFailed, Field("status", base::StatusField(status)));
    }
    for (int i = 0; i < 10 && !stop.stop_requested(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<Node>> Node::Start(NodeOptions options) {
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  TRY_OK(parts->Open());
  TRY_OK(parts->Load());
  TRY_OK(parts->OpenDoors());
  std::unique_ptr<Node> node(new Node(std::move(parts)));
  Parts& running = *node->parts_;
  if (running.options.own_upkeep) {
    running.upkeep_thread = std::jthread(
        [&running](const std::stop_token& stop) { running.RunUpkeep(stop); });
  }
  return node;
}

Node::~Node() { Stop(); }

void Node::Stop() {
  if (parts_ == nullptr || parts_->peer_server == nullptr) return;
  parts_->admin_server->Stop();
  if (parts_->witness_door) parts_->witness_door->Stop();
  parts_->peer_server->Stop();
  if (parts_->upkeep_thread.joinable()) {
    parts_->upkeep_thread.request_stop();
    parts_->upkeep_thread.join();
  }
  if (const absl::Status status = parts_->log->Stop("orderly"); !status.ok()) {
    base::Log(Event::kLogFault, Field("status", base::StatusField(status)));
  }
  parts_->admin_server.reset();
  parts_->witness_door.reset();
  parts_->peer_server.reset();
}

int Node::port() const { return parts_->peer_server->port(); }

absl::Status Node::Tick() {
  TRY_OK(parts_->LogRefusedConnections());
  return parts_->upkeep->Tick(parts_->clock().NowSeconds());
}

}  // namespace entente::app
