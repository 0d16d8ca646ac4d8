#include "policy/act_words.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "crypto/base/status.h"
#include "policy/civil.h"
#include "policy/reason.h"

namespace entente::policy {
namespace {

constexpr ActWord kActWords[] = {
    {"clause", "clause id; fills in action, dataset, match set and fields"},
    {"action", "screen, query, disclose, onward or export, without --clause"},
    {"dataset", "api, pnr or list, without --clause"},
    {"holder", "the party that would give"},
    {"asker", "the party that would receive"},
    {"purpose", "one purpose leaf, such as terrorism.travel"},
    {"basis", "legal basis code (default: the clause's first)"},
    {"role", "node, officer, approver or dpo (default: the clause's first)"},
    {"route",
     "arrives, departs, transits or none (default: the clause's "
     "first)"},
    {"urgency", "routine, urgent or vital (default: the clause's first)"},
    {"match-set", "standard, narrow or wide (default: the clause's)"},
    {"fields", "comma-separated field codes asked for (default: the clause's)"},
    {"offered", "comma-separated field codes that the asker shows"},
    {"receiver", "CODE.body: who gets it (onward, export)"},
    {"age", "age of the record in hours (default 0)"},
    {"units", "persons of a screening (default 1)"},
    {"case", "case reference; only that there is one counts"},
    {"approvals-holder", "people of the holder who approved (default 0)"},
    {"approvals-asker", "people of the asker who approved (default 0)"},
    {"used-day", "persons or requests of this UTC day so far (default 0)"},
    {"used-year", "those of this UTC year so far (default 0)"},
    {"used-case", "requests of this case so far (default 0)"},
    {"state",
     "state of the pair, such as active or suspended (default "
     "active)"},
    {"at", "the moment, YYYY-MM-DDThh:mm:ssZ (default: now)"},
};

absl::Status Usage(std::string_view name, std::string_view what) {
  return WithReason(Invalid("--", name, " is ", what), kUsageReason);
}

// No facts can name it, so no decision can be asked: the words are refused with
// the reason that Evaluate would have.
absl::Status NotKnown(Reason reason, std::string_view what,
                      std::string_view word) {
  const ReasonText& text = TextOf(reason);
  return WithNext(WithReason(Denied(what, " `", word,
                                    "` is in neither the agreement nor its "
                                    "catalogues: ",
                                    text.sentence),
                             text.code),
                  text.next);
}

absl::Status Number(const ActWords& words, std::string_view name,
                    std::uint32_t most, std::uint32_t& out) {
  const std::string_view text = words.Get(name);
  if (text.empty()) return absl::OkStatus();
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value > most)
    return Usage(name, "a number from 0 to " + std::to_string(most));
  out = value;
  return absl::OkStatus();
}

absl::Status Small(const ActWords& words, std::string_view name,
                   std::uint8_t& out) {
  std::uint32_t value = out;
  TRY_OK(Number(words, name, 255, value));
  out = static_cast<std::uint8_t>(value);
  return absl::OkStatus();
}

template <class E>
std::string Choices() {
  std::string out;
  for (const std::string_view word : WordList<E>::kWords) {
    if (word.empty()) continue;
    out += (out.empty() ? "" : ", ") + std::string(word);
  }
  return out;
}

// A typed word; else the first of the clause's set, else the first there is.
template <class E>
absl::Status Choose(const ActWords& words, std::string_view name,
                    std::uint32_t allowed, std::uint8_t& out) {
  const std::string_view text = words.Get(name);
  if (!text.empty()) {
    const std::optional<E> value = FromWord<E>(text);
    if (!value) return Usage(name, "one of " + Choices<E>());
    out = static_cast<std::uint8_t>(*value);
    return absl::OkStatus();
  }
  out = 0;
  while (allowed != 0 && ((allowed >> out) & 1U) == 0) ++out;
  return absl::OkStatus();
}

std::vector<std::string> Listed(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma != 0) out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

absl::Status Fields(const Compiled& compiled, const ActWords& words,
                    std::string_view name,
                    const std::vector<std::string>& otherwise,
                    std::uint64_t& out) {
  const std::string_view text = words.Get(name);
  for (const std::string& code : text.empty() ? otherwise : Listed(text)) {
    const std::uint64_t bit = compiled.fields().Bit(code);
    if (bit == 0) return NotKnown(Reason::kF01, "the field", code);
    out |= bit;
  }
  return absl::OkStatus();
}

absl::Status SetFlag(const std::string& text, Facts& facts) {
  constexpr std::string_view kStates[] = {"not-checked", "absent", "present"};
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = std::string_view(text).substr(0, equals);
  const std::string_view value =
      std::string_view(text).substr(std::min(equals + 1, text.size()));
  const auto* state = std::find(std::begin(kStates), std::end(kStates), value);
  const auto flag = FromWord<Flag>(name);
  if (state == std::end(kStates) || (!flag && name != "all"))
    return Usage("flag",
                 "FLAG=absent, FLAG=present or FLAG=not-checked; the "
                 "flags are all, " +
                     Choices<Flag>());
  for (std::size_t i = 0; i < WordList<Flag>::kWords.size(); ++i) {
    if (flag && i != static_cast<std::size_t>(*flag)) continue;
    facts.Set(static_cast<Flag>(i),
              static_cast<FlagState>(state - std::begin(kStates)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint8_t> PartyOf(const Compiled& compiled,
                                     const ActWords& words,
                                     std::string_view name) {
  const std::string_view code = words.Get(name);
  if (code.empty())
    return Usage(name, "the code of a party, such as " +
                           std::string(compiled.PartyCode(0)));
  const auto index = compiled.PartyIndex(code);
  if (!index) return NotKnown(Reason::kW01, "the party", code);
  return *index;
}

// What the clause says, where one was named; the words of its own otherwise.
absl::Status Selector(const Compiled& compiled, const ActWords& words,
                      const Clause* clause, Facts& f) {
  TRY(f.holder, PartyOf(compiled, words, "holder"));
  TRY(f.asker, PartyOf(compiled, words, "asker"));
  if (f.holder == f.asker)
    return NotKnown(Reason::kW01, "the pair of a party with itself,",
                    words.Get("asker"));
  std::uint8_t action =
      clause == nullptr ? 0 : static_cast<std::uint8_t>(clause->action);
  if (clause == nullptr && words.Get("action").empty())
    return Usage("clause", "needed, or --action and --dataset");
  TRY_OK(Choose<Action>(words, "action", 1U << action, action));
  if (action >= kClauseActions)
    return Usage("action", "screen, query, disclose, onward or export");
  f.action = static_cast<Action>(action);
  const auto of = [clause](std::uint32_t bits) {
    return clause == nullptr ? 0U : bits;
  };
  const Clause none;
  const Clause& c = clause == nullptr ? none : *clause;
  TRY_OK(Choose<Dataset>(
      words, "dataset", of(1U << static_cast<unsigned>(c.dataset)), f.dataset));
  TRY_OK(Choose<Role>(words, "role", of(c.roles.bits), f.role));
  TRY_OK(Choose<Route>(words, "route", of(c.routes.bits), f.route));
  TRY_OK(Choose<Urgency>(words, "urgency", of(c.urgency.bits), f.urgency));
  const bool asks = f.action == Action::kScreen || f.action == Action::kQuery;
  if (!asks && !words.Get("match-set").empty())
    return Usage("match-set", "only for screen and query");
  if (asks) {
    const unsigned set = c.match_set == MatchSet::kNone
                             ? static_cast<unsigned>(MatchSet::kStandard)
                             : static_cast<unsigned>(c.match_set);
    TRY_OK(Choose<MatchSet>(words, "match-set", 1U << set, f.match_set));
  }
  return absl::OkStatus();
}

absl::Status PurposeAndBasis(const Compiled& compiled, const ActWords& words,
                             const Clause* clause, Facts& f) {
  const std::string_view leaf = words.Get("purpose");
  if (leaf.empty())
    return Usage("purpose", "one purpose leaf, such as terrorism.travel");
  const auto purpose = compiled.PurposeIndex(leaf);
  if (!purpose) return NotKnown(Reason::kP01, "the purpose", leaf);
  f.purpose = *purpose;
  std::string_view code = words.Get("basis");
  if (code.empty() && clause != nullptr) code = clause->bases.front();
  if (code.empty()) return Usage("basis", "a legal basis of the agreement");
  const auto basis = compiled.BasisIndex(code);
  if (!basis) return NotKnown(Reason::kP02, "the legal basis", code);
  f.basis = *basis;
  return absl::OkStatus();
}

absl::Status Receiver(const ActWords& words, const Clause* clause, Facts& f) {
  const std::string_view name = words.Get("receiver");
  if (name.empty()) return absl::OkStatus();
  if (clause == nullptr ||
      (f.action != Action::kOnward && f.action != Action::kExport))
    return Usage("receiver", "for --clause of an onward or export clause");
  const auto& list = clause->onward_to;
  const auto found = std::find(list.begin(), list.end(), name);
  // Past the end of the closed list: Evaluate says W06.
  f.receiver = static_cast<std::uint8_t>(found - list.begin() + 1);
  return absl::OkStatus();
}

}  // namespace

std::string_view ActWords::Get(std::string_view name) const {
  const auto found = one.find(name);
  return found == one.end() ? std::string_view() : found->second;
}

std::span<const ActWord> ActWordList() { return kActWords; }

std::uint32_t AssessmentLeft(const Party& party, std::int64_t now) {
  const std::int64_t left =
      party.assessment_date +
      std::int64_t{party.assessment_renew_days} * kDaySeconds - now;
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(left, 0, 0xFFFFFFFF));
}

absl::Status PutTyped(const ActWords& words, Facts& f) {
  if (const std::string_view at = words.Get("at"); !at.empty()) {
    const auto instant = ParseInstant(at);
    if (!instant) return Usage("at", "YYYY-MM-DDThh:mm:ssZ");
    f.now = *instant;
  }
  if (!words.Get("state").empty()) {
    TRY_OK(Choose<State>(words, "state", 0, f.state));
    const auto state = static_cast<State>(f.state);
    const bool over = state == State::kTerminated || state == State::kClosed;
    f.ended = over ? std::max<std::int64_t>(f.now, 1) : 0;
  }
  if (!words.Get("case").empty()) f.bits |= fact::kHasCase;
  constexpr std::uint32_t kMost = 0xFFFFFFFE;
  TRY_OK(Number(words, "age", kMost, f.record_age));
  TRY_OK(Number(words, "units", 10'000'000, f.units));
  TRY_OK(Number(words, "used-day", kMost, f.used_day));
  TRY_OK(Number(words, "used-year", kMost, f.used_year));
  TRY_OK(Number(words, "used-case", kMost, f.used_case));
  TRY_OK(Small(words, "approvals-holder", f.approvals_holder));
  TRY_OK(Small(words, "approvals-asker", f.approvals_asker));
  for (const std::string& flag : words.flags) TRY_OK(SetFlag(flag, f));
  return absl::OkStatus();
}

absl::StatusOr<Facts> FactsOfWords(const Compiled& compiled,
                                   const ActWords& words, std::int64_t now) {
  const std::string_view id = words.Get("clause");
  const Clause* clause = id.empty() ? nullptr : compiled.FindClause(id);
  if (!id.empty() && clause == nullptr)
    return NotKnown(Reason::kW03, "the clause", id);
  Facts f;
  f.now = now;
  f.units = 1;
  f.state = static_cast<std::uint8_t>(State::kActive);
  f.bits = fact::kLogOpen;
  f.agreement = compiled.hash();
  TRY_OK(Selector(compiled, words, clause, f));
  TRY_OK(PurposeAndBasis(compiled, words, clause, f));
  TRY_OK(Receiver(words, clause, f));
  const std::vector<std::string> none;
  TRY_OK(Fields(compiled, words, "fields",
                clause == nullptr ? none : clause->fields, f.asked));
  TRY_OK(Fields(compiled, words, "offered", none, f.offered));
  if (f.asked == 0)
    return Usage("fields", "needed without --clause: comma-separated codes");
  TRY_OK(PutTyped(words, f));
  if (f.units == 0 || (f.action != Action::kScreen && f.units != 1))
    return Usage("units", "1 or more; only a screening has more than one");
  const std::vector<Party>& parties = compiled.agreement().parties;
  f.assessment_left_holder = AssessmentLeft(parties[f.holder], f.now);
  f.assessment_left_asker = AssessmentLeft(parties[f.asker], f.now);
  return f;
}

}  // namespace entente::policy
