#pragma once
// What every room of this floor works with, borrowed for the node's life.

#include <string>

#include "keys/key_store.h"
#include "node/audit/log.h"
#include "node/audit/sightings.h"
#include "node/base/clock.h"
#include "node/exchange/agreement_book.h"
#include "node/exchange/courier.h"
#include "node/exchange/trust_book.h"
#include "node/store/store.h"

namespace entente::exchange {

struct Desk {
  std::string party;
  std::string data_dir;
  keys::KeyStore& keys;
  store::Store& store;
  audit::AuditLog& log;
  base::Clock& clock;
  TrustBook& trust;
  AgreementBook& book;
  Courier& courier;
  audit::Sightings& sightings;
};

}  // namespace entente::exchange
