#include "node/cli/remote.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "node/base/file.h"
#include "node/cli/output.h"
#include "node/cli/person.h"
#include "node/rpc/admin_client.h"

namespace entente::cli {
namespace {

constexpr std::string_view kDomain = "entente/command/1\n";
constexpr auto kDeadline = std::chrono::minutes(30);
constexpr std::size_t kPiece = std::size_t{256} << 10U;

// The party stands in node.toml, which holds no secret: a command is signed for
// one node only.
absl::StatusOr<std::string> PartyOf(const RemoteOptions& options) {
  if (!options.party.empty()) return options.party;
  if (options.node.empty()) {
    return WithNext(Invalid("which node? --node is missing"),
                    "give the node's data folder, or set ENTENTE_NODE");
  }
  std::ifstream in(options.node + "/node.toml");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("party = ") && line.size() == 13)
      return line.substr(9, 3);
  }
  return WithNext(NotFound("there is no node in this folder"),
                  "check --node, or make one: `entente init --help`");
}

absl::StatusOr<Hash> HashFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound("the file `", path, "` cannot be opened");
  primitive::Sha256Stream hash;
  Bytes piece(kPiece);
  while (in) {
    in.read(reinterpret_cast<char*>(piece.data()),
            static_cast<std::streamsize>(piece.size()));
    hash.Update(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
  }
  return hash.Finish();
}

// What goes along with a command: its hash is signed, its pieces follow.
struct Attachment {
  Hash hash{};
  rpc::ChunkSource pieces;  // null: nothing goes along
};

absl::StatusOr<Attachment> FromFile(const std::string& path) {
  Attachment out;
  if (path.empty()) return out;
  TRY(out.hash, HashFile(path));
  auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
  out.pieces = [in]() -> absl::StatusOr<std::optional<Bytes>> {
    Bytes piece(kPiece);
    in->read(reinterpret_cast<char*>(piece.data()),
             static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(in->gcount()));
    if (piece.empty()) return std::optional<Bytes>();
    return std::optional<Bytes>(std::move(piece));
  };
  return out;
}

Attachment FromMemory(const Bytes& bytes) {
  Attachment out;
  if (bytes.empty()) return out;
  out.hash = primitive::Sha256(bytes);
  auto rest = std::make_shared<std::optional<Bytes>>(bytes);
  out.pieces = [rest]() -> absl::StatusOr<std::optional<Bytes>> {
    return std::exchange(*rest, std::nullopt);
  };
  return out;
}

absl::StatusOr<rpc::AdminReply> SendAs(const keys::PersonKey& key,
                                       const RemoteOptions& options,
                                       const std::string& name,
                                       std::vector<model::Argument> arguments,
                                       const Attachment& attachment) {
  model::Command command;
  TRY(command.party, PartyOf(options));
  command.person = key.label();
  command.name = name;
  command.arguments = std::move(arguments);
  command.attachment = attachment.hash;
  command.time = std::time(nullptr);
  command.nonce = primitive::RandomArray<16>();
  rpc::AdminCall call;
  call.body = EncodeStatement(command);
  call.signature =
      ToBytes(ByteView(key.Sign(Concat({AsBytes(kDomain), call.body}))));
  char resolved[4096];
  if (realpath(options.node.c_str(), resolved) == nullptr)
    return NotFound("there is no such folder: `", options.node, "`");
  TRY(const std::unique_ptr<rpc::AdminClient> client,
      rpc::AdminClient::Create(std::string(resolved) + "/run/admin.sock"));
  if (!attachment.pieces) return client->Execute(call, kDeadline);
  return client->Import(call, attachment.pieces, kDeadline);
}

absl::StatusOr<rpc::AdminReply> Send(const RemoteOptions& options,
                                     const std::string& name,
                                     std::vector<model::Argument> arguments,
                                     const Attachment& attachment) {
  TRY_OK(PartyOf(options).status());  // before a passphrase is asked for
  TRY(const keys::PersonKey key,
      LoadPerson(options.key_file, options.passphrase_file));
  return SendAs(key, options, name, std::move(arguments), attachment);
}

absl::StatusOr<rpc::AdminReply> SendWithFile(
    const RemoteOptions& options, const std::string& name,
    std::vector<model::Argument> arguments, const std::string& path) {
  TRY(const Attachment attachment, FromFile(path));
  return Send(options, name, std::move(arguments), attachment);
}

}  // namespace

absl::StatusOr<rpc::AdminReply> Ask(const RemoteOptions& options,
                                    const std::string& name,
                                    std::vector<model::Argument> arguments,
                                    const Bytes& attachment) {
  return Send(options, name, std::move(arguments), FromMemory(attachment));
}

absl::StatusOr<rpc::AdminReply> AskAs(const keys::PersonKey& key,
                                      const RemoteOptions& options,
                                      const std::string& name,
                                      std::vector<model::Argument> arguments) {
  return SendAs(key, options, name, std::move(arguments), Attachment());
}

int RunRemote(const RemoteOptions& options, const std::string& name,
              std::vector<model::Argument> arguments,
              const std::string& attachment) {
  absl::StatusOr<rpc::AdminReply> reply =
      SendWithFile(options, name, std::move(arguments), attachment);
  if (!reply.ok()) return ReportError(reply.status(), options.json);
  return ReportResult(reply->exit_code, reply->json, reply->text, options.json);
}

}  // namespace entente::cli
