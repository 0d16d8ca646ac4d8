// Looking for a person, or an act, in the log: the data protection officer's,
// with a case. The search has its entry before the first result is shown, and
// that entry can be found by the same person's tags: who looked for me.

#include <algorithm>
#include <set>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/admin/audit_filter.h"
#include "node/admin/audit_scan.h"
#include "node/admin/handlers.h"
#include "node/exchange/acts.h"
#include "node/exchange/subjects.h"

namespace entente::admin {
namespace {

constexpr std::size_t kMostTagged = 10'000;  // entries of one tag
constexpr std::size_t kMostHits = 500;

struct Search {
  LogFilter filter;
  exchange::SubjectQuery subject;
  std::vector<Id16> tags;
  std::string why;
  std::string reference;
  bool scan = false;
  std::uint64_t to = 0;  // of a scan, included
};

absl::StatusOr<exchange::SubjectQuery> SubjectOf(Arguments& args) {
  exchange::SubjectQuery out;
  const std::string document = args.Get("document");
  out.family_name = args.Get("family-name");
  out.given_names = args.Get("given-names");
  out.born = args.Get("born");
  if (document.empty()) return out;
  const std::size_t colon = document.find(':');
  if (colon != 3 || document.size() < 5)
    return Invalid(
        "--document is the issuing state and the number, such as "
        "QOR:X1234567");
  out.issuer = document.substr(0, colon);
  out.number = document.substr(colon + 1);
  return out;
}

bool IsAsked(const exchange::SubjectQuery& subject) {
  return !subject.number.empty() || !subject.family_name.empty() ||
         !subject.given_names.empty() || !subject.born.empty();
}

absl::StatusOr<Search> SearchOf(const exchange::Desk& desk, Arguments& args) {
  Search out;
  TRY(out.why, args.Need("why"));
  TRY(out.reference, args.Need("case"));
  TRY(out.filter, FilterOf(args));
  TRY(out.subject, SubjectOf(args));
  out.scan = args.Get("scan") == "true";
  TRY(out.to, args.Number("to", 0));
  TRY_OK(args.Finish());
  if (exchange::CodeOrDash(out.why) == "-")
    return Invalid("--why is a word of letters, digits, `.`, `_` and `-`");
  if (IsAsked(out.subject)) {
    TRY(out.tags, exchange::QueryTags(desk.keys, out.subject));
  }
  if (out.scan && out.tags.empty()) return Invalid("--scan looks for a person");
  if (!out.scan && out.to != 0) return Invalid("--to goes with --scan");
  if (out.tags.empty() && out.filter.Names().empty())
    return Invalid("a search needs something to look for");
  for (const Id16& tag : out.tags) out.filter.tags.push_back(ToHex(tag));
  return out;
}

// The hits that an entry with one of the tags names: all that was done about
// them is about the person.
absl::StatusOr<std::vector<std::string>> HitsOf(
    audit::AuditLog& log, const std::vector<std::string>& tags) {
  std::set<std::string> out;
  for (const std::string& tag : tags) {
    TRY(const std::vector<std::uint64_t> found,
        log.Find(audit::AuditLog::Key::kSubject, tag, 0, kMostTagged));
    for (const std::uint64_t index : found) {
      TRY(const std::vector<audit::Entry> entries, log.Read(index, 1));
      if (entries.empty()) continue;
      TRY(const ledger::Leaf leaf, ledger::ParseLeaf(entries.front().leaf));
      const std::string hit(leaf.Text("hit"));
      if (hit.size() == 2 * sizeof(Id16) && out.size() < kMostHits)
        out.insert(hit);
    }
  }
  return std::vector<std::string>(out.begin(), out.end());
}

ledger::Event SearchEvent(const Search& search, const model::Officer& officer,
                          std::string_view kind, std::uint64_t n) {
  std::string tags;
  for (const std::string& tag : search.filter.tags) {
    if (tags.size() + tag.size() + 1 > ledger::kMaxSlotValue) break;
    tags += tags.empty() ? tag : " " + tag;
  }
  return ledger::Event("log.search")
      .Set("kind", kind)
      .Set("n", n)
      .Set("why", search.why)
      .Seal("case", search.reference)
      .Seal("tags", tags)
      .By(officer.id);
}

absl::StatusOr<Reply> Indexed(exchange::Desk& desk, const Search& search,
                              const model::Officer& officer) {
  LogFilter filter = search.filter;
  TRY(filter.hits, HitsOf(desk.log, filter.tags));
  TRY(const LogPage page, FindEntries(desk, filter));
  audit::Job job;
  job.events.push_back(
      SearchEvent(search, officer, filter.Names(), page.rows.size()));
  exchange::TagEvent(job, 0, search.tags);
  TRY_OK(desk.log.Commit(std::move(job)).status());
  Reply reply;
  reply.json["entries"] = Json::array();
  for (const LogRow& row : page.rows) AddRow(row, reply);
  AddNext(page, reply);
  if (page.rows.empty()) reply.text = "nothing found\n";
  return reply;
}

absl::StatusOr<Reply> Scanned(exchange::Desk& desk, const Search& search,
                              const model::Officer& officer) {
  const std::uint64_t first = search.filter.from;
  const std::uint64_t size = desk.log.SignedHead().size;
  const std::uint64_t last = search.to == 0 ? size - 1 : search.to;
  if (first > last || last >= size || last - first >= kMostScanned) {
    return Invalid("--scan opens --from to --to, at most ",
                   std::to_string(kMostScanned), " of the ",
                   std::to_string(size), " entries");
  }
  audit::Job job;
  job.events.push_back(ledger::Event("log.open")
                           .Set("first", first)
                           .Set("last", last)
                           .Set("n", last - first + 1)
                           .Set("why", search.why)
                           .Seal("case", search.reference)
                           .By(officer.id));
  job.events.push_back(SearchEvent(search, officer, "scan", last - first + 1));
  exchange::TagEvent(job, 1, search.tags);
  TRY(const std::vector<audit::Receipt> receipts,
      desk.log.Commit(std::move(job)));
  return ScanBodies(desk, search.subject, search.tags, {first, last},
                    receipts.front());
}

}  // namespace

absl::StatusOr<Reply> AuditSearch(Context& context, Request& request) {
  exchange::Desk& desk = context.desk;
  TRY(const Search search, SearchOf(desk, request.args));
  return search.scan ? Scanned(desk, search, request.officer)
                     : Indexed(desk, search, request.officer);
}

}  // namespace entente::admin
