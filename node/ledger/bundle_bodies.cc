// What a bundle holds beside the tree: bodies, single entries, openings and
// attachments.

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/merkle/evidence.h"
#include "crypto/merkle/proof.h"
#include "crypto/merkle/proof_file.h"
#include "crypto/merkle/tree.h"
#include "node/ledger/bundle_check.h"
#include "node/ledger/bundle_leaves.h"
#include "node/ledger/bundle_names.h"
#include "node/ledger/erasure.h"
#include "node/ledger/opening.h"

namespace entente::ledger {

namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 17U;

std::uint64_t ReadBigEndian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

// The number in `<folder>/<number><suffix>`; nullopt: another kind of member.
std::optional<std::uint64_t> NumberIn(std::string_view name,
                                      std::string_view folder,
                                      std::string_view suffix) {
  if (!name.starts_with(folder) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_prefix(folder.size());
  name.remove_suffix(suffix.size());
  std::uint64_t value = 0;
  for (const char digit : name) {
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return value;
}

}  // namespace

absl::Status BundleCheck::LoadSegments() {
  TRY(const Bytes bytes, file_.Read("segments"));
  auto files = ParseSegmentFiles(bytes);
  if (!files.ok()) {
    Find(Verdict::kTampered,
         {"V8", "segments", std::nullopt, MessageOf(files.status())});
    return absl::OkStatus();
  }
  for (SegmentFile& file : *files) {
    segments_[file.number] = std::move(file);
  }
  bodies_.emplace(file_, file_.members().find("bodies")->second);
  return NextBody();
}

// Every proof has its leaf, and leads to this bundle's head.
absl::Status BundleCheck::LoadSingles() {
  for (const auto& [name, member] : file_.members()) {
    const auto leaf = NumberIn(name, "proofs/", ".leaf");
    const auto proof = NumberIn(name, "proofs/", ".tlog-proof");
    if (!leaf && !proof) continue;
    const std::string other = leaf ? ProofName(*leaf) : LeafName(*proof);
    if (!file_.Has(other)) {
      Find(Verdict::kIncomplete,
           {"V10", other, std::nullopt, "the member is missing"});
      return absl::OkStatus();
    }
    if (leaf) singles_.push_back(*leaf);
  }
  std::sort(singles_.begin(), singles_.end());
  report_.singles = singles_.size();
  for (const std::uint64_t index : singles_) {
    TRY_OK(CheckSingle(index));
    if (found_) return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status BundleCheck::CheckSingle(std::uint64_t index) {
  const std::string name = ProofName(index);
  TRY(const Bytes proof_bytes, file_.Read(name));
  TRY(const Bytes leaf_bytes, file_.Read(LeafName(index)));
  const auto fail = [&](const std::string& file, std::string why) {
    Find(Verdict::kTampered, {"V10", file, index, std::move(why)});
    return absl::OkStatus();
  };
  const auto proof = merkle::ParseProofFile(AsText(proof_bytes));
  if (!proof.ok()) return fail(name, MessageOf(proof.status()));
  if (proof->Text() != AsText(proof_bytes) || proof->index != index ||
      proof->checkpoint != note_) {
    return fail(name, "it is not the proof of this entry under this head");
  }
  // Its head is the bundle's, which was checked.
  const absl::Status leads =
      merkle::VerifyInclusion(index, report_.size, merkle::LeafHash(leaf_bytes),
                              proof->proof, report_.root);
  if (!leads.ok()) return fail(LeafName(index), MessageOf(leads));
  const auto leaf = ParseLeaf(leaf_bytes);
  if (!leaf.ok()) return fail(LeafName(index), MessageOf(leaf.status()));
  if (const absl::Status added = coverage_.Add(index, *leaf); !added.ok()) {
    return fail(LeafName(index), MessageOf(added));
  }
  if (leaf->type->name == "erasure" && !options_.officers.empty()) {
    const absl::Status erasure =
        CheckErasure(report_.origin, index, *leaf, options_.officers);
    if (!erasure.ok()) {
      Find(absl::IsUnauthenticated(erasure) ? Verdict::kUntrusted
                                            : Verdict::kTampered,
           {"V9", LeafName(index), index, MessageOf(erasure)});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Leaf> BundleCheck::SingleLeaf(std::uint64_t index) {
  TRY(const Bytes bytes, file_.Read(LeafName(index)));
  return ParseLeaf(bytes);
}

// A leaf that was checked before: by proof, or in the range.
absl::StatusOr<Leaf> BundleCheck::LeafAt(std::uint64_t index) {
  if (std::binary_search(singles_.begin(), singles_.end(), index)) {
    return SingleLeaf(index);
  }
  LeafReader leaves(Reader(), report_.size);
  TRY(const ByteView bytes, leaves.At(index));
  return ParseLeaf(bytes);
}

absl::Status BundleCheck::TakeSingleBodies(std::uint64_t first,
                                           std::uint64_t end) {
  for (auto at = std::lower_bound(singles_.begin(), singles_.end(), first);
       at != singles_.end() && *at < end && !found_; ++at) {
    TRY(const Leaf leaf, SingleLeaf(*at));
    TRY_OK(TakeBody(*at, leaf));
  }
  return absl::OkStatus();
}

absl::Status BundleCheck::NextBody() {
  next_body_.reset();
  if (bodies_->left() == 0) return absl::OkStatus();
  if (bodies_->left() >= kBodyHeadBytes) {
    TRY(const ByteView head, bodies_->Take(kBodyHeadBytes));
    const BodyHead next{ReadBigEndian(head.first(8)),
                        static_cast<std::size_t>(ReadBigEndian(head.last(4)))};
    if (next.length <= kMaxRecordBytes && next.length <= bodies_->left()) {
      next_body_ = next;
      return absl::OkStatus();
    }
  }
  Find(Verdict::kTampered,
       {"V8", "bodies", std::nullopt, "a body that is cut short or too long"});
  return absl::OkStatus();
}

absl::Status BundleCheck::TakeBody(std::uint64_t index, const Leaf& leaf) {
  if (leaf.commit) ++report_.sealed;
  const bool here = next_body_ && next_body_->index == index;
  if (next_body_ && (next_body_->index < index || (here && !leaf.commit))) {
    Find(Verdict::kTampered,
         {"V8", "bodies", next_body_->index,
          "a body that no entry shown here has, or out of order"});
    return absl::OkStatus();
  }
  if (!leaf.commit) return absl::OkStatus();
  if (!here) {
    absent_.push_back({index, leaf.type->keep, leaf.time});
    return absl::OkStatus();
  }
  TRY(const ByteView record, bodies_->Take(next_body_->length));
  TRY_OK(CheckRecord(index, leaf, record));
  ++report_.bodies;
  return found_ ? absl::OkStatus() : NextBody();
}

absl::Status BundleCheck::CheckRecord(std::uint64_t index, const Leaf& leaf,
                                      ByteView record) {
  const auto fail = [&](Verdict verdict, std::string why) {
    Find(verdict, {"V8", "bodies", index, std::move(why)});
    return absl::OkStatus();
  };
  const auto parts = ParseRecord(record);
  if (!parts.ok()) return fail(Verdict::kTampered, MessageOf(parts.status()));
  if (parts->segment) {
    used_segments_.insert(*parts->segment);
    if (!segments_.contains(*parts->segment)) {
      return fail(Verdict::kIncomplete, "the key of its segment is missing");
    }
    if (whole_.first == 0 && !range_.empty() && range_.Has(index) &&
        !announced_.contains(*parts->segment)) {
      return fail(Verdict::kTampered, "its segment was not announced");
    }
  }
  if (!options_.opener) return absl::OkStatus();
  const EntryName name{report_.origin, leaf.id};
  const auto key = KeyOf(*parts, name);
  if (!key.ok()) {
    return fail(Verdict::kTampered, "its key does not open");
  }
  if (!*key) return absl::OkStatus();  // sealed to somebody else
  if (!OpenBodyOf(**key, name, parts->body, *leaf.commit).ok()) {
    return fail(Verdict::kTampered, "the body is not the one that was sealed");
  }
  ++report_.unsealed;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<EntryKey>> BundleCheck::KeyOf(
    const RecordParts& parts, const EntryName& name) {
  if (!parts.segment) {
    auto key = UnwrapWithRecipient(parts, name, *options_.opener);
    if (absl::IsNotFound(key.status())) return std::optional<EntryKey>();
    if (!key.ok()) return key.status();
    return std::optional<EntryKey>(*std::move(key));
  }
  const std::uint32_t number = *parts.segment;
  auto known = opened_segments_.find(number);
  if (known == opened_segments_.end()) {
    auto opened =
        OpenSegmentFile(segments_.at(number), report_.origin, *options_.opener);
    std::optional<SegmentKey> segment;
    if (opened.ok()) {
      segment = *std::move(opened);
    } else if (!absl::IsNotFound(opened.status())) {
      return opened.status();
    }
    known = opened_segments_.emplace(number, std::move(segment)).first;
  }
  if (!known->second) return std::optional<EntryKey>();
  TRY(EntryKey key, UnwrapWithSegment(parts, name, *known->second));
  return std::optional<EntryKey>(std::move(key));
}

absl::Status BundleCheck::FinishBodies() {
  if (next_body_) {
    Find(Verdict::kTampered,
         {"V8", "bodies", next_body_->index,
          "a body that no entry shown here has, or out of order"});
    return absl::OkStatus();
  }
  for (const Absent& a : absent_) {
    const auto cover = coverage_.Of(a.index, a.keep, a.time);
    if (!cover) {
      Find(Verdict::kIncomplete,
           {"V8", "bodies", a.index,
            "its body is missing, and no entry says why"});
      return absl::OkStatus();
    }
    TRY(const std::string text, Authority(*cover));
    ++(cover->erasure ? report_.erased : report_.expired);
    if (!report_.remarks.empty() && report_.remarks.back().text == text &&
        report_.remarks.back().last + 1 == a.index) {
      report_.remarks.back().last = a.index;
    } else {
      report_.remarks.push_back({a.index, a.index, text});
    }
  }
  for (const auto& [number, file] : segments_) {
    if (used_segments_.contains(number)) continue;
    Find(Verdict::kTampered,
         {"V8", "segments", std::nullopt, "a segment that no body uses"});
    return absl::OkStatus();
  }
  ExplainBodies();
  return absl::OkStatus();
}

void BundleCheck::ExplainBodies() {
  const auto number = [](std::uint64_t n) { return std::to_string(n); };
  Hold("V8", Join({number(report_.sealed), " sealed: ", number(report_.bodies),
                   " bodies, ", number(report_.unsealed),
                   " of them opened and as committed; ", number(report_.erased),
                   " erased, ", number(report_.expired), " expired"}));
  if (!options_.officers.empty()) return Hold("V9");
  Mark("V9", ClaimResult::kNotChecked, "you named no officer");
}

absl::StatusOr<std::string> BundleCheck::Authority(
    const Coverage::Cover& cover) {
  TRY(const Leaf leaf, LeafAt(cover.index));
  if (cover.erasure) {
    return AuthorityText(cover.index, leaf, options_.officers);
  }
  return Join({"expired: the term of class `", leaf.Text("keep"),
               "` ended, says entry ", std::to_string(cover.index)});
}

absl::Status BundleCheck::CheckOpenings() {
  std::vector<std::uint64_t> indexes;
  for (const auto& [name, member] : file_.members()) {
    const auto index = NumberIn(name, "openings/", ".opening");
    if (index) indexes.push_back(*index);
  }
  std::sort(indexes.begin(), indexes.end());
  for (const std::uint64_t index : indexes) {
    const std::string name = OpeningName(index);
    const auto fail = [&](Verdict verdict, std::string why) {
      Find(verdict, {"V10", name, index, std::move(why)});
      return absl::OkStatus();
    };
    TRY(const Bytes bytes, file_.Read(name));
    const auto opening = ParseOpening(AsText(bytes));
    if (!opening.ok()) {
      return fail(Verdict::kTampered, MessageOf(opening.status()));
    }
    if (opening->index != index || opening->name.origin != report_.origin) {
      return fail(Verdict::kTampered, "it opens another entry");
    }
    if (!range_.Has(index) &&
        !std::binary_search(singles_.begin(), singles_.end(), index)) {
      return fail(Verdict::kIncomplete, "the entry that it opens is missing");
    }
    TRY(const Leaf leaf, LeafAt(index));
    if (const absl::Status holds = CheckOpening(*opening, leaf); !holds.ok()) {
      return fail(Verdict::kTampered, MessageOf(holds));
    }
    for (const OpenedSlot& slot : opening->slots) {
      report_.opened.push_back({index, slot.name, slot.value});
    }
  }
  if (indexes.empty() && singles_.empty()) {
    Mark("V10", ClaimResult::kNotChecked, "none inside");
    return absl::OkStatus();
  }
  Hold("V10", Join({std::to_string(singles_.size()), " entries by proof, ",
                    std::to_string(report_.opened.size()), " fields opened"}));
  return absl::OkStatus();
}

absl::Status BundleCheck::CheckAttachments() {
  std::size_t all = 0;
  std::size_t unknown = 0;
  for (const auto& [name, member] : file_.members()) {
    const bool evidence = name.starts_with("evidence/");
    if (!evidence && !name.starts_with("reconcile/")) continue;
    ++all;
    TRY_OK(evidence ? CheckEvidence(name, unknown)
                    : CheckDayNote(name, unknown));
    if (found_) return absl::OkStatus();
  }
  if (all == 0) {
    Mark("V12", ClaimResult::kNotChecked, "none inside");
    return absl::OkStatus();
  }
  if (unknown == all) {
    Mark("V12", ClaimResult::kNotChecked, "of logs that your policy lacks");
    return absl::OkStatus();
  }
  Hold("V12", Join({std::to_string(all - unknown), " hold, ",
                    std::to_string(unknown), " of unknown logs"}));
  return absl::OkStatus();
}

// Against the key that the file names, when the policy names it too.
absl::Status BundleCheck::CheckEvidence(const std::string& name,
                                        std::size_t& unknown) {
  TRY(const Bytes bytes, file_.Read(name));
  for (const merkle::TrustPolicy::Log& log : policy_.logs()) {
    const std::string line = Join({"\nlog ", log.key.Text(), "\n"});
    if (AsText(bytes).find(line) == std::string_view::npos) continue;
    const absl::Status proves = merkle::VerifyEvidence(AsText(bytes), log.key);
    if (!proves.ok()) {
      Find(Verdict::kTampered, {"V12", name, std::nullopt, MessageOf(proves)});
    } else {
      report_.warnings.push_back(Join(
          {name, " proves that `", log.key.name(), "` showed two histories"}));
    }
    return absl::OkStatus();
  }
  ++unknown;
  return absl::OkStatus();
}

absl::Status BundleCheck::CheckDayNote(const std::string& name,
                                       std::size_t& unknown) {
  TRY(const Bytes bytes, file_.Read(name));
  std::vector<merkle::VerifierKey> keys;
  for (const merkle::TrustPolicy::Log& log : policy_.logs()) {
    keys.push_back(log.key);
  }
  const auto note = merkle::OpenNote(AsText(bytes), keys);
  if (absl::IsUnauthenticated(note.status())) {
    ++unknown;
    return absl::OkStatus();
  }
  // reconcile/<16 hex>-<day>.note
  const std::string agreement = name.substr(10, 16);
  const std::string day = name.substr(27, 10);
  const bool named =
      note.ok() &&
      note->note.text.starts_with("entente/reconcile/1\n" + agreement) &&
      note->note.text.find("\n" + day + "\n") != std::string::npos;
  if (!named) {
    Find(Verdict::kTampered, {"V12", name, std::nullopt,
                              note.ok() ? "it is of another day or agreement"
                                        : MessageOf(note.status())});
  }
  return absl::OkStatus();
}

}  // namespace entente::ledger
