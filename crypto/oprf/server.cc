#include "crypto/oprf/server.h"

#include "crypto/base/status.h"
#include "crypto/group/batch.h"
#include "crypto/group/declassify.h"
#include "crypto/group/hash_to.h"
#include "crypto/oprf/dleq.h"
#include "crypto/oprf/secret_reader.h"
#include "crypto/oprf/suite.h"
#include "crypto/primitive/hash.h"
#include "crypto/primitive/hkdf.h"

namespace entente::oprf {
namespace {

using group::Point;
using group::SecretScalar;

constexpr std::size_t kSeedSize = 32;
constexpr std::string_view kNonceLabel = "entente/oprf-nonce/1";

// The public key of a secret one. It is announced.
PublicKey PublicOf(const SecretScalar& scalar) {
  Point point = group::MultiplyBase(scalar);
  group::Declassify(&point, sizeof(point));
  return PublicKey(point);
}

// t = skS + m and t * generator: the key for one info.
struct TweakedKey {
  SecretScalar secret;
  PublicKey key;
};

absl::StatusOr<TweakedKey> Tweak(const SecretScalar& scalar, ByteView info) {
  TRY(const group::Scalar m, InfoScalar(info));
  TRY(SecretScalar t, scalar.Plus(m));
  const PublicKey key = PublicOf(t);
  return TweakedKey{std::move(t), key};
}

absl::StatusOr<std::vector<Evaluated>> EvaluateAll(
    const SecretScalar& t, std::span<const Blinded> blinded) {
  std::vector<Point> points;
  points.reserve(blinded.size());
  for (const Blinded& element : blinded) points.push_back(element.point());
  TRY_OK(group::MultiplyAll(t.Inverse(), points, points));
  group::Declassify(points.data(), points.size() * sizeof(Point));  // sent
  std::vector<Evaluated> out;
  out.reserve(points.size());
  for (const Point& point : points) out.emplace_back(point);
  return out;
}

// The same question under the same key gives the same nonce; a question or an
// answer that differs in one bit (a fault included) gives another, so no two
// challenges ever meet one nonce.
absl::StatusOr<SecretScalar> DeriveNonce(const SecretBytes& key, ByteView info,
                                         const DleqStatement& statement,
                                         const Composites& composites) {
  Bytes transcript =
      Concat({TwoBytes(info.size()), info, TwoBytes(statement.blinded.size())});
  const auto append = [&transcript](ByteView bytes) {
    transcript.insert(transcript.end(), bytes.begin(), bytes.end());
  };
  for (const Blinded& element : statement.blinded) append(element.bytes());
  append(statement.key.bytes());
  append(composites.m.bytes());
  append(composites.z.bytes());
  const auto digest = primitive::Sha512({transcript});
  return SecretScalar::FromWide(
      primitive::Hkdf(key, AsBytes(kNonceLabel), digest, 64));
}

}  // namespace

// The one user of ServerKey's scalar.
class BatchServer {
 public:
  static const SecretScalar& ScalarOf(const ServerKey& key) {
    return key.scalar_;
  }
  // `given`: the nonce of a vector, or null to derive it.
  static absl::StatusOr<Evaluation> Answer(const ServerKey& key,
                                           const SecretScalar* given,
                                           std::span<const Blinded> blinded,
                                           ByteView info) {
    if (blinded.empty() || blinded.size() > kMaxBatch) {
      return Invalid("oprf: a batch holds 1 to 4096 elements");
    }
    TRY(const TweakedKey tweaked, Tweak(key.scalar_, info));
    TRY(auto evaluated, EvaluateAll(tweaked.secret, blinded));
    const DleqStatement statement{tweaked.key, evaluated, blinded};
    TRY(const Composites composites, FoldWithKey(statement, tweaked.secret));
    TRY(const Proof proof,
        given != nullptr
            ? Prove(statement, composites, tweaked.secret, *given)
            : ProveDerived(key, info, statement, composites, tweaked.secret));
    if (!HoldsFor(statement, composites, proof)) {
      return Internal("oprf: the own proof does not hold");
    }
    return Evaluation{std::move(evaluated), proof};
  }

 private:
  static absl::StatusOr<Proof> ProveDerived(const ServerKey& key, ByteView info,
                                            const DleqStatement& statement,
                                            const Composites& composites,
                                            const SecretScalar& t) {
    TRY(const SecretScalar nonce,
        DeriveNonce(key.secret(), info, statement, composites));
    return Prove(statement, composites, t, nonce);
  }
};

ServerKey::ServerKey(SecretScalar scalar)
    : scalar_(std::move(scalar)), public_key_(PublicOf(scalar_)) {}

ServerKey ServerKey::Generate() { return ServerKey(SecretScalar::Random()); }

absl::StatusOr<ServerKey> ServerKey::DeriveKeyPair(const SecretBytes& seed,
                                                   ByteView info) {
  if (seed.size() != kSeedSize || info.size() > kMaxInputSize) {
    return Invalid("oprf: a key seed has 32 bytes and an info at most 65535");
  }
  for (std::size_t counter = 0; counter < 256; ++counter) {
    const auto byte = static_cast<std::uint8_t>(counter);
    auto scalar = group::HashToSecretScalar(
        {SecretReader::View(seed), TwoBytes(info.size()), info, {&byte, 1}},
        AsBytes(kDeriveKeyPairTag));
    if (scalar.ok()) return ServerKey(*std::move(scalar));
  }
  return Internal("oprf: no key comes from this seed");
}

absl::StatusOr<ServerKey> ServerKey::FromBytes(SecretBytes secret) {
  TRY(SecretScalar scalar, SecretScalar::FromBytes(std::move(secret)));
  return ServerKey(std::move(scalar));
}

absl::StatusOr<Evaluation> Evaluate(const ServerKey& key,
                                    std::span<const Blinded> blinded,
                                    ByteView info) {
  return BatchServer::Answer(key, nullptr, blinded, info);
}

absl::StatusOr<Evaluation> EvaluateWith(const ServerKey& key,
                                        const SecretScalar& nonce,
                                        std::span<const Blinded> blinded,
                                        ByteView info) {
  return BatchServer::Answer(key, &nonce, blinded, info);
}

absl::StatusOr<std::vector<Token>> Tokens(const ServerKey& key,
                                          std::span<const Bytes> inputs,
                                          ByteView info) {
  for (const Bytes& input : inputs) {
    if (input.size() > kMaxInputSize) {
      return Invalid("oprf: an input is too long");
    }
  }
  TRY(const group::Scalar m, InfoScalar(info));
  TRY(const SecretScalar t, BatchServer::ScalarOf(key).Plus(m));
  const std::vector<ByteView> views(inputs.begin(), inputs.end());
  std::vector<Point> points(inputs.size());
  TRY_OK(group::HashAll(views, AsBytes(kHashToGroupTag), points));
  TRY_OK(group::MultiplyAll(t.Inverse(), points, points));
  std::vector<Token> out;
  out.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    out.push_back(MakeToken(inputs[i], info, points[i]));
  }
  return out;
}

}  // namespace entente::oprf
