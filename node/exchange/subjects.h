#pragma once
// The tags by which the audit log's index finds a person again: keyed hashes of
// match keys, in the store only, never in a leaf. Made for persons with a hit,
// a list entry that somebody changed, a disclosure, a request or a read of
// these; everybody else leaves none.
// Source: docs/protocol/audit-log.md, 4.4.

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <vector>

#include "crypto/base/bytes.h"
#include "keys/key_store.h"
#include "node/audit/log.h"
#include "node/model/person.h"
#include "node/store/store.h"

namespace entente::exchange {

// The keys of which a tag is made, by rule: A1 to A4, B1 and B2 of recipe/1.
// Each holds a document number or a full date of birth.
//
// Sorted, each once. Errors of the key store.
absl::StatusOr<std::vector<Id16>> SubjectTags(const keys::KeyStore& keys,
                                              const model::Person& person);
absl::StatusOr<std::vector<Id16>> SubjectTags(const keys::KeyStore& keys,
                                              const model::ListEntry& entry);

// Of a traveller, or of an entry of a list by its name, as they are held now;
// none when they are gone.
absl::StatusOr<std::vector<Id16>> TravellerTags(const keys::KeyStore& keys,
                                                store::Reader& reader,
                                                ByteView traveller_key);
absl::StatusOr<std::vector<Id16>> EntryTags(const keys::KeyStore& keys,
                                            store::Reader& reader,
                                            ByteView entry_name);

// Tags event number `event` of the job.
void TagEvent(audit::Job& job, std::size_t event,
              const std::vector<Id16>& tags);

// Whom a search asks for.
struct SubjectQuery {
  std::string issuer = {};  // of the document, three letters
  std::string number = {};  // of the document
  std::string family_name = {};
  std::string given_names = {};
  std::string born = {};  // YYYYMMDD
};
// The tags that such a person would have. A document without a class is tried
// as each; a family name without given names with each first letter.
//   INVALID_ARGUMENT   neither a document nor a family name with a full date of
//                      birth, or nothing can be derived from them
absl::StatusOr<std::vector<Id16>> QueryTags(const keys::KeyStore& keys,
                                            const SubjectQuery& query);

}  // namespace entente::exchange
