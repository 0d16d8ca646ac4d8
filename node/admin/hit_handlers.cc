// The review queue, requests, disclosures and recalls, as people see them.

#include <algorithm>
#include <utility>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/admin/handlers.h"
#include "node/base/time.h"
#include "node/hits/hits.h"
#include "node/hits/subject_fields.h"
#include "node/match/rule.h"

namespace entente::admin {
namespace {

// Said with every hit that is shown or exported (safeguards, S40).
constexpr std::string_view kNotEvidence =
    "A hit is not evidence and not a ground for refusal by itself.";

std::string_view HitStateName(model::HitState state) {
  return model::kHitStates[static_cast<std::size_t>(state)];
}
std::string_view RequestStateName(model::RequestState state) {
  return model::kRequestStates[static_cast<std::size_t>(state)];
}
std::string_view TierWord(std::uint8_t tier) {
  return match::TierName(static_cast<match::Tier>(tier));
}
std::string Short(const Id16& id) { return ToHex(id).substr(0, 12); }

std::string RuleNames(const std::vector<std::uint8_t>& rules) {
  std::string out;
  for (std::uint8_t rule : rules)
    out += (out.empty() ? "" : " ") + std::string(match::RuleName(rule));
  return out;
}

Json ReviewsJson(const std::vector<model::ReviewRecord>& reviews, bool open) {
  Json out = Json::array();
  for (const model::ReviewRecord& review : reviews) {
    Json row = {{"user", review.user}, {"time", base::FormatTime(review.time)}};
    if (!review.reason.empty() || !open) {
      row["verdict"] =
          model::kVerdictNames[static_cast<std::size_t>(review.verdict)];
      row["reason"] = review.reason;
    } else {
      row["hidden"] = "shown once you gave your own review";
    }
    out.push_back(std::move(row));
  }
  return out;
}

std::string ReviewsText(const std::vector<model::ReviewRecord>& reviews) {
  std::string out;
  for (const model::ReviewRecord& review : reviews) {
    out += "  review by " + review.user + ": " +
           (review.reason.empty()
                ? "(shown once you gave your own)"
                : std::string(model::kVerdictNames[static_cast<std::size_t>(
                      review.verdict)]) +
                      ", " + review.reason) +
           "\n";
  }
  return out;
}

std::vector<std::string> SplitCommas(const std::string& text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (comma > at) out.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  std::sort(out.begin(), out.end());
  return out;
}

absl::StatusOr<std::vector<model::FlagCheck>> ParseFlags(
    const std::vector<std::string>& words) {
  std::vector<model::FlagCheck> out;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const auto flag = policy::FromWord<policy::Flag>(word.substr(0, equals));
    const std::string state =
        equals == std::string::npos ? "" : word.substr(equals + 1);
    if (!flag || (state != "absent" && state != "present")) {
      return Invalid(
          "--flag is FLAG=absent or FLAG=present, with a flag of the agreement "
          "format");
    }
    out.push_back({static_cast<std::uint8_t>(*flag),
                   static_cast<std::uint8_t>(
                       state == "absent" ? policy::FlagState::kAbsent
                                         : policy::FlagState::kPresent)});
  }
  return out;
}

Json FieldsJson(const std::vector<model::FieldValue>& fields) {
  Json out = Json::array();
  for (const model::FieldValue& field : fields)
    out.push_back({{"field", field.code}, {"value", field.value}});
  return out;
}

std::string FieldsText(const std::vector<model::FieldValue>& fields) {
  std::string out;
  for (const model::FieldValue& field : fields)
    out += "    " + field.code + ": " + field.value + "\n";
  return out;
}

bool Over(model::HitState state) {
  return state != model::HitState::kOpen && state != model::HitState::kUnclear;
}

absl::StatusOr<Id16> HitArgument(Context& context, Request& request) {
  TRY(const std::string text, request.args.Need("hit"));
  return hits::FindHit(context.desk, text);
}

}  // namespace

absl::StatusOr<Reply> HitsList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::vector<model::HitRecord> queue, hits::Queue(context.desk));
  Reply reply;
  reply.json = {{"notice", kNotEvidence}, {"hits", Json::array()}};
  for (const model::HitRecord& hit : queue) {
    reply.json["hits"].push_back({{"hit", ToHex(hit.hit)},
                                  {"peer", hit.peer},
                                  {"tier", TierWord(hit.tier)},
                                  {"rules", RuleNames(hit.rules)},
                                  {"state", HitStateName(hit.state)},
                                  {"reviews", hit.reviews.size()},
                                  {"purpose", hit.purpose},
                                  {"found", base::FormatTime(hit.found)},
                                  {"kept_until", base::FormatTime(hit.due)}});
    reply.text += Short(hit.hit) + "  " + std::string(TierWord(hit.tier)) +
                  "  " + hit.peer + "  " +
                  std::string(HitStateName(hit.state)) + "  rules " +
                  RuleNames(hit.rules) + "\n";
  }
  reply.text += queue.empty() ? "no hits" : std::string(kNotEvidence);
  return reply;
}

absl::StatusOr<Reply> HitsShow(Context& context, Request& request) {
  TRY(const Id16 id, HitArgument(context, request));
  TRY_OK(request.args.Finish());
  TRY(const model::HitRecord hit, hits::GetHit(context.desk, id));
  const auto reviews =
      hits::VisibleReviews(hit.reviews, request.officer, Over(hit.state));
  Reply reply;
  reply.json = {{"notice", kNotEvidence},
                {"hit", ToHex(hit.hit)},
                {"peer", hit.peer},
                {"tier", TierWord(hit.tier)},
                {"state", HitStateName(hit.state)},
                {"purpose", hit.purpose},
                {"rules", Json::array()},
                {"reviews", ReviewsJson(reviews, !Over(hit.state))},
                {"outcome", hit.outcome}};
  reply.text = Short(hit.hit) + "  " + std::string(TierWord(hit.tier)) +
               " at " + hit.peer + ", " + std::string(HitStateName(hit.state)) +
               "\n";
  for (std::uint8_t rule : hit.rules) {
    reply.json["rules"].push_back({{"rule", match::RuleName(rule)},
                                   {"agreed", match::RuleSentence(rule)}});
    reply.text += "  " + std::string(match::RuleName(rule)) + ": " +
                  std::string(match::RuleSentence(rule)) + "\n";
  }
  reply.text += ReviewsText(reviews);
  TRY(const auto item, hits::ReadDisclosed(context.desk, request.officer, id));
  if (item) {
    reply.json["disclosed"] = {
        {"fields", FieldsJson(item->record.fields)},
        {"source_grade", item->record.source_grade},
        {"info_grade", item->record.info_grade},
        {"handling", item->record.handling},
        {"caveats", item->record.caveats},
        {"kept_until", base::FormatTime(item->record.retain_until)}};
    reply.text += "  disclosed by " + item->peer + " (source " +
                  item->record.source_grade + ", information " +
                  item->record.info_grade + ", handling " +
                  item->record.handling + ", kept until " +
                  base::FormatDate(item->record.retain_until) + "):\n" +
                  FieldsText(item->record.fields);
  }
  reply.text += std::string(kNotEvidence);
  return reply;
}

absl::StatusOr<Reply> HitsOutcome(Context& context, Request& request) {
  TRY(const Id16 id, HitArgument(context, request));
  TRY(const std::string result, request.args.Need("result"));
  TRY_OK(request.args.Finish());
  const auto* const named =
      std::find(std::begin(model::kOutcomeNames),
                std::end(model::kOutcomeNames), std::string_view(result));
  if (named == std::end(model::kOutcomeNames)) {
    return Invalid("--result is confirmed, not-the-person or no-longer-needed");
  }
  const auto outcome =
      static_cast<model::Outcome>(named - std::begin(model::kOutcomeNames));
  TRY_OK(hits::SendOutcome(context.desk, request.officer, id, outcome));
  Reply reply;
  reply.json = {{"hit", ToHex(id)}, {"outcome", result}};
  reply.text = "outcome " + result + " is told";
  return reply;
}

absl::StatusOr<Reply> Review(Context& context, Request& request) {
  hits::ReviewInput input;
  TRY(input.hit, HitArgument(context, request));
  TRY(const std::string verdict, request.args.Need("verdict"));
  TRY(input.reason, request.args.Need("reason"));
  TRY(input.flags, ParseFlags(request.args.All("flag")));
  TRY_OK(request.args.Finish());
  bool known = false;
  for (std::size_t i = 0; i < std::size(model::kVerdictNames); ++i) {
    if (model::kVerdictNames[i] == verdict) {
      input.verdict = static_cast<model::Verdict>(i);
      known = true;
    }
  }
  if (!known)
    return Invalid(
        "--verdict is confirmed, not-same or unclear; for a request approve or "
        "decline");
  Reply reply;
  if (input.verdict == model::Verdict::kApprove ||
      input.verdict == model::Verdict::kDecline) {
    TRY(const model::RequestRecord after,
        hits::ReviewRequest(context.desk, request.officer, input));
    reply.json = {{"hit", ToHex(after.hit)},
                  {"reviews", after.reviews.size()},
                  {"state", RequestStateName(after.state)}};
    reply.text = "review " + std::to_string(after.reviews.size()) +
                 " of request " + Short(after.hit) + " is given";
    return reply;
  }
  TRY(const model::HitRecord after,
      hits::Review(context.desk, request.officer, input));
  reply.json = {{"hit", ToHex(after.hit)},
                {"reviews", after.reviews.size()},
                {"state", HitStateName(after.state)}};
  reply.text = "review " + std::to_string(after.reviews.size()) + " of hit " +
               Short(after.hit) + ": it is now " +
               std::string(HitStateName(after.state));
  return reply;
}

absl::StatusOr<Reply> DiscloseAsk(Context& context, Request& request) {
  hits::AskInput input;
  TRY(input.hit, HitArgument(context, request));
  TRY(input.clause, request.args.Need("clause"));
  TRY(const std::string fields, request.args.Need("fields"));
  input.reference = request.args.Get("case");
  TRY(input.necessity, request.args.Need("necessity"));
  input.basis = request.args.Get("basis");
  TRY_OK(request.args.Finish());
  input.fields = SplitCommas(fields);
  TRY(const model::RequestRecord record,
      hits::AskDisclosure(context.desk, request.officer, input));
  Reply reply;
  const bool delivered = record.answer_by != 0;
  reply.json = {
      {"hit", ToHex(record.hit)},
      {"state", RequestStateName(record.state)},
      {"delivered", delivered},
      {"answer_by", delivered ? base::FormatTime(record.answer_by) : ""}};
  reply.text = delivered
                   ? record.peer + " has the request; its answer is due by " +
                         base::FormatTime(record.answer_by)
                   : "the request is signed and waits: " + record.peer +
                         " cannot be reached now";
  return reply;
}

absl::StatusOr<Reply> DiscloseList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::vector<model::RequestRecord> requests,
      hits::Requests(context.desk));
  Reply reply;
  reply.json["requests"] = Json::array();
  for (const model::RequestRecord& record : requests) {
    const bool in = record.way == model::Way::kIn;
    reply.json["requests"].push_back(
        {{"hit", ToHex(record.hit)},
         {"way", in ? "in" : "out"},
         {"peer", record.peer},
         {"state", RequestStateName(record.state)},
         {"reviews", record.reviews.size()},
         {"answer_by",
          record.answer_by == 0 ? "" : base::FormatTime(record.answer_by)},
         {"outcome", record.outcome}});
    reply.text += Short(record.hit) + (in ? "  in from " : "  out to ") +
                  record.peer + "  " +
                  std::string(RequestStateName(record.state)) + "\n";
  }
  if (requests.empty()) reply.text = "no requests";
  return reply;
}

absl::StatusOr<Reply> DiscloseShow(Context& context, Request& request) {
  TRY(const Id16 id, HitArgument(context, request));
  TRY_OK(request.args.Finish());
  TRY(const model::RequestRecord record,
      hits::GetRequest(context.desk, model::Way::kIn, id));
  TRY(const auto asked,
      DecodeStatement<model::DisclosureRequest>(record.request.body));
  TRY(const model::ListEntry entry,
      hits::ReadSubject(context.desk, request.officer, id));
  const std::vector<model::FieldValue> values = hits::FieldsOf(
      entry, {"person.family-name", "person.given-names", "person.birth-date",
              "person.sex", "person.nationality", "doc.type", "doc.number",
              "doc.issuer", "hit.reason", "hit.source-grade", "hit.info-grade",
              "hit.expiry"});
  const bool over = record.state != model::RequestState::kPending &&
                    record.state != model::RequestState::kReady;
  const auto reviews =
      hits::VisibleReviews(record.reviews, request.officer, over);
  Reply reply;
  reply.json = {{"hit", ToHex(id)},
                {"peer", record.peer},
                {"clause", asked.clause},
                {"purpose", asked.purpose},
                {"basis", asked.basis},
                {"case", asked.reference},
                {"necessity", asked.necessity},
                {"fields", asked.fields},
                {"rules", RuleNames(asked.rules)},
                {"offered", FieldsJson(asked.offered)},
                {"answer_by", base::FormatTime(record.answer_by)},
                {"state", RequestStateName(record.state)},
                {"entry", FieldsJson(values)},
                {"reviews", ReviewsJson(reviews, !over)}};
  reply.text = record.peer + " asks under " + asked.clause + " for " +
               asked.purpose + ", case " + asked.reference +
               "\n  because: " + asked.necessity +
               "\n  what agreed: " + RuleNames(asked.rules) +
               "\n  own entry:\n" + FieldsText(values) + ReviewsText(reviews);
  return reply;
}

absl::StatusOr<Reply> DiscloseRelease(Context& context, Request& request) {
  TRY(const Id16 id, HitArgument(context, request));
  TRY_OK(request.args.Finish());
  TRY(const model::RequestRecord record,
      hits::Release(context.desk, request.officer, id));
  Reply reply;
  const bool delivered = record.state == model::RequestState::kDelivered;
  reply.json = {{"hit", ToHex(id)},
                {"state", RequestStateName(record.state)},
                {"sealed_bytes", record.answer.body.size()}};
  reply.text = delivered
                   ? "disclosed to " + record.peer + ": " +
                         std::to_string(record.answer.body.size()) +
                         " bytes, sealed to its key"
                   : "the disclosure is sealed and waits: " + record.peer +
                         " cannot be reached now";
  return reply;
}

absl::StatusOr<Reply> RecallSend(Context& context, Request& request) {
  TRY(const Id16 id, HitArgument(context, request));
  TRY(const std::string reason, request.args.Need("reason"));
  const std::string kind = request.args.Get("kind", "erase");
  TRY_OK(request.args.Finish());
  if (kind != "erase" && kind != "correct")
    return Invalid("--kind is erase or correct");
  TRY(const model::RecallRecord record,
      hits::SendRecall(context.desk, request.officer, id, reason,
                       kind == "erase" ? model::RecallKind::kErase
                                       : model::RecallKind::kCorrect));
  Reply reply;
  reply.json = {{"hit", ToHex(id)},
                {"due", base::FormatTime(record.due)},
                {"delivered", record.delivered}};
  reply.text = "recall sent; the receipt of " + record.peer + " is due by " +
               base::FormatTime(record.due);
  return reply;
}

absl::StatusOr<Reply> RecallList(Context& context, Request& request) {
  TRY_OK(request.args.Finish());
  TRY(const std::vector<model::RecallRecord> recalls,
      hits::Recalls(context.desk));
  Reply reply;
  reply.json["recalls"] = Json::array();
  const std::int64_t now = context.desk.clock.NowSeconds();
  for (const model::RecallRecord& recall : recalls) {
    const bool out = recall.way == model::Way::kOut;
    const bool overdue = recall.receipt == 0 && recall.due < now;
    reply.json["recalls"].push_back(
        {{"hit", ToHex(recall.hit)},
         {"way", out ? "out" : "in"},
         {"peer", recall.peer},
         {"due", base::FormatTime(recall.due)},
         {"receipt",
          recall.receipt == 0 ? "" : base::FormatTime(recall.receipt)},
         {"overdue", overdue}});
    reply.text +=
        Short(recall.hit) + (out ? "  to " : "  from ") + recall.peer + "  " +
        (recall.receipt != 0 ? "receipt " + base::FormatTime(recall.receipt)
                             : "due " + base::FormatTime(recall.due)) +
        (overdue ? "  OVERDUE" : "") + "\n";
  }
  if (recalls.empty()) reply.text = "no recalls";
  return reply;
}

}  // namespace entente::admin
