#pragma once
// What client and server of the door between nodes have in common.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"

namespace entente::rpc {

// The calls of proto/entente/v1/peer.proto.
namespace method {
inline constexpr std::string_view kHello = "Hello";
inline constexpr std::string_view kAnnounce = "Announce";
inline constexpr std::string_view kStatus = "Status";
inline constexpr std::string_view kPropose = "Propose";
inline constexpr std::string_view kTagSet = "TagSet";
inline constexpr std::string_view kTagSetChunk = "TagSetChunk";
inline constexpr std::string_view kScreen = "Screen";
inline constexpr std::string_view kRequestDisclosure = "RequestDisclosure";
inline constexpr std::string_view kDeliver = "Deliver";
inline constexpr std::string_view kOutcome = "Outcome";
inline constexpr std::string_view kRecall = "Recall";
inline constexpr std::string_view kRecallReceipt = "RecallReceipt";
inline constexpr std::string_view kWitness = "Witness";
inline constexpr std::string_view kLeafProof = "LeafProof";
inline constexpr std::string_view kSwapCheckpoints = "SwapCheckpoints";
inline constexpr std::string_view kGetConsistency = "GetConsistency";
inline constexpr std::string_view kReconcileDay = "ReconcileDay";
inline constexpr std::string_view kReconcileNode = "ReconcileNode";
}  // namespace method

// All of them, in the order of the proto file.
std::span<const std::string_view> PeerMethods();

// A message, envelope included, is at most this long in both directions. Larger
// things go in chunks (platform.md 3.7: 16 to 64 KiB, 1 MiB at most).
inline constexpr std::size_t kMaxMessageBytes = std::size_t{2} << 20U;

// One call as it came in. `party` and `spki` are what the certificate of the
// connection proved and the roster admitted for this very call; nothing in
// `body` has been looked at.
struct PeerCall {
  std::string party;
  Hash spki{};
  std::string method;
  Bytes body;
  Bytes signature;
};

struct PeerReply {
  Bytes body;
  Bytes signature;
};

// Serves one call; called from several threads at once, and may block. On an
// error the peer gets the code and the reason id, never the message.
using PeerHandler = std::function<absl::StatusOr<PeerReply>(const PeerCall&)>;

// Sees every statement before TLS, in the form in which it crosses. A call that
// the server refuses unread (`queue-full`, `party-busy`, `party-not-admitted`)
// is seen by its sender only. For tests
// that search all crossing bytes and for the report of the demonstration; empty
// in a node that works. Called from several threads at once; the views die with
// the call.
enum class Way : std::uint8_t { kIn, kOut };
struct Crossing {
  Way way = Way::kIn;
  std::string_view party;   // the other side
  std::string_view method;  // of peer.proto
  ByteView body;
  ByteView signature;
  std::string_view reason;  // a refusal's reason id; body and signature empty
};
using Tap = std::function<void(const Crossing&)>;

// What has crossed with one peer: envelopes, before TLS and HTTP/2.
struct Traffic {
  std::uint64_t calls = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

// Where a node's own TLS identity and the certificates it trusts lie. Both are
// looked at anew every second, so a rotation needs no restart.
struct TlsFiles {
  // Holds the symlink `current` to a folder with `key.pem` and `cert.pem`
  // (keys::MakeTlsIdentity). Rotate by renaming a new symlink over it.
  std::string folder;
  // One PEM file: the certificates of all parties on the roster, one after the
  // other (keys::TrustStore::TlsRoots); empty while there is none. Replace it
  // by renaming a new file over it.
  std::string roots;
};

}  // namespace entente::rpc
