#include "tests/testing/nodes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "keys/node_card.h"
#include "node/app/make_node.h"
#include "node/base/time.h"
#include "node/model/command.h"
#include "policy/rewrite.h"
#include "policy/text/embedded.h"

#ifndef ENTENTE_SOURCE_DIR
#error "the tests' support library sets it"
#endif

namespace entente::testing {
namespace {

constexpr auto kDeadline = std::chrono::minutes(5);

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

absl::StatusOr<keys::Sealing> TestSealing() {
  return keys::Sealing::FromPassphrase(
      SecretBytes::CopyOf(AsBytes("correct horse")),
      {1, std::size_t{1} << 20U});
}

}  // namespace

std::string FreeAddress() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Below the ports that the kernel gives to connections of other tests.
  do {
    const ByteArray<2> any = primitive::RandomArray<2>();
    const int port = 10'000 + (any[0] * 256 + any[1]) % 20'000;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
  } while (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
           0);
  close(fd);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

ScratchFolder::ScratchFolder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "entente-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}
ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

absl::StatusOr<std::unique_ptr<TestNode>> TestNode::Make(
    const std::filesystem::path& dir, const std::string& party,
    const std::string& state) {
  std::unique_ptr<TestNode> node(new TestNode());
  node->dir_ = dir;
  node->party_ = party;
  std::filesystem::create_directories(dir);
  TRY(const keys::Sealing sealing, TestSealing());
  app::MakeOptions options;
  for (const char* role : {"admin", "dpo"}) {
    const std::string id = Lower(party) + "-" + role;
    TRY(keys::PersonKey key, keys::PersonKey::Create(id));
    const std::string file = (dir / (id + ".key")).string();
    TRY_OK(key.Save(file, sealing));
    (std::string_view(role) == "admin" ? options.administrator : options.dpo) =
        file;
    node->people_[id] = std::make_unique<keys::PersonKey>(std::move(key));
  }
  options.data_dir = node->data();
  options.config.party = party;
  options.config.name = state;
  options.config.dns = "node." + Lower(party) + ".example";
  options.config.listen = FreeAddress();
  options.config.endpoint = options.config.listen;
  options.config.volume = "2026a";
  options.config.disk_floor_mib = 1;
  options.config.disk_reserve_mib = 1;
  TRY_OK(app::MakeNode(options));
  return node;
}

absl::Status TestNode::Start(rpc::Tap tap, bool own_upkeep) {
  app::NodeOptions options;
  options.data_dir = data();
  options.clock = &clock_;
  options.tap = std::move(tap);
  options.own_upkeep = own_upkeep;
  TRY(node_, app::Node::Start(std::move(options)));
  TRY(client_, rpc::AdminClient::Create(data() + "/run/admin.sock"));
  return absl::OkStatus();
}

void TestNode::Stop() {
  client_.reset();
  node_.reset();
}

absl::StatusOr<rpc::AdminReply> TestNode::DoAs(const keys::PersonKey& key,
                                               const std::string& claimed,
                                               const std::string& name,
                                               const Words& words,
                                               std::int64_t time) {
  model::Command command;
  command.party = party_;
  command.person = claimed;
  command.name = name;
  std::string file;
  for (const auto& [word, value] : words) {
    if (word == "@") {
      file = value;
    } else {
      command.arguments.push_back({word, value});
    }
  }
  std::string content;
  if (!file.empty()) {
    content = ReadAll(file);
    command.attachment = primitive::Sha256(AsBytes(content));
  }
  command.time = time;
  command.nonce = primitive::RandomArray<16>();
  rpc::AdminCall call;
  call.body = EncodeStatement(command);
  call.signature = ToBytes(
      ByteView(key.Sign(Concat({AsBytes("entente/command/1\n"), call.body}))));
  if (file.empty()) return client_->Execute(call, kDeadline);
  std::size_t at = 0;
  return client_->Import(
      call,
      [&]() -> absl::StatusOr<std::optional<Bytes>> {
        if (at >= content.size()) return std::optional<Bytes>();
        const std::size_t n = std::min<std::size_t>(65536, content.size() - at);
        Bytes piece = ToBytes(std::string_view(content).substr(at, n));
        at += n;
        return std::optional<Bytes>(std::move(piece));
      },
      kDeadline);
}

absl::StatusOr<rpc::AdminReply> TestNode::Do(const std::string& person,
                                             const std::string& name,
                                             const Words& words) {
  return DoAs(*people_.at(person), person, name, words, clock_.NowSeconds());
}

absl::Status TestNode::AddPerson(const std::string& id,
                                 const std::vector<std::string>& roles) {
  TRY(keys::PersonKey key, keys::PersonKey::Create(id));
  Words words = {
      {"id", id}, {"name", id}, {"public-key", ToHex(key.public_key())}};
  for (const std::string& role : roles) words.emplace_back("role", role);
  people_[id] = std::make_unique<keys::PersonKey>(std::move(key));
  TRY_OK(Do(Lower(party_) + "-admin", "person add", words).status());
  return Do(Lower(party_) + "-dpo", "person confirm", {{"id", id}}).status();
}

absl::StatusOr<std::string> TestNode::MakeCard() {
  const std::string low = Lower(party_);
  Words words;
  for (const auto& [suffix, kind] :
       {std::pair("legal", "legal"), std::pair("tech", "technical"),
        std::pair("dpo", "dpo"), std::pair("duty", "duty")}) {
    const keys::PersonKey& key = person(low + "-" + suffix);
    words.emplace_back("agreement-key", key.label() + "=" + kind + "=" +
                                            ToHex(key.public_key()));
  }
  TRY(const rpc::AdminReply reply, Do(low + "-admin", "peer card", words));
  TRY(const Bytes body, FromHex(reply.text));
  TRY(const keys::NodeCard card, keys::ParseCard(body));
  TRY(const keys::SignedCard signed_card,
      keys::SignCard(card, person(low + "-tech").signer()));
  card_text_ = keys::WriteCard(signed_card);
  const std::string file = (dir_ / "card.txt").string();
  std::ofstream(file) << card_text_;
  TRY_OK(Do(low + "-admin", "peer own", {{"@", file}}).status());
  return card_text_;
}

absl::Status TestNode::Pin(const TestNode& other) {
  TRY(const keys::SignedCard card, keys::ReadCard(other.card_text_));
  const std::string file = (dir_ / (other.party_ + ".card")).string();
  std::ofstream(file) << other.card_text_;
  return Do(Lower(party_) + "-admin", "peer add",
            {{"@", file}, {"fingerprint", keys::CardFingerprint(card.body)}})
      .status();
}

absl::StatusOr<TwoNodes> TwoNodes::Make(const std::filesystem::path& dir) {
  return Make(dir, Options());
}

absl::StatusOr<TwoNodes> TwoNodes::Make(const std::filesystem::path& dir,
                                        Options options) {
  TwoNodes two;
  TRY(two.asker, TestNode::Make(dir / "qor", "QOR", "Orsena"));
  TRY(two.holder, TestNode::Make(dir / "qva", "QVA", "Valmara"));
  TRY_OK(two.asker->Start(options.asker_tap));
  TRY_OK(two.holder->Start(options.holder_tap));
  for (TestNode* node : {two.asker.get(), two.holder.get()}) {
    const std::string low = Lower(node->party());
    TRY_OK(node->AddPerson(low + "-legal", {"approver"}));
    TRY_OK(node->AddPerson(low + "-tech", {"custodian"}));
    TRY_OK(node->AddPerson(low + "-duty", {"officer"}));
    TRY_OK(node->AddPerson(low + "-one", {"officer"}));
    TRY_OK(node->AddPerson(low + "-two", {"officer"}));
    TRY_OK(node->AddPerson(low + "-audit", {"auditor"}));
    TRY_OK(node->MakeCard().status());
  }
  TRY_OK(two.asker->Pin(*two.holder));
  TRY_OK(two.holder->Pin(*two.asker));

  std::map<std::string, std::string> set;
  const std::int64_t now = two.asker->clock().NowSeconds();
  set["validity.from"] = base::FormatTime(now - 86'400);
  set["validity.review_by"] = base::FormatTime(now + 365 * 86'400LL);
  set["validity.until"] = base::FormatTime(now + 700 * 86'400LL);
  for (const TestNode* node : {two.asker.get(), two.holder.get()}) {
    const std::string low = Lower(node->party());
    const std::string at = "party." + node->party() + ".";
    set[at + "sign_legal"] = node->person(low + "-legal").key_id();
    set[at + "sign_technical"] = node->person(low + "-tech").key_id();
    set[at + "suspend"] = node->person(low + "-dpo").key_id() + "," +
                          node->person(low + "-duty").key_id() + "," +
                          node->person(low + "-legal").key_id();
    set[at + "assessment_date"] = base::FormatDate(now - 30 * 86'400);
    set[at + "history_from"] = base::FormatTime(now - 86'400);
  }
  for (const auto& [path, value] : options.set) set[path] = value;
  const std::string document = ReadAll(std::string(ENTENTE_SOURCE_DIR) +
                                       "/docs/examples/demo-agreement.toml");
  TRY(const Bytes draft, policy::Rewrite(AsBytes(document), set));
  policy::Envelope envelope;
  envelope.payload_type = policy::kAgreementType;
  envelope.payload = draft;
  const Bytes to_sign = policy::SignPayload(policy::kAgreementType, draft);
  for (const TestNode* node : {two.asker.get(), two.holder.get()}) {
    for (const char* suffix : {"-legal", "-tech"}) {
      const keys::PersonKey& key = node->person(Lower(node->party()) + suffix);
      envelope.signatures.push_back(
          {key.key_id(), ToBytes(ByteView(key.Sign(to_sign)))});
    }
  }
  two.envelope = policy::EmitEnvelope(envelope);
  if (!options.import_agreement) return two;
  const std::string file = (dir / "agreement.dsse").string();
  std::ofstream(file, std::ios::binary) << AsText(two.envelope);
  TRY_OK(
      two.asker->Do("qor-admin", "agreement import", {{"@", file}}).status());
  TRY_OK(
      two.holder->Do("qva-admin", "agreement import", {{"@", file}}).status());
  TRY_OK(two.Settle());
  return two;
}

absl::Status TwoNodes::Settle() {
  // The doors look at their TLS files once a second.
  for (int i = 0; i < 40; ++i) {
    TRY(const rpc::AdminReply there,
        asker->Do("qor-admin", "peer check", {{"party", "QVA"}}));
    TRY(const rpc::AdminReply back,
        holder->Do("qva-admin", "peer check", {{"party", "QOR"}}));
    if (there.exit_code == 0 && back.exit_code == 0) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  return Unavailable("the two nodes do not reach each other");
}

absl::StatusOr<std::string> TwoNodes::Load(
    const std::filesystem::path& list, const std::filesystem::path& flight) {
  TRY_OK(holder
             ->Do("qva-one", "list import",
                  {{"@", list.string()}, {"list", "subjects"}})
             .status());
  TRY(const rpc::AdminReply reply,
      asker->Do("qor-one", "flight import", {{"@", flight.string()}}));
  const auto json = nlohmann::json::parse(reply.json, nullptr, false);
  if (json.is_discarded() || json["flights"].empty())
    return Internal("no flight came out of the import");
  return json["flights"][0]["flight"].get<std::string>();
}

absl::StatusOr<rpc::AdminReply> TwoNodes::Screen(const std::string& flight,
                                                 const Words& more) {
  std::map<std::string, std::string> words = {{"flight", flight},
                                              {"peer", "QVA"},
                                              {"clause", "screen-terrorism"},
                                              {"purpose", "terrorism.travel"},
                                              {"basis", "protocol-4"}};
  for (const auto& [name, value] : more) words[name] = value;
  return asker->Do("qor-one", "screen", Words(words.begin(), words.end()));
}

}  // namespace entente::testing
