#include "policy/pair_state.h"

#include <algorithm>
#include <set>

#include "policy/civil.h"

namespace entente::policy {
namespace {

using Chain = std::vector<const VerifiedEvent*>;

// One party's events of this agreement, each once, by sequence and hash.
Chain EventsOf(std::span<const VerifiedEvent> events, std::string_view party) {
  Chain out;
  for (const VerifiedEvent& event : events) {
    if (event.event().party == party) out.push_back(&event);
  }
  std::sort(out.begin(), out.end(),
            [](const VerifiedEvent* x, const VerifiedEvent* y) {
              return std::tie(x->event().sequence, x->hash()) <
                     std::tie(y->event().sequence, y->hash());
            });
  out.erase(std::unique(out.begin(), out.end(),
                        [](const VerifiedEvent* x, const VerifiedEvent* y) {
                          return x->hash() == y->hash();
                        }),
            out.end());
  return out;
}

// How many links from the first on have neither gap nor fork. The first is the
// chain's own, or for one who joined later the first that it can know.
std::size_t IntactLinks(const Chain& chain, bool joined) {
  const std::uint32_t start =
      joined && !chain.empty() ? chain.front()->event().sequence : 1;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Event& event = chain[i]->event();
    const bool forked = i + 1 < chain.size() &&
                        chain[i + 1]->event().sequence == event.sequence;
    const bool follows = i == 0 ? joined || !event.previous.has_value()
                                : event.previous.has_value() &&
                                      *event.previous == chain[i - 1]->hash();
    if (event.sequence != start + i || forked || !follows) return i;
  }
  return chain.size();
}

bool Concerns(const Event& event, std::string_view a, std::string_view b) {
  return (event.party == a && (event.peer == b || event.peer == "all")) ||
         (event.party == b && (event.peer == a || event.peer == "all"));
}

class Folder {
 public:
  Folder(const VerifiedAgreement& agreement, const PairInput& input,
         std::int64_t now)
      : agreement_(agreement.agreement()),
        input_(input),
        now_(now),
        a_(EventsOf(input.events, input.a)),
        b_(EventsOf(input.events, input.b)) {
    Drop(a_);
    Drop(b_);
  }

  PairView Run() {
    PairView view;
    const std::size_t intact_a = IntactLinks(a_, input_.joined);
    const std::size_t intact_b = IntactLinks(b_, input_.joined);
    view.chain_broken_a = intact_a != a_.size();
    view.chain_broken_b = intact_b != b_.size();
    view.status_age_a = Age(input_.status_a, input_.a, a_, intact_a);
    view.status_age_b = Age(input_.status_b, input_.b, b_, intact_b);
    view.assessment_left_a = AssessmentLeft(input_.a, a_);
    view.assessment_left_b = AssessmentLeft(input_.b, b_);
    view.open_stops = OpenStops();
    view.ended = Ended();
    view.state = StateOf(view);
    return view;
  }

 private:
  // Events of other agreements do not belong to these chains.
  void Drop(Chain& chain) const {
    chain.erase(std::remove_if(chain.begin(), chain.end(),
                               [&](const VerifiedEvent* event) {
                                 return event->event().agreement !=
                                        agreement_.id;
                               }),
                chain.end());
  }

  template <class Use>
  void ForEach(EventKind kind, Use use) const {
    for (const Chain* chain : {&a_, &b_}) {
      for (const VerifiedEvent* event : *chain) {
        if (event->event().kind == kind) use(*event);
      }
    }
  }

  std::uint32_t Age(const StatusSeen* seen, std::string_view party,
                    const Chain& chain, std::size_t intact) const {
    if (seen == nullptr || seen->statement.party != party) return kNoStatus;
    const std::optional<Hash>& head = seen->statement.head;
    const auto end = chain.begin() + static_cast<std::ptrdiff_t>(intact);
    const bool known =
        !head || std::any_of(chain.begin(), end, [&](const VerifiedEvent* e) {
          return e->hash() == *head;
        });
    return known ? StatusAge(seen->statement, seen->highest_sequence, now_)
                 : kNoStatus;
  }

  std::uint32_t AssessmentLeft(std::string_view code,
                               const Chain& chain) const {
    const Party* party = agreement_.FindParty(code);
    if (party == nullptr) return 0;
    // An assessment dated ahead of the clock does not count yet.
    std::int64_t newest = party->assessment_date <= now_
                              ? party->assessment_date
                              : std::int64_t{-1};
    for (const VerifiedEvent* event : chain) {
      if (event->event().kind == EventKind::kAssessment &&
          event->event().date <= now_) {
        newest = std::max(newest, event->event().date);
      }
    }
    if (newest < 0) return 0;
    const std::int64_t left =
        newest + party->assessment_renew_days * kDaySeconds - now_;
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(left, 0, 0xFFFFFFFF));
  }

  // After a stop for reasons of rights the party that stopped assesses anew.
  bool Reassessed(const Event& stop) const {
    if (stop.stop_reason != StopReason::kRights) return true;
    bool found = false;
    ForEach(EventKind::kAssessment, [&](const VerifiedEvent& event) {
      found = found ||
              (event.event().party == stop.party && event.event().at > stop.at);
    });
    return found;
  }

  std::vector<Hash> OpenStops() const {
    std::set<Hash> lifted;
    ForEach(EventKind::kResume, [&](const VerifiedEvent& event) {
      if (!Concerns(event.event(), input_.a, input_.b)) return;
      lifted.insert(event.event().lifts.begin(), event.event().lifts.end());
    });
    std::vector<Hash> open;
    ForEach(EventKind::kStop, [&](const VerifiedEvent& event) {
      if (!Concerns(event.event(), input_.a, input_.b)) return;
      if (lifted.find(event.hash()) != lifted.end() &&
          Reassessed(event.event())) {
        return;
      }
      open.push_back(event.hash());
    });
    std::sort(open.begin(), open.end());
    return open;
  }

  bool Superseded() const {
    return input_.superseded_from != 0 && now_ >= input_.superseded_from;
  }

  // The first end that has been reached; 0: none.
  std::int64_t Ended() const {
    const std::int64_t until = agreement_.validity.until;
    // Data under a version that was replaced lives on under the next one.
    const bool replaced =
        input_.superseded_from != 0 && input_.superseded_from <= until;
    std::int64_t ended = !replaced && now_ >= until ? until : 0;
    ForEach(EventKind::kNotice, [&](const VerifiedEvent& event) {
      const std::int64_t earliest =
          event.event().at +
          agreement_.validity.notice_of_termination_days * kDaySeconds;
      const std::int64_t effective =
          std::max(event.event().effective, earliest);
      if (now_ < effective) return;
      ended = ended == 0 ? effective : std::min(ended, effective);
    });
    return ended;
  }

  bool Proved(const Chain& chain, std::int64_t ended) const {
    return std::any_of(
        chain.begin(), chain.end(), [&](const VerifiedEvent* event) {
          return event->event().kind == EventKind::kDeletionProof &&
                 event->event().at >= ended;
        });
  }

  State StateOf(const PairView& view) const {
    if (view.ended != 0) {
      return Proved(a_, view.ended) && Proved(b_, view.ended)
                 ? State::kClosed
                 : State::kTerminated;
    }
    // Suspension before replacement: it also freezes what is already held.
    if (!view.open_stops.empty()) return State::kSuspended;
    if (Superseded()) return State::kSuperseded;
    return now_ < agreement_.validity.from ? State::kSigned : State::kActive;
  }

  const Agreement& agreement_;
  const PairInput& input_;
  std::int64_t now_;
  Chain a_;
  Chain b_;
};

}  // namespace

void PairView::Fill(Facts& facts) const {
  facts.state = static_cast<std::uint8_t>(state);
  facts.ended = ended;
  facts.status_age_holder = status_age_a;
  facts.status_age_asker = status_age_b;
  facts.assessment_left_holder = assessment_left_a;
  facts.assessment_left_asker = assessment_left_b;
}

PairView PairView::Swapped() const {
  PairView view = *this;
  std::swap(view.status_age_a, view.status_age_b);
  std::swap(view.assessment_left_a, view.assessment_left_b);
  std::swap(view.chain_broken_a, view.chain_broken_b);
  return view;
}

PairView Fold(const VerifiedAgreement& agreement, const PairInput& input,
              std::int64_t now) {
  return Folder(agreement, input, now).Run();
}

const VerifiedEvent* ChainHead(std::span<const VerifiedEvent> events,
                               std::string_view party) {
  const Chain chain = EventsOf(events, party);
  const std::size_t intact = IntactLinks(chain, false);
  return intact == 0 ? nullptr : chain[intact - 1];
}

}  // namespace entente::policy
