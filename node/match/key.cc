#include "node/match/key.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "crypto/base/secret.h"

namespace entente::match {
namespace {

constexpr std::size_t kBlockSize = std::size_t{64} * 1024;

}  // namespace

Key Dummy(const ByteArray<32>& random) {
  constexpr std::string_view kStart =
      "entente/recipe/1\x1f"
      "00"
      "\x1f";
  return {0, Concat({AsBytes(kStart), random})};
}

KeyBatch::KeyBatch() = default;
KeyBatch::~KeyBatch() { WipeAll(); }
KeyBatch::KeyBatch(KeyBatch&& other) noexcept
    : blocks_(std::exchange(other.blocks_, {})),
      current_(std::exchange(other.current_, 0)),
      keys_(std::exchange(other.keys_, {})) {}
KeyBatch& KeyBatch::operator=(KeyBatch&& other) noexcept {
  if (this == &other) return *this;
  WipeAll();
  blocks_ = std::exchange(other.blocks_, {});
  current_ = std::exchange(other.current_, 0);
  keys_ = std::exchange(other.keys_, {});
  return *this;
}

void KeyBatch::Add(std::uint8_t rule, ByteView text) {
  while (current_ < blocks_.size() &&
         blocks_[current_].size - blocks_[current_].used < text.size()) {
    ++current_;
  }
  if (current_ == blocks_.size()) {
    const std::size_t size = std::max(kBlockSize, text.size());
    blocks_.push_back({std::make_unique<std::uint8_t[]>(size), size, 0});
  }
  Block& block = blocks_[current_];
  std::uint8_t* const to = block.bytes.get() + block.used;
  std::copy(text.begin(), text.end(), to);
  block.used += text.size();
  keys_.push_back({rule, ByteView(to, text.size())});
}

void KeyBatch::Clear() {
  WipeAll();
  current_ = 0;
  keys_.clear();
}

void KeyBatch::WipeAll() {
  for (Block& block : blocks_) {
    Wipe({block.bytes.get(), block.used});
    block.used = 0;
  }
}

}  // namespace entente::match
