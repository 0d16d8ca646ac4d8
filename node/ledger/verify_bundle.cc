#include "node/ledger/verify_bundle.h"

#include <algorithm>
#include <set>
#include <span>

#include "crypto/base/status.h"
#include "crypto/merkle/proof.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/bundle_check.h"
#include "node/ledger/catalogue.h"

namespace entente::ledger {

using merkle::FileRef;
using merkle::TrustPolicy;

namespace {

constexpr std::string_view kNeeded[] = {
    "SHA256SUMS",     "VERIFY.txt", "bodies", "bundle.note",
    "catalogue.json", "checkpoint", "policy", "segments"};

std::vector<Claim> AllClaims() {
  return {{"V1", "the file is a bundle, whole and as its list of sums says"},
          {"V2", "the exporter signed the bundle"},
          {"V3-origin", "the log is one that your policy names"},
          {"V3-signature", "the log signed the head"},
          {"V3-quorum", "enough witnesses cosigned the head"},
          {"V4", "the log only adds to an earlier head"},
          {"V5", "every tile leads to the signed root, none is left out"},
          {"V6", "every entry of the range is one that the log hashed"},
          {"V7", "every entry is in the catalogue, and their order is right"},
          {"V8", "every sealed entry has its body, or an entry says why not"},
          {"V9", "every erasure is signed by an officer you named"},
          {"V10", "single entries are in the log, opened fields are as sealed"},
          {"V11", "the witnesses saw the entries when these say"},
          {"V12", "evidence and day notes inside hold"}};
}

}  // namespace

BundleSource BundleSource::Of(ByteView bytes) {
  return {
      bytes.size(),
      [bytes](std::uint64_t offset, std::size_t size) -> absl::StatusOr<Bytes> {
        return ToBytes(bytes.subspan(static_cast<std::size_t>(offset), size));
      }};
}

BundleCheck::BundleCheck(const BundleSource& source, const TrustPolicy& policy,
                         const BundleOptions& options)
    : policy_(policy), options_(options), file_(source) {
  report_.claims = AllClaims();
}

absl::StatusOr<Report> BundleCheck::Run() {
  TRY_OK(Steps());
  report_.verdict = Conclude();
  return std::move(report_);
}

absl::Status BundleCheck::Steps() {
  using Step = absl::Status (BundleCheck::*)();
  static constexpr Step kSteps[] = {
      &BundleCheck::CheckContainer, &BundleCheck::CheckHead,
      &BundleCheck::CheckNote,      &BundleCheck::CheckTexts,
      &BundleCheck::CheckRightEdge, &BundleCheck::CheckUpperTiles,
      &BundleCheck::LoadSegments,   &BundleCheck::LoadSingles,
      &BundleCheck::ReadEntries,    &BundleCheck::CheckPrevious,
      &BundleCheck::CheckKept,      &BundleCheck::FinishBodies,
      &BundleCheck::CheckOpenings,  &BundleCheck::CheckAttachments};
  for (const Step step : kSteps) {
    TRY_OK((this->*step)());
    if (found_) return absl::OkStatus();
  }
  CheckTimes();
  return absl::OkStatus();
}

void BundleCheck::Mark(std::string_view id, ClaimResult result,
                       std::string reason) {
  for (Claim& claim : report_.claims) {
    if (claim.id != id) continue;
    claim.result = result;
    claim.reason = std::move(reason);
  }
}

merkle::TileReader BundleCheck::Reader() const {
  return [this](const FileRef& file) -> absl::StatusOr<Bytes> {
    const std::string path = merkle::PathOf(file);
    if (!file_.Has(path)) return NotFound("`", path, "` is not in the bundle");
    return file_.Read(path);
  };
}

absl::Status BundleCheck::CheckContainer() {
  TRY(std::optional<Fault> fault, file_.Load());
  if (fault) {
    Find(Verdict::kTampered, *std::move(fault));
    return absl::OkStatus();
  }
  for (const std::string_view name : kNeeded) {
    if (file_.Has(name)) continue;
    Find(Verdict::kIncomplete,
         {"V1", std::string(name), std::nullopt, "the member is missing"});
    return absl::OkStatus();
  }
  Hold("V1", std::to_string(file_.members().size()) + " members");
  TRY(fault, file_.CheckSums());
  if (fault) Suspect(Verdict::kTampered, *std::move(fault));
  return absl::OkStatus();
}

absl::Status BundleCheck::CheckHead() {
  TRY(const Bytes bytes, file_.Read("checkpoint"));
  note_ = AsText(bytes);
  const JudgedHead judged = JudgeHead(note_, policy_);
  if (judged.head) HoldHead(*judged.head);
  if (!judged.fault) return absl::OkStatus();
  static constexpr std::string_view kParts[] = {"V3-origin", "V3-signature",
                                                "V3-quorum"};
  Find(judged.fault->verdict,
       {kParts[static_cast<std::size_t>(judged.fault->part)], "checkpoint",
        std::nullopt, judged.fault->why});
  return absl::OkStatus();
}

void BundleCheck::HoldHead(const TrustPolicy::Trusted& head) {
  report_.origin = head.checkpoint.origin;
  report_.size = head.checkpoint.size;
  report_.root = head.checkpoint.root;
  report_.witnesses = head.cosigned.size();
  cosigned_ = head.cosigned;
  std::string names;
  for (const TrustPolicy::Cosigned& line : cosigned_) {
    if (!names.empty()) names += ", ";
    names += policy_.witnesses()[line.witness].name;
  }
  Hold("V3-origin", report_.origin);
  Hold("V3-signature", "size " + std::to_string(report_.size));
  Hold("V3-quorum", !policy_.needs_witnesses()
                        ? "your policy asks for none"
                        : std::to_string(cosigned_.size()) + " of " +
                              std::to_string(policy_.witnesses().size()) +
                              " witnesses: " + names);
}

absl::Status BundleCheck::CheckNote() {
  TRY(const Bytes bytes, file_.Read("bundle.note"));
  const auto refuse = [&](std::string why) {
    Find(Verdict::kTampered, {"V2", "bundle.note", std::nullopt, why});
    return absl::OkStatus();
  };
  const auto parts = merkle::SplitNote(AsText(bytes));
  if (!parts.ok()) return refuse(MessageOf(parts.status()));
  const auto note = ParseBundleNote(parts->text);
  if (!note.ok()) return refuse(MessageOf(note.status()));
  if (note->origin != report_.origin || note->size != report_.size) {
    return refuse("it speaks of another head");
  }
  range_ = note->range;
  report_.range = range_;
  CheckNoteSigner(AsText(bytes));
  TRY(const Bytes sums, file_.Read("SHA256SUMS"));
  if (note->sums != primitive::Sha256(sums)) {
    Suspect(Verdict::kTampered, {"V2", "SHA256SUMS", std::nullopt,
                                 "it is not the list that was signed"});
  }
  if (!found_) CheckFiles();
  return absl::OkStatus();
}

void BundleCheck::CheckNoteSigner(std::string_view note) {
  std::vector<merkle::VerifierKey> known = options_.officers;
  for (const TrustPolicy::Log& log : policy_.logs()) {
    if (log.key.name() == report_.origin) known.push_back(log.key);
  }
  if (HasHalfKnownLine(note, known)) {
    return Find(Verdict::kUntrusted,
                {"V2", "bundle.note", std::nullopt,
                 "a signature line that half belongs to a known key"});
  }
  const auto opened = merkle::OpenNote(note, known);
  if (opened.ok()) {
    const merkle::VerifierKey& key = known[opened->verified.front().key];
    return Hold("V2", "signed by `" + key.name() + "`");
  }
  const bool unknown = absl::IsUnauthenticated(opened.status());
  if (unknown && options_.officers.empty()) {
    return Mark("V2", ClaimResult::kNotChecked,
                "signed by somebody you did not name");
  }
  Find(unknown ? Verdict::kUntrusted : Verdict::kTampered,
       {"V2", "bundle.note", std::nullopt, MessageOf(opened.status())});
}

// As under a head (head_check.cc): what a damaged line looks like.
bool BundleCheck::HasHalfKnownLine(std::string_view note,
                                   std::span<const merkle::VerifierKey> known) {
  const auto parsed = merkle::ParseNote(note);
  if (!parsed.ok()) return false;
  for (const merkle::NoteLine& line : parsed->lines) {
    for (const merkle::VerifierKey& key : known) {
      if ((line.name == key.name()) != (line.id == key.id())) return true;
    }
  }
  return false;
}

void BundleCheck::CheckFiles() {
  const EntryRange tiles = TilesOfRange(range_);
  whole_ = {tiles.first * merkle::kTileWidth,
            std::min(tiles.end * merkle::kTileWidth, report_.size)};
  const auto missing = [&](const std::string& path) {
    Find(Verdict::kIncomplete,
         {"V5", path, std::nullopt, "the file is missing"});
  };
  // One by one first: a note may sign a range whose list of files would fill
  // the memory.
  for (std::uint64_t i = tiles.first; i < tiles.end; ++i) {
    if (!file_.Has(EntriesFile(i))) return missing(EntriesFile(i));
  }
  std::set<std::string, std::less<>> wanted = {"checkpoint"};
  for (const FileRef& file : FilesOfRange(range_, report_.size)) {
    const std::string path = merkle::PathOf(file);
    if (!file_.Has(path)) return missing(path);
    const std::uint64_t size = file_.members().find(path)->second.size;
    if (file.kind == FileRef::Kind::kHashes &&
        size != std::uint64_t{file.width} * sizeof(Hash)) {
      return Find(Verdict::kTampered,
                  {"V5", path, std::nullopt, "the tile has another length"});
    }
    wanted.insert(path);
  }
  for (const auto& [name, member] : file_.members()) {
    if (merkle::ParsePath(name).ok() && !wanted.contains(name)) {
      return Find(Verdict::kTampered,
                  {"V1", name, std::nullopt,
                   "a file that does not belong to the range"});
    }
  }
}

// What every bundle of this format holds in the same words.
absl::Status BundleCheck::CheckTexts() {
  TRY(const Bytes text, file_.Read("VERIFY.txt"));
  if (AsText(text) != kVerifyText) {
    Find(Verdict::kTampered,
         {"V1", "VERIFY.txt", std::nullopt, "another text"});
  }
  TRY(const Bytes catalogue, file_.Read("catalogue.json"));
  if (AsText(catalogue) != CatalogueJson()) {
    Find(suspect_ ? Verdict::kTampered : Verdict::kUntrusted,
         {"V7", "catalogue.json", std::nullopt,
          "a catalogue of events that this program does not have"});
  }
  return absl::OkStatus();
}

absl::Status BundleCheck::CheckPrevious() {
  const bool head = file_.Has("previous.checkpoint");
  if (head != file_.Has("previous.consistency")) {
    Find(Verdict::kIncomplete,
         {"V4", head ? "previous.consistency" : "previous.checkpoint",
          std::nullopt, "the member is missing"});
    return absl::OkStatus();
  }
  if (!head) {
    Mark("V4", ClaimResult::kNotChecked, "none inside, and you kept none");
    return absl::OkStatus();
  }
  TRY(const Bytes note, file_.Read("previous.checkpoint"));
  TRY(const Bytes lines, file_.Read("previous.consistency"));
  const auto old = policy_.Open(AsText(note));
  const auto proof = merkle::ParseProofLines(AsText(lines));
  if (!old.ok() || old->checkpoint.origin != report_.origin) {
    Find(Verdict::kUntrusted,
         {"V4", "previous.checkpoint", std::nullopt,
          old.ok() ? "it is of another log" : MessageOf(old.status())});
    return absl::OkStatus();
  }
  const absl::Status status =
      proof.ok() ? merkle::VerifyConsistency(old->checkpoint.size, report_.size,
                                             old->checkpoint.root, report_.root,
                                             *proof)
                 : proof.status();
  if (!status.ok()) {
    Find(Verdict::kTampered,
         {"V4", "previous.consistency", std::nullopt, MessageOf(status)});
    return absl::OkStatus();
  }
  Hold("V4", "from size " + std::to_string(old->checkpoint.size));
  return absl::OkStatus();
}

// The head that the caller kept, proved with the tiles at hand.
absl::Status BundleCheck::CheckKept() {
  if (!options_.previous) return absl::OkStatus();
  const auto fail = [&](Verdict verdict, std::string why) {
    Find(verdict, {"V4", "previous checkpoint", std::nullopt, std::move(why)});
    return absl::OkStatus();
  };
  const auto kept = policy_.Open(*options_.previous);
  if (!kept.ok()) return fail(Verdict::kUntrusted, MessageOf(kept.status()));
  const merkle::Checkpoint& old = kept->checkpoint;
  if (old.origin != report_.origin) {
    return fail(Verdict::kUntrusted, "it is of another log");
  }
  if (old.size > report_.size) {
    return fail(Verdict::kIncomplete,
                "the log is shorter than the head you "
                "kept");
  }
  const auto root =
      merkle::RootOf(old.size, merkle::HashesFromTiles(report_.size, Reader()));
  if (absl::IsNotFound(root.status())) {
    if (file_.Has("previous.checkpoint")) {
      TRY(const Bytes inside, file_.Read("previous.checkpoint"));
      const auto same = policy_.Open(AsText(inside));
      if (same.ok() && same->checkpoint == old) return absl::OkStatus();
    }
    return fail(Verdict::kIncomplete,
                "the bundle has no proof from the head you kept");
  }
  if (!root.ok()) return root.status();
  if (*root != old.root) {
    return fail(Verdict::kSplitView, "the log signed two histories");
  }
  Hold("V4", "from size " + std::to_string(old.size) + ", which you kept");
  return absl::OkStatus();
}

void BundleCheck::CheckTimes() {
  if (cosigned_.empty() || report_.entries == 0) return;
  report_.warnings = TimeWarnings(policy_, cosigned_, rules_->last_time());
  if (report_.warnings.empty()) return Hold("V11");
  Mark("V11", ClaimResult::kFails, "see the warning");
}

Verdict BundleCheck::Conclude() {
  if (rules_) {
    report_.pads = rules_->pads();
    report_.first_time = rules_->first_time();
    report_.last_time = rules_->last_time();
  }
  if (!found_) found_ = std::move(suspect_);
  if (found_) {
    Mark(found_->fault.claim, ClaimResult::kFails, found_->fault.why);
    report_.fault = std::move(found_->fault);
    return found_->verdict;
  }
  return policy_.needs_witnesses() ? Verdict::kVerified
                                   : Verdict::kVerifiedUnwitnessed;
}

absl::StatusOr<Report> VerifyBundle(const BundleSource& source,
                                    const TrustPolicy& policy,
                                    const BundleOptions& options) {
  return BundleCheck(source, policy, options).Run();
}

}  // namespace entente::ledger
