#include "node/exchange/epochs.h"

#include <utility>

#include "crypto/base/status.h"
#include "node/exchange/acts.h"
#include "node/exchange/key.h"
#include "node/store/record.h"

namespace entente::exchange {
namespace {

constexpr std::int64_t kHour = 3600;

Bytes EpochKeyOf(model::Way way, const Hash& agreement, std::string_view peer,
                 std::uint64_t epoch) {
  const auto letter =
      static_cast<std::uint8_t>(way == model::Way::kOut ? 'o' : 'i');
  return RecordKey()
      .Raw(ByteView(&letter, 1))
      .Raw(agreement)
      .Text(peer)
      .Number(epoch)
      .bytes();
}

ledger::Event Announced(const policy::Compiled& agreement, model::Way way,
                        const model::EpochRecord& record,
                        std::string_view peer) {
  return ledger::Event("epoch.announce")
      .Set("agr", agreement.hash())
      .Set("clause", "-")
      .Set("dir", way == model::Way::kOut ? "out" : "in")
      .Set("epoch", record.epoch)
      .Set("from", record.valid_from)
      .Set("peer", peer)
      .Set("pk", record.public_key)
      .Set("until", record.valid_until);
}

}  // namespace

EpochSpan EpochNumber(const policy::Compiled& agreement, std::uint64_t epoch) {
  const policy::Agreement& text = agreement.agreement();
  const std::int64_t length = std::int64_t{text.screening.epoch_hours} * kHour;
  const std::int64_t from =
      text.validity.from + static_cast<std::int64_t>(epoch - 1) * length;
  return {
      epoch, from, from + length,
      from + length + std::int64_t{text.screening.epoch_grace_hours} * kHour};
}

absl::StatusOr<EpochSpan> EpochAt(const policy::Compiled& agreement,
                                  std::int64_t now) {
  const policy::Agreement& text = agreement.agreement();
  if (now < text.validity.from)
    return WithReason(Denied("the agreement has not begun"), "S02");
  const std::int64_t length = std::int64_t{text.screening.epoch_hours} * kHour;
  return EpochNumber(
      agreement,
      static_cast<std::uint64_t>((now - text.validity.from) / length) + 1);
}

bool EpochUsable(const policy::Compiled& agreement, std::uint64_t epoch,
                 std::int64_t now) {
  if (epoch == 0 || epoch > 1'000'000) return false;
  const EpochSpan span = EpochNumber(agreement, epoch);
  return now >= span.from && now < span.destroy_after;
}

absl::StatusOr<model::EpochRecord> EnsureOwnEpoch(
    Desk& desk, const policy::Compiled& agreement, std::string_view peer) {
  TRY(const EpochSpan span, EpochAt(agreement, desk.clock.NowSeconds()));
  const Bytes key =
      EpochKeyOf(model::Way::kOut, agreement.hash(), peer, span.epoch);
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(const auto known, store::GetRecord<model::EpochRecord>(
                              *reader, store::Table::kEpoch, key));
    if (known) return *known;
  }
  TRY(const keys::EpochPublic made,
      desk.keys.CreateEpochKey(agreement.hash(), span.epoch));
  model::EpochRecord record;
  record.epoch = span.epoch;
  record.valid_from = span.from;
  record.valid_until = span.until;
  record.destroy_after = span.destroy_after;
  record.public_key = made.key.bytes();
  audit::Job job;
  job.events.push_back(Announced(agreement, model::Way::kOut, record, peer));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged> staged) {
    record.leaf = staged[0].leaf_hash;
    return store::PutRecord(writer, store::Table::kEpoch, key, record,
                            span.destroy_after);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  return record;
}

absl::StatusOr<model::SignedStatement> AnswerEpochAsk(
    Desk& desk, std::string_view from, const model::SignedStatement& in) {
  TRY(const Opened<model::EpochAsk> ask,
      desk.courier.Open<model::EpochAsk>(from, in));
  const AgreementRef agreement = desk.book.Find(ask.value.agreement);
  if (agreement == nullptr || !agreement->PartyIndex(from)) {
    return WithReason(Unready("agreement unknown"), "agreement-differs");
  }
  // Nothing is announced while nothing may be asked.
  const policy::State state =
      desk.book.View(*agreement, desk.party, from).state;
  if (state != policy::State::kActive) {
    return WithReason(Denied("not in force"),
                      state == policy::State::kSuspended ? "S01" : "S03");
  }
  TRY(const model::EpochRecord record, EnsureOwnEpoch(desk, *agreement, from));
  if (ask.value.epoch != 0 && ask.value.epoch != record.epoch) {
    return WithReason(Unready("another epoch is running"), "epoch-unknown");
  }
  model::EpochAnnouncement answer;
  answer.agreement = agreement->hash();
  answer.epoch = record.epoch;
  answer.valid_from = record.valid_from;
  answer.valid_until = record.valid_until;
  answer.public_key = record.public_key;
  answer.leaf = record.leaf;
  return desk.courier.Seal(answer, from);
}

absl::StatusOr<model::EpochRecord> PeerEpoch(Desk& desk,
                                             const policy::Compiled& agreement,
                                             std::string_view holder) {
  TRY(const EpochSpan span, EpochAt(agreement, desk.clock.NowSeconds()));
  const Bytes key =
      EpochKeyOf(model::Way::kIn, agreement.hash(), holder, span.epoch);
  {
    TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
    TRY(const auto known, store::GetRecord<model::EpochRecord>(
                              *reader, store::Table::kEpoch, key));
    if (known) return *known;
  }
  model::EpochAsk ask;
  ask.agreement = agreement.hash();
  ask.epoch = span.epoch;
  TRY(const auto answer,
      desk.courier.Call<model::EpochAnnouncement>(
          holder, method::kAnnounce, ask, std::chrono::seconds(20)));
  const model::EpochAnnouncement& said = answer.value;
  if (said.agreement != agreement.hash() || said.epoch != span.epoch ||
      said.valid_from != span.from || said.valid_until != span.until) {
    return WithReason(
        ProofFailed("the announcement is not for this agreement and epoch"),
        "epoch-unknown");
  }
  if (const auto decoded = oprf::PublicKey::Decode(said.public_key);
      !decoded.ok()) {
    return WithReason(ProofFailed("the announced key is no valid element"),
                      "element-malformed");
  }
  model::EpochRecord record;
  record.epoch = span.epoch;
  record.valid_from = span.from;
  record.valid_until = span.until;
  record.destroy_after = span.destroy_after;
  record.public_key = said.public_key;
  record.peer_leaf = said.leaf;
  audit::Job job;
  job.events.push_back(Announced(agreement, model::Way::kIn, record, holder));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged> staged) -> absl::Status {
    TRY(const auto before, store::GetRecord<model::EpochRecord>(
                               writer, store::Table::kEpoch, key));
    if (before && before->public_key != record.public_key) {
      return WithReason(
          ProofFailed("the holder announced another key for this epoch before"),
          "epoch-key-changed");
    }
    record.leaf = staged[0].leaf_hash;
    return store::PutRecord(writer, store::Table::kEpoch, key, record,
                            span.destroy_after);
  };
  TRY_OK(desk.log.Commit(std::move(job)).status());
  return record;
}

absl::StatusOr<model::EpochRecord> KnownPeerEpoch(
    Desk& desk, const policy::Compiled& agreement, std::string_view holder,
    std::uint64_t epoch) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  return store::NeedRecord<model::EpochRecord>(
      *reader, store::Table::kEpoch,
      EpochKeyOf(model::Way::kIn, agreement.hash(), holder, epoch), "epoch");
}

absl::StatusOr<std::size_t> DestroyEndedEpochs(Desk& desk) {
  std::size_t destroyed = 0;
  const std::int64_t now = desk.clock.NowSeconds();
  for (const keys::EpochPublic& key : desk.keys.EpochKeys()) {
    const AgreementRef agreement = desk.book.Find(key.agreement);
    if (agreement == nullptr ||
        now < EpochNumber(*agreement, key.epoch).destroy_after)
      continue;
    TRY(const keys::DestructionCertificate certificate,
        desk.keys.DestroyEpochKey(key.agreement, key.epoch, now));
    audit::Job job;
    job.events.push_back(ledger::Event("epoch.destroy")
                             .Set("agr", key.agreement)
                             .Set("cert", primitive::Sha256(certificate.body))
                             .Set("clause", "-")
                             .Set("epoch", key.epoch)
                             .Set("kid", certificate.kid)
                             .Set("method", "overwrite-unlink")
                             .Set("n", 1)
                             .Set("peer", "-"));
    TRY_OK(desk.log.Commit(std::move(job)).status());
    ++destroyed;
  }
  return destroyed;
}

}  // namespace entente::exchange
