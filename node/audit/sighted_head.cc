#include "node/audit/sighted_head.h"

#include <utility>

#include "crypto/base/status.h"

namespace entente::audit {

absl::StatusOr<SightedLogs> ToSighted(const std::vector<PeerLog>& logs) {
  SightedLogs out;
  for (const PeerLog& log : logs) {
    TRY(merkle::VerifierKey key, merkle::VerifierKey::Parse(log.vkey));
    if (key.type() != merkle::NoteKeyType::kEd25519)
      return Invalid("a log's key is of type Ed25519");
    SightedLog& known = out[log.origin];
    known.party = log.party;
    known.keys.push_back(std::move(key));
  }
  return out;
}

std::optional<std::string> OriginOf(std::string_view note) {
  const auto parts = merkle::SplitNote(note);
  if (!parts.ok()) return std::nullopt;
  auto head = merkle::ParseForeignCheckpoint(parts->text);
  if (!head.ok()) return std::nullopt;
  return std::move(head->origin);
}

std::optional<SightedHead> OpenSighted(const SightedLog& known,
                                       std::string_view note) {
  for (const merkle::VerifierKey& key : known.keys) {
    const auto opened = merkle::OpenNote(note, {&key, 1});
    if (!opened.ok()) continue;
    auto head = merkle::ParseForeignCheckpoint(opened->note.text);
    if (!head.ok()) return std::nullopt;
    return SightedHead{*std::move(head), std::string(note), key};
  }
  return std::nullopt;
}

Untied Between(std::string_view party, const SightedHead& a,
               const SightedHead& b) {
  const SightedHead& first = a.checkpoint.size < b.checkpoint.size ? a : b;
  const SightedHead& second = &first == &a ? b : a;
  return {std::string(party), a.checkpoint.origin,   first.note,
          second.note,        first.checkpoint.size, second.checkpoint.size};
}

std::uint64_t SizeOf(std::string_view note) {
  const auto parts = merkle::SplitNote(note);
  if (!parts.ok()) return 0;
  const auto head = merkle::ParseForeignCheckpoint(parts->text);
  return head.ok() ? head->size : 0;
}

}  // namespace entente::audit
