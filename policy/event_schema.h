#pragma once
// The keys of event/1 and status/1, stated once for reading and writing.
// Source: agreements.md 3.4.

#include <cstdint>

#include "policy/event.h"
#include "policy/freshness.h"
#include "policy/schema_reader.h"

namespace entente::policy {

inline bool IsPeer(std::string_view text) {
  return text == "all" || IsPartyCode(text);
}

template <class A>
void VisitKind(A& a, Event& v) {
  switch (v.kind) {
    case EventKind::kPropose:
      return;
    case EventKind::kReject:
      return a.Text("reason", v.reason, kBasisCode);
    case EventKind::kOpinion:
      a.OneOf("verdict", v.verdict);
      return a.HashOf("text_hash", v.text_hash);
    case EventKind::kSign:
      a.HashOf("text_hash", v.text_hash);
      return a.Text("language", v.language, kLanguage);
    case EventKind::kStop:
      a.Text("peer", v.peer, Shape{IsPeer, "a party code, or all"});
      return a.OneOf("reason", v.stop_reason);
    case EventKind::kResume:
      a.Text("peer", v.peer, Shape{IsPeer, "a party code, or all"});
      return a.HashList("lifts", v.lifts);
    case EventKind::kNotice:
      return a.Instant("effective", v.effective);
    case EventKind::kAssessment:
      a.Date("date", v.date);
      return a.HashOf("hash", v.hash);
    case EventKind::kCaseList:
    case EventKind::kDeletionProof:
      a.Integer("count", v.count, 0, 0xFFFFFFFFU);
      return a.HashOf("hash", v.hash);
  }
}

template <class A>
void Visit(A& a, Event& v) {
  a.Only("format", "event/1");
  a.Text("agreement", v.agreement, kAgreementId);
  a.HashOf("agreement_hash", v.agreement_hash);
  a.Text("party", v.party, kPartyCode);
  a.Integer("sequence", v.sequence, 1, 0xFFFFFFFFU);
  a.HashOrNone("previous", v.previous);
  a.OneOf("kind", v.kind);
  if (!a.Known("kind")) return a.Abandon();
  a.Instant("at", v.at);
  a.Keys("by", v.by);
  VisitKind(a, v);
}

template <class D>
void VisitDocument(D& d, Event& v) {
  d.Top(v);
}

template <class A>
void Visit(A& a, StatusStatement& v) {
  a.Only("format", "status/1");
  a.HashOf("agreement", v.agreement);
  a.Text("party", v.party, kPartyCode);
  a.Integer("sequence", v.sequence, 1, toml::kMaxInteger);
  a.Instant("issued", v.issued);
  a.OneOf("state", v.state);
  a.HashOrNone("head", v.head);
}

template <class D>
void VisitDocument(D& d, StatusStatement& v) {
  d.Top(v);
}

}  // namespace entente::policy
