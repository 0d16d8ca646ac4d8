// The asker's half of tag_sets.h.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/random.h"
#include "crypto/psi/delta.h"
#include "node/base/file.h"
#include "node/base/mutex.h"
#include "node/exchange/acts.h"
#include "node/exchange/day_book.h"
#include "node/exchange/epochs.h"
#include "node/exchange/tag_set_keys.h"
#include "node/exchange/tag_sets.h"
#include "node/match/rule.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

absl::Status Damaged(std::string_view what) {
  return WithNext(WithReason(ProofFailed(what), "tagset-damaged"),
                  "fetch it again; if it stays so, tell the holder");
}

psi::TagSetHeader HeaderOf(const Desk& desk, const policy::Compiled& agreement,
                           std::string_view clause, std::string_view holder,
                           std::uint64_t epoch, std::uint64_t sequence,
                           std::uint64_t count) {
  psi::TagSetHeader header;
  header.agreement = agreement.hash();
  header.clause = std::string(clause);
  header.holder = std::string(holder);
  header.asker = desk.party;
  header.epoch = epoch;
  header.recipe = std::string(match::kRecipe);
  header.sequence = sequence;
  header.count = count;
  return header;
}

absl::Status WriteAt(const std::string& path, std::uint64_t offset,
                     ByteView data) {
  const int flags = offset == 0 ? O_WRONLY | O_CREAT : O_WRONLY;
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return Unavailable("the partial tag set cannot be written");
  const ssize_t wrote =
      pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
  const bool synced = fsync(fd) == 0;
  close(fd);
  if (wrote != static_cast<ssize_t>(data.size()) || !synced)
    return Exhausted("the disk is full");
  return absl::OkStatus();
}

absl::StatusOr<Hash> HashOfFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NotFound("the partial tag set is gone");
  primitive::Sha256Stream hash;
  Bytes piece(std::size_t{64} << 10U);
  ssize_t got = 0;
  while ((got = read(fd, piece.data(), piece.size())) > 0)
    hash.Update(ByteView(piece).first(static_cast<std::size_t>(got)));
  close(fd);
  if (got < 0) return Unavailable("the partial tag set cannot be read");
  return hash.Finish();
}

// Brings `size` bytes under `root` to `path`, going on where a partial file
// stopped. Verified by its root before the name counts.
absl::Status Download(Desk& desk, std::string_view holder, const Hash& root,
                      std::uint64_t size, const std::string& path,
                      const Progress& progress) {
  if (base::FileExists(path)) return absl::OkStatus();
  if (size > kMaxTagSetBytes)
    return Damaged("the tag set is larger than any may be");
  const std::string part = path + ".part";
  struct stat info{};
  std::uint64_t have = stat(part.c_str(), &info) == 0
                           ? static_cast<std::uint64_t>(info.st_size)
                           : 0;
  if (have > size) {
    TRY_OK(base::RemoveFile(part));
    have = 0;
  }
  while (have < size) {
    model::TagSetChunkAsk ask;
    ask.root = root;
    ask.offset = have;
    ask.length = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(kTagSetChunk, size - have));
    TRY(const auto chunk,
        desk.courier.Call<model::TagSetChunk>(holder, method::kTagSetChunk, ask,
                                              std::chrono::seconds(30)));
    if (chunk.value.root != root || chunk.value.offset != have ||
        chunk.value.data.empty() || chunk.value.data.size() > ask.length) {
      return Damaged("the holder sent another piece than was asked for");
    }
    TRY_OK(WriteAt(part, have, chunk.value.data));
    have += chunk.value.data.size();
    if (progress) progress(have, size);
  }
  TRY(const Hash got, HashOfFile(part));
  if (got != root) {
    TRY_OK(base::RemoveFile(part));
    return Damaged(
        "the tag set's bytes do not fit the root that the holder signed");
  }
  if (std::rename(part.c_str(), path.c_str()) != 0)
    return Unavailable("the tag set cannot be renamed");
  return base::SyncDir(TagSetFolder(desk, model::Way::kIn));
}

// Makes the new file from the held one and a delta.
absl::Status ApplyDelta(Desk& desk, const policy::Compiled& agreement,
                        std::string_view clause, std::string_view holder,
                        const model::TagSetRecord& held,
                        const model::TagSetManifest& manifest) {
  if (manifest.delta_size > kMaxDeltaBytes)
    return Damaged("the delta is larger than any may be");
  const std::string path =
      TagSetPath(desk, model::Way::kIn, manifest.delta_root);
  TRY_OK(Download(desk, holder, manifest.delta_root, manifest.delta_size, path,
                  {}));
  TRY(const Bytes encoded, base::ReadFile(path, kMaxDeltaBytes));
  absl::StatusOr<psi::Delta> delta = DecodeStatement<psi::Delta>(encoded);
  if (!delta.ok()) return Damaged("the delta is malformed");
  TRY(const std::shared_ptr<const Replica> from,
      Replica::Map(TagSetPath(desk, model::Way::kIn, held.root), held.root,
                   HeaderOf(desk, agreement, clause, holder, held.epoch,
                            held.sequence, held.count)));
  const std::string whole = TagSetPath(desk, model::Way::kIn, manifest.root);
  TRY(base::NewFile file,
      base::NewFile::Create(whole + "-" + ToHex(primitive::RandomArray<8>()) +
                            base::kTemporarySuffix));
  const absl::StatusOr<psi::TagSetSum> sum =
      psi::Apply(from->view(), *delta, [&file, &from](ByteView piece) {
        from->Release();
        return file.Append(piece);
      });
  if (absl::IsInvalidArgument(sum.status()) || absl::IsDataLoss(sum.status()))
    return Damaged("the delta does not fit the tag set that is held");
  TRY_OK(sum.status());
  if (sum->root != manifest.root)
    return Damaged("the delta leads to another tag set");
  TRY_OK(std::move(file).Commit(whole));
  return base::RemoveFile(path);
}

// Asks until the holder has built what it must: at most a quarter of an hour.
absl::StatusOr<Opened<model::TagSetManifest>> AskManifest(
    Desk& desk, std::string_view holder, model::TagSetAsk& ask) {
  constexpr std::int64_t kPatience = 900'000'000;
  const std::int64_t started = desk.clock.MonotonicMicros();
  while (true) {
    auto answer = desk.courier.Call<model::TagSetManifest>(
        holder, method::kTagSet, ask, std::chrono::minutes(15));
    if (answer.ok() || ReasonOf(answer.status()) != "tagset-building" ||
        desk.clock.MonotonicMicros() - started > kPatience) {
      return answer;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

// This side's half of the step. An ask has no entry of its own.
absl::Status KeepStep(Desk& desk, std::string_view holder,
                      const model::TagSetAsk& ask,
                      const Opened<model::TagSetManifest>& answer) {
  ledger::ExchangeRecord record =
      RecordOf(ask.agreement, ledger::Step::kTagSet, ask.preamble.nonce, 0,
               Hash{}, answer.value.leaf, EncodeStatement(ask), {});
  record.answer = answer.hash;
  return desk.store.Write([&](store::Writer& writer) {
    return KeepRecord(writer, holder, ask.preamble.time, record);
  });
}

absl::Status CheckManifest(const policy::Compiled& agreement,
                           std::string_view clause, std::uint64_t epoch,
                           const model::TagSetManifest& manifest) {
  if (manifest.agreement != agreement.hash() || manifest.clause != clause ||
      manifest.epoch != epoch || manifest.recipe != match::kRecipe ||
      manifest.sequence == 0) {
    return Damaged("the manifest is of another clause, epoch or recipe");
  }
  return absl::OkStatus();
}

ledger::Event TakeEvent(const policy::Compiled& agreement,
                        std::string_view clause, std::string_view holder,
                        const model::TagSetManifest& manifest) {
  return ledger::Event("tagset.take")
      .Set("agr", agreement.hash())
      .Set("clause", clause)
      .Set("count", manifest.count)
      .Set("epoch", manifest.epoch)
      .Set("peer", holder)
      .Set("peer_leaf", manifest.leaf)
      .Set("root", manifest.root)
      .Set("seq", manifest.sequence);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Replica>> Replica::Map(
    const std::string& path, const Hash& root,
    const psi::TagSetHeader& expected) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NotFound("the tag set's file is missing");
  struct stat info{};
  if (fstat(fd, &info) != 0 || info.st_size <= 0) {
    close(fd);
    return Damaged("the tag set's file is empty");
  }
  if (static_cast<std::uint64_t>(info.st_size) > kMaxTagSetBytes) {
    close(fd);
    return Damaged("the tag set's file is larger than any may be");
  }
  std::shared_ptr<Replica> replica(new Replica());
  replica->size_ = static_cast<std::size_t>(info.st_size);
  void* data = mmap(nullptr, replica->size_, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (data == MAP_FAILED)
    return Unavailable("the tag set's file cannot be mapped");
  replica->data_ = data;
  absl::StatusOr<psi::TagSetView> view = psi::TagSetView::Open(
      {static_cast<const std::uint8_t*>(data), replica->size_}, root, expected,
      [&replica] { replica->Release(); });
  if (!view.ok()) return Damaged(MessageOf(view.status()));
  replica->view_ = std::make_unique<psi::TagSetView>(*std::move(view));
  replica->Release();
  return std::shared_ptr<const Replica>(std::move(replica));
}

void Replica::Release() const { (void)madvise(data_, size_, MADV_DONTNEED); }

Replica::~Replica() {
  view_.reset();
  if (data_ != nullptr) munmap(data_, size_);
}

absl::StatusOr<std::shared_ptr<const Replica>> HeldReplica(
    Desk& desk, const policy::Compiled& agreement, std::string_view clause,
    std::string_view holder, std::uint64_t epoch, std::uint64_t sequence) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto record,
      store::NeedRecord<model::TagSetRecord>(
          *reader, store::Table::kTagSet,
          TagSetRow(model::Way::kIn, agreement.hash(), clause, holder, epoch),
          "tag set"));
  if (sequence != 0 && record.sequence != sequence)
    return NotFound("no tag set of that sequence is held");
  return Replica::Map(TagSetPath(desk, model::Way::kIn, record.root),
                      record.root,
                      HeaderOf(desk, agreement, clause, holder, record.epoch,
                               record.sequence, record.count));
}

namespace {

// One fetch of one set at a time: the second finds what the first has brought.
class FetchTurn {
 public:
  explicit FetchTurn(std::string what) : what_(std::move(what)) {
    base::MutexLock lock(mutex_);
    while (!running_.insert(what_).second) ended_.Wait(mutex_);
  }
  ~FetchTurn() {
    {
      base::MutexLock lock(mutex_);
      running_.erase(what_);
    }
    ended_.NotifyAll();
  }
  FetchTurn(const FetchTurn&) = delete;
  FetchTurn& operator=(const FetchTurn&) = delete;

 private:
  static inline base::Mutex mutex_;
  static inline base::CondVar ended_;
  static inline std::set<std::string> running_ GUARDED_BY(mutex_);
  const std::string what_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Replica>> FetchTagSet(
    Desk& desk, const policy::Compiled& agreement, std::string_view clause,
    std::string_view holder, const Progress& progress) {
  TRY(const EpochSpan span, EpochAt(agreement, desk.clock.NowSeconds()));
  const Bytes row =
      TagSetRow(model::Way::kIn, agreement.hash(), clause, holder, span.epoch);
  const FetchTurn turn(desk.data_dir + ToHex(row));
  std::optional<model::TagSetRecord> held;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(held, store::GetRecord<model::TagSetRecord>(
                  *reader, store::Table::kTagSet, row));
  }
  model::TagSetAsk ask;
  ask.agreement = agreement.hash();
  ask.clause = std::string(clause);
  ask.epoch = span.epoch;
  ask.have = held ? held->sequence : 0;
  // Building a large list's set takes its time at the holder; the answer is
  // waited for.
  TRY(const auto answer, AskManifest(desk, holder, ask));
  const model::TagSetManifest& manifest = answer.value;
  TRY_OK(CheckManifest(agreement, clause, span.epoch, manifest));
  TRY_OK(KeepStep(desk, holder, ask, answer));
  if (held && manifest.sequence < held->sequence)
    return Damaged("the holder went back to an older tag set");
  const std::string path = TagSetPath(desk, model::Way::kIn, manifest.root);
  if (held && manifest.delta_from == held->sequence && held->sequence != 0 &&
      manifest.root != held->root) {
    // A delta that does not work costs nothing but time: the whole file goes
    // then.
    const absl::Status applied =
        ApplyDelta(desk, agreement, clause, holder, *held, manifest);
    if (!applied.ok() && applied.code() != absl::StatusCode::kDataLoss)
      return applied;
  }
  TRY_OK(Download(desk, holder, manifest.root, manifest.size, path, progress));
  TRY(std::shared_ptr<const Replica> replica,
      Replica::Map(path, manifest.root,
                   HeaderOf(desk, agreement, clause, holder, span.epoch,
                            manifest.sequence, manifest.count)));
  if (held && held->root == manifest.root) return replica;
  model::TagSetRecord record;
  record.epoch = span.epoch;
  record.sequence = manifest.sequence;
  record.count = manifest.count;
  record.size = manifest.size;
  record.root = manifest.root;
  record.made = desk.clock.NowSeconds();
  audit::Job job;
  job.events.push_back(TakeEvent(agreement, clause, holder, manifest));
  job.changes = [&](store::Writer& writer, std::span<const audit::Staged>) {
    return store::PutRecord(writer, store::Table::kTagSet, row, record,
                            span.destroy_after);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  if (held)
    TRY_OK(base::RemoveFile(TagSetPath(desk, model::Way::kIn, held->root)));
  return replica;
}

absl::StatusOr<std::size_t> SweepTagSetFiles(Desk& desk) {
  std::set<std::string> named;
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    for (const std::string_view letter : {"o", "i"}) {
      TRY(const auto rows,
          store::AllRecords<model::TagSetRecord>(*reader, store::Table::kTagSet,
                                                 AsBytes(letter)));
      for (const auto& [key, record] : rows) {
        named.insert(ToHex(record.root));
        named.insert(ToHex(record.delta_root));
      }
    }
  }
  std::size_t removed = 0;
  for (const model::Way way : {model::Way::kOut, model::Way::kIn}) {
    TRY(const std::size_t gone,
        base::RemoveOlder(TagSetFolder(desk, way),
                          desk.clock.NowSeconds() - 86'400,
                          [&named](const std::string& file) {
                            return named.contains(file);
                          }));
    removed += gone;
  }
  return removed;
}

}  // namespace entente::exchange
