#pragma once
// Match keys: the texts that go through the OPRF, and the arena that holds
// those of a batch. A key text is personal data: it never enters a log line, an
// error or a metric. Source: docs/protocol/recipe-1.md, section 6.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "crypto/base/bytes.h"
#include "node/match/rule.h"

namespace entente::match {

// `entente/recipe/1` 0x1F rule 0x1F field 0x1F field ...; ASCII, no end mark.
// Only a dummy holds other bytes.
using KeyText = Bytes;

// One key of a person or of a list's unit. `rule` is a Rule, or 0x00 for a
// dummy.
struct Key {
  std::uint8_t rule = 0;
  KeyText text;
  friend bool operator==(const Key&, const Key&) = default;
};

// A key borrowed from a KeyBatch; valid until the batch is cleared or dies.
struct KeyView {
  std::uint8_t rule = 0;
  ByteView text;
};

// Fills its argument with random bytes, as primitive::RandomBytes does.
using RandomSource = std::function<void(MutableByteView)>;

// The key that stands for nothing: rule `00` and one field of 32 random bytes.
// Blinded, evaluated and thrown away like any other.
Key Dummy(const ByteArray<32>& random);

// The key texts of a batch, one behind the other in a few large blocks that are
// wiped when the batch is cleared or dies. Thread-compatible.
class KeyBatch {
 public:
  KeyBatch();
  ~KeyBatch();
  KeyBatch(KeyBatch&&) noexcept;
  KeyBatch& operator=(KeyBatch&&) noexcept;

  std::size_t size() const { return keys_.size(); }
  KeyView operator[](std::size_t i) const { return keys_[i]; }
  std::span<const KeyView> keys() const { return keys_; }
  // Copies `text` into the batch.
  void Add(std::uint8_t rule, ByteView text);
  // Wipes all texts; keeps the memory for the next batch.
  void Clear();

 private:
  struct Block {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
    std::size_t used = 0;
  };
  void WipeAll();
  std::vector<Block> blocks_;  // those before current_ are full
  std::size_t current_ = 0;
  std::vector<KeyView> keys_;
};

}  // namespace entente::match
