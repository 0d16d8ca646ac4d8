#include "node/admin/review_facts.h"

#include <algorithm>
#include <span>

#include "node/base/time.h"

namespace entente::admin {
namespace {

constexpr std::int64_t kMicros = 1'000'000;

// What must be done by a day, what tells that it was, and the key that both
// have. One event tells that it came too late, where the node says so itself.
struct DutyKind {
  std::string_view opens;
  std::string_view ends;
  std::string_view key;
};
constexpr DutyKind kDuties[] = {
    {"recall.send", "recall.receipt", "hit"},
    {"recall.take", "recall.done", "hit"},
    {"review.assign", "review.decide", "hit"},
    {"subject.open", "subject.answer", "case"},
    {"oversight.due", "oversight.done", "kind"},
};

// Reads of the log and of personal data, and openings of what is sealed.
constexpr std::string_view kReads[] = {"log.read",    "log.open",
                                       "log.search",  "log.export",
                                       "record.read", "record.export"};

// What a reader of the log should look at one by one.
constexpr std::string_view kTroubles[] = {
    "node.fault",       "clock.step",       "witness.lost",   "witness.ahead",
    "witness.evidence", "reconcile.differ", "key.compromise", "suspend.set",
    "emergency.open",   "emergency.lock",   "review.overdue", "recall.overdue",
    "retain.fail",      "erasure",          "bias.alarm",     "incident.open",
    "config.change"};

bool IsOneOf(std::span<const std::string_view> list, std::string_view type) {
  return std::find(list.begin(), list.end(), type) != list.end();
}

std::string ActorOf(const ledger::Leaf& leaf) {
  return leaf.actor ? ToHex(*leaf.actor) : "-";
}

std::string TimeOf(const ledger::Leaf& leaf) {
  return base::FormatTime(leaf.time / kMicros);
}

// The data of a leaf as it stands.
nlohmann::ordered_json DataOf(const ledger::Leaf& leaf) {
  nlohmann::ordered_json out = nlohmann::ordered_json::object();
  for (const ledger::DataField& field : leaf.data) {
    const std::string key(field.key);
    if (const auto* n = std::get_if<std::int64_t>(&field.value)) {
      out[key] = *n;
    } else {
      out[key] = std::get<std::string>(field.value);
    }
  }
  return out;
}

nlohmann::ordered_json RowOf(std::uint64_t index, const ledger::Leaf& leaf) {
  return {{"index", index},
          {"time", TimeOf(leaf)},
          {"type", leaf.type->name},
          {"actor", ActorOf(leaf)},
          {"data", DataOf(leaf)}};
}

}  // namespace

std::vector<std::string_view> ReviewFacts::DutyTypes() {
  std::vector<std::string_view> out;
  for (const DutyKind& kind : kDuties) {
    out.push_back(kind.opens);
    out.push_back(kind.ends);
  }
  return out;
}

void ReviewFacts::TakeDuty(std::uint64_t index, const ledger::Leaf& leaf,
                           bool open) {
  for (const DutyKind& kind : kDuties) {
    const std::string about(leaf.Text(kind.key));
    const std::pair name(std::string(kind.opens), about);
    if (leaf.type->name == kind.opens && open) {
      open_[name] = duties_.size();
      duties_.push_back(
          {std::string(kind.opens), about, index, leaf.Number("due"), 0});
    } else if (leaf.type->name == kind.ends) {
      const auto found = open_.find(name);
      if (found == open_.end()) continue;
      duties_[found->second].done = leaf.time / kMicros;
      open_.erase(found);
    }
  }
}

void ReviewFacts::TakeBefore(std::uint64_t index, const ledger::Leaf& leaf) {
  TakeDuty(index, leaf, true);
}

void ReviewFacts::TakeFlow(const ledger::Leaf& leaf) {
  const std::string_view purpose = leaf.Text("purpose");
  if (purpose.empty()) return;
  Flow& flow =
      flows_[{std::string(leaf.type->name), std::string(leaf.Text("peer")),
              std::string(leaf.Text("clause")), std::string(purpose)}];
  ++flow.times;
  flow.persons += static_cast<std::uint64_t>(leaf.Number("persons"));
}

void ReviewFacts::Take(std::uint64_t index, const ledger::Leaf& leaf) {
  const std::string_view type = leaf.type->name;
  ++counts_[std::string(type)];
  TakeFlow(leaf);
  TakeDuty(index, leaf, true);
  if (IsOneOf(kReads, type)) {
    Flow& flow = reads_[{ActorOf(leaf), std::string(type)}];
    ++flow.times;
    // An export and a search name no count of entries but their range or hits.
    flow.persons += static_cast<std::uint64_t>(
        type == "log.export" ? leaf.Number("last") - leaf.Number("first") + 1
                             : leaf.Number("n"));
  }
  if (type.starts_with("quota.")) AddRow(quotas_, index, leaf);
  if (type.starts_with("recall.")) AddRow(recalls_, index, leaf);
  if (IsOneOf(kTroubles, type)) AddRow(troubles_, index, leaf);
}

void ReviewFacts::AddRow(Json& list, std::uint64_t index,
                         const ledger::Leaf& leaf) {
  if (list.size() < kMostRows) {
    list.push_back(RowOf(index, leaf));
  } else {
    ++left_out_;
  }
}

nlohmann::ordered_json ReviewFacts::Duties(std::int64_t from,
                                           std::int64_t until) const {
  Json out = Json::array();
  for (const Duty& duty : duties_) {
    if (duty.due == 0) continue;
    const bool late = duty.done > duty.due && duty.done >= from;
    const bool open = duty.done == 0 && duty.due < until;
    if (!late && !open) continue;
    out.push_back({{"kind", duty.kind},
                   {"about", duty.about},
                   {"index", duty.index},
                   {"due", base::FormatTime(duty.due)},
                   {"done", duty.done == 0 ? "" : base::FormatTime(duty.done)},
                   {"state", late ? "late" : "overdue"}});
  }
  return out;
}

nlohmann::ordered_json ReviewFacts::Give(std::int64_t from,
                                         std::int64_t until) const {
  Json out;
  out["counts"] = Json::array();
  for (const auto& [type, n] : counts_)
    out["counts"].push_back({{"type", type}, {"n", n}});
  out["flows"] = Json::array();
  for (const auto& [name, flow] : flows_) {
    const auto& [type, peer, clause, purpose] = name;
    out["flows"].push_back({{"type", type},
                            {"peer", peer},
                            {"clause", clause},
                            {"purpose", purpose},
                            {"n", flow.times},
                            {"persons", flow.persons}});
  }
  out["duties"] = Duties(from, until);
  out["quotas"] = quotas_;
  out["recalls"] = recalls_;
  out["reads"] = Json::array();
  for (const auto& [name, flow] : reads_) {
    out["reads"].push_back({{"actor", name.first},
                            {"type", name.second},
                            {"times", flow.times},
                            {"shown", flow.persons}});
  }
  out["troubles"] = troubles_;
  out["left_out"] = left_out_;
  return out;
}

}  // namespace entente::admin
