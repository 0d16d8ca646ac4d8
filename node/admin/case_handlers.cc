// Open cases, as people ask for them, open and close them.

#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/hits/hits.h"

namespace entente::admin {
namespace {

absl::StatusOr<hits::CaseInput> InputOf(Context& context, Request& request,
                                        bool with_reference) {
  hits::CaseInput input;
  TRY(const std::string hit, request.args.Need("hit"));
  TRY(input.hit, hits::FindHit(context.desk, hit));
  if (with_reference) {
    TRY(input.reference, request.args.Need("case"));
  }
  TRY(input.reason, request.args.Need("reason"));
  TRY_OK(request.args.Finish());
  return input;
}

Reply Said(const Id16& hit, std::string_view state, std::string text) {
  Reply reply;
  reply.json = {{"hit", ToHex(hit)}, {"state", state}};
  reply.text = std::move(text);
  return reply;
}

}  // namespace

absl::StatusOr<Reply> CaseAsk(Context& context, Request& request) {
  TRY(const hits::CaseInput input, InputOf(context, request, true));
  TRY_OK(hits::AskCase(context.desk, request.officer, input));
  return Said(input.hit, "asked",
              "the case waits for an approver: `entente case open`");
}

absl::StatusOr<Reply> CaseOpen(Context& context, Request& request) {
  TRY(const hits::CaseInput input, InputOf(context, request, false));
  TRY_OK(hits::OpenCase(context.desk, request.officer, input));
  return Said(input.hit, "open",
              "the case is open: what was disclosed is kept for the clause's "
              "`retain_days_case`");
}

absl::StatusOr<Reply> CaseClose(Context& context, Request& request) {
  TRY(const hits::CaseInput input, InputOf(context, request, false));
  TRY_OK(hits::CloseCase(context.desk, request.officer, input));
  return Said(input.hit, "closed",
              "the case is closed: the shorter term holds");
}

absl::StatusOr<Reply> CaseList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::vector<model::CaseRecord> cases, hits::Cases(context.desk));
  Reply reply;
  reply.json = {{"cases", Json::array()}};
  for (const model::CaseRecord& record : cases) {
    const bool open = record.opened != 0;
    reply.json["cases"].push_back(
        {{"hit", ToHex(record.hit)},
         {"case", record.reference},
         {"state", open ? "open" : "asked"},
         {"asked_by", record.asked_by},
         {"asked", base::FormatTime(record.asked)},
         {"opened_by", record.opened_by},
         {"opened", open ? base::FormatTime(record.opened) : ""},
         {"listed", record.listed}});
    reply.text += ToHex(record.hit).substr(0, 12) + "  " +
                  (open ? "open" : "waits for an approver") + "  " +
                  record.reference + (record.listed ? "  listed" : "") + "\n";
  }
  if (cases.empty()) reply.text = "no case keeps anything";
  return reply;
}

}  // namespace entente::admin
