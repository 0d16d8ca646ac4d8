#include "node/admin/lint_context.h"

#include <algorithm>
#include <map>

#include "crypto/base/status.h"
#include "node/admin/logged_facts.h"
#include "node/exchange/acts.h"
#include "node/model/records.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

constexpr std::int64_t kUseSeconds = std::int64_t{90} * 86'400;
// Each act once: what this node asks, and what it answers.
constexpr std::string_view kUses[] = {"screen.open", "screen.answer",
                                      "disclose.ask", "disclose.release"};

// Held versions of the document's agreement, by hash in hex.
std::map<std::string, exchange::AgreementRef> VersionsOf(
    exchange::Desk& desk, const std::string& id) {
  std::map<std::string, exchange::AgreementRef> out;
  for (const exchange::AgreementRef& held : desk.book.All()) {
    if (held->agreement().id == id) out.emplace(ToHex(held->hash()), held);
  }
  return out;
}

bool InForceLongEnough(
    const std::map<std::string, exchange::AgreementRef>& versions,
    std::int64_t now) {
  return std::any_of(
      versions.begin(), versions.end(), [now](const auto& version) {
        return version.second->agreement().validity.from <= now - kUseSeconds;
      });
}

absl::StatusOr<std::vector<policy::ClauseUse>> UseOf(
    exchange::Desk& desk,
    const std::map<std::string, exchange::AgreementRef>& versions,
    const std::string& by) {
  TRY(const std::vector<std::uint64_t> acts,
      ActsSince(desk.log, desk.clock.NowSeconds() - kUseSeconds, kUses));
  std::map<std::string, std::uint64_t> units;
  for (const auto& [hash, version] : versions) {
    for (const policy::Clause& clause : version->agreement().clauses)
      units.emplace(clause.id, 0);
  }
  if (!acts.empty()) {
    ledger::Event entry("log.read");
    entry.Set("filter", "lint")
        .Set("first", acts.front())
        .Set("last", acts.back())
        .Set("n", acts.size())
        .By(by);
    TRY_OK(exchange::LogOne(desk, std::move(entry)));
  }
  for (const std::uint64_t index : acts) {
    TRY(const std::vector<audit::Entry> entries, desk.log.Read(index, 1));
    if (entries.empty()) return NotFound("no such entry");
    TRY(const Json leaf, LeafOf(entries[0]));
    const Json data = leaf.value("data", Json::object());
    if (!versions.contains(data.value("agr", std::string()))) continue;
    // A batch is answered chunk by chunk, and asked about once.
    if (data.value("chunk", std::uint64_t{0}) != 0) continue;
    const auto found = units.find(data.value("clause", std::string()));
    if (found == units.end()) continue;
    found->second += data.value("persons", std::uint64_t{1});
  }
  std::vector<policy::ClauseUse> out;
  for (const auto& [clause, count] : units) out.push_back({clause, count});
  return out;
}

absl::StatusOr<std::vector<policy::OwnList>> ListsOf(exchange::Desk& desk) {
  TRY(const std::unique_ptr<store::Reader> reader, desk.store.Read());
  TRY(const auto lists,
      store::AllRecords<model::ListRecord>(*reader, store::Table::kList));
  std::uint64_t rows = 0;
  for (const auto& [key, list] : lists) rows += list.rows;
  return std::vector<policy::OwnList>{{desk.party, rows}};
}

// Agreements that may still let something through.
std::vector<exchange::AgreementRef> Others(exchange::Desk& desk,
                                           const std::string& id) {
  std::vector<exchange::AgreementRef> out;
  for (const exchange::AgreementRef& held : desk.book.All()) {
    const policy::Agreement& text = held->agreement();
    if (text.id == id) continue;
    const bool open =
        std::any_of(text.parties.begin(), text.parties.end(),
                    [&](const policy::Party& party) {
                      if (party.code == desk.party) return false;
                      const policy::State state =
                          desk.book.View(*held, desk.party, party.code).state;
                      return state == policy::State::kSigned ||
                             state == policy::State::kActive ||
                             state == policy::State::kSuspended;
                    });
    if (open) out.push_back(held);
  }
  return out;
}

}  // namespace

absl::StatusOr<policy::Findings> LintHere(exchange::Desk& desk,
                                          const policy::Agreement& agreement,
                                          const std::string& by) {
  policy::LintContext context;
  context.now = desk.clock.NowSeconds();
  const exchange::AgreementRef before = desk.book.Newest(agreement.id);
  const bool next =
      before != nullptr && before->agreement().version < agreement.version;
  if (next) {
    context.previous = &before->agreement();
    context.previous_hash = before->hash();
  }
  const auto versions = VersionsOf(desk, agreement.id);
  if (InForceLongEnough(versions, *context.now)) {
    TRY(context.use, UseOf(desk, versions, by));
  }
  const std::vector<exchange::AgreementRef> others = Others(desk, agreement.id);
  for (const exchange::AgreementRef& other : others)
    context.others.push_back(&other->agreement());
  TRY(context.own_lists, ListsOf(desk));
  return policy::Lint(agreement, desk.book.catalogues(), context);
}

Json FindingsJson(const policy::Findings& findings) {
  Json rows = Json::array();
  for (const policy::Finding& finding : findings) {
    rows.push_back(
        {{"code", policy::CodeName(finding.code)},
         {"severity", policy::IsError(finding) ? "error" : "warning"},
         {"line", finding.line},
         {"column", finding.column},
         {"message", finding.message},
         {"next", finding.next}});
  }
  return rows;
}

std::string FindingsText(const policy::Findings& findings,
                         std::string_view name) {
  std::string out;
  for (const policy::Finding& finding : findings)
    out += policy::Format(finding, std::string(name)) + "\n";
  return out;
}

}  // namespace entente::admin
