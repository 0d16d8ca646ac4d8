#include "node/exchange/trust_book.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::exchange {

absl::StatusOr<merkle::VerifierKey> LogKeyOf(const keys::NodeCard& card) {
  return merkle::VerifierKey::Make(card.log_origin,
                                   merkle::NoteKeyType::kEd25519, card.log_key);
}

absl::Status TrustBook::Load(store::Reader& reader) {
  TRY(const std::vector<store::Row> rows,
      reader.Scan(store::Table::kPeer, {}, {}, 256));
  keys::TrustStore trust;
  for (const store::Row& row : rows) TRY_OK(trust.Insert(row.value));
  Replace(std::move(trust));
  return absl::OkStatus();
}

absl::StatusOr<keys::NodeCard> TrustBook::Card(std::string_view party) const {
  base::MutexLock lock(mutex_);
  const keys::NodeCard* card = trust_.Find(party);
  if (card == nullptr) {
    return WithNext(
        WithReason(NotFound("no node card of ", party, " is pinned"),
                   "peer-unknown"),
        "get its card and fingerprint and run `entente peer add`");
  }
  if (!card->ValidAt(clock_.NowSeconds())) {
    return WithNext(
        WithReason(Unready("the node card of ", party, " is not valid now"),
                   "card-expired"),
        "ask the other side for its renewed card");
  }
  return *card;
}

absl::StatusOr<primitive::PublicKey> TrustBook::StatementKey(
    std::string_view party) const {
  TRY(const keys::NodeCard card, Card(party));
  return card.statement_key;
}

std::vector<keys::NodeCard> TrustBook::All() const {
  base::MutexLock lock(mutex_);
  std::vector<keys::NodeCard> out;
  for (const std::string& party : trust_.Parties()) {
    const keys::NodeCard* card = trust_.Find(party);
    if (card->ValidAt(clock_.NowSeconds())) out.push_back(*card);
  }
  return out;
}

absl::StatusOr<std::string> TrustBook::Admits(std::string_view uri,
                                              const Hash& spki) const {
  base::MutexLock lock(mutex_);
  return trust_.Admits(uri, spki, clock_.NowSeconds());
}

std::string TrustBook::TlsRoots() const {
  base::MutexLock lock(mutex_);
  return trust_.TlsRoots(clock_.NowSeconds());
}

keys::TrustStore TrustBook::Copy() const {
  base::MutexLock lock(mutex_);
  return trust_;
}

absl::Status TrustBook::StoreEntry(store::Writer& writer,
                                   const keys::TrustStore& trust,
                                   std::string_view party) {
  TRY(const Bytes entry, trust.EncodeEntry(party));
  return writer.Put(store::Table::kPeer, AsBytes(party), entry, 0);
}

void TrustBook::Replace(keys::TrustStore trust) {
  base::MutexLock lock(mutex_);
  trust_ = std::move(trust);
}

}  // namespace entente::exchange
