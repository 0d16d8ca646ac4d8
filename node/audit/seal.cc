// In the callers' threads: checks a job, seals its bodies.

#include <utility>

#include "crypto/base/status.h"
#include "node/audit/impl.h"

namespace entente::audit {
namespace {

std::string TextOf(const ledger::Event& event, std::string_view key) {
  const auto found = event.data().find(key);
  if (found == event.data().end()) return "";
  const std::string* text = std::get_if<std::string>(&found->second);
  return text == nullptr || *text == "-" ? std::string() : *text;
}

// The guard that must follow, or nothing.
std::string_view GuardAfter(const ledger::Event& event) {
  if (event.type() == "screen.open") return "screen";
  if (event.type() == "tagset.build") return "tagset";
  return "";
}

absl::Status CheckGuards(const std::vector<ledger::Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string_view about = GuardAfter(events[i]);
    if (!about.empty() &&
        (i + 1 == events.size() || events[i + 1].type() != "guard" ||
         TextOf(events[i + 1], "about") != about)) {
      return Invalid("`", events[i].type(), "` without its guard entry");
    }
    if (events[i].type() != "guard") continue;
    const std::string own = TextOf(events[i], "about");
    const bool paired = i > 0 && GuardAfter(events[i - 1]) == own;
    if (own != "set" && !paired) return Invalid("a guard entry on its own");
  }
  return absl::OkStatus();
}

// The event may name no other agreement or clause than the permit.
absl::Status CheckPermit(const ledger::Event& event,
                         const policy::Permit& permit) {
  const std::string agreement = TextOf(event, "agr");
  if (!agreement.empty() && agreement != ToHex(permit.agreement())) {
    return Invalid("`", event.type(),
                   "` is about another agreement than its permit");
  }
  const std::string clause = TextOf(event, "clause");
  if (!clause.empty() && clause != permit.clause()) {
    return Invalid("`", event.type(),
                   "` is about another clause than its permit");
  }
  return absl::OkStatus();
}

// What only the log itself writes.
bool IsOwn(std::string_view type) {
  for (const std::string_view own :
       {"pad", "log.genesis", "log.close", "log.policy", "log.expire",
        "key.segment", "node.start", "node.stop", "witness.lost",
        "witness.back", "erasure", "erasure.scrub"}) {
    if (type == own) return true;
  }
  return false;
}

}  // namespace

absl::Status AuditLog::Impl::CheckJob(const Job& job,
                                      const policy::Permit* permit) const {
  if (job.events.empty()) return Invalid("a job without an event");
  for (const ledger::Event& event : job.events) {
    TRY_OK(event.Check());
    if (IsOwn(event.type())) {
      return Invalid("`", event.type(), "` is written by the log itself");
    }
    if (permit != nullptr) TRY_OK(CheckPermit(event, *permit));
  }
  for (const Job::Subject& subject : job.subjects) {
    if (subject.event >= job.events.size()) {
      return Invalid("a subject of an event that the job does not have");
    }
  }
  return CheckGuards(job.events);
}

absl::StatusOr<Item> AuditLog::Impl::SealOne(
    const ledger::Event& event, const std::shared_ptr<const Segment>& segment) {
  Item item;
  if (event.user() != "-") {
    TRY(const Hash mac, options_.actor_mac(AsBytes(event.user())));
    TRY(item.keys.actor, ToArray<16>(ByteView(mac).first(16)));
    item.user = event.user();
  }
  const ledger::SealTo to{options_.origin, segment ? &segment->key : nullptr,
                          options_.recipients};
  TRY(item.entry, ledger::Prepare(event, to, item.keys.actor));
  item.segment = segment;
  item.keys.type = event.catalogue_entry();
  item.keep = item.keys.type->keep;
  item.keys.batch = IdOf(TextOf(event, "batch"));
  item.keys.hit = IdOf(TextOf(event, "hit"));
  item.keys.crosses = event.data().contains("peer");
  return item;
}

absl::StatusOr<std::vector<Item>> AuditLog::Impl::Seal(
    const std::vector<ledger::Event>& events) {
  const auto uses_segment = [](const ledger::Event& event) {
    const ledger::EventType* type = event.catalogue_entry();
    return type != nullptr && !type->sealed.empty() && event.type() != "guard";
  };
  std::size_t bodies = 0;
  for (const ledger::Event& event : events) bodies += uses_segment(event);
  std::shared_ptr<const Segment> segment;
  if (bodies > 0) {
    TRY(segment, segments_.Take(bodies));
  }
  std::vector<Item> items;
  for (const ledger::Event& event : events) {
    TRY(Item item, SealOne(event, uses_segment(event) ? segment : nullptr));
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace entente::audit
