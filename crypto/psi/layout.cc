#include "crypto/psi/layout.h"

#include <cstring>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"

namespace entente::psi {
namespace {

constexpr std::string_view kMagic = "entente/tagset/1";  // 16 bytes
constexpr std::size_t kMaxString = 255;
constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;

}  // namespace

absl::Status CheckHeader(const TagSetHeader& header) {
  for (const std::string* text :
       {&header.clause, &header.holder, &header.asker, &header.recipe}) {
    if (text->empty() || text->size() > kMaxString) {
      return Invalid("tag set: a text of the header is empty or too long");
    }
  }
  if (header.count < kMinEntries || header.count > kMaxEntries) {
    return Invalid("tag set: the number of entries is out of bounds");
  }
  return absl::OkStatus();
}

Bytes EncodePreamble(const TagSetHeader& header) {
  Bytes out = ToBytes(kMagic);
  const Bytes fields = Encode(header);
  for (std::size_t i = 4; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(fields.size() >> (8 * i)));
  }
  out.insert(out.end(), fields.begin(), fields.end());
  out.resize((out.size() + kEntrySize - 1) / kEntrySize * kEntrySize);
  return out;
}

absl::Status FileWriter::Begin() {
  TRY_OK(CheckHeader(header_));
  buffer_ = EncodePreamble(header_);
  return absl::OkStatus();
}

absl::Status FileWriter::Add(const Entry& entry) {
  buffer_.insert(buffer_.end(), entry.begin(), entry.end());
  return buffer_.size() >= kPieceBytes ? Flush() : absl::OkStatus();
}

absl::Status FileWriter::Flush() {
  hash_.Update(buffer_);
  size_ += buffer_.size();
  TRY_OK(sink_(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::StatusOr<TagSetSum> FileWriter::Finish() && {
  TRY_OK(Flush());
  TagSetSum sum;
  sum.size = size_;
  sum.root = hash_.Finish();
  sum.header = std::move(header_);
  return sum;
}

// Entries are no secret between those who hold the file: memcmp gives order.
bool AscendsStrictly(ByteView entries) {
  for (std::size_t at = kEntrySize; at < entries.size(); at += kEntrySize) {
    const std::uint8_t* here = entries.data() + at;
    if (std::memcmp(here - kEntrySize, here, kEntrySize) >= 0) return false;
  }
  return true;
}

}  // namespace entente::psi
