#include "crypto/oprf/client.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/group/batch.h"
#include "crypto/group/declassify.h"
#include "crypto/oprf/dleq.h"
#include "crypto/oprf/secret_reader.h"
#include "crypto/oprf/suite.h"

namespace entente::oprf {
namespace {

using group::Point;

constexpr std::size_t kLengthSize = 2;

absl::Status CheckSizes(std::span<const Bytes> inputs) {
  if (inputs.empty() || inputs.size() > kMaxBatch) {
    return Invalid("oprf: a batch holds 1 to 4096 elements");
  }
  for (const Bytes& input : inputs) {
    if (input.size() > kMaxInputSize) {
      return Invalid("oprf: an input is too long");
    }
  }
  return absl::OkStatus();
}

// Every input after its two-byte length, in one guarded block.
SecretBytes FrameInputs(std::span<const Bytes> inputs) {
  std::size_t size = 0;
  for (const Bytes& input : inputs) size += kLengthSize + input.size();
  SecretBytes out(size);
  auto at = SecretReader::MutableView(out).begin();
  for (const Bytes& input : inputs) {
    const ByteArray<2> length = TwoBytes(input.size());
    at = std::copy(length.begin(), length.end(), at);
    at = std::copy(input.begin(), input.end(), at);
  }
  return out;
}

// Takes the next input off `rest`.
ByteView NextInput(ByteView& rest) {
  const std::size_t size = static_cast<std::size_t>(rest[0]) * 256 + rest[1];
  const ByteView out = rest.subspan(kLengthSize, size);
  rest = rest.subspan(kLengthSize + size);
  return out;
}

absl::StatusOr<PublicKey> TweakedKey(const PublicKey& pk, ByteView info) {
  TRY(const group::Scalar m, InfoScalar(info));
  TRY(const Point t, group::MultiplyBase(m));
  TRY(const Point tweaked, group::Add(t, pk.point()));
  return PublicKey(tweaked);
}

// The blinded elements, which are public once sent.
absl::StatusOr<std::vector<Blinded>> BlindAll(
    const group::SecretScalars& scalars, std::span<const Bytes> inputs) {
  const std::vector<ByteView> views(inputs.begin(), inputs.end());
  std::vector<Point> points(inputs.size());
  TRY_OK(group::HashAll(views, AsBytes(kHashToGroupTag), points));
  TRY_OK(group::MultiplyEach(scalars, points, points));
  group::Declassify(points.data(), points.size() * sizeof(Point));
  std::vector<Blinded> out;
  out.reserve(points.size());
  for (const Point& point : points) out.emplace_back(point);
  return out;
}

}  // namespace

// The one maker and user of Blinds.
class BatchClient {
 public:
  static absl::StatusOr<BlindResult> Start(group::SecretScalars scalars,
                                           std::span<const Bytes> inputs,
                                           ByteView info, const PublicKey& pk) {
    TRY_OK(CheckSizes(inputs));
    if (scalars.size() != inputs.size()) {
      return Invalid("oprf: not one blind per input");
    }
    TRY(const PublicKey tweaked, TweakedKey(pk, info));
    TRY(auto blinded, BlindAll(scalars, inputs));
    Blinds blinds(std::move(scalars), tweaked);
    blinds.inputs_ = FrameInputs(inputs);
    blinds.blinded_ = blinded;
    blinds.info_ = ToBytes(info);
    return BlindResult{std::move(blinds), std::move(blinded)};
  }

  static absl::StatusOr<std::vector<Token>> Finish(
      const Blinds& blinds, std::span<const Evaluated> evaluated,
      const Proof& proof) {
    if (blinds.size() == 0 || evaluated.size() != blinds.size()) {
      return Invalid("oprf: the answer has another number of elements");
    }
    TRY_OK(Verify({blinds.tweaked_key_, evaluated, blinds.blinded_}, proof));
    std::vector<Point> points;
    points.reserve(evaluated.size());
    for (const Evaluated& element : evaluated)
      points.push_back(element.point());
    TRY_OK(group::MultiplyEach(blinds.scalars_.Inverses(), points, points));
    std::vector<Token> tokens;
    tokens.reserve(points.size());
    ByteView rest = SecretReader::View(blinds.inputs_);
    for (const Point& point : points) {
      tokens.push_back(MakeToken(NextInput(rest), blinds.info_, point));
    }
    return tokens;
  }
};

absl::StatusOr<BlindResult> Blind(std::span<const Bytes> inputs, ByteView info,
                                  const PublicKey& pk) {
  TRY_OK(CheckSizes(inputs));  // before so much is drawn
  return BlindWith(group::SecretScalars::Random(inputs.size()), inputs, info,
                   pk);
}

absl::StatusOr<BlindResult> BlindWith(group::SecretScalars scalars,
                                      std::span<const Bytes> inputs,
                                      ByteView info, const PublicKey& pk) {
  return BatchClient::Start(std::move(scalars), inputs, info, pk);
}

absl::StatusOr<std::vector<Token>> Finalize(
    Blinds blinds, std::span<const Evaluated> evaluated, const Proof& proof) {
  return BatchClient::Finish(blinds, evaluated, proof);
}

}  // namespace entente::oprf
