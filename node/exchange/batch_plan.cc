#include "node/exchange/batch_plan.h"

#include <algorithm>
#include <utility>

#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/exchange/key.h"

namespace entente::exchange {
namespace {

// A stream of bytes from the seed: HMAC-SHA256(seed, label || counter).
class SeedStream {
 public:
  SeedStream(ByteView seed, std::string_view label)
      : seed_(ToBytes(seed)), label_(ToBytes(label)) {}
  ~SeedStream() {
    Wipe(seed_);
    Wipe(block_);
  }
  SeedStream(const SeedStream&) = delete;
  SeedStream& operator=(const SeedStream&) = delete;

  void Fill(MutableByteView out) {
    for (std::uint8_t& byte : out) {
      if (used_ == block_.size()) Next();
      byte = block_[used_++];
    }
  }

  // Uniform below `bound`, which is at least 1: values beyond the last whole
  // multiple are drawn again.
  std::uint32_t Below(std::uint32_t bound) {
    const std::uint32_t limit = static_cast<std::uint32_t>(
        (std::uint64_t{1} << 32U) / bound * bound - 1);
    while (true) {
      ByteArray<4> raw;
      Fill(raw);
      const std::uint32_t value = (std::uint32_t{raw[0]} << 24U) |
                                  (std::uint32_t{raw[1]} << 16U) |
                                  (std::uint32_t{raw[2]} << 8U) | raw[3];
      if (value <= limit) return value % bound;
    }
  }

 private:
  void Next() {
    RecordKey counter;
    counter.Number(counter_++);
    block_ = primitive::HmacSha256(seed_, {label_, counter.bytes()});
    used_ = 0;
  }
  Bytes seed_;
  Bytes label_;
  std::uint64_t counter_ = 0;
  Hash block_{};
  std::size_t used_ = sizeof(Hash);
};

void Shuffle(BatchPlan& plan, SeedStream& stream) {
  for (std::size_t i = plan.inputs.size(); i > 1; --i) {
    const std::uint32_t j = stream.Below(static_cast<std::uint32_t>(i));
    std::swap(plan.inputs[i - 1], plan.inputs[j]);
    std::swap(plan.places[i - 1], plan.places[j]);
  }
}

}  // namespace

BatchPlan::~BatchPlan() {
  for (Bytes& input : inputs) Wipe(input);
}

BatchPlan MakePlan(const std::vector<const model::Person*>& persons,
                   std::uint32_t padded, match::Set set, ByteView seed) {
  SeedStream dummies(seed, "entente/batch/dummy/1\n");
  SeedStream order(seed, "entente/batch/order/1\n");
  const match::RandomSource random = [&dummies](MutableByteView out) {
    dummies.Fill(out);
  };
  match::Deriver deriver;
  match::KeyBatch batch;
  BatchPlan plan;
  for (std::uint32_t i = 0; i < padded; ++i) {
    const std::size_t before = batch.size();
    deriver.PaddedQuery(i < persons.size() ? persons[i] : nullptr, set, random,
                        batch);
    for (std::size_t k = before; k < batch.size(); ++k) {
      plan.inputs.push_back(ToBytes(batch[k].text));
      plan.places.push_back({i, batch[k].rule});
    }
  }
  Shuffle(plan, order);
  return plan;
}

absl::StatusOr<group::SecretScalars> ChunkBlinds(ByteView seed,
                                                 std::uint32_t chunk,
                                                 std::size_t count) {
  return group::SecretScalars::Derive(seed, "entente/batch/blind/1\n", chunk,
                                      count);
}

}  // namespace entente::exchange
