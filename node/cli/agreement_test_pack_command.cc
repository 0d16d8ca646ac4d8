#include "node/cli/agreement_test_pack_command.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/base/file.h"
#include "node/cli/agreement_commands.h"
#include "node/cli/output.h"
#include "node/rehearsal/pack_check.h"
#include "policy/civil.h"
#include "policy/reason.h"
#include "policy/resolve.h"
#include "policy/text/embedded.h"

namespace entente::cli {
namespace {

constexpr std::size_t kMaxPackFile = std::size_t{16} << 20U;

absl::Status Usage(std::string_view what) {
  return WithReason(Invalid(what), kUsageReason);
}

absl::StatusOr<std::uint64_t> Number(Values& v, const std::string& name,
                                     std::uint64_t otherwise) {
  const std::string& text = v.one[name];
  if (text.empty()) return otherwise;
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end)
    return Usage("--" + name + " is a number");
  return value;
}

match::Set SetOf(policy::MatchSet set) {
  if (set == policy::MatchSet::kNarrow) return match::Set::kNarrow;
  if (set == policy::MatchSet::kWide) return match::Set::kWide;
  return match::Set::kStandard;
}

// The leaf that the list's entries name: the first that the clause has.
absl::StatusOr<std::string> GroundOf(const policy::Agreement& agreement,
                                     const policy::Clause& clause) {
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  const std::uint64_t leaves =
      policy::Resolve(agreement, catalogues, clause).purposes;
  for (std::size_t i = 0; i < catalogues.purposes.size(); ++i) {
    if (((leaves >> i) & 1U) != 0)
      return catalogues.purposes.purposes()[i].code;
  }
  return Usage("the clause has no purpose that this program knows");
}

absl::StatusOr<rehearsal::PackSpec> SpecOf(Values& v) {
  TRY(const policy::Agreement agreement, ReadAgreement(v.one["file"]));
  rehearsal::PackSpec spec;
  spec.agreement = policy::DocumentHash(policy::Emit(agreement));
  spec.clause = v.one["clause"];
  spec.holder = v.one["holder"];
  spec.asker = v.one["asker"];
  const policy::Clause* clause = nullptr;
  for (const policy::Clause& c : agreement.clauses) {
    if (c.id == spec.clause) clause = &c;
  }
  const bool asks =
      clause != nullptr && (clause->action == policy::Action::kScreen ||
                            clause->action == policy::Action::kQuery);
  if (!asks) return Usage("--clause is a screen or query clause of it");
  const bool parties = agreement.FindParty(spec.holder) != nullptr &&
                       agreement.FindParty(spec.asker) != nullptr &&
                       spec.holder != spec.asker;
  const bool covered = clause->each() || (clause->holder == spec.holder &&
                                          clause->asker == spec.asker);
  if (!parties || !covered) {
    const policy::ReasonText& text = policy::TextOf(policy::Reason::kW01);
    return WithNext(
        WithReason(Denied("clause `", spec.clause, "`: ", text.sentence),
                   text.code),
        text.next);
  }
  TRY(spec.ground, GroundOf(agreement, *clause));
  spec.set = SetOf(clause->match_set);
  spec.exclude = clause->exclude_nationals;
  spec.date = v.one["date"].empty()
                  ? policy::FormatDate(agreement.validity.from)
                  : v.one["date"];
  TRY(spec.seed, Number(v, "seed", 1));
  TRY(const std::uint64_t travellers, Number(v, "travellers", 200));
  TRY(const std::uint64_t listed, Number(v, "listed", 1000));
  spec.travellers = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      travellers, std::numeric_limits<std::uint32_t>::max()));
  spec.listed = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      listed, std::numeric_limits<std::uint32_t>::max()));
  return spec;
}

std::string HashText(std::string_view text) {
  return policy::HashText(primitive::Sha256(AsBytes(text)));
}

absl::StatusOr<std::pair<Json, std::string>> MakeOne(Values& v) {
  TRY(const rehearsal::PackSpec spec, SpecOf(v));
  TRY(const rehearsal::TestPack pack, rehearsal::MakePack(spec));
  TRY(const std::string expectation, rehearsal::Expectation(pack));
  const std::string& out = v.one["out"];
  TRY_OK(base::MakeDirs(out));
  for (const auto& [name, text] : {std::pair("flight.csv", &pack.flight),
                                   std::pair("list.csv", &pack.list),
                                   std::pair("protected.csv", &pack.protect),
                                   std::pair("expected.json", &expectation)}) {
    TRY_OK(WriteOutput(out + "/" + name, AsBytes(*text)));
  }
  const std::string hash = HashText(expectation);
  return std::pair(
      Json{{"hash", hash},
           {"planted", pack.plants.size()},
           {"travellers", spec.travellers},
           {"listed", spec.listed}},
      "test pack of " + spec.clause + ", " + spec.asker + " asks " +
          spec.holder + ": " + std::to_string(spec.travellers) +
          " travellers, " + std::to_string(spec.listed) + " listed, " +
          std::to_string(pack.plants.size()) + " planted\n" + hash +
          "\nboth sides must read the same hash to each other\nnever import "
          "it where real persons are: a node of its own, see "
          "docs/operate/agreements.md, section 11");
}

absl::StatusOr<std::string> TextOf(const std::string& path) {
  absl::StatusOr<Bytes> bytes = base::ReadFile(path, kMaxPackFile);
  if (!bytes.ok())
    return absl::Status(
        bytes.status().code(),
        "the file `" + path + "` cannot be read: " + MessageOf(bytes.status()));
  return ToString(*bytes);
}

// In the terminal: the recipe of this machine over the files. With `--hits`:
// what the asker's node found.
absl::StatusOr<std::vector<std::string>> Faults(Values& v,
                                                const std::string& expected) {
  const std::string& folder = v.one["check"];
  rehearsal::PackFiles files;
  TRY(files.flight, TextOf(folder + "/flight.csv"));
  TRY(files.list, TextOf(folder + "/list.csv"));
  TRY(files.protect, TextOf(folder + "/protected.csv"));
  TRY(std::vector<std::string> out, rehearsal::CheckPack(expected, files));
  if (v.one["hits"].empty()) return out;
  TRY(const std::string queue, TextOf(v.one["hits"]));
  TRY(const std::vector<std::string> more,
      rehearsal::CheckHits(expected, queue));
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

int CheckOne(Values& v, const RemoteOptions& options) {
  const absl::StatusOr<std::string> expected =
      TextOf(v.one["check"] + "/expected.json");
  if (!expected.ok()) return ReportError(expected.status(), options.json);
  const absl::StatusOr<std::vector<std::string>> faults = Faults(v, *expected);
  if (!faults.ok()) return ReportError(faults.status(), options.json);
  const std::string hash = HashText(*expected);
  std::string text;
  for (const std::string& fault : *faults) text += fault + "\n";
  text += faults->empty()
              ? "everything planted is found, and nothing else\n" + hash
              : std::to_string(faults->size()) + " differences";
  return ReportResult(faults->empty() ? kDone : kProof,
                      Json{{"hash", hash}, {"differences", *faults}}.dump(),
                      text, options.json);
}

int TestPack(Values& v, const RemoteOptions& options) {
  if (!v.one["check"].empty()) return CheckOne(v, options);
  for (const char* name : {"file", "clause", "holder", "asker", "out"}) {
    if (!v.one[name].empty()) continue;
    return ReportError(
        Usage(std::string("give the document, --clause, --holder, --asker and "
                          "--out, or --check; missing: ") +
              name),
        options.json);
  }
  const auto made = MakeOne(v);
  if (!made.ok()) return ReportError(made.status(), options.json);
  return ReportResult(kDone, made->first.dump(), made->second, options.json);
}

}  // namespace

void AddAgreementTestPack(Command app, const Shared& shared) {
  auto values = std::make_shared<Values>();
  Command at = Leaf(
      app, "agreement", "test-pack",
      "make an invented flight, list and protected persons of a clause, with "
      "what must be found, from the document and a seed; or --check what was "
      "found (offline)");
  at.Add("file", values->one["file"], "document or envelope");
  const std::pair<const char*, const char*> words[] = {
      {"clause", "screen or query clause"},
      {"holder", "the party whose list it is"},
      {"asker", "the party whose flight it is"},
      {"seed", "number that both sides agree on (default 1)"},
      {"date",
       "day of the flight, YYYY-MM-DD (default: the first day of the "
       "agreement)"},
      {"travellers", "travellers of the flight, 32 to 2,000 (default 200)"},
      {"listed", "rows of the list, 32 to 60,000 (default 1000)"},
      {"out",
       "folder to write: flight.csv, list.csv, protected.csv, "
       "expected.json"},
      {"check",
       "folder of a pack: derive again on this machine and compare; "
       "exit code 4 when something differs"},
      {"hits",
       "with --check: what `entente --json hits list` of the asker's "
       "rehearsal node printed, to compare too"}};
  for (const auto& [name, help] : words)
    at.Add(std::string("--") + name, values->one[name], help);
  BindRun(shared, at, values, TestPack);
}

}  // namespace entente::cli
