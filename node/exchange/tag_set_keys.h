#pragma once
// Rows and files of tag sets, shared by the holder's and the asker's half.

#include <string>

#include "crypto/base/bytes.h"
#include "node/exchange/desk.h"
#include "node/exchange/key.h"
#include "node/model/records.h"
#include "node/store/record.h"

namespace entente::exchange {

inline Bytes TagSetRow(model::Way way, const Hash& agreement,
                       std::string_view clause, std::string_view peer,
                       std::uint64_t epoch) {
  const auto letter =
      static_cast<std::uint8_t>(way == model::Way::kOut ? 'o' : 'i');
  return RecordKey()
      .Raw(ByteView(&letter, 1))
      .Raw(agreement)
      .Text(clause)
      .Text(peer)
      .Number(epoch)
      .bytes();
}

inline Bytes HandleRow(const Hash& agreement, std::string_view clause,
                       std::string_view asker, std::uint64_t epoch,
                       ByteView handle) {
  const std::uint8_t letter = 'h';
  return RecordKey()
      .Raw(ByteView(&letter, 1))
      .Raw(agreement)
      .Text(clause)
      .Text(asker)
      .Number(epoch)
      .Raw(handle)
      .bytes();
}

// Says that a file (whole or delta) was made for an asker.
inline Bytes FileRow(const Hash& root, std::string_view asker) {
  const std::uint8_t letter = 'f';
  return RecordKey().Raw(ByteView(&letter, 1)).Raw(root).Text(asker).bytes();
}

// What a file row holds: the agreement and the clause that the file is of.
inline Bytes FileOwner(const Hash& agreement, std::string_view clause) {
  return Concat({agreement, AsBytes(clause)});
}

// Counts changes: of the lists and the protected set (`v`), of the protected
// set alone (`p`).
struct ChangeCount {
  std::uint64_t n = 0;
  template <class A>
  void Fields(A& f) {
    f(n);
  }
};
inline absl::StatusOr<std::uint64_t> ChangesOf(store::Reader& reader,
                                               std::string_view what) {
  TRY(const auto count, store::GetRecord<ChangeCount>(
                            reader, store::Table::kTagSet, AsBytes(what)));
  return count ? count->n : 0;
}
inline absl::Status CountChange(store::Writer& writer, std::string_view what) {
  TRY(const std::uint64_t before, ChangesOf(writer, what));
  return store::PutRecord(writer, store::Table::kTagSet, AsBytes(what),
                          ChangeCount{before + 1});
}

inline std::string TagSetFolder(const Desk& desk, model::Way way) {
  return desk.data_dir +
         (way == model::Way::kOut ? "/tagsets/out" : "/tagsets/in");
}
inline std::string TagSetPath(const Desk& desk, model::Way way,
                              const Hash& root) {
  return TagSetFolder(desk, way) + "/" + ToHex(root);
}

// Clauses whose asker takes a tag set.
inline bool Screens(const policy::Clause& clause) {
  return clause.action == policy::Action::kScreen ||
         clause.action == policy::Action::kQuery;
}

}  // namespace entente::exchange
