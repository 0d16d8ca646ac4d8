#include <algorithm>
#include <set>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/merkle/checkpoint.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/bundle.h"
#include "node/ledger/bundle_leaves.h"
#include "node/ledger/bundle_names.h"
#include "node/ledger/bundle_parts.h"
#include "node/ledger/catalogue.h"
#include "node/ledger/coverage.h"
#include "node/ledger/tar.h"
#include "node/ledger/wrap.h"

namespace entente::ledger {
namespace {

using merkle::FileRef;

// Writes the content of one member; called twice.
using Content = std::function<absl::Status(const BundleSink&)>;

Bytes BodyHead(std::uint64_t index, std::size_t length) {
  Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(index >> shift));
  }
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(length >> shift));
  }
  return out;
}

Content Text(std::string text) {
  return [text = std::move(text)](const BundleSink& sink) {
    return sink(AsBytes(text));
  };
}

// Not thread-safe; one bundle.
class BundleWriter {
 public:
  BundleWriter(const BundleInput& input, const BundleSink& sink)
      : input_(input), sink_(sink), singles_(input.singles) {}

  absl::StatusOr<BundleSummary> Run() {
    TRY_OK(ReadHead());
    TRY_OK(CheckInput());
    TRY_OK(Plan());
    TRY_OK(AddMembers());
    TRY_OK(Digest());
    TRY_OK(Emit());
    summary_.sha256 = whole_.Finish();
    return summary_;
  }

 private:
  struct Digested {
    Hash sha256{};
    std::uint64_t size = 0;
    bool operator==(const Digested&) const = default;
  };
  struct Absent {
    std::uint64_t index = 0;
    Keep keep = Keep::kLaw;
    std::int64_t time = 0;
  };

  absl::Status ReadHead();
  absl::Status CheckInput() const;
  absl::Status Plan();
  absl::Status AddCovers();
  absl::StatusOr<bool> AllCovered() const;
  absl::Status WriteBodies(const BundleSink& sink, bool plan);
  absl::Status AddMembers();
  absl::Status AddPrevious();
  absl::Status AddSingles();
  void AddVolume();
  absl::Status Digest();
  absl::Status Emit();
  absl::Status EmitMember(const std::string& name, const Content& content);
  absl::Status Put(ByteView bytes);
  static absl::StatusOr<Digested> DigestOf(const Content& content);

  const BundleInput& input_;
  const BundleSink& sink_;
  std::string note_;  // the checkpoint
  merkle::Checkpoint head_;
  std::vector<std::uint64_t> singles_;  // with the covers added
  Coverage coverage_;
  std::vector<Absent> absent_;
  std::set<std::uint32_t> segments_;
  std::map<std::string, Content> members_;
  std::map<std::string, Digested> digests_;
  primitive::Sha256Stream whole_;
  BundleSummary summary_;
};

absl::Status BundleWriter::ReadHead() {
  TRY(const Bytes bytes, input_.read(FileRef{}));
  note_ = AsText(bytes);
  TRY(const merkle::NoteParts parts, merkle::SplitNote(note_));
  TRY(head_, merkle::ParseCheckpoint(parts.text));
  summary_.size = head_.size;
  return absl::OkStatus();
}

absl::Status BundleWriter::CheckInput() const {
  const EntryRange& range = input_.range;
  if (range.first > range.end || range.end > head_.size ||
      (range.empty() && range.end != 0)) {
    return Invalid("a range that the published log does not have");
  }
  const auto& singles = input_.singles;
  if (std::adjacent_find(singles.begin(), singles.end(),
                         std::greater_equal<>()) != singles.end() ||
      (!singles.empty() && singles.back() >= head_.size)) {
    return Invalid("single entries that do not rise, or lie beyond the log");
  }
  std::optional<std::uint64_t> last;
  for (const Opening& opening : input_.openings) {
    const bool shown =
        range.Has(opening.index) ||
        std::binary_search(singles.begin(), singles.end(), opening.index);
    if (!shown || opening.name.origin != head_.origin ||
        (last && *last >= opening.index)) {
      return Invalid("an opening of an entry that the bundle does not show");
    }
    last = opening.index;
  }
  for (const auto& [name, text] : input_.attachments) {
    const bool allowed =
        name.starts_with("reconcile/") || name.starts_with("evidence/");
    if (!allowed || !IsBundleMember(name)) {
      return Invalid("an attachment that no bundle has");
    }
  }
  return absl::OkStatus();
}

// Looks at every leaf and body once: what is absent and why, which segments.
absl::Status BundleWriter::Plan() {
  const Content bodies = [this](const BundleSink& sink) {
    return WriteBodies(sink, true);
  };
  TRY(digests_["bodies"], DigestOf(bodies));
  TRY_OK(AddCovers());
  summary_.absent = absent_.size();
  return absl::OkStatus();
}

absl::Status BundleWriter::WriteBodies(const BundleSink& sink, bool plan) {
  LeafReader leaves(input_.read, head_.size);
  return ForEachIndex(
      input_.range, input_.singles, [&](std::uint64_t index) -> absl::Status {
        TRY(const ByteView bytes, leaves.At(index));
        TRY(const Leaf leaf, ParseLeaf(bytes));
        if (plan) TRY_OK(coverage_.Add(index, leaf));
        if (!leaf.commit) return absl::OkStatus();
        const absl::StatusOr<Bytes> record = input_.body(index);
        if (absl::IsNotFound(record.status())) {
          if (plan) absent_.push_back({index, leaf.type->keep, leaf.time});
          return absl::OkStatus();
        }
        if (!record.ok()) return record.status();
        TRY(const RecordParts parts, ParseRecord(*record));
        if (plan && parts.segment) segments_.insert(*parts.segment);
        if (plan) ++summary_.bodies;
        TRY_OK(sink(BodyHead(index, record->size())));
        return sink(*record);
      });
}

absl::StatusOr<bool> BundleWriter::AllCovered() const {
  return std::all_of(absent_.begin(), absent_.end(), [&](const Absent& a) {
    return coverage_.Of(a.index, a.keep, a.time).has_value();
  });
}

// An absent body whose erasure lies outside: the log is searched for it, and
// the entry that covers it comes along by proof.
absl::Status BundleWriter::AddCovers() {
  TRY(const bool covered, AllCovered());
  if (covered) return absl::OkStatus();
  Coverage all;
  LeafReader leaves(input_.read, head_.size);
  for (std::uint64_t i = absent_.front().index; i < head_.size; ++i) {
    TRY(const ByteView bytes, leaves.At(i));
    if (AsText(bytes).find("\"type\":\"erasure\"") == std::string_view::npos &&
        AsText(bytes).find("\"type\":\"log.expire\"") ==
            std::string_view::npos) {
      continue;
    }
    TRY(const Leaf leaf, ParseLeaf(bytes));
    TRY_OK(all.Add(i, leaf));
  }
  std::set<std::uint64_t> shown(singles_.begin(), singles_.end());
  for (const Absent& a : absent_) {
    if (coverage_.Of(a.index, a.keep, a.time)) continue;
    const auto cover = all.Of(a.index, a.keep, a.time);
    if (!cover) {
      return ProofFailed("audit log entry ", std::to_string(a.index),
                         ": its body is missing");
    }
    shown.insert(cover->index);
  }
  singles_.assign(shown.begin(), shown.end());
  return absl::OkStatus();
}

absl::Status BundleWriter::AddMembers() {
  members_["checkpoint"] = Text(note_);
  members_["policy"] = Text(input_.policy);
  members_["catalogue.json"] = Text(CatalogueJson());
  members_["VERIFY.txt"] = Text(std::string(kVerifyText));
  members_["bodies"] = [this](const BundleSink& sink) {
    return WriteBodies(sink, false);
  };
  members_["segments"] = [this](const BundleSink& sink) -> absl::Status {
    for (const std::uint32_t number : segments_) {
      TRY(const Bytes file, input_.segment(number));
      TRY_OK(sink(file));
    }
    return absl::OkStatus();
  };
  for (const Opening& opening : input_.openings) {
    members_[OpeningName(opening.index)] = Text(opening.Text());
  }
  for (const auto& [name, text] : input_.attachments) {
    members_[name] = Text(text);
  }
  AddVolume();
  TRY_OK(AddPrevious());
  return AddSingles();
}

void BundleWriter::AddVolume() {
  for (const FileRef& file : FilesOfRange(input_.range, head_.size)) {
    members_[merkle::PathOf(file)] =
        [this, file](const BundleSink& sink) -> absl::Status {
      TRY(const Bytes bytes, input_.read(file));
      return sink(bytes);
    };
  }
}

absl::Status BundleWriter::AddPrevious() {
  if (input_.previous.empty()) return absl::OkStatus();
  TRY(const merkle::NoteParts parts, merkle::SplitNote(input_.previous));
  TRY(const merkle::Checkpoint old, merkle::ParseCheckpoint(parts.text));
  if (old.origin != head_.origin) return Invalid("a head of another log");
  TRY(const merkle::Proof proof,
      merkle::ProveConsistency(
          old.size, head_.size,
          merkle::HashesFromTiles(head_.size, input_.read)));
  members_["previous.checkpoint"] = Text(input_.previous);
  members_["previous.consistency"] = Text(merkle::ProofLines(proof));
  return absl::OkStatus();
}

absl::Status BundleWriter::AddSingles() {
  for (const std::uint64_t index : singles_) {
    members_[LeafName(index)] =
        [this, index](const BundleSink& sink) -> absl::Status {
      LeafReader leaves(input_.read, head_.size);
      TRY(const ByteView leaf, leaves.At(index));
      return sink(leaf);
    };
    members_[ProofName(index)] =
        [this, index](const BundleSink& sink) -> absl::Status {
      TRY(merkle::Proof proof,
          merkle::ProveInclusion(
              index, head_.size,
              merkle::HashesFromTiles(head_.size, input_.read)));
      return sink(AsBytes(merkle::ProofFile{index, proof, note_}.Text()));
    };
  }
  return absl::OkStatus();
}

absl::StatusOr<BundleWriter::Digested> BundleWriter::DigestOf(
    const Content& content) {
  primitive::Sha256Stream hash;
  Digested out;
  TRY_OK(content([&](ByteView bytes) {
    hash.Update(bytes);
    out.size += bytes.size();
    return absl::OkStatus();
  }));
  out.sha256 = hash.Finish();
  return out;
}

// First reading: sizes and digests, which the first member and the note hold.
absl::Status BundleWriter::Digest() {
  if (members_.size() > kMaxBundleMembers - 2) {
    return Invalid("a bundle of too many files: choose a smaller range");
  }
  std::string sums;
  for (const auto& [name, content] : members_) {
    if (!digests_.contains(name)) {
      TRY(digests_[name], DigestOf(content));
    }
    if (digests_[name].size > kMaxTarMember) {
      return Invalid("a bundle too large: choose a smaller range");
    }
    sums += SumsLine(digests_[name].sha256, name);
  }
  const std::string text = BundleNoteText(
      head_.origin, head_.size, input_.range, primitive::Sha256(AsBytes(sums)));
  TRY(const merkle::NoteLine line,
      merkle::SignText(input_.exporter, text, input_.sign));
  members_["SHA256SUMS"] = Text(std::move(sums));
  members_["bundle.note"] = Text(merkle::Note{text, {line}}.Text());
  for (const char* name : {"SHA256SUMS", "bundle.note"}) {
    TRY(digests_[name], DigestOf(members_[name]));
  }
  return absl::OkStatus();
}

// Second reading.
absl::Status BundleWriter::Emit() {
  for (const auto& [name, content] : members_) {
    TRY_OK(EmitMember(name, content));
  }
  return Put(Bytes(kTarEndBytes, 0));
}

absl::Status BundleWriter::EmitMember(const std::string& name,
                                      const Content& content) {
  const Digested& first = digests_.at(name);
  TRY_OK(Put(TarHeader({name, first.size})));
  primitive::Sha256Stream hash;
  Digested again;
  TRY_OK(content([&](ByteView bytes) {
    hash.Update(bytes);
    again.size += bytes.size();
    return Put(bytes);
  }));
  again.sha256 = hash.Finish();
  if (again != first) {
    return Unready("`", name, "` changed while the bundle was written");
  }
  return Put(Bytes(TarPadding(first.size), 0));
}

absl::Status BundleWriter::Put(ByteView bytes) {
  whole_.Update(bytes);
  summary_.bytes += bytes.size();
  return sink_(bytes);
}

}  // namespace

absl::StatusOr<BundleSummary> WriteBundle(const BundleInput& input,
                                          const BundleSink& sink) {
  return BundleWriter(input, sink).Run();
}

}  // namespace entente::ledger
