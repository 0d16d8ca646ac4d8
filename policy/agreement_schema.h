#pragma once
// The tables and keys of agreement/1, in their order, stated once for reading
// and writing.
// Source: agreements.md 2.2.

#include "policy/agreement.h"
#include "policy/schema_reader.h"

namespace entente::policy {

inline constexpr std::uint64_t kMaxQuota = 1'000'000'000;

template <class A>
void Visit(A& a, Agreement& v) {
  a.Only("format", "agreement/1");
  a.Text("id", v.id, kAgreementId);
  a.Integer("version", v.version, 1, 9999);
  a.HashOrNone("replaces", v.replaces);
  a.Text("title", v.title);
  a.Text("instrument", v.instrument);
  a.HashOf("purposes_catalogue", v.purposes_catalogue);
  a.HashOf("fields_catalogue", v.fields_catalogue);
  a.HashOf("profiles_catalogue", v.profiles_catalogue);
  a.HashOf("match_recipe", v.match_recipe);
}

template <class A>
void Visit(A& a, Validity& v) {
  a.Instant("from", v.from);
  a.Instant("until", v.until);
  a.Instant("review_by", v.review_by);
  a.Integer("notice_of_termination_days", v.notice_of_termination_days, 0, 730);
  a.OnlyTrue("suspension_without_notice", v.suspension_without_notice);
}

template <class A>
void Visit(A& a, Screening& v) {
  a.Integer("epoch_hours", v.epoch_hours, 1, 744);
  a.Integer("epoch_grace_hours", v.epoch_grace_hours, 0, 168);
  a.OneOf("tag_set_padding", v.tag_set_padding);
  a.OneOf("suppressed_hit", v.suppressed_hit);
}

template <class A>
void Visit(A& a, Party& v) {
  a.Text("code", v.code, kPartyCode);
  a.Text("name", v.name);
  a.Text("authority", v.authority);
  a.Text("data_protection_officer", v.data_protection_officer);
  a.Text("supervisor", v.supervisor);
  a.Text("legal_profile", v.legal_profile, kBasisCode);
  a.Instant("history_from", v.history_from);
  a.Date("assessment_date", v.assessment_date);
  a.HashOf("assessment_hash", v.assessment_hash);
  a.Integer("assessment_renew_days", v.assessment_renew_days, 1, 366);
  a.Key("sign_legal", v.sign_legal);
  a.Key("sign_technical", v.sign_technical);
  a.Keys("suspend", v.suspend);
}

template <class A>
void Visit(A& a, Basis& v) {
  a.Text("code", v.code, kBasisCode);
  a.Text("article", v.article);
  a.Provisions(v.provisions);
}

template <class A>
void VisitSelector(A& a, Clause& v) {
  a.Text("holder", v.holder);
  a.Text("asker", v.asker);
  a.OneOf("dataset", v.dataset);
  a.List("purposes", v.purposes, kDottedCode);
  a.List("bases", v.bases, kBasisCode);
  a.SetOf("roles", v.roles);
  a.SetOf("routes", v.routes);
  a.SetOf("urgency", v.urgency);
}

template <class A>
void VisitScreening(A& a, Clause& v) {
  a.OneOf("match_set", v.match_set);
  a.Integer("list_rows_max", v.list_rows_max, 1, 10'000'000);
  if (v.action == Action::kScreen) a.Boolean("rescreen", v.rescreen);
  a.OneOf("exclude_nationals", v.exclude_nationals);
}

// False: a word on which other keys depend could not be read.
template <class A>
bool VisitLimits(A& a, Clause& v) {
  a.OneOf("review", v.review);
  if (!a.Known("review")) return false;
  if (v.review != Review::kNone) {
    a.Integer("reviewers_holder", v.reviewers_holder, 1, 5);
    if (v.review == Review::kBothSides) {
      a.Integer("reviewers_asker", v.reviewers_asker, 1, 5);
    }
    a.Integer("answer_within_hours", v.answer_within_hours, 1, 720);
  }
  a.Integer("quota_per_day", v.quota_per_day, 1, kMaxQuota);
  a.Integer("quota_per_year", v.quota_per_year, 1, kMaxQuota);
  a.Boolean("case_required", v.case_required);
  if (!a.Known("case_required")) return false;
  if (v.case_required) {
    a.Integer("quota_per_case", v.quota_per_case, 1, 1'000'000);
  }
  return true;
}

template <class A>
void VisitAfterwards(A& a, Clause& v) {
  if (v.action == Action::kOnward || v.action == Action::kExport) {
    a.List("onward_to", v.onward_to, kReceiver);
  }
  if (v.action == Action::kOnward) {
    a.List("third_states", v.third_states, kPartyCode, Empty::kAllowed);
  }
  a.Integer("retain_days", v.retain_days, 0, 3653);
  a.Integer("retain_days_case", v.retain_days_case, 0, 3653);
  if (v.masks()) a.Integer("mask_after_days", v.mask_after_days, 0, 3653);
  a.OneOf("handling", v.handling);
  a.SetOf("caveats", v.caveats, Empty::kAllowed);
}

template <class A>
void Visit(A& a, Clause& v) {
  a.Text("id", v.id, kRowId);
  a.Text("article", v.article);
  a.OneOf("action", v.action, kClauseActions);
  if (!a.Known("action")) return a.Abandon();
  VisitSelector(a, v);
  a.List("fields", v.fields, kDottedCode);
  if (v.action == Action::kDisclose) {
    a.List("offered_fields", v.offered_fields, kDottedCode, Empty::kAllowed);
  }
  a.Integer("record_age_max_hours", v.record_age_max_hours, 1, 87672);
  if (!v.masks()) VisitScreening(a, v);
  if (!VisitLimits(a, v)) return a.Abandon();
  VisitAfterwards(a, v);
}

template <class A>
void VisitScope(A& a, Restriction& v) {
  a.Text("article", v.article);
  a.SetOrAll("actions", "any", v.any_action, v.actions, kClauseActions);
  a.List("purposes", v.purposes, kDottedCode);
  a.List("fields", v.fields, kDottedCode);
  a.SetOrAll("when", "always", v.always, v.when);
}

template <class A>
void Visit(A& a, Prohibition& v) {
  a.Text("id", v.id, kRowId);
  VisitScope(a, v);
}

template <class A>
void Visit(A& a, Reservation& v) {
  a.Text("id", v.id, kRowId);
  a.Text("by", v.by, kPartyCode);
  VisitScope(a, v);
}

template <class A>
void Visit(A& a, Rights& v) {
  a.Integer("access_answer_days", v.access_answer_days, 1, 90);
  a.Integer("correction_propagates_hours", v.correction_propagates_hours, 1,
            720);
  a.Integer("erasure_propagates_hours", v.erasure_propagates_hours, 1, 720);
  a.Boolean("overdue_receipt_stops_questions",
            v.overdue_receipt_stops_questions);
  a.Boolean("false_hit_notice", v.false_hit_notice);
}

template <class A>
void Visit(A& a, Audit& v) {
  a.Integer("log_years", v.log_years, 3, 10);
  a.Integer("witness_grace_seconds", v.witness_grace_seconds, 0, 86400);
  a.OneOf("split_view", v.split_view);
  a.Only("decision_log_unavailable", "deny");
  a.Integer("mutual_inspection_per_year", v.mutual_inspection_per_year, 0, 12);
  a.Integer("statistics_every_months", v.statistics_every_months, 1, 12);
}

template <class A>
void Visit(A& a, Ending& v) {
  a.Only("on_suspension", "stop-exchange-freeze-data");
  a.Only("on_termination", "delete-except-open-cases");
  a.Integer("delete_within_days", v.delete_within_days, 1, 365);
  a.Integer("open_case_extension_max_days", v.open_case_extension_max_days, 0,
            1827);
  a.Boolean("proof_of_deletion", v.proof_of_deletion);
}

template <class D>
void VisitDocument(D& d, Agreement& v) {
  d.Top(v);
  d.Table("validity", v.validity);
  d.Table("screening", v.screening);
  d.Rows("party", v.parties, 2, kMaxParties, "code");
  d.Rows("basis", v.bases, 1, 32, "code");
  d.Rows("clause", v.clauses, 1, kMaxClauses, "id");
  d.Rows("prohibition", v.prohibitions, 1, 64, "id");
  d.Rows("reservation", v.reservations, 0, 64, "id");
  d.Table("rights", v.rights);
  d.Table("audit", v.audit);
  d.Table("ending", v.ending);
}

}  // namespace entente::policy
