// The holder's half of tag_sets.h: sets are built from the lists page by page,
// so that memory does not grow with them.

#include <algorithm>
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
#include "node/exchange/tag_set_handles.h"
#include "node/exchange/tag_set_keys.h"
#include "node/exchange/tag_sets.h"
#include "node/match/recipe.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

constexpr std::size_t kPage = 64;  // rows; bounds the keys in memory

psi::Padding PaddingOf(const policy::Compiled& agreement) {
  return static_cast<psi::Padding>(
      policy::OctaveSteps(agreement.agreement().screening.tag_set_padding));
}

absl::Status ListsChanged() {
  return WithReason(
      Unavailable("the lists changed while the tag set was built"),
      "tagset-building");
}

// A row enters only when the clause grants its ground, it has not expired, and
// no protected person stands behind it.
bool Enters(const TagSetSite& site, std::uint16_t clause_index,
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

// Hands `take` the admitted rows, a page at a time. Each page is read by
// itself: a build takes minutes, and no reader stays open so long. UNAVAILABLE
// `tagset-building`: the lists changed meanwhile.
template <class Take>
absl::Status EachPage(const TagSetSite& site, const ProtectedIndex& hidden,
                      std::uint64_t& withheld, const Take& take) {
  const std::uint16_t clause_index =
      *site.agreement.ClauseIndex(site.clause.id);
  const std::string today = base::DayKey(site.desk.clock.NowSeconds());
  std::vector<std::pair<Bytes, model::ListRecord>> lists;
  {
    TRY(const std::unique_ptr<store::Reader> reader, site.desk.store.Read());
    TRY(lists,
        store::AllRecords<model::ListRecord>(*reader, store::Table::kList));
  }
  for (const auto& [name, list] : lists) {
    const Bytes prefix = ListGeneration(list.name, list.generation);
    Bytes after;
    while (true) {
      TRY(const std::unique_ptr<store::Reader> reader, site.desk.store.Read());
      TRY(const std::uint64_t changes, ChangesOf(*reader, "v"));
      if (changes != site.changes) return ListsChanged();
      TRY(const std::vector<store::Row> stored,
          reader->Scan(store::Table::kListEntry, prefix, after, kPage));
      if (stored.empty()) break;
      after = stored.back().key;
      std::vector<ListedRow> rows;
      for (const store::Row& row : stored) {
        absl::StatusOr<model::ListEntry> entry =
            Decode<model::ListEntry>(row.value);
        if (!entry.ok()) return ProofFailed("a stored list entry is damaged");
        if (!Enters(site, clause_index, *entry, today, hidden, withheld))
          continue;
        Bytes key = ListEntryName(list.name, entry->entry_id);
        rows.push_back({std::move(key), *std::move(entry), {}});
      }
      TRY_OK(take(*reader, rows));
    }
  }
  return absl::OkStatus();
}

// What the rows of a build come to.
struct Survey {
  std::uint64_t rows = 0;
  std::uint64_t withheld = 0;
  std::string good_until;  // the first day on which one of them expires
};

absl::StatusOr<Survey> SurveyRows(const TagSetSite& site,
                                  const ProtectedIndex& hidden) {
  Survey survey;
  TRY_OK(
      EachPage(site, hidden, survey.withheld,
               [&survey](store::Reader&, const std::vector<ListedRow>& rows) {
                 survey.rows += rows.size();
                 for (const ListedRow& row : rows) {
                   if (survey.good_until.empty() ||
                       row.entry.expires < survey.good_until)
                     survey.good_until = row.entry.expires;
                 }
                 return absl::OkStatus();
               }));
  return survey;
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

absl::Status AddRound(const TagSetSite& site, std::span<const ListedRow> rows,
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

class Spill final : public psi::EntrySpill {
 public:
  explicit Spill(base::ScratchFile file) : file_(std::move(file)) {}
  absl::Status Append(ByteView bytes) override { return file_.Append(bytes); }
  absl::Status Read(std::uint64_t offset, MutableByteView out) override {
    return file_.Read(offset, out);
  }

 private:
  base::ScratchFile file_;
};

psi::TagSetHeader HeaderOf(const TagSetSite& site,
                           const model::TagSetRecord& record) {
  psi::TagSetHeader header;
  header.agreement = site.agreement.hash();
  header.clause = site.clause.id;
  header.holder = site.desk.party;
  header.asker = site.asker;
  header.epoch = site.epoch;
  header.recipe = std::string(match::kRecipe);
  header.sequence = record.sequence;
  header.count = record.count;
  return header;
}

// Writes the file of all admitted rows and says in `record` what it is.
absl::Status BuildFile(const TagSetSite& site, const ProtectedIndex& hidden,
                       const Survey& survey, model::TagSetRecord& record,
                       const Progress& progress) {
  const std::string folder = TagSetFolder(site.desk, model::Way::kOut);
  TRY(base::ScratchFile scratch, base::ScratchFile::Create(folder));
  Spill spill(std::move(scratch));
  const psi::TagSetHeader header = HeaderOf(site, record);
  const Bytes info =
      oprf::ScreeningInfo({header.agreement, header.holder, header.asker,
                           header.clause, header.recipe, header.epoch});
  psi::TagSetBuilder builder(header, &spill);
  match::Deriver deriver;
  std::uint64_t done = 0;
  std::uint64_t withheld = 0;  // counted by the survey
  TRY_OK(EachPage(
      site, hidden, withheld,
      [&](store::Reader& reader, std::vector<ListedRow>& rows) -> absl::Status {
        TRY_OK(AssignHandles(site, reader, record.padding_seed, rows));
        TRY_OK(
            AddRound(site, rows, info, record.padding_seed, deriver, builder));
        done += rows.size();
        if (progress) progress(done, survey.rows);
        return absl::OkStatus();
      }));
  // Of this build alone: two may run at the same time.
  const std::string temporary = folder + "/" +
                                ToHex(primitive::RandomArray<8>()) +
                                base::kTemporarySuffix;
  TRY(base::NewFile file, base::NewFile::Create(temporary));
  const SecretBytes seed = SecretBytes::CopyOf(record.padding_seed);
  TRY(const psi::TagSetSum sum,
      std::move(builder).Finish(
          PaddingOf(site.agreement), psi::SeededPadding(seed),
          [&file](ByteView piece) { return file.Append(piece); }));
  record.count = sum.header.count;
  record.size = sum.size;
  record.root = sum.root;
  return std::move(file).Commit(
      TagSetPath(site.desk, model::Way::kOut, record.root));
}

// The delta from the file before, when it is smaller than the file itself.
absl::Status OfferDelta(const TagSetSite& site,
                        const std::optional<model::TagSetRecord>& before,
                        model::TagSetRecord& record) {
  if (!before || before->sequence == 0) return absl::OkStatus();
  const auto path = [&site](const Hash& root) {
    return TagSetPath(site.desk, model::Way::kOut, root);
  };
  const auto from =
      Replica::Map(path(before->root), before->root, HeaderOf(site, *before));
  if (!from.ok()) return absl::OkStatus();  // then the whole file goes
  TRY(const auto to,
      Replica::Map(path(record.root), record.root, HeaderOf(site, record)));
  const absl::StatusOr<psi::Delta> delta =
      psi::MakeDelta((*from)->view(), to->view(), [&from, &to] {
        (*from)->Release();
        to->Release();
      });
  if (absl::IsResourceExhausted(delta.status())) return absl::OkStatus();
  TRY_OK(delta.status());
  if (psi::EncodedSize(*delta) >= record.size) return absl::OkStatus();
  const Bytes encoded = EncodeStatement(*delta);
  record.delta_from = before->sequence;
  record.delta_size = encoded.size();
  record.delta_root = primitive::Sha256(encoded);
  return base::WriteFileAtomic(path(record.delta_root), encoded);
}

absl::Status Publish(const TagSetSite& site, std::uint64_t withheld,
                     model::TagSetRecord& record) {
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
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    // What was read must still be so: a row that was removed or protected
    // meanwhile must not go out for the rest of the epoch.
    TRY(const std::uint64_t changes, ChangesOf(writer, "v"));
    if (changes != site.changes) return ListsChanged();
    const Bytes owner = FileOwner(site.agreement.hash(), site.clause.id);
    TRY_OK(writer.Put(store::Table::kTagSet, FileRow(record.root, site.asker),
                      owner, site.due));
    if (record.delta_from != 0)
      TRY_OK(writer.Put(store::Table::kTagSet,
                        FileRow(record.delta_root, site.asker), owner,
                        site.due));
    return store::PutRecord(writer, store::Table::kTagSet,
                            TagSetRow(model::Way::kOut, site.agreement.hash(),
                                      site.clause.id, site.asker, site.epoch),
                            record, site.due);
  };
  return site.desk.log.Commit(std::move(job)).status();
}

// Of all sets of this clause, asker and epoch. Durable before the first handle
// is derived from it, so that a build that fails leaves no handle that the next
// one does not use. Sequence 0: nothing was built yet.
absl::StatusOr<Bytes> SeedOf(const TagSetSite& site,
                             const std::optional<model::TagSetRecord>& before) {
  if (before) return before->padding_seed;
  model::TagSetRecord fresh;
  fresh.epoch = site.epoch;
  fresh.padding_seed = ToBytes(ByteView(primitive::RandomArray<32>()));
  fresh.stale = true;
  TRY_OK(site.desk.store.Write([&](store::Writer& writer) {
    return store::PutRecord(writer, store::Table::kTagSet,
                            TagSetRow(model::Way::kOut, site.agreement.hash(),
                                      site.clause.id, site.asker, site.epoch),
                            fresh, site.due);
  }));
  return fresh.padding_seed;
}

// Nothing changed since it was built, and no row of it has expired.
bool IsCurrent(const model::TagSetRecord& record, std::int64_t now) {
  return !record.stale &&
         (record.good_until.empty() || base::DayKey(now) <= record.good_until);
}

absl::StatusOr<model::TagSetRecord> Build(
    const TagSetSite& site, const ProtectedIndex& hidden,
    const std::optional<model::TagSetRecord>& before,
    const Progress& progress) {
  TRY(const Survey survey, SurveyRows(site, hidden));
  if (survey.rows > site.clause.list_rows_max) {
    return WithNext(WithReason(Unready("the list has more rows than clause `",
                                       site.clause.id, "` allows"),
                               "list-too-long"),
                    "shorten the list or agree on a higher list_rows_max");
  }
  TRY(const Bytes seed, SeedOf(site, before));
  model::TagSetRecord record;
  record.epoch = site.epoch;
  record.sequence = before ? before->sequence + 1 : 1;
  record.padding_seed = seed;
  record.made = site.desk.clock.NowSeconds();
  record.rows = static_cast<std::uint32_t>(survey.rows);
  record.good_until = survey.good_until;
  TRY_OK(BuildFile(site, hidden, survey, record, progress));
  absl::Status done = OfferDelta(site, before, record);
  if (done.ok()) done = Publish(site, survey.withheld, record);
  if (!done.ok() && !(before && before->root == record.root)) {
    // A file that no row names is of no use to anybody.
    base::RemoveFile(TagSetPath(site.desk, model::Way::kOut, record.root))
        .IgnoreError();
  }
  TRY_OK(done);
  return record;
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
  const std::int64_t now = desk.clock.NowSeconds();
  TRY(const EpochSpan span, EpochAt(agreement, now));
  std::optional<model::TagSetRecord> before;
  std::uint64_t changes = 0;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(changes, ChangesOf(*reader, "v"));
    TRY(before, store::GetRecord<model::TagSetRecord>(
                    *reader, store::Table::kTagSet,
                    TagSetRow(model::Way::kOut, agreement.hash(), clause->id,
                              asker, span.epoch)));
    if (before && IsCurrent(*before, now)) return *before;
    // The set in memory may lag behind an import that was committed just now.
    TRY(const bool current, hidden.IsCurrent(*reader));
    if (!current) return ListsChanged();
  }
  TRY_OK(EnsureOwnEpoch(desk, agreement, asker).status());
  const TagSetSite site{desk,
                        agreement,
                        *clause,
                        std::string(asker),
                        span.epoch,
                        changes,
                        EpochNumber(agreement, span.epoch).destroy_after};
  return Build(site, hidden, before, progress);
}

}  // namespace entente::exchange
