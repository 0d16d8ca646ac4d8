#pragma once
// The cards that this node trusts, one per party. Pure: the caller keeps the
// entries and gives the time.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "keys/node_card.h"

namespace entente::keys {

// A key that a pinned card names, and whose it is.
struct TrustedKey {
  std::string party;
  CardKey key;
};

// A value: copyable. Thread-compatible.
class TrustStore {
 public:
  // Trusts a party's card for the first time. `fingerprint` comes by another
  // way, from person to person: eight groups of eight hex digits.
  //   INVALID_ARGUMENT      malformed card or fingerprint
  //   PERMISSION_DENIED     the fingerprint is another one
  //   DATA_LOSS             the card's signature does not hold
  //   ALREADY_EXISTS        the party has a card: renew it, or remove it first
  //   FAILED_PRECONDITION   another party's card names one of its keys
  // Returns the party.
  absl::StatusOr<std::string> Pin(const SignedCard& card,
                                  std::string_view fingerprint);

  // Replaces a party's card by its successor: next sequence, hash of the card
  // before it, endorsed by that card's technical key.
  //   NOT_FOUND             the party has no card
  //   DATA_LOSS             a signature does not hold, or the hash or sequence
  //                         does not follow
  //   FAILED_PRECONDITION   the old card has expired (pin anew), the new one is
  //                         not valid at `now`, or shares a key with another
  //                         party
  absl::StatusOr<std::string> Renew(const SignedCard& card, std::int64_t now);

  // NOT_FOUND: no card of that party.
  absl::Status Remove(std::string_view party);

  // Null when the party has no card. Valid until the store changes. May have
  // expired: ask ValidAt.
  const NodeCard* Find(std::string_view party) const;
  std::vector<std::string> Parties() const;  // sorted

  // The party that a certificate proves: its name AND its key must be on one
  // pinned card that is valid now. UNAUTHENTICATED, with a reason to count by:
  //   `uri-malformed`   the name is not a party URI
  //   `party-unknown`   no card of that party
  //   `card-expired`    or not yet valid
  //   `spki-unpinned`   the card does not name this key
  absl::StatusOr<std::string> Admits(std::string_view uri, const Hash& spki_pin,
                                     std::int64_t now) const;

  // The key that `ed25519:label:kid` names. NOT_FOUND: on no pinned card.
  // INVALID_ARGUMENT: malformed.
  absl::StatusOr<TrustedKey> KeyFor(std::string_view key_id) const;

  // PEM certificates of all parties whose card is valid at `now`, for gRPC's
  // roots file.
  std::string TlsRoots(std::int64_t now) const;

  // One party's entry for the caller's storage, and back. Insert checks what
  // the card itself can show (form and own signature) and replaces nothing.
  // NOT_FOUND; INVALID_ARGUMENT, DATA_LOSS, ALREADY_EXISTS and
  // FAILED_PRECONDITION as Pin.
  absl::StatusOr<Bytes> EncodeEntry(std::string_view party) const;
  absl::Status Insert(ByteView entry);

 private:
  struct Entry {
    SignedCard signed_card;
    NodeCard card;
  };
  absl::Status CheckKeysUnshared(const NodeCard& card) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace entente::keys
