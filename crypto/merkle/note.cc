#include "crypto/merkle/note.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/merkle/cosignature.h"
#include "crypto/merkle/text.h"
#include "crypto/merkle/utf8.h"
#include "crypto/primitive/hash.h"

namespace entente::merkle {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";

NoteKeyId IdOf(std::string_view name, NoteKeyType type,
               const primitive::PublicKey& key) {
  const ByteArray<1> type_byte = {static_cast<std::uint8_t>(type)};
  const Hash hash =
      primitive::Sha256({AsBytes(name), AsBytes("\n"), type_byte, key});
  NoteKeyId id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

absl::Status CheckText(std::string_view text) {
  if (text.empty() || text.back() != '\n' || !IsUtf8(text)) {
    return Invalid("malformed note text");
  }
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<std::uint8_t>(c) < 0x20 && c != '\n';
  });
  if (control) return Invalid("a note holds a control byte");
  return absl::OkStatus();
}

absl::StatusOr<NoteLine> ParseLine(std::string_view line) {
  if (!line.starts_with(kDash)) return Invalid("malformed signature line");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) {
    return Invalid("malformed signature line");
  }
  NoteLine out;
  out.name = std::string(line.substr(0, space));
  if (!IsKeyName(out.name)) return Invalid("malformed name in a signature");
  TRY(const Bytes raw, FromBase64(line.substr(space + 1)));
  if (raw.size() <= out.id.size()) return Invalid("signature too short");
  std::copy_n(raw.begin(), out.id.size(), out.id.begin());
  out.signature = ToBytes(ByteView(raw).subspan(out.id.size()));
  return out;
}

// The time of the cosignature, 0 for a plain one, nullopt when it fails.
std::optional<std::uint64_t> VerifyLine(std::string_view text,
                                        const NoteLine& line,
                                        const VerifierKey& key) {
  if (key.type() == NoteKeyType::kEd25519) {
    if (primitive::VerifyEd25519(key.key(), AsBytes(text), line.signature)) {
      return 0;
    }
    return std::nullopt;
  }
  const std::uint64_t time = TimeOfCosignature(line.signature);
  if (time == 0) return std::nullopt;
  const ByteView signature = ByteView(line.signature).subspan(8);
  if (!primitive::VerifyEd25519(key.key(), CosignedMessage(time, text),
                                signature)) {
    return std::nullopt;
  }
  return time;
}

absl::Status CheckDistinct(std::span<const VerifierKey> known) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (known[i].name() == known[j].name() &&
          known[i].id() == known[j].id()) {
        return Invalid("two known keys with one name and id");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<VerifierKey> VerifierKey::Make(std::string_view name,
                                              NoteKeyType type,
                                              const primitive::PublicKey& key) {
  if (!IsKeyName(name)) return Invalid("malformed name of a note key");
  VerifierKey out;
  out.name_ = std::string(name);
  out.type_ = type;
  out.key_ = key;
  out.id_ = IdOf(name, type, key);
  return out;
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(std::string_view vkey) {
  const std::size_t plus = vkey.find('+');
  if (plus == std::string_view::npos || vkey.size() < plus + 10 ||
      vkey[plus + 9] != '+') {
    return Invalid("malformed verifier key");
  }
  TRY(const Bytes id, FromHex(vkey.substr(plus + 1, 8)));
  TRY(const Bytes raw, FromBase64(vkey.substr(plus + 10)));
  if (raw.size() != 33) return Invalid("verifier key of the wrong length");
  if (raw[0] != static_cast<std::uint8_t>(NoteKeyType::kEd25519) &&
      raw[0] != static_cast<std::uint8_t>(NoteKeyType::kCosignature)) {
    return Invalid("verifier key of an unknown type");
  }
  TRY(const primitive::PublicKey key, ToArray<32>(ByteView(raw).subspan(1)));
  TRY(VerifierKey out,
      Make(vkey.substr(0, plus), static_cast<NoteKeyType>(raw[0]), key));
  if (ToBytes(ByteView(out.id_)) != id) {
    return Invalid("verifier key whose id does not belong to it");
  }
  return out;
}

std::string VerifierKey::Text() const {
  const ByteArray<1> type_byte = {static_cast<std::uint8_t>(type_)};
  return name_ + "+" + ToHex(id_) + "+" + ToBase64(Concat({type_byte, key_}));
}

std::string NoteLine::Text() const {
  return Join({kDash, name, " ", ToBase64(Concat({id, signature})), "\n"});
}

std::string Note::Text() const {
  std::string out = text + "\n";
  for (const NoteLine& line : lines) out += line.Text();
  return out;
}

absl::StatusOr<NoteParts> SplitNote(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) return Invalid("note too long");
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos || split + 2 == bytes.size()) {
    return Invalid("a note without a signature");
  }
  TRY_OK(CheckText(bytes));
  return NoteParts{bytes.substr(0, split + 1), bytes.substr(split + 2)};
}

absl::StatusOr<std::vector<NoteLine>> ParseNoteLines(std::string_view lines) {
  std::vector<NoteLine> out;
  if (lines.empty()) return Invalid("no signature line");
  while (!lines.empty()) {
    const auto line = TakeLine(lines);
    if (!line) return Invalid("signature line without its end");
    if (out.size() == kMaxNoteLinesRead) return Invalid("too many signatures");
    TRY(NoteLine parsed, ParseLine(*line));
    out.push_back(std::move(parsed));
  }
  return out;
}

absl::StatusOr<Note> ParseNote(std::string_view bytes) {
  TRY(const NoteParts parts, SplitNote(bytes));
  Note note;
  note.text = std::string(parts.text);
  TRY(note.lines, ParseNoteLines(parts.signatures));
  return note;
}

absl::StatusOr<std::vector<VerifiedLine>> VerifyLines(
    std::string_view text, std::span<const NoteLine> lines,
    std::span<const VerifierKey> known) {
  TRY_OK(CheckDistinct(known));
  std::vector<VerifiedLine> out;
  std::vector<bool> seen(known.size(), false);
  for (std::size_t l = 0; l < lines.size(); ++l) {
    for (std::size_t k = 0; k < known.size(); ++k) {
      if (known[k].name() != lines[l].name || known[k].id() != lines[l].id) {
        continue;
      }
      const auto time = VerifyLine(text, lines[l], known[k]);
      if (!time) return ProofFailed("a signature of a known key fails");
      if (!seen[k]) out.push_back({k, l, *time});
      seen[k] = true;
    }
  }
  if (out.empty()) return Unauthenticated("no signature of a known key");
  return out;
}

absl::StatusOr<OpenedNote> OpenNote(std::string_view bytes,
                                    std::span<const VerifierKey> known) {
  OpenedNote out;
  TRY(out.note, ParseNote(bytes));
  TRY(out.verified, VerifyLines(out.note.text, out.note.lines, known));
  return out;
}

absl::StatusOr<NoteLine> SignText(const VerifierKey& key, std::string_view text,
                                  const Signer& sign, AfterSigning after) {
  if (key.type() != NoteKeyType::kEd25519) {
    return Invalid("a key of another type cannot sign this text");
  }
  TRY_OK(CheckText(text));
  TRY(const primitive::Signature signature, sign(AsBytes(text)));
  if (after == AfterSigning::kVerify &&
      !primitive::VerifyEd25519(key.key(), AsBytes(text), signature)) {
    return ProofFailed("the signer holds another key");
  }
  return NoteLine{key.name(), key.id(), ToBytes(ByteView(signature))};
}

}  // namespace entente::merkle
