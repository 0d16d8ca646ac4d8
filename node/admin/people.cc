// People of the node: who they are and what they may do.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/admin/admin.h"
#include "node/admin/handlers.h"
#include "node/store/record.h"

namespace entente::admin {
namespace {

using model::Officer;
using model::Role;

std::string RolesText(const Officer& officer) {
  std::string out;
  for (std::size_t i = 0; i < std::size(model::kRoleNames); ++i) {
    if ((officer.roles & (1U << i)) == 0) continue;
    out += (out.empty() ? "" : " ") + std::string(model::kRoleNames[i]);
  }
  return out;
}

absl::StatusOr<std::uint8_t> ParseRoles(const std::vector<std::string>& words) {
  std::uint8_t roles = 0;
  for (const std::string& word : words) {
    bool found = false;
    for (std::size_t i = 0; i < std::size(model::kRoleNames); ++i) {
      if (model::kRoleNames[i] != word) continue;
      roles = static_cast<std::uint8_t>(roles | (1U << i));
      found = true;
    }
    if (!found)
      return Invalid("`", word,
                     "` is no role: administrator, approver, officer, dpo, "
                     "auditor, custodian");
  }
  if (roles == 0)
    return Invalid("--role is missing: a person without a role may do nothing");
  return roles;
}

// Nobody holds both administrator and dpo, or approver and dpo.
absl::Status CheckRoles(std::uint8_t roles) {
  const auto has = [roles](Role role) {
    return (roles & (1U << static_cast<unsigned>(role))) != 0;
  };
  if (has(Role::kDpo) && (has(Role::kAdministrator) || has(Role::kApprover))) {
    return WithReason(
        Denied(
            "a data protection officer is neither administrator nor approver"),
        "role-conflict");
  }
  return absl::OkStatus();
}

bool GoodId(std::string_view id) {
  if (id.size() < 2 || id.size() > 32 || id[0] < 'a' || id[0] > 'z')
    return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// The pseudonym under which the log names a person (audit-log.md, section 3).
absl::StatusOr<Id16> PseudonymOf(exchange::Desk& desk, std::string_view id) {
  TRY(const Hash mac, desk.keys.Mac(keys::Purpose::kActor, AsBytes(id)));
  return ToArray<16>(ByteView(mac).first(16));
}

absl::StatusOr<ledger::Event> ChangeEvent(
    exchange::Desk& desk, const Officer& officer, std::string_view change,
    const std::string& add, const std::string& drop, std::string_view by) {
  TRY(const Id16 pseudonym, PseudonymOf(desk, officer.id));
  ledger::Event event("user.change");
  event.Set("add", add.empty() ? "-" : add)
      .Set("change", change)
      .Set("drop", drop.empty() ? "-" : drop)
      .Set("user", pseudonym)
      .Seal("name", officer.name)
      .Seal("key", ToHex(officer.key));
  exchange::ActedBy(event, by);
  return event;
}

absl::Status Insert(store::Writer& writer, const Officer& officer) {
  TRY(const auto people,
      store::AllRecords<Officer>(writer, store::Table::kUser));
  for (const auto& [key, other] : people) {
    if (other.id == officer.id)
      return WithReason(AlreadyExists("a person with this id is registered"),
                        "person-known");
    if (other.key == officer.key) {
      return WithReason(
          Denied("this key is another person's: one key, one person"),
          "same-person");
    }
  }
  return store::PutRecord(writer, store::Table::kUser, AsBytes(officer.id),
                          officer);
}

// A node without a data protection officer would answer to nobody.
absl::Status NotTheLastDpo(store::Reader& reader, const Officer& officer) {
  if (!officer.Has(Role::kDpo)) return absl::OkStatus();
  TRY(const auto people,
      store::AllRecords<Officer>(reader, store::Table::kUser));
  for (const auto& [key, other] : people) {
    if (other.id != officer.id && other.Has(Role::kDpo))
      return absl::OkStatus();
  }
  return WithNext(
      WithReason(Denied("this is the node's only data protection officer"),
                 "last-dpo"),
      "register another one first: `entente person add`");
}

}  // namespace

absl::Status RegisterFirst(exchange::Desk& desk,
                           std::span<const Officer> people) {
  audit::Job job;
  for (const Officer& officer : people) {
    if (!GoodId(officer.id))
      return Invalid(
          "a person's id is 2 to 32 of a-z, 0-9 and `-`, beginning with a "
          "letter");
    TRY_OK(CheckRoles(officer.roles));
    TRY(ledger::Event event,
        ChangeEvent(desk, officer, "added", RolesText(officer), "", ""));
    job.events.push_back(std::move(event));
  }
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    for (const Officer& officer : people) TRY_OK(Insert(writer, officer));
    return absl::OkStatus();
  };
  return desk.log.Commit(std::move(job)).status();
}

absl::StatusOr<Reply> PersonAdd(Context& context, Request& request) {
  Officer officer;
  TRY(officer.id, request.args.Need("id"));
  TRY(officer.name, request.args.Need("name"));
  TRY(officer.roles, ParseRoles(request.args.All("role")));
  TRY(const std::string hex, request.args.Need("public-key"));
  TRY_OK(request.args.Finish());
  if (!GoodId(officer.id))
    return Invalid(
        "a person's id is 2 to 32 of a-z, 0-9 and `-`, beginning with a "
        "letter");
  TRY_OK(CheckRoles(officer.roles));
  TRY(const Bytes raw, FromHex(hex));
  TRY(officer.key, ToArray<32>(raw));
  // Whoever registers people alone could be several of them.
  officer.active = false;
  officer.added_by = request.officer.id;
  audit::Job job;
  TRY(ledger::Event event,
      ChangeEvent(context.desk, officer, "added", RolesText(officer), "",
                  request.officer.id));
  job.events.push_back(std::move(event));
  job.changes = [&](store::Writer& writer, std::span<const audit::Staged>) {
    return Insert(writer, officer);
  };
  TRY_OK(context.desk.log.Commit(std::move(job)).status());
  Reply reply;
  reply.json = {{"id", officer.id}, {"roles", RolesText(officer)}};
  reply.json["confirmed"] = false;
  reply.text = officer.id + " is registered as " + RolesText(officer) +
               " and may do nothing yet: a data protection officer or an "
               "approver confirms it with `entente person confirm " +
               officer.id + "`";
  return reply;
}

absl::StatusOr<Reply> PersonConfirm(Context& context, Request& request) {
  const std::vector<std::string> ids = request.args.All("id");
  TRY_OK(request.args.Finish());
  if (ids.empty()) return Invalid("who? the person's id is missing");
  std::vector<Officer> people;
  audit::Job job;
  for (const std::string& id : ids) {
    TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
    TRY(Officer officer, FindPerson(*reader, id));
    if (officer.added_by.empty()) {
      return WithReason(AlreadyExists("`", id, "` waits for no confirmation"),
                        "person-known");
    }
    if (officer.added_by == request.officer.id) {
      return WithReason(
          Denied("whoever registers a person does not confirm it"),
          "same-person");
    }
    officer.added_by.clear();
    officer.active = true;
    TRY(ledger::Event event, ChangeEvent(context.desk, officer, "confirmed", "",
                                         "", request.officer.id));
    job.events.push_back(std::move(event));
    people.push_back(std::move(officer));
  }
  job.changes = [&people](store::Writer& writer,
                          std::span<const audit::Staged>) -> absl::Status {
    for (const Officer& officer : people) {
      TRY(const Officer now, FindPerson(writer, officer.id));
      if (now.added_by.empty())
        return WithReason(AlreadyExists("somebody was faster"), "person-known");
      TRY_OK(store::PutRecord(writer, store::Table::kUser, AsBytes(officer.id),
                              officer));
    }
    return absl::OkStatus();
  };
  TRY_OK(context.desk.log.Commit(std::move(job)).status());
  Reply reply;
  reply.json["confirmed"] = Json::array();
  for (const Officer& officer : people) {
    reply.json["confirmed"].push_back(
        {{"id", officer.id}, {"roles", RolesText(officer)}});
    reply.text +=
        officer.id + " acts from now on as " + RolesText(officer) + "\n";
  }
  return reply;
}

absl::StatusOr<Reply> PersonList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
  TRY(const auto people,
      store::AllRecords<Officer>(*reader, store::Table::kUser));
  Reply reply;
  reply.json["people"] = Json::array();
  for (const auto& [key, officer] : people) {
    reply.json["people"].push_back({{"id", officer.id},
                                    {"name", officer.name},
                                    {"roles", RolesText(officer)},
                                    {"active", officer.active},
                                    {"waits", !officer.added_by.empty()},
                                    {"public_key", ToHex(officer.key)}});
    reply.text += officer.id + "  " + officer.name + "  " +
                  (officer.active ? RolesText(officer)
                   : officer.added_by.empty()
                       ? std::string("removed")
                       : RolesText(officer) + ", not confirmed yet") +
                  "\n";
  }
  return reply;
}

absl::StatusOr<Reply> PersonRemove(Context& context, Request& request) {
  TRY(const std::string id, request.args.Need("id"));
  TRY_OK(request.args.Finish());
  if (id == request.officer.id)
    return WithReason(
        Denied("nobody removes themselves; ask another administrator"),
        "same-person");
  Officer officer;
  {
    TRY(const std::unique_ptr<store::Reader> reader, context.desk.store.Read());
    TRY(officer, FindPerson(*reader, id));
  }
  const Officer before = officer;
  const std::string dropped = RolesText(officer);
  officer.active = false;
  officer.added_by.clear();
  audit::Job job;
  TRY(ledger::Event event, ChangeEvent(context.desk, officer, "removed", "",
                                       dropped, request.officer.id));
  job.events.push_back(std::move(event));
  job.changes = [&](store::Writer& writer,
                    std::span<const audit::Staged>) -> absl::Status {
    TRY_OK(NotTheLastDpo(writer, before));
    return store::PutRecord(writer, store::Table::kUser, AsBytes(officer.id),
                            officer);
  };
  TRY_OK(context.desk.log.Commit(std::move(job)).status());
  Reply reply;
  reply.json = {{"id", id}, {"active", false}};
  reply.text = id + " may do nothing any more";
  return reply;
}

}  // namespace entente::admin
