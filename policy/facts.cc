#include "policy/facts.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"

namespace entente::policy {
namespace {

// The fields of facts/1 in their order, for writing and reading alike.
template <class A, class F>
void VisitFacts(A& a, F& v) noexcept {
  a(v.format);
  a(v.action);
  a(v.holder, v.asker, v.dataset, v.purpose, v.basis, v.role, v.route,
    v.urgency, v.match_set, v.state);
  a(v.flags);
  a(v.asked, v.offered);
  a(v.now, v.ended);
  a(v.status_age_holder, v.status_age_asker, v.assessment_left_holder,
    v.assessment_left_asker);
  a(v.record_age, v.held);
  a(v.used_day, v.used_year, v.used_case, v.units);
  a(v.approvals_holder, v.approvals_asker, v.bits, v.receiver, v.origin_clause);
  a(v.zero[0], v.zero[1], v.zero[2]);
}

constexpr std::size_t kAgreementAt = kFactsBytes - sizeof(Hash);

// The codec of crypto/base allocates; a decision must not.
struct Writer {
  template <class... T>
  void operator()(const T&... values) noexcept {
    (Put(static_cast<std::uint64_t>(values), sizeof(T)), ...);
  }
  void Put(std::uint64_t value, std::size_t width) noexcept {
    for (std::size_t i = width; i-- > 0;) {
      out[at++] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  }
  ByteArray<kFactsBytes> out{};
  std::size_t at = 0;
};

struct Reader {
  template <class... T>
  void operator()(T&... values) noexcept {
    ((values = static_cast<T>(Get(sizeof(T)))), ...);
  }
  std::uint64_t Get(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = (value << 8U) | in[at++];
    return value;
  }
  ByteView in;
  std::size_t at = 0;
};

}  // namespace

ByteArray<kFactsBytes> EncodeFacts(const Facts& facts) noexcept {
  Writer writer;
  VisitFacts(writer, facts);
  std::copy(facts.agreement.begin(), facts.agreement.end(),
            writer.out.begin() + kAgreementAt);
  return writer.out;
}

absl::StatusOr<Facts> DecodeFacts(ByteView bytes) {
  if (bytes.size() != kFactsBytes)
    return WrongLength(bytes.size(), kFactsBytes);
  Facts facts;
  Reader reader{bytes};
  VisitFacts(reader, facts);
  std::copy(bytes.begin() + kAgreementAt, bytes.end(), facts.agreement.begin());
  if (facts.format != 1) return Invalid("facts of another format");
  if (facts.action > Action::kLast) return Invalid("facts: unknown action");
  if (facts.zero != std::array<std::uint8_t, 3>{}) {
    return Invalid("facts: spare bytes that are not zero");
  }
  return facts;
}

Hash FactsHash(const Facts& facts) noexcept {
  return primitive::Sha256(EncodeFacts(facts));
}

}  // namespace entente::policy
