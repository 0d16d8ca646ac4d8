#pragma once
// The tables and keys of catalogue/1, profiles/1 and recipe/1, stated once for
// reading and writing. Rows of a catalogue are not sorted: their place is their
// bit, and later files only append.
// Source: agreements.md 2.5, 2.6.

#include <string>
#include <string_view>
#include <vector>

#include "policy/catalogue.h"
#include "policy/schema_reader.h"

namespace entente::policy {

inline constexpr std::size_t kMaxBits = 64;

struct PurposeFile {
  std::string title;
  std::vector<Purpose> rows;
};
template <class A>
void Visit(A& a, PurposeFile& v) {
  a.Only("format", "catalogue/1");
  a.Only("kind", "purposes");
  a.Text("title", v.title);
}
template <class A>
void Visit(A& a, Purpose& v) {
  a.Text("code", v.code, kDottedCode);
  a.Text("title_en", v.title_en);
  a.Integer("min_penalty_months", v.min_penalty_months, 0, 1200);
  a.Boolean("air_link", v.air_link);
  a.Text("dpv", v.dpv);
}
template <class D>
void VisitDocument(D& d, PurposeFile& v) {
  d.Top(v);
  d.Rows("purpose", v.rows, 1, kMaxBits, "");
}

struct FieldFile {
  std::string title;
  std::vector<Field> rows;
};
template <class A>
void Visit(A& a, FieldFile& v) {
  a.Only("format", "catalogue/1");
  a.Only("kind", "fields");
  a.Text("title", v.title);
}
template <class A>
void Visit(A& a, Field& v) {
  a.Text("code", v.code, kDottedCode);
  a.Text("title_en", v.title_en);
  a.SetOf("datasets", v.datasets);
  a.Integer("annex", v.annex, 0, 19);
  a.Boolean("identifying", v.identifying);
  a.Boolean("masked", v.masked);
  a.Boolean("free_text", v.free_text);
  a.Text("sensitive", v.sensitive, kBasisCode);
}
template <class D>
void VisitDocument(D& d, FieldFile& v) {
  d.Top(v);
  d.Rows("field", v.rows, 1, kMaxBits, "");
}

struct ProfileFile {
  std::string title;
  std::vector<Profile> rows;
};
template <class A>
void Visit(A& a, ProfileFile& v) {
  a.Only("format", "profiles/1");
  a.Text("title", v.title);
}
template <class A>
void Visit(A& a, Profile& v) {
  a.Text("code", v.code, kBasisCode);
  a.Integer("retain_days", v.retain_days, 0, 3653);
  a.Integer("retain_days_case", v.retain_days_case, 0, 3653);
  a.Integer("mask_after_days", v.mask_after_days, 0, 3653);
  a.Integer("record_age_max_hours_no_case", v.record_age_max_hours_no_case, 1,
            87672);
  a.SetOf("screen_match_sets", v.screen_match_sets);
  a.OneOf("disclose_review", v.disclose_review);
  a.Integer("onward_reviewers_holder", v.onward_reviewers_holder, 1, 5);
  a.Integer("log_years", v.log_years, 3, 10);
  a.Integer("access_answer_days", v.access_answer_days, 1, 90);
  a.Integer("assessment_renew_days", v.assessment_renew_days, 1, 366);
  a.Integer("validity_days", v.validity_days, 1, 3653);
  a.Boolean("air_link_flag", v.air_link_flag);
  a.List("purposes_never", v.purposes_never, kDottedCode, Empty::kAllowed);
}
template <class D>
void VisitDocument(D& d, ProfileFile& v) {
  d.Top(v);
  d.Rows("profile", v.rows, 1, 64, "code");
}

struct RecipeFile {
  std::string id;
  std::string title;
  std::vector<RecipeVector> rows;
};
inline bool IsRecipeId(std::string_view text) {
  return text.size() > 7 && text.substr(0, 7) == "recipe/" &&
         text.find_first_not_of("0123456789", 7) == std::string_view::npos &&
         text[7] != '0';
}
template <class A>
void Visit(A& a, RecipeFile& v) {
  a.Only("format", "recipe/1");
  a.Text("id", v.id, {IsRecipeId, "recipe/ and a number"});
  a.Text("title", v.title);
}
template <class A>
void Visit(A& a, RecipeVector& v) {
  a.Text("id", v.id, kRowId);
  a.HashOf("sha256", v.sha256);
}
template <class D>
void VisitDocument(D& d, RecipeFile& v) {
  d.Top(v);
  d.Rows("vector", v.rows, 1, 64, "id");
}

}  // namespace entente::policy
