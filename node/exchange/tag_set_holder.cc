// The holder's half of tag_sets.h: what it answers. tag_set_build.cc makes the
// sets.

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/acts.h"
#include "node/exchange/day_book.h"
#include "node/exchange/epochs.h"
#include "node/exchange/tag_set_keys.h"
#include "node/exchange/tag_sets.h"
#include "node/match/rule.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

// At most `length` bytes of the file from `offset`. INVALID_ARGUMENT: at or
// beyond its end.
absl::StatusOr<Bytes> ReadRange(const std::string& path, std::uint64_t offset,
                                std::uint32_t length) {
  if (offset > kMaxTagSetBytes)
    return WithReason(Invalid("chunk offset"), "statement-malformed");
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Unavailable("the tag set's file cannot be opened");
  Bytes out(length);
  const ssize_t got =
      pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
  close(fd);
  if (got < 0) return Unavailable("the tag set's file cannot be read");
  if (got == 0)
    return WithReason(Invalid("chunk offset"), "statement-malformed");
  out.resize(static_cast<std::size_t>(got));
  return out;
}

// Sending a tag set is an act under its clause: policy is asked with the
// clause's own first words.
absl::StatusOr<policy::Permit> PermitToSend(Desk& desk,
                                            const policy::Compiled& agreement,
                                            const policy::Clause& clause,
                                            std::string_view asker,
                                            const Id16& subject) {
  Act act;
  act.clause = clause.id;
  act.holder = desk.party;
  act.asker = std::string(asker);
  const std::uint64_t leaves =
      agreement.PurposesOf(*agreement.ClauseIndex(clause.id));
  for (std::size_t i = 0; i < agreement.purposes().size(); ++i) {
    if (((leaves >> i) & 1U) != 0) {
      act.purpose = agreement.purposes().purposes()[i].code;
      break;
    }
  }
  act.basis = clause.bases.empty() ? "" : clause.bases[0];
  const auto first = [](std::uint32_t bits) {
    return static_cast<std::uint8_t>(std::countr_zero(bits));
  };
  act.role = static_cast<policy::Role>(first(clause.roles.bits));
  act.route = static_cast<policy::Route>(first(clause.routes.bits));
  act.urgency = static_cast<policy::Urgency>(first(clause.urgency.bits));
  act.asked = agreement.FieldBits(clause.fields).value_or(0);
  if (clause.case_required)
    act.reference = "tag-set";  // the case is named when somebody asks
  TRY(policy::Facts facts, FactsOf(agreement, act));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY_OK(FillOwnSide(desk, *reader, agreement, act, facts));
  policy::Verdict verdict =
      policy::Decide(agreement, policy::Local{}, facts, subject);
  if (auto* permit = std::get_if<policy::Permit>(&verdict))
    return std::move(*permit);
  return PeerRefusal(WithoutPermit(verdict));
}

}  // namespace

absl::StatusOr<model::SignedStatement> AnswerTagSetAsk(
    Desk& desk, std::string_view from, const model::SignedStatement& in,
    const ProtectedIndex& hidden) {
  TRY(const Opened<model::TagSetAsk> ask,
      desk.courier.Open<model::TagSetAsk>(from, in));
  const AgreementRef agreement = desk.book.Find(ask.value.agreement);
  if (agreement == nullptr || !agreement->PartyIndex(from)) {
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  }
  const policy::Clause* clause = agreement->FindClause(ask.value.clause);
  if (clause == nullptr || !Screens(*clause))
    return WithReason(Denied("no such screening clause"), "W03");
  TRY(const EpochSpan span, EpochAt(*agreement, desk.clock.NowSeconds()));
  if (ask.value.epoch != span.epoch) {
    return WithReason(Unready("another epoch is running"), "epoch-unknown");
  }
  TRY_OK(PermitToSend(desk, *agreement, *clause, from, ask.value.preamble.nonce)
             .status());
  TRY(const model::TagSetRecord record,
      EnsureTagSet(desk, *agreement, clause->id, from, hidden));
  // A large set takes longer to build than a permit lives, and the law may have
  // changed meanwhile: it is asked again.
  TRY(const policy::Permit permit,
      PermitToSend(desk, *agreement, *clause, from, ask.value.preamble.nonce));
  TRY(const audit::Receipt receipt,
      desk.log.Append(ledger::Event("tagset.send")
                          .Set("agr", agreement->hash())
                          .Set("clause", clause->id)
                          .Set("epoch", record.epoch)
                          .Set("peer", from)
                          .Set("root", record.root)
                          .Set("seq", record.sequence),
                      permit));
  model::TagSetManifest manifest;
  manifest.agreement = agreement->hash();
  manifest.clause = clause->id;
  manifest.recipe = std::string(match::kRecipe);
  manifest.epoch = record.epoch;
  manifest.sequence = record.sequence;
  manifest.count = record.count;
  manifest.size = record.size;
  manifest.root = record.root;
  if (ask.value.have != 0 && ask.value.have == record.delta_from) {
    manifest.delta_from = record.delta_from;
    manifest.delta_size = record.delta_size;
    manifest.delta_root = record.delta_root;
  }
  manifest.leaf = receipt.leaf_hash();
  TRY(model::SignedStatement sealed, desk.courier.Seal(manifest, from));
  const ledger::ExchangeRecord step = RecordOf(
      agreement->hash(), ledger::Step::kTagSet, ask.value.preamble.nonce, 0,
      Hash{}, manifest.leaf, in.body, sealed.body);
  TRY_OK(desk.store.Write([&](store::Writer& writer) {
    return KeepRecord(writer, from, ask.value.preamble.time, step);
  }));
  return sealed;
}

absl::StatusOr<model::SignedStatement> AnswerTagSetChunk(
    Desk& desk, std::string_view from, const model::SignedStatement& in) {
  TRY(const Opened<model::TagSetChunkAsk> ask,
      desk.courier.Open<model::TagSetChunkAsk>(from, in));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  // Only a file that was made for this asker is served to it.
  TRY(const std::optional<Bytes> known,
      reader->Get(store::Table::kTagSet, FileRow(ask.value.root, from)));
  if (!known || known->size() < sizeof(Hash))
    return WithReason(NotFound("no such tag set"), "tagset-unknown");
  // Each piece is an act under the clause: a stop ends a download as well.
  TRY(const Hash hash, ToArray<32>(ByteView(*known).first(sizeof(Hash))));
  const AgreementRef agreement = desk.book.Find(hash);
  if (agreement == nullptr)
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  const policy::Clause* clause =
      agreement->FindClause(AsText(ByteView(*known).subspan(sizeof(Hash))));
  if (clause == nullptr)
    return WithReason(Denied("no such screening clause"), "W03");
  TRY_OK(PermitToSend(desk, *agreement, *clause, from, ask.value.preamble.nonce)
             .status());
  if (ask.value.length == 0 || ask.value.length > kTagSetChunk) {
    return WithReason(Invalid("chunk length"), "statement-malformed");
  }
  model::TagSetChunk chunk;
  chunk.root = ask.value.root;
  chunk.offset = ask.value.offset;
  TRY(chunk.data, ReadRange(TagSetPath(desk, model::Way::kOut, ask.value.root),
                            ask.value.offset, ask.value.length));
  return desk.courier.Seal(chunk, from);
}

absl::Status MarkTagSetsStale(store::Writer& writer) {
  const std::uint8_t letter = 'o';
  Bytes after;
  while (true) {
    TRY(const std::vector<store::Row> rows,
        writer.Scan(store::Table::kTagSet, ByteView(&letter, 1), after, 256));
    if (rows.empty()) break;
    for (const store::Row& row : rows) {
      TRY(model::TagSetRecord record, Decode<model::TagSetRecord>(row.value));
      record.stale = true;
      // The row keeps its term: the end of its epoch and grace.
      TRY_OK(store::PutRecord(writer, store::Table::kTagSet, row.key, record,
                              row.due));
    }
    after = rows.back().key;
  }
  return CountChange(writer, "v");
}

absl::StatusOr<std::uint64_t> BuiltSequence(store::Reader& reader,
                                            const Hash& agreement,
                                            std::string_view clause,
                                            std::string_view asker,
                                            std::uint64_t epoch) {
  TRY(const auto record,
      store::GetRecord<model::TagSetRecord>(
          reader, store::Table::kTagSet,
          TagSetRow(model::Way::kOut, agreement, clause, asker, epoch)));
  return record ? record->sequence : 0;
}

absl::StatusOr<model::HandleRecord> FindHandle(
    store::Reader& reader, const Hash& agreement, std::string_view clause,
    std::string_view asker, std::uint64_t epoch, ByteView handle) {
  return store::NeedRecord<model::HandleRecord>(
      reader, store::Table::kTagSet,
      HandleRow(agreement, clause, asker, epoch, handle), "row handle");
}

}  // namespace entente::exchange
