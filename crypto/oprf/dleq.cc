#include "crypto/oprf/dleq.h"

#include <array>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"
#include "crypto/group/batch.h"
#include "crypto/group/declassify.h"
#include "crypto/group/hash_to.h"
#include "crypto/group/product.h"
#include "crypto/oprf/suite.h"
#include "crypto/primitive/hash.h"

namespace entente::oprf {
namespace {

using group::Point;
using group::Scalar;

// The weights d[i], each bound to the key and to all that it stands for.
std::vector<Scalar> Weights(const DleqStatement& statement) {
  const ByteArray<2> length = TwoBytes(Point::kSize);
  const auto seed =
      primitive::Sha512({length, statement.key.bytes(),
                         TwoBytes(kSeedTag.size()), AsBytes(kSeedTag)});
  std::vector<Scalar> out;
  out.reserve(statement.evaluated.size());
  for (std::size_t i = 0; i < statement.evaluated.size(); ++i) {
    out.push_back(group::HashToScalar(
        {TwoBytes(seed.size()), seed, TwoBytes(i), length,
         statement.evaluated[i].bytes(), length, statement.blinded[i].bytes(),
         AsBytes("Composite")},
        AsBytes(kHashToScalarTag)));
  }
  return out;
}

template <class Item>
absl::StatusOr<Point> Fold(std::span<const Scalar> weights,
                           std::span<const Item> elements) {
  std::vector<Point> points;
  points.reserve(elements.size());
  for (const Item& element : elements) points.push_back(element.point());
  return group::PublicProduct(weights, points);
}

Scalar Challenge(const PublicKey& key, const Composites& composites,
                 const Point& t2, const Point& t3) {
  const ByteArray<2> length = TwoBytes(Point::kSize);
  return group::HashToScalar({length, key.bytes(), length, composites.m.bytes(),
                              length, composites.z.bytes(), length, t2.bytes(),
                              length, t3.bytes(), AsBytes("Challenge")},
                             AsBytes(kHashToScalarTag));
}

void CheckShape(const DleqStatement& statement) {
  CHECK(statement.evaluated.size() == statement.blinded.size());
  CHECK(!statement.evaluated.empty());
  CHECK(statement.evaluated.size() <= kMaxBatch);
}

}  // namespace

absl::StatusOr<Composites> FoldWithKey(const DleqStatement& statement,
                                       const group::SecretScalar& k) {
  CheckShape(statement);
  TRY(const Point m, Fold(Weights(statement), statement.evaluated));
  Composites out{m, m};
  TRY_OK(group::MultiplyAll(k, {&m, 1}, {&out.z, 1}));
  group::Declassify(&out.z, sizeof(out.z));  // the same sum of public elements
  return out;
}

absl::StatusOr<Proof> Prove(const DleqStatement& statement,
                            const Composites& composites,
                            const group::SecretScalar& k,
                            const group::SecretScalar& nonce) {
  Point t2 = group::MultiplyBase(nonce);
  Point t3;
  TRY_OK(group::MultiplyAll(nonce, {&composites.m, 1}, {&t3, 1}));
  // The commitments are public: a verifier computes them from the proof.
  group::Declassify(&t2, sizeof(t2));
  group::Declassify(&t3, sizeof(t3));
  const Scalar c = Challenge(statement.key, composites, t2, t3);
  return Proof{c, group::SecretScalar::Response(nonce, c, k)};
}

bool HoldsFor(const DleqStatement& statement, const Composites& composites,
              const Proof& proof) {
  const std::array<Scalar, 2> scalars = {proof.s, proof.c};
  const std::array<Point, 2> left = {Point(), statement.key.point()};
  const std::array<Point, 2> right = {composites.m, composites.z};
  const auto t2 = group::PublicProduct(scalars, left);
  const auto t3 = group::PublicProduct(scalars, right);
  if (!t2.ok() || !t3.ok()) return false;
  return Challenge(statement.key, composites, *t2, *t3) == proof.c;
}

absl::Status Verify(const DleqStatement& statement, const Proof& proof) {
  CheckShape(statement);
  const std::vector<Scalar> weights = Weights(statement);
  const auto m = Fold(std::span(weights), statement.evaluated);
  const auto z = Fold(std::span(weights), statement.blinded);
  if (!m.ok() || !z.ok() || !HoldsFor(statement, {*m, *z}, proof)) {
    return WithReason(
        ProofFailed("oprf: the proof does not hold for this batch"),
        "proof-failed");
  }
  return absl::OkStatus();
}

}  // namespace entente::oprf
