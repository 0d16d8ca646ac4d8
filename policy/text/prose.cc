#include "policy/text/prose.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "policy/text/prose_parts.h"

namespace entente::policy {
namespace prose {
namespace {

// `terrorism` of `terrorism.travel`.
std::string GroupOf(const std::string& purpose) {
  return purpose.substr(0, purpose.find('.'));
}

bool IsGroup(const std::string& word) {
  return word.find('.') == std::string::npos;
}

std::string KeyText(const KeyId& key) {
  return Join({key.label(), " (", key.kid(), ")"});
}

void WriteHead(Writer& w) {
  const Agreement& a = w.agreement();
  w.Raw(a.title);
  w.Raw("");
  w.Line("head.made", {{"id", a.id}, {"version", std::to_string(a.version)}});
  w.Line("head.instrument", {{"instrument", a.instrument}});
  if (a.replaces) {
    w.Line("head.replaces", {{"hash", ToHex(*a.replaces)}});
  } else {
    w.Line("head.first");
  }
  w.Line("head.hash", {{"hash", ToHex(DocumentHash(Emit(a)))}});
  const Catalogues& c = w.catalogues();
  if (a.purposes_catalogue != c.purposes.hash() ||
      a.fields_catalogue != c.fields.hash() ||
      a.profiles_catalogue != c.profiles.hash() ||
      a.match_recipe != c.recipe.hash()) {
    w.Line("head.others");
  }
}

void WriteParty(Writer& w, const Party& party) {
  const Language& language = w.language();
  w.Raw("");
  w.Raw(Join({party.name, " (", party.code, ")"}));
  w.Line("party.authority", {{"text", party.authority}});
  w.Line("party.dpo", {{"text", party.data_protection_officer}});
  w.Line("party.supervisor", {{"text", party.supervisor}});
  w.Line("party.profile",
         {{"profile", w.Name("profile", party.legal_profile)}});
  w.Line("party.history", {{"instant", language.Instant(party.history_from)}});
  w.Line("party.assessment", {{"date", language.Date(party.assessment_date)},
                              {"days", party.assessment_renew_days},
                              {"hash", ToHex(party.assessment_hash)}});
  w.Line("party.sign", {{"legal", KeyText(party.sign_legal)},
                        {"technical", KeyText(party.sign_technical)}});
  std::vector<std::string> keys;
  for (const KeyId& key : party.suspend) keys.push_back(KeyText(key));
  w.Line("party.suspend", {{"keys", w.language().List(keys)}});
}

void WriteParties(Writer& w) {
  w.Section("section.parties");
  for (const Party& party : w.agreement().parties) WriteParty(w, party);
}

void WriteValidity(Writer& w) {
  const Validity& v = w.agreement().validity;
  const Language& language = w.language();
  w.Section("section.validity");
  w.Line("valid.time", {{"from", language.Instant(v.from)},
                        {"until", language.Instant(v.until)}});
  w.Line("valid.review", {{"instant", language.Instant(v.review_by)}});
  w.Line(
      v.notice_of_termination_days == 0 ? "valid.notice.none" : "valid.notice",
      {{"days", v.notice_of_termination_days}});
  w.Line("valid.stop");
}

void WriteBases(Writer& w) {
  w.Section("section.bases");
  std::uint64_t number = 0;
  for (const Basis& basis : w.agreement().bases) {
    w.Item("basis.head", {{"n", ++number}, {"text", basis.article}});
    for (const Provision& provision : basis.provisions) {
      w.Line("basis.party", {{"party", w.PartyName(provision.party)},
                             {"text", provision.text}});
    }
  }
}

void WriteRestriction(Writer& w, const Restriction& r) {
  const auto any = [](const std::vector<std::string>& words) {
    return words == std::vector<std::string>{"any"};
  };
  w.Line(any(r.fields) ? "rule.fields.any" : "rule.fields",
         {{"list", any(r.fields) ? std::string() : w.Fields(r.fields)}});
  w.Line(r.any_action ? "rule.actions.any" : "rule.actions",
         {{"list", w.Words("action", r.actions)}});
  w.Line(any(r.purposes) ? "rule.purposes.any" : "rule.purposes",
         {{"list", any(r.purposes) ? std::string() : w.Purposes(r.purposes)}});
  w.Line(r.always ? "rule.always" : "rule.when",
         {{"list", w.Words("flag", r.when)}});
}

void WriteRestrictions(Writer& w) {
  std::uint64_t number = 0;
  w.Section("section.prohibitions");
  for (const Prohibition& p : w.agreement().prohibitions) {
    w.Item("rule.head", {{"n", ++number}, {"text", p.article}});
    WriteRestriction(w, p);
  }
  number = 0;
  w.Section("section.reservations");
  for (const Reservation& r : w.agreement().reservations) {
    const std::string party = w.PartyName(r.by);
    w.Item("reserve.head",
           {{"n", ++number}, {"party", party}, {"text", r.article}});
    w.Line("reserve.scope", {{"party", party}});
    WriteRestriction(w, r);
  }
  if (number == 0) w.Line("reserve.none");
}

void WriteRights(Writer& w) {
  const Rights& r = w.agreement().rights;
  w.Section("section.rights");
  w.Line("rights.access", {{"n", r.access_answer_days}});
  w.Line("rights.correction",
         {{"n", r.correction_propagates_hours},
          {"days", w.InDays(r.correction_propagates_hours)},
          {"m", r.erasure_propagates_hours},
          {"days2", w.InDays(r.erasure_propagates_hours)}});
  w.Line(r.overdue_receipt_stops_questions ? "rights.receipt"
                                           : "rights.receipt.none");
  w.Line(r.false_hit_notice ? "rights.notice" : "rights.notice.none");
}

void WriteAudit(Writer& w) {
  const Audit& a = w.agreement().audit;
  constexpr std::uint32_t kHour = 3600;
  w.Section("section.audit");
  w.Line("audit.log", {{"n", a.log_years}});
  const bool whole =
      a.witness_grace_seconds >= kHour && a.witness_grace_seconds % kHour == 0;
  w.Line("audit.witness",
         {{"n", a.witness_grace_seconds},
          {"hours", whole ? w.Say("audit.hours",
                                  {{"n", a.witness_grace_seconds / kHour}})
                          : std::string()}});
  w.Line(a.split_view == SplitView::kStop ? "audit.stop" : "audit.alarm");
  w.Line(a.mutual_inspection_per_year == 0 ? "audit.inspection.none"
                                           : "audit.inspection",
         {{"n", a.mutual_inspection_per_year}});
  w.Line("audit.statistics", {{"n", a.statistics_every_months}});
}

void WriteScreening(Writer& w) {
  const Screening& s = w.agreement().screening;
  w.Section("section.screening");
  w.Line("screening.epoch", {{"n", s.epoch_hours},
                             {"days", w.InDays(s.epoch_hours)},
                             {"m", s.epoch_grace_hours},
                             {"days2", w.InDays(s.epoch_grace_hours)}});
  w.Line("screening.padding", {{"n", OctaveSteps(s.tag_set_padding)}});
  w.Line(s.suppressed_hit == SuppressedHit::kNoHit ? "screening.hidden"
                                                   : "screening.refused");
}

void WriteEnding(Writer& w) {
  const Ending& e = w.agreement().ending;
  w.Section("section.ending");
  w.Line("ending.suspend");
  w.Line("ending.delete", {{"n", e.delete_within_days}});
  w.Line(e.open_case_extension_max_days == 0 ? "ending.cases.none"
                                             : "ending.cases",
         {{"n", e.open_case_extension_max_days}});
  w.Line(e.proof_of_deletion ? "ending.proof" : "ending.proof.none");
}

// A group, leaf by leaf; a sentence that all leaves ask for is said once.
void WriteGroup(Writer& w, const std::string& group) {
  std::vector<std::string> codes;
  std::set<std::uint32_t> months;
  for (const Purpose& purpose : w.catalogues().purposes.purposes()) {
    if (GroupOf(purpose.code) != group) continue;
    codes.push_back(purpose.code);
    months.insert(purpose.min_penalty_months);
  }
  const bool uniform = months.size() == 1;
  std::vector<std::string> leaves;
  for (const std::string& code : codes) {
    leaves.push_back(
        w.Leaf(code, uniform ? Penalty::kElsewhere : Penalty::kBeside));
  }
  const std::string name = w.Name("group", group);
  w.Line("words.group", {{"group", name}, {"list", w.language().List(leaves)}});
  if (uniform && *months.begin() != 0) {
    w.Line("words.penalty", {{"group", name}, {"n", *months.begin()}});
  }
}

// Every group that the document names, leaf by leaf; the sensitive fields; the
// pinned files.
void WriteWords(Writer& w) {
  const Agreement& a = w.agreement();
  std::set<std::string> groups;
  const auto collect = [&](const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      if (IsGroup(word) && word != "any") groups.insert(word);
    }
  };
  for (const Clause& clause : a.clauses) collect(clause.purposes);
  for (const Prohibition& p : a.prohibitions) collect(p.purposes);
  for (const Reservation& r : a.reservations) collect(r.purposes);
  w.Section("section.words");
  for (const std::string& group : groups) WriteGroup(w, group);
  const FieldCatalogue& fields = w.catalogues().fields;
  w.Line("words.sensitive",
         {{"list", w.Fields(fields.Codes(fields.sensitive()))}});
  w.Line("words.files", {{"purposes", ToHex(a.purposes_catalogue)},
                         {"fields", ToHex(a.fields_catalogue)},
                         {"profiles", ToHex(a.profiles_catalogue)},
                         {"recipe", ToHex(a.match_recipe)}});
}

// Parts in normal form C need not make a whole that is.
absl::StatusOr<std::string> Normal(const std::string& text) {
  std::u16string wide(text.size() + 1, u'\0');
  UErrorCode error = U_ZERO_ERROR;
  std::int32_t units = 0;
  u_strFromUTF8(wide.data(), static_cast<std::int32_t>(wide.size()), &units,
                text.data(), static_cast<std::int32_t>(text.size()), &error);
  const UNormalizer2* nfc = unorm2_getNFCInstance(&error);
  std::u16string normal(2 * text.size() + 1, u'\0');
  const std::int32_t length =
      unorm2_normalize(nfc, wide.data(), units, normal.data(),
                       static_cast<std::int32_t>(normal.size()), &error);
  std::string out(4 * static_cast<std::size_t>(std::max(length, 0)) + 1, '\0');
  std::int32_t bytes = 0;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &bytes,
              normal.data(), length, &error);
  if (U_FAILURE(error)) return Invalid("the text cannot be written");
  out.resize(static_cast<std::size_t>(bytes));
  return out;
}

}  // namespace

void Writer::Section(std::string_view code) {
  Raw("");
  Raw(Join({std::to_string(++section_), ". ", Say(code)}));
}

void Writer::Item(std::string_view code, Values values) {
  Raw("");
  Raw(Say(code, values));
}

void Writer::Line(std::string_view code, Values values) {
  Raw(Say(code, values));
}

void Writer::Raw(std::string_view text) { out_.append(text).append("\n"); }

std::string Writer::Name(std::string_view section, std::string_view code) {
  const std::string* name = language_.Find(section, code);
  if (name != nullptr) return *name;
  if (missing_.empty()) missing_ = Join({section, " `", code, "`"});
  return std::string(code);
}

std::string Writer::PartyName(std::string_view code) const {
  const Party* party = agreement_.FindParty(code);
  return party == nullptr ? std::string(code) : party->name;
}

std::string Writer::Leaf(const std::string& code, Penalty penalty) {
  const std::optional<std::uint8_t> index = catalogues_.purposes.IndexOf(code);
  const std::uint32_t months =
      index ? catalogues_.purposes.purposes()[*index].min_penalty_months : 0;
  std::string name = Name("purpose", code);
  if (months == 0 || penalty == Penalty::kElsewhere) return name;
  return Say("purpose.penalty", {{"purpose", std::move(name)}, {"n", months}});
}

std::string Writer::Purpose(const std::string& word) {
  if (!IsGroup(word)) return Leaf(word, Penalty::kBeside);
  const auto leaves = static_cast<std::uint64_t>(
      std::popcount(catalogues_.purposes.Expand(word)));
  return Say("group.all", {{"group", Name("group", word)},
                           {"n", leaves},
                           {"section", std::string(kWordsSection)}});
}

std::string Writer::Purposes(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const std::string& word : words) names.push_back(Purpose(word));
  return language_.List(names);
}

std::string Writer::Fields(const std::vector<std::string>& codes) {
  std::vector<std::string> names;
  for (const std::string& code : codes) {
    if (code == "sensitive.any") {
      const auto count = static_cast<std::uint64_t>(
          std::popcount(catalogues_.fields.sensitive()));
      names.push_back(
          Say("field.sensitive",
              {{"n", count}, {"section", std::string(kWordsSection)}}));
    } else {
      names.push_back(Name("field", code));
    }
  }
  return language_.List(names);
}

std::string Writer::InDays(std::uint32_t hours) const {
  constexpr std::uint32_t kDay = 24;
  if (hours % kDay != 0 || hours < 2 * kDay) return "";
  return Say("hours.days", {{"n", hours / kDay}});
}

}  // namespace prose

absl::StatusOr<std::string> Prose(const Agreement& agreement,
                                  const Catalogues& catalogues,
                                  std::string_view lang) {
  TRY(const Language* language, Language::Of(lang));
  prose::Writer w(agreement, catalogues, *language);
  prose::WriteHead(w);
  prose::WriteParties(w);
  prose::WriteValidity(w);
  prose::WriteBases(w);
  prose::WriteClauses(w);
  prose::WriteRestrictions(w);
  prose::WriteRights(w);
  prose::WriteAudit(w);
  prose::WriteScreening(w);
  prose::WriteEnding(w);
  prose::WriteWords(w);
  if (!w.missing().empty()) {
    return WithNext(WithReason(Invalid("the language `", lang,
                                       "` has no name for the ", w.missing()),
                               "AG-110"),
                    "take a build that knows the agreement's catalogues");
  }
  return prose::Normal(w.Take());
}

Hash ProseHash(std::string_view text) {
  return primitive::Sha256(AsBytes(text));
}

}  // namespace entente::policy
