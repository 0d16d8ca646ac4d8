// The first of the three doors: the only place where a Permit is made.

#include <algorithm>
#include <string_view>

#include "crypto/primitive/hash.h"
#include "policy/evaluate.h"

namespace entente::policy {
namespace {

// Collects length-prefixed parts without allocating; the parts of an act are
// short and their number is fixed.
class ActBytes {
 public:
  void Raw(ByteView bytes) noexcept {
    for (std::uint8_t byte : bytes) {
      if (size_ < bytes_.size()) bytes_[size_++] = byte;
    }
  }
  void Part(ByteView bytes) noexcept {
    const ByteArray<2> length{static_cast<std::uint8_t>(bytes.size() >> 8U),
                              static_cast<std::uint8_t>(bytes.size())};
    Raw(length);
    Raw(bytes);
  }
  void Part(std::string_view text) noexcept { Part(AsBytes(text)); }
  ByteView view() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, 512> bytes_{};
  std::size_t size_ = 0;
};

std::string_view ClauseId(const Compiled& compiled, std::uint16_t clause) {
  return clause < compiled.agreement().clauses.size()
             ? std::string_view(compiled.agreement().clauses[clause].id)
             : std::string_view();
}

std::string_view Leaf(const Compiled& compiled, std::uint8_t purpose) {
  return purpose < compiled.purposes().size()
             ? std::string_view(compiled.purposes().purposes()[purpose].code)
             : std::string_view();
}

}  // namespace

ActId ActOf(const Compiled& compiled, std::uint16_t clause, const Facts& facts,
            const Id16& subject) noexcept {
  ActBytes act;
  act.Raw(AsBytes("entente/act/1\n"));
  act.Part(ByteView(compiled.hash()));
  act.Part(ClauseId(compiled, clause));
  act.Part(compiled.PartyCode(facts.holder));
  act.Part(compiled.PartyCode(facts.asker));
  act.Part(facts.action <= Action::kLast ? Word(facts.action)
                                         : std::string_view());
  act.Part(Leaf(compiled, facts.purpose));
  act.Part(ByteView(subject));
  act.Part(ByteView(FactsHash(facts)));
  return {primitive::Sha256(act.view())};
}

Verdict Decide(const Compiled& compiled, const Local& local, const Facts& facts,
               const Id16& subject) noexcept {
  const Decision decision = Evaluate(compiled, local, facts);
  const ActId act = ActOf(compiled, decision.clause, facts, subject);
  if (decision.outcome == Outcome::kDeny) return Denial{decision, act};
  if (decision.outcome == Outcome::kPend) return Pending{decision, act};
  Permit permit;
  permit.act_ = act;
  permit.expires_ = facts.now + kPermitSeconds;
  permit.decision_ = decision;
  permit.agreement_ = compiled.hash();
  const std::string_view id = ClauseId(compiled, decision.clause);
  permit.clause_size_ = std::min(id.size(), permit.clause_.size());
  std::copy_n(id.begin(), permit.clause_size_, permit.clause_.begin());
  return permit;
}

bool DecisionsAgree(const Compiled& compiled, const Facts& claimed_facts,
                    const Decision& claimed) noexcept {
  return Evaluate(compiled, Local{}, claimed_facts) == claimed;
}

bool SameClaims(const Facts& asker, const Facts& holder) noexcept {
  const auto same = [&](auto... members) {
    return ((asker.*members == holder.*members) && ...);
  };
  return same(&Facts::action, &Facts::holder, &Facts::asker, &Facts::dataset,
              &Facts::purpose, &Facts::basis, &Facts::role, &Facts::route,
              &Facts::urgency, &Facts::match_set) &&
         same(&Facts::asked, &Facts::offered, &Facts::record_age, &Facts::units,
              &Facts::receiver, &Facts::origin_clause, &Facts::agreement) &&
         asker.Has(fact::kHasCase) == holder.Has(fact::kHasCase);
}

bool MayAsk(const Compiled& compiled, const Facts& facts,
            const Decision& decision) noexcept {
  if (decision.outcome == Outcome::kPermit) return true;
  if (decision.outcome != Outcome::kPend ||
      decision.clause >= compiled.agreement().clauses.size()) {
    return false;
  }
  // Flags and the holder's approvals are the other side's; the case and the own
  // approvals are not.
  return !decision.Has(Reason::kC01) &&
         facts.approvals_asker >= decision.obligations.need_asker;
}

}  // namespace entente::policy
