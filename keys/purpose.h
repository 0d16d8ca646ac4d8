#pragma once
// What a key of the node is for. One key serves one purpose and nothing else.

#include <cstdint>
#include <string_view>

namespace entente::keys {

// The state's technical key is not here: it belongs to a custodian outside the
// node (person_key.h). Neither is the TLS key, which gRPC reads from a file
// (tls.h). Numbers stand in key files and never change their meaning.
enum class Purpose : std::uint8_t {
  kStatement,   // Ed25519: what the node says to other nodes
  kLog,         // Ed25519: checkpoints of its own audit log
  kWitness,     // Ed25519: cosignatures on the logs of others
  kDisclosure,  // HPKE: what other nodes disclose to this one
  kAudit,       // HPKE: the node's own copy of the audit log's segment keys
  kStore,       // 32 raw bytes: the database's key
  kActor,       // HMAC: pseudonyms of people in a volume of the audit log
  kIndex,       // HMAC: subject tags of a year
  kPartition,   // box: rows that have no partition key of their own
  kGuard,       // box: the table of protected persons
  kLast = kGuard
};

enum class KeyKind : std::uint8_t { kSigning, kHpke, kRaw, kMac, kBox };

KeyKind KindOf(Purpose purpose);
// A kebab-case word for logs, file names and certificates.
std::string_view PurposeName(Purpose purpose);

}  // namespace entente::keys
