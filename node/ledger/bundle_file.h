#pragma once
// Private to this room: the container of a bundle, taken apart without trust.
// Holds the list of members only; their bytes are read when asked for.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/base/bytes.h"
#include "node/ledger/verify_bundle.h"

namespace entente::ledger {

struct BundleMember {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Not thread-safe.
class BundleFile {
 public:
  explicit BundleFile(const BundleSource& source) : source_(source) {}

  // Reads all headers: names, order, sizes, padding and end. A fault when the
  // archive has another spelling than a writer's. Errors of the source.
  absl::StatusOr<std::optional<Fault>> Load();
  // A fault when SHA256SUMS does not have exactly the members and their
  // digests. Reads every byte once.
  absl::StatusOr<std::optional<Fault>> CheckSums();

  const std::map<std::string, BundleMember, std::less<>>& members() const {
    return members_;
  }
  bool Has(std::string_view name) const { return members_.contains(name); }
  // A whole member, which is there (checked). Errors of the source.
  absl::StatusOr<Bytes> Read(std::string_view name) const;
  absl::StatusOr<Bytes> ReadAt(std::uint64_t offset, std::size_t size) const;

 private:
  absl::StatusOr<std::optional<Fault>> TakeMember(std::uint64_t& at);
  absl::StatusOr<Hash> DigestOf(const BundleMember& member) const;

  const BundleSource& source_;
  std::map<std::string, BundleMember, std::less<>> members_;
};

// Reads a member from its start to its end through a window.
class MemberStream {
 public:
  MemberStream(const BundleFile& file, const BundleMember& member)
      : file_(file), at_(member.offset), end_(member.offset + member.size) {}

  std::uint64_t left() const { return end_ - at_ + buffer_.size() - used_; }
  // The next `size` bytes, borrowed until the next call; at most left().
  absl::StatusOr<ByteView> Take(std::size_t size);

 private:
  const BundleFile& file_;
  std::uint64_t at_;
  std::uint64_t end_;
  Bytes buffer_;
  std::size_t used_ = 0;
};

}  // namespace entente::ledger
