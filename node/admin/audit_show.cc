// Reading the log's leaves: pages of them, and live. Each read has its entry
// before the first line is shown.

#include <algorithm>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/random.h"
#include "node/admin/audit_filter.h"
#include "node/admin/handlers.h"
#include "node/exchange/acts.h"

namespace entente::admin {
namespace {

// Rows of a follow that one `log.read` covers.
constexpr std::uint64_t kFollowRows = 1000;
constexpr std::size_t kMostFollows = 64;
constexpr std::int64_t kFollowSeconds = 900;  // without a call

// An officer sees the entries of their own acts; the data protection officer
// and the auditor see all.
absl::Status Narrow(const model::Officer& officer, LogFilter& filter) {
  if (officer.Has(model::Role::kDpo) || officer.Has(model::Role::kAuditor))
    return absl::OkStatus();
  if (!filter.user.empty() && filter.user != officer.id)
    return WithReason(Denied("your roles show you your own acts only"), "role");
  filter.user = officer.id;
  return absl::OkStatus();
}

absl::Status NoteRead(exchange::Desk& desk, const model::Officer& officer,
                      std::string_view what, std::uint64_t first,
                      std::uint64_t last, std::uint64_t n) {
  ledger::Event entry("log.read");
  entry.Set("filter", what)
      .Set("first", first)
      .Set("last", last)
      .Set("n", n)
      .By(officer.id);
  return exchange::LogOne(desk, std::move(entry));
}

}  // namespace

absl::StatusOr<Reply> AuditShow(Context& context, Request& request) {
  TRY(LogFilter filter, FilterOf(request.args));
  TRY_OK(request.args.Finish());
  TRY_OK(Narrow(request.officer, filter));
  exchange::Desk& desk = context.desk;
  TRY(const LogPage page, FindEntries(desk, filter));
  const std::string names = filter.Names();
  TRY_OK(NoteRead(desk, request.officer, names.empty() ? "show" : names,
                  page.rows.empty() ? filter.from : page.rows.front().index,
                  page.rows.empty() ? filter.from : page.rows.back().index,
                  page.rows.size()));
  Reply reply;
  reply.json["entries"] = Json::array();
  for (const LogRow& row : page.rows) AddRow(row, reply);
  AddNext(page, reply);
  return reply;
}

namespace {

// The follow that `token` names, out of the table; a new one when it is
// nobody's or somebody else's.
absl::StatusOr<std::pair<std::string, Follow>> TakeFollow(
    Follows& follows, const std::string& token, const std::string& person,
    std::int64_t now) {
  base::MutexLock lock(follows.mutex);
  std::erase_if(follows.by_token, [now](const auto& entry) {
    return now - entry.second.used > kFollowSeconds;
  });
  const auto known = follows.by_token.find(token);
  if (known != follows.by_token.end() && known->second.person == person) {
    std::pair<std::string, Follow> out = *known;
    follows.by_token.erase(known);
    return out;
  }
  if (follows.by_token.size() >= kMostFollows)
    return Exhausted("too many people follow the log at once");
  return std::pair(ToHex(primitive::RandomArray<16>()), Follow{person, 0, now});
}

void PutFollow(Follows& follows, const std::string& token, Follow follow,
               std::int64_t now) {
  follow.used = now;
  base::MutexLock lock(follows.mutex);
  follows.by_token[token] = std::move(follow);
}

}  // namespace

// The terminal asks again and again. The first call gives a token; what it was
// allowed to see is counted here, and every 1,000 rows have an entry of their
// own before they are shown.
absl::StatusOr<Reply> AuditFollow(Context& context, Request& request) {
  const std::string given = request.args.Get("token");
  TRY(LogFilter filter, FilterOf(request.args));
  const bool from_now = request.args.Get("from").empty();
  TRY_OK(request.args.Finish());
  TRY_OK(Narrow(request.officer, filter));
  exchange::Desk& desk = context.desk;
  if (from_now) filter.from = desk.log.SignedHead().size;
  const std::int64_t now = desk.clock.NowSeconds();
  TRY(auto taken, TakeFollow(*context.follows, given, request.officer.id, now));
  auto& [token, follow] = taken;
  filter.limit = static_cast<std::size_t>(kFollowRows);
  TRY(LogPage page, FindEntries(desk, filter));
  std::uint64_t next = page.seen;
  if (!page.rows.empty() && follow.rows_left == 0) {
    TRY_OK(NoteRead(desk, request.officer, "follow", page.rows.front().index,
                    page.rows.back().index, kFollowRows));
    follow.rows_left = kFollowRows;
  }
  if (page.rows.size() > follow.rows_left) {
    page.rows.resize(static_cast<std::size_t>(follow.rows_left));
    next = page.rows.back().index + 1;
  }
  follow.rows_left -= page.rows.size();
  Reply reply;
  reply.json = {{"token", token}, {"next", next}, {"entries", Json::array()}};
  for (const LogRow& row : page.rows) AddRow(row, reply);
  PutFollow(*context.follows, token, std::move(follow), now);
  return reply;
}

}  // namespace entente::admin
