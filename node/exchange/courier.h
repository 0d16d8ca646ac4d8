#pragma once
// Puts statements into signed bytes and takes them out again: the preamble is
// filled and checked here, once for all kinds.

#include <absl/status/statusor.h>

#include <chrono>
#include <string>
#include <string_view>

#include "crypto/base/codec.h"
#include "crypto/primitive/hash.h"
#include "keys/key_store.h"
#include "node/base/clock.h"
#include "node/exchange/peer_link.h"
#include "node/exchange/trust_book.h"
#include "node/model/statements.h"

namespace entente::exchange {

// A statement whose signature, addressee and time were checked, with the hash
// of its bytes as received.
template <class T>
struct Opened {
  T value;
  Hash hash{};  // SHA-256 of the body
};

// Signed times may differ from ours by this much.
inline constexpr std::int64_t kClockSkewSeconds = 300;

// Thread-safe; borrows what it is given.
class Courier {
 public:
  Courier(std::string party, keys::KeyStore& keys, TrustBook& trust,
          base::Clock& clock, PeerLink& link)
      : party_(std::move(party)),
        keys_(keys),
        trust_(trust),
        clock_(clock),
        link_(link) {}

  const std::string& party() const { return party_; }

  // Fills the preamble and signs with the statement key.
  template <class T>
  absl::StatusOr<model::SignedStatement> Seal(T& statement,
                                              std::string_view to) const {
    statement.preamble = NewPreamble(to);
    return SignBody(EncodeStatement(statement));
  }

  // For statements whose own log entry holds their hash, while they hold that
  // entry's leaf: the preamble is filled, and the hash is that of the body with
  // a zero leaf. Then the entry is written, `leaf` set, and SealDrafted signs
  // without another change.
  template <class T>
  Hash Draft(T& statement, std::string_view to) const {
    statement.preamble = NewPreamble(to);
    statement.leaf = Hash{};
    return primitive::Sha256(EncodeStatement(statement));
  }
  template <class T>
  absl::StatusOr<model::SignedStatement> SealDrafted(const T& statement) const {
    return SignBody(EncodeStatement(statement));
  }

  // Verifies the signature by `from`'s pinned statement key over the raw bytes,
  // then parses them.
  //   UNAUTHENTICATED `signature-wrong`   the signature or the named parties do
  //   not fit INVALID_ARGUMENT `statement-malformed` FAILED_PRECONDITION
  //   `clock-skew`    the signed time is more than five minutes off
  template <class T>
  absl::StatusOr<Opened<T>> Open(std::string_view from,
                                 const model::SignedStatement& in) const {
    TRY_OK(VerifyBody(from, in));
    absl::StatusOr<T> value = DecodeStatement<T>(in.body);
    if (!value.ok()) {
      return WithReason(Invalid("the peer's statement is malformed"),
                        "statement-malformed");
    }
    TRY_OK(CheckPreamble(value->preamble, from, Latest<T>()));
    return Opened<T>{*std::move(value), primitive::Sha256(in.body)};
  }

  // Sends `ask` and opens the reply.
  template <class Reply, class Ask>
  absl::StatusOr<Opened<Reply>> Call(std::string_view party,
                                     std::string_view method, Ask& ask,
                                     std::chrono::milliseconds deadline) const {
    TRY(const model::SignedStatement sealed, Seal(ask, party));
    TRY(const model::SignedStatement answer,
        link_.Call(party, method, sealed, deadline));
    return Open<Reply>(party, answer);
  }

  PeerLink& link() const { return link_; }

 private:
  model::Preamble NewPreamble(std::string_view to) const;
  absl::StatusOr<model::SignedStatement> SignBody(Bytes body) const;
  absl::Status VerifyBody(std::string_view from,
                          const model::SignedStatement& in) const;
  template <class T>
  static constexpr std::int64_t Latest() {
    if constexpr (requires { T::kMayBeLate; }) return model::kLatestDelivery;
    return kClockSkewSeconds;
  }
  absl::Status CheckPreamble(const model::Preamble& preamble,
                             std::string_view from, std::int64_t latest) const;

  const std::string party_;
  keys::KeyStore& keys_;
  TrustBook& trust_;
  base::Clock& clock_;
  PeerLink& link_;
};

}  // namespace entente::exchange
