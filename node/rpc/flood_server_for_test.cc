// A peer server in a process of its own, for flood_test.cc.
//   node_rpc_flood_server TLS_FOLDER SPKI_HEX
// Writes its port and serves QOR with that key until it is told to end.

#include <unistd.h>

#include <cstdio>

#include "crypto/base/status.h"
#include "node/rpc/peer_server.h"
#include "node/rpc/process.h"

namespace {

class OneParty final : public entente::rpc::Roster {
 public:
  explicit OneParty(const entente::Hash& spki) : spki_(spki) {}
  absl::StatusOr<std::string> Admits(std::string_view uri,
                                     const entente::Hash& spki) const override {
    if (uri == "entente://party/QOR" && spki == spki_) return "QOR";
    return entente::Unauthenticated("not QOR");
  }

 private:
  const entente::Hash spki_;
};

absl::Status Serve(const std::string& folder, std::string_view spki) {
  TRY(const entente::Bytes raw, entente::FromHex(spki));
  TRY(const entente::Hash pin, entente::ToArray<32>(raw));
  const OneParty roster(pin);
  entente::rpc::PeerServerOptions options;
  options.listen = "127.0.0.1:0";
  options.tls = {folder, folder + "/roots.pem"};
  options.roster = &roster;
  options.handler = [](const entente::rpc::PeerCall& call) {
    return absl::StatusOr<entente::rpc::PeerReply>(
        entente::rpc::PeerReply{call.body, {}});
  };
  TRY(const auto server, entente::rpc::PeerServer::Start(std::move(options)));
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  for (;;) pause();
}

}  // namespace

int main(int count, char** words) {
  entente::rpc::PrepareProcess();
  if (count != 3) return 2;
  const absl::Status status = Serve(words[1], words[2]);
  std::fprintf(stderr, "%s\n", entente::MessageOf(status).c_str());
  return 1;
}
