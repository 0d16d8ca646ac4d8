#include "node/audit/rows.h"

#include <algorithm>

#include "crypto/base/status.h"

namespace entente::audit {
namespace {

void PutBig(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = bytes; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

constexpr ByteArray<1> kEnd = {0};

}  // namespace

Rows::Rows(std::string_view volume)
    : prefix_(Concat({AsBytes(volume), kEnd})) {}

Bytes Rows::Named(std::string_view name) const {
  return Concat({prefix_, AsBytes(name)});
}

Bytes Rows::Segment(std::uint32_t number) const {
  Bytes key = Named("segment/");
  PutBig(key, number, 4);
  return key;
}

Bytes Rows::Cosigned(std::string_view witness) const {
  return Concat({Named("cosigned/"), AsBytes(witness)});
}

Bytes Rows::Unscrubbed(std::uint64_t index) const {
  Bytes key = UnscrubbedPrefix();
  PutBig(key, index, 8);
  return key;
}

Bytes Rows::Entry(std::uint64_t index) const {
  Bytes key = prefix_;
  PutBig(key, index, 8);
  return key;
}

std::uint64_t Rows::IndexOf(ByteView key) {
  CHECK(key.size() >= 8);
  std::uint64_t index = 0;
  for (const std::uint8_t b : key.last(8)) index = (index << 8U) | b;
  return index;
}

bool Rows::Owns(ByteView key) const {
  return key.size() >= prefix_.size() &&
         std::equal(prefix_.begin(), prefix_.end(), key.begin());
}

Bytes Rows::Actor(const Id16& pseudonym) const {
  return Concat({prefix_, pseudonym});
}

Bytes Rows::IndexPrefix(char kind, ByteView value) const {
  const ByteArray<1> tag = {static_cast<std::uint8_t>(kind)};
  return Concat({prefix_, tag, value, kEnd});
}

Bytes Rows::Index(char kind, ByteView value, std::uint64_t index) const {
  Bytes key = IndexPrefix(kind, value);
  PutBig(key, index, 8);
  return key;
}

Bytes Rows::TagsOf(std::uint64_t index) const {
  Bytes key = Named("R");
  PutBig(key, index, 8);
  return key;
}

}  // namespace entente::audit
