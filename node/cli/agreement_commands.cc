#include "node/cli/agreement_commands.h"

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "crypto/base/status.h"
#include "node/cli/command_parts.h"
#include "node/cli/local_commands.h"
#include "node/cli/output.h"
#include "policy/diff.h"
#include "policy/envelope.h"
#include "policy/finding.h"
#include "policy/overlap.h"
#include "policy/text/embedded.h"

namespace entente::cli {
namespace {

struct Answer {
  Json json;
  std::string text;
};

int Finish(const absl::StatusOr<Answer>& answer, bool json) {
  if (!answer.ok()) return ReportError(answer.status(), json);
  return ReportResult(kDone, answer->json.dump(), answer->text, json);
}

std::string_view BearingWord(policy::Bearing bearing) {
  switch (bearing) {
    case policy::Bearing::kWider:
      return "wider";
    case policy::Bearing::kNarrower:
      return "narrower";
    default:
      return "other";
  }
}

// The words of an agreement are read with the catalogues of this program, so it
// must be said when the agreement pins other ones.
std::vector<std::string> Notes(const policy::Agreement& agreement,
                               const policy::Catalogues& catalogues) {
  std::vector<std::string> names;
  const auto look = [&](const char* key, const Hash& pinned, const Hash& have) {
    if (pinned != have) names.emplace_back(key);
  };
  look("purposes", agreement.purposes_catalogue, catalogues.purposes.hash());
  look("fields", agreement.fields_catalogue, catalogues.fields.hash());
  look("profiles", agreement.profiles_catalogue, catalogues.profiles.hash());
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + name;
  if (list.empty()) return {};
  return {Join({agreement.id, " version ", std::to_string(agreement.version),
                " pins catalogues that this program does not have (", list,
                "); its words are read with those that it has"})};
}

void AddNotes(const std::vector<std::string>& notes, Answer& answer) {
  answer.json["notes"] = notes;
  for (const std::string& note : notes) answer.text += "\n  ! " + note;
}

Json Named(const policy::Agreement& agreement) {
  return {{"id", agreement.id},
          {"version", agreement.version},
          {"hash",
           policy::HashText(policy::DocumentHash(policy::Emit(agreement)))}};
}

Json TupleList(const std::vector<policy::DiffTuple>& tuples) {
  Json out = Json::array();
  for (const policy::DiffTuple& t : tuples) {
    out.push_back(
        {{"step", policy::Word(t.action)},
         {"side", t.side == policy::Side::kReleased ? "released" : "offered"},
         {"holder", t.holder},
         {"asker", t.asker},
         {"purpose", t.purpose},
         {"fields", t.fields},
         {"anew", t.anew}});
  }
  return out;
}

absl::StatusOr<Answer> Diff(const std::string& before_path,
                            const std::string& after_path) {
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  TRY(const policy::Agreement before, ReadAgreement(before_path));
  TRY(const policy::Agreement after, ReadAgreement(after_path));
  const policy::AgreementDiff diff =
      policy::Compare({before, catalogues}, {after, catalogues});
  Answer out;
  out.text = policy::Headline(diff, before, after);
  out.json = {{"before", Named(before)},
              {"after", Named(after)},
              {"verdict", policy::VerdictWord(diff.verdict)},
              {"opinions_needed", diff.NeedsOpinions()},
              {"wider", diff.wider_places},
              {"narrower", diff.narrower_places},
              {"lines", Json::array()},
              {"keys", Json::array()},
              {"newly_allowed", TupleList(policy::NewlyAllowed(diff))},
              {"newly_forbidden", TupleList(policy::NewlyForbidden(diff))}};
  for (const policy::DiffLine& line : diff.lines) {
    out.text += Join(
        {"\n  ", std::string(1, line.sign), " ", line.place, "  ", line.text});
    out.json["lines"].push_back({{"sign", std::string(1, line.sign)},
                                 {"bearing", BearingWord(line.bearing)},
                                 {"place", line.place},
                                 {"text", line.text}});
  }
  for (const policy::KeyChange& key : diff.keys) {
    out.json["keys"].push_back({{"path", key.path},
                                {"was", key.was},
                                {"now", key.now},
                                {"bearing", BearingWord(key.bearing)}});
  }
  std::vector<std::string> notes = Notes(before, catalogues);
  for (std::string& note : Notes(after, catalogues)) {
    notes.push_back(std::move(note));
  }
  AddNotes(notes, out);
  return out;
}

Json OverlapJson(const policy::ClauseOverlap& overlap,
                 const policy::Agreement& first,
                 const policy::Agreement& second) {
  Json points = Json::array();
  for (const policy::OverlapPoint& point : overlap.points) {
    points.push_back({{"first", point.first}, {"second", point.second}});
  }
  return {{"first", {{"id", first.id}, {"clause", overlap.first_clause}}},
          {"second", {{"id", second.id}, {"clause", overlap.second_clause}}},
          {"acts", overlap.acts},
          {"stricter", policy::StricterWord(overlap.stricter)},
          {"points", points}};
}

absl::StatusOr<Answer> OverlapsOf(const std::vector<std::string>& paths) {
  TRY(const policy::Catalogues catalogues, policy::BuiltInCatalogues());
  std::vector<policy::Agreement> agreements;
  Answer out;
  out.json["overlaps"] = Json::array();
  std::vector<std::string> notes;
  for (const std::string& path : paths) {
    TRY(policy::Agreement agreement, ReadAgreement(path));
    for (std::string& note : Notes(agreement, catalogues)) {
      notes.push_back(std::move(note));
    }
    agreements.push_back(std::move(agreement));
  }
  std::size_t count = 0;
  for (std::size_t j = 1; j < agreements.size(); ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      const policy::Agreement& a = agreements[i];
      const policy::Agreement& b = agreements[j];
      for (const policy::ClauseOverlap& overlap :
           policy::Overlaps({a, catalogues}, {b, catalogues})) {
        ++count;
        out.text += "\n  " + policy::Format(overlap, a, b);
        out.json["overlaps"].push_back(OverlapJson(overlap, a, b));
      }
    }
  }
  out.text = std::to_string(agreements.size()) + " agreements, " +
             std::to_string(count) + (count == 1 ? " overlap" : " overlaps") +
             out.text;
  AddNotes(notes, out);
  return out;
}

}  // namespace

absl::StatusOr<policy::Agreement> ReadAgreement(const std::string& path) {
  TRY(const Bytes body, DocumentIn(path));
  policy::ParsedAgreement parsed = policy::ParseAgreement(body);
  if (parsed.agreement) return *std::move(parsed.agreement);
  for (const policy::Finding& finding : parsed.findings) {
    std::fprintf(stderr, "%s\n",
                 Printable(policy::Format(finding, path)).c_str());
  }
  const absl::Status first = policy::ToStatus(parsed.findings);
  return WithNext(WithReason(Denied("the document `", path,
                                    "` is refused: ", MessageOf(first)),
                             ReasonOf(first)),
                  NextOf(first));
}

void AddAgreementComparisons(Command app, const RemoteOptions& options,
                             std::function<int()>& run) {
  auto files = std::make_shared<std::vector<std::string>>(2);
  Command diff =
      app.Below("agreement")
          .New(
              "diff",
              "what a new version allows and forbids, and whether it needs the "
              "opinions of the data protection officers (offline)");
  diff.Add("before", files->at(0), "document or envelope in force").Required();
  diff.Add("after", files->at(1), "document or envelope of the draft")
      .Required();
  diff.OnChosen([&run, &options, files] {
    run = [&options, files] {
      return Finish(Diff(files->at(0), files->at(1)), options.json);
    };
  });
  auto many = std::make_shared<std::vector<std::string>>();
  Command overlaps = app.Below("agreement")
                         .New("overlaps",
                              "agreements that answer the same request, with "
                              "the stricter named "
                              "(offline)");
  overlaps.Add("files", *many, "two or more documents or envelopes")
      .Required()
      .Values(2, 64);
  overlaps.OnChosen([&run, &options, many] {
    run = [&options, many] { return Finish(OverlapsOf(*many), options.json); };
  });
}

}  // namespace entente::cli
