#include "node/exchange/courier.h"

#include <cstdlib>

#include "crypto/primitive/random.h"
#include "crypto/primitive/signature.h"

namespace entente::exchange {
namespace {

constexpr std::string_view kDomain = "entente/statement/1\n";

}  // namespace

model::Preamble Courier::NewPreamble(std::string_view to) const {
  return {party_, std::string(to), clock_.NowSeconds(),
          primitive::RandomArray<16>()};
}

absl::StatusOr<model::SignedStatement> Courier::SignBody(Bytes body) const {
  TRY(const primitive::Signature signature,
      keys_.Sign(keys::Purpose::kStatement, Concat({AsBytes(kDomain), body})));
  return model::SignedStatement{std::move(body), ToBytes(ByteView(signature))};
}

absl::Status Courier::VerifyBody(std::string_view from,
                                 const model::SignedStatement& in) const {
  TRY(const primitive::PublicKey key, trust_.StatementKey(from));
  if (!primitive::VerifyEd25519(key, Concat({AsBytes(kDomain), in.body}),
                                in.signature)) {
    return WithReason(
        Unauthenticated("the statement's signature is not ", from, "'s"),
        "signature-wrong");
  }
  return absl::OkStatus();
}

absl::Status Courier::CheckPreamble(const model::Preamble& preamble,
                                    std::string_view from,
                                    std::int64_t latest) const {
  if (preamble.from != from || preamble.to != party_) {
    return WithReason(Unauthenticated("the statement names other parties"),
                      "signature-wrong");
  }
  const std::int64_t now = clock_.NowSeconds();
  if (preamble.time > now + kClockSkewSeconds || preamble.time < now - latest) {
    return WithNext(
        WithReason(
            Unready(
                "the clocks of the two nodes differ by more than five minutes"),
            "clock-skew"),
        "compare both nodes' clocks with a time server");
  }
  return absl::OkStatus();
}

}  // namespace entente::exchange
