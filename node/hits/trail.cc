#include "node/hits/trail.h"

#include <optional>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "node/exchange/day_book.h"
#include "node/hits/rows.h"

namespace entente::hits {
namespace {

using ledger::Step;
using model::SignedStatement;
namespace method = exchange::method;

// What of a first message the record needs.
struct First {
  std::optional<Hash> agreement;  // absent: that of the hit's request
  Step step = Step::kDisclose;
  std::uint32_t chunk = 0;
  Id16 hit{};
  Hash leaf{};
  std::int64_t time = 0;
};

template <class T>
absl::StatusOr<std::optional<First>> Parse(const SignedStatement& in, Step step,
                                           std::uint32_t chunk) {
  TRY(const T value, DecodeStatement<T>(in.body));
  First out;
  if constexpr (requires { value.agreement; }) out.agreement = value.agreement;
  out.step = step;
  out.chunk = chunk;
  out.hit = value.hit;
  out.leaf = value.leaf;
  out.time = value.preamble.time;
  return std::optional<First>(out);
}

// Two messages of one hit and step go the two ways: they are told apart by the
// number where a screening has its chunks.
absl::StatusOr<std::optional<First>> ParseFirst(std::string_view name,
                                                const SignedStatement& in) {
  if (name == method::kRequestDisclosure)
    return Parse<model::DisclosureRequest>(in, Step::kDisclose, 0);
  if (name == method::kDeliver)
    return Parse<model::Disclosure>(in, Step::kDisclose, 1);
  if (name == method::kOutcome)
    return Parse<model::HitOutcome>(in, Step::kOutcome, 0);
  if (name == method::kRecall)
    return Parse<model::Recall>(in, Step::kRecall, 0);
  if (name == method::kRecallReceipt)
    return Parse<model::RecallReceipt>(in, Step::kRecall, 1);
  return std::optional<First>();
}

absl::StatusOr<Hash> AgreementOf(exchange::Desk& desk, const Id16& hit) {
  absl::StatusOr<model::RequestRecord> request =
      GetRequest(desk, model::Way::kOut, hit);
  if (!request.ok()) request = GetRequest(desk, model::Way::kIn, hit);
  if (!request.ok()) return request.status();
  TRY(const auto asked,
      DecodeStatement<model::DisclosureRequest>(request->request.body));
  return asked.agreement;
}

}  // namespace

absl::Status KeepTrail(exchange::Desk& desk, std::string_view peer,
                       std::string_view name, const SignedStatement& first,
                       const SignedStatement& answer) {
  TRY(std::optional<First> parsed, ParseFirst(name, first));
  if (!parsed) return absl::OkStatus();
  TRY(const auto said, DecodeStatement<model::Acknowledgement>(answer.body));
  if (!parsed->agreement) {
    TRY(parsed->agreement, AgreementOf(desk, parsed->hit));
  }
  const ledger::ExchangeRecord record = exchange::RecordOf(
      *parsed->agreement, parsed->step, parsed->hit, parsed->chunk,
      parsed->leaf, said.leaf, first.body, answer.body);
  return desk.store.Write([&](store::Writer& writer) {
    return exchange::KeepRecord(writer, peer, parsed->time, record);
  });
}

}  // namespace entente::hits
