// The holder's half of tag_sets.h.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/oprf/info.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "crypto/psi/delta.h"
#include "node/base/file.h"
#include "node/base/time.h"
#include "node/exchange/acts.h"
#include "node/exchange/epochs.h"
#include "node/exchange/list_rows.h"
#include "node/exchange/tag_set_keys.h"
#include "node/exchange/tag_sets.h"
#include "node/match/recipe.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

constexpr std::size_t kRowsPerRound = 64;  // bounds the keys in memory
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30U;

bool Screens(const policy::Clause& clause) {
  return clause.action == policy::Action::kScreen ||
         clause.action == policy::Action::kQuery;
}

psi::Padding PaddingOf(const policy::Compiled& agreement) {
  return static_cast<psi::Padding>(
      policy::OctaveSteps(agreement.agreement().screening.tag_set_padding));
}

struct Row {
  Bytes key;
  model::ListEntry entry;
  psi::Handle handle{};
};

// What is built, for whom, under which key.
struct Site {
  Desk& desk;
  const policy::Compiled& agreement;
  const policy::Clause& clause;
  std::string asker;
  std::uint64_t epoch = 0;
  std::uint64_t changes = 0;  // of the lists, when their rows were read
};

absl::Status ListsChanged() {
  return WithReason(
      Unavailable("the lists changed while the tag set was built"),
      "tagset-building");
}

// A row enters only when the clause grants its ground, it has not expired, and
// no protected person stands behind it.
bool Enters(const Site& site, std::uint16_t clause_index,
            const model::ListEntry& entry, std::string_view today,
            const ProtectedIndex& hidden, std::uint64_t& withheld) {
  if (!site.agreement.Admits(clause_index, entry.ground) ||
      entry.expires < today)
    return false;
  if (hidden.Covers(entry)) {
    ++withheld;
    return false;
  }
  return true;
}

absl::StatusOr<std::vector<Row>> AdmittedRows(const Site& site,
                                              store::Reader& reader,
                                              const ProtectedIndex& hidden,
                                              std::uint64_t& withheld) {
  const std::uint16_t clause_index =
      *site.agreement.ClauseIndex(site.clause.id);
  const std::string today = base::DayKey(site.desk.clock.NowSeconds());
  std::vector<Row> out;
  TRY(const auto lists,
      store::AllRecords<model::ListRecord>(reader, store::Table::kList));
  for (const auto& [name, list] : lists) {
    const Bytes prefix = ListGeneration(list.name, list.generation);
    TRY(auto entries, store::AllRecords<model::ListEntry>(
                          reader, store::Table::kListEntry, prefix));
    for (auto& [key, entry] : entries) {
      if (!Enters(site, clause_index, entry, today, hidden, withheld)) continue;
      const Bytes name_of_entry = ListEntryName(list.name, entry.entry_id);
      out.push_back({name_of_entry, std::move(entry), {}});
    }
  }
  return out;
}

// Rows that stayed keep their handle within the epoch; new ones get a random
// one.
absl::Status AssignHandles(const Site& site, store::Reader& reader,
                           std::vector<Row>& rows) {
  std::map<Bytes, psi::Handle> known;
  const Bytes prefix = HandleRow(site.agreement.hash(), site.clause.id,
                                 site.asker, site.epoch, {});
  TRY(const auto handles, store::AllRecords<model::HandleRecord>(
                              reader, store::Table::kTagSet, prefix));
  for (const auto& [key, record] : handles) {
    TRY(const psi::Handle handle, ToArray<6>(ByteView(key).last(6)));
    known[record.entry_key] = handle;
  }
  for (Row& row : rows) {
    const auto it = known.find(row.key);
    if (it != known.end()) {
      row.handle = it->second;
    } else {
      do {
        primitive::RandomBytes(row.handle);
      } while (row.handle == psi::Handle{});
    }
  }
  return absl::OkStatus();
}

// One entry that stands for nothing, the same for the same place of the same
// row, so that deltas stay small.
oprf::Token FillerToken(const Bytes& seed, const Bytes& row_key,
                        std::uint32_t unit, std::uint32_t place) {
  oprf::Token token{};
  RecordKey at;
  at.Raw(row_key).Number((std::uint64_t{unit} << 32U) | place);
  const Hash first = primitive::HmacSha256(
      seed, {AsBytes("entente/tagset-filler/1\n"), at.bytes()});
  std::copy(first.begin(), first.end(), token.begin());
  return token;
}

absl::Status AddRound(const Site& site, std::span<const Row> rows,
                      const Bytes& info, const Bytes& seed,
                      match::Deriver& deriver, psi::TagSetBuilder& builder) {
  const match::Set set = MatchSetOf(site.clause);
  const std::size_t per_unit = match::EntriesPerUnit(set);
  match::KeyBatch batch;
  std::vector<std::size_t> owner;  // per key: which row
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::vector<std::size_t> units =
        deriver.Units(rows[r].entry, set, batch);
    for (std::size_t u = 0; u < units.size(); ++u) {
      owner.insert(owner.end(), units[u], r);
      for (std::size_t i = units[u]; i < per_unit; ++i) {
        const oprf::Token filler =
            FillerToken(seed, rows[r].key, static_cast<std::uint32_t>(u),
                        static_cast<std::uint32_t>(i));
        TRY_OK(builder.Add(filler, {rows[r].handle, 0xff}));
      }
    }
  }
  std::vector<Bytes> inputs;
  inputs.reserve(batch.size());
  for (const match::KeyView& key : batch.keys())
    inputs.push_back(ToBytes(key.text));
  absl::StatusOr<std::vector<oprf::Token>> tokens = std::vector<oprf::Token>();
  if (!inputs.empty())
    tokens = site.desk.keys.TokensFor(site.agreement.hash(), site.epoch, info,
                                      inputs);
  for (Bytes& input : inputs) Wipe(input);
  if (!tokens.ok()) return tokens.status();
  for (std::size_t i = 0; i < tokens->size(); ++i) {
    TRY_OK(builder.Add((*tokens)[i], {rows[owner[i]].handle, batch[i].rule}));
  }
  return absl::OkStatus();
}

absl::StatusOr<psi::TagSetFile> BuildFile(const Site& site,
                                          const std::vector<Row>& rows,
                                          const model::TagSetRecord& record,
                                          const Progress& progress) {
  psi::TagSetHeader header;
  header.agreement = site.agreement.hash();
  header.clause = site.clause.id;
  header.holder = site.desk.party;
  header.asker = site.asker;
  header.epoch = site.epoch;
  header.recipe = std::string(match::kRecipe);
  header.sequence = record.sequence;
  const Bytes info =
      oprf::ScreeningInfo({header.agreement, header.holder, header.asker,
                           header.clause, header.recipe, header.epoch});
  psi::TagSetBuilder builder(header);
  match::Deriver deriver;
  for (std::size_t at = 0; at < rows.size(); at += kRowsPerRound) {
    const std::size_t n = std::min(kRowsPerRound, rows.size() - at);
    TRY_OK(AddRound(site, std::span(rows).subspan(at, n), info,
                    record.padding_seed, deriver, builder));
    if (progress) progress(at + n, rows.size());
  }
  const SecretBytes seed = SecretBytes::CopyOf(record.padding_seed);
  return std::move(builder).Finish(PaddingOf(site.agreement),
                                   psi::SeededPadding(seed));
}

// The delta from the file before, when it is smaller than the file itself.
absl::Status OfferDelta(const Site& site,
                        const std::optional<model::TagSetRecord>& before,
                        const psi::TagSetFile& file,
                        model::TagSetRecord& record) {
  if (!before) return absl::OkStatus();
  const auto old_bytes = base::ReadFile(
      TagSetPath(site.desk, model::Way::kOut, before->root), kMaxFileBytes);
  if (!old_bytes.ok()) return absl::OkStatus();  // then the whole file goes
  psi::TagSetHeader old_header = file.header;
  old_header.sequence = before->sequence;
  old_header.count = before->count;
  TRY(const psi::TagSetView from,
      psi::TagSetView::Open(*old_bytes, before->root, old_header));
  TRY(const psi::TagSetView to,
      psi::TagSetView::Open(file.bytes, file.root, file.header));
  TRY(const psi::Delta delta, psi::MakeDelta(from, to));
  if (psi::EncodedSize(delta) >= file.bytes.size()) return absl::OkStatus();
  const Bytes encoded = EncodeStatement(delta);
  record.delta_from = before->sequence;
  record.delta_size = encoded.size();
  record.delta_root = primitive::Sha256(encoded);
  return base::WriteFileAtomic(
      TagSetPath(site.desk, model::Way::kOut, record.delta_root), encoded);
}

absl::Status Publish(const Site& site, const std::vector<Row>& rows,
                     std::uint64_t withheld, model::TagSetRecord& record) {
  audit::Job job;
  job.events.push_back(ledger::Event("tagset.build")
                           .Set("agr", site.agreement.hash())
                           .Set("clause", site.clause.id)
                           .Set("count", record.count)
                           .Set("epoch", site.epoch)
                           .Set("peer", site.asker)
                           .Set("recipe", CodeOrDash("recipe-1"))
                           .Set("root", record.root)
                           .Set("seq", record.sequence));
  job.events.push_back(
      ledger::MakeGuard("tagset", {"rows", withheld, "", "", ""}));
  const std::int64_t due =
      EpochNumber(site.agreement, site.epoch).destroy_after;
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    // What was read must still be so: a row that was removed or protected
    // meanwhile must not go out for the rest of the epoch.
    TRY(const std::uint64_t changes, ChangesOf(writer, "v"));
    if (changes != site.changes) return ListsChanged();
    for (const Row& row : rows) {
      const Bytes key = HandleRow(site.agreement.hash(), site.clause.id,
                                  site.asker, site.epoch, row.handle);
      const model::HandleRecord handle{
          row.key, ToBytes(ByteView(primitive::Sha256(Encode(row.entry))))};
      TRY_OK(store::PutRecord(writer, store::Table::kTagSet, key, handle, due));
    }
    const Bytes owner = FileOwner(site.agreement.hash(), site.clause.id);
    TRY_OK(writer.Put(store::Table::kTagSet, FileRow(record.root, site.asker),
                      owner, due));
    if (record.delta_from != 0)
      TRY_OK(writer.Put(store::Table::kTagSet,
                        FileRow(record.delta_root, site.asker), owner, due));
    return store::PutRecord(writer, store::Table::kTagSet,
                            TagSetRow(model::Way::kOut, site.agreement.hash(),
                                      site.clause.id, site.asker, site.epoch),
                            record, due);
  };
  return site.desk.log.Commit(std::move(job)).status();
}

// At most `length` bytes of the file from `offset`. INVALID_ARGUMENT: at or
// beyond its end.
absl::StatusOr<Bytes> ReadRange(const std::string& path, std::uint64_t offset,
                                std::uint32_t length) {
  if (offset > kMaxFileBytes)
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

absl::StatusOr<model::TagSetRecord> EnsureTagSet(
    Desk& desk, const policy::Compiled& agreement, std::string_view clause_id,
    std::string_view asker, const ProtectedIndex& hidden,
    const Progress& progress) {
  const policy::Clause* clause = agreement.FindClause(clause_id);
  if (clause == nullptr || !Screens(*clause) ||
      !agreement.Covers(*agreement.ClauseIndex(clause_id), desk.party, asker)) {
    return WithReason(Denied("no such screening clause"), "W01");
  }
  TRY(const EpochSpan span, EpochAt(agreement, desk.clock.NowSeconds()));
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const std::uint64_t changes, ChangesOf(*reader, "v"));
  const Site site{desk,       agreement, *clause, std::string(asker),
                  span.epoch, changes};
  TRY(const auto before, store::GetRecord<model::TagSetRecord>(
                             *reader, store::Table::kTagSet,
                             TagSetRow(model::Way::kOut, agreement.hash(),
                                       clause->id, asker, span.epoch)));
  if (before && !before->stale) return *before;
  TRY_OK(EnsureOwnEpoch(desk, agreement, asker).status());
  std::uint64_t withheld = 0;
  // The set in memory may lag behind an import that was committed just now.
  TRY(const bool current, hidden.IsCurrent(*reader));
  if (!current) return ListsChanged();
  TRY(std::vector<Row> rows, AdmittedRows(site, *reader, hidden, withheld));
  if (rows.size() > clause->list_rows_max) {
    return WithNext(WithReason(Unready("the list has more rows than clause `",
                                       clause->id, "` allows"),
                               "list-too-long"),
                    "shorten the list or agree on a higher list_rows_max");
  }
  TRY_OK(AssignHandles(site, *reader, rows));
  model::TagSetRecord record;
  record.epoch = span.epoch;
  record.sequence = before ? before->sequence + 1 : 1;
  record.padding_seed = before
                            ? before->padding_seed
                            : ToBytes(ByteView(primitive::RandomArray<32>()));
  record.made = desk.clock.NowSeconds();
  record.rows = static_cast<std::uint32_t>(rows.size());
  TRY(const psi::TagSetFile file, BuildFile(site, rows, record, progress));
  record.count = file.header.count;
  record.size = file.bytes.size();
  record.root = file.root;
  TRY_OK(OfferDelta(site, before, file, record));
  TRY_OK(base::WriteFileAtomic(TagSetPath(desk, model::Way::kOut, file.root),
                               file.bytes));
  TRY_OK(Publish(site, rows, withheld, record));
  return record;
}

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
  TRY(const policy::Permit permit,
      PermitToSend(desk, *agreement, *clause, from, ask.value.preamble.nonce));
  TRY(const model::TagSetRecord record,
      EnsureTagSet(desk, *agreement, clause->id, from, hidden));
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
  return desk.courier.Seal(manifest, from);
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
