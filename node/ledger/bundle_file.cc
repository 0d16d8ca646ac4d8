#include "node/ledger/bundle_file.h"

#include <algorithm>

#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/ledger/bundle_names.h"
#include "node/ledger/bundle_parts.h"
#include "node/ledger/tar.h"

namespace entente::ledger {
namespace {

constexpr std::size_t kWindow = 65'536;

Fault Bad(std::string file, std::string why) {
  return {"V1", std::move(file), std::nullopt, std::move(why)};
}

}  // namespace

absl::StatusOr<Bytes> BundleFile::ReadAt(std::uint64_t offset,
                                         std::size_t size) const {
  CHECK(offset <= source_.size && size <= source_.size - offset);
  TRY(Bytes bytes, source_.read(offset, size));
  if (bytes.size() != size) return Unavailable("the bundle was cut short");
  return bytes;
}

absl::StatusOr<Bytes> BundleFile::Read(std::string_view name) const {
  const auto found = members_.find(name);
  CHECK(found != members_.end());
  return ReadAt(found->second.offset,
                static_cast<std::size_t>(found->second.size));
}

absl::StatusOr<std::optional<Fault>> BundleFile::Load() {
  std::uint64_t at = 0;
  while (true) {
    if (source_.size - at < kTarEndBytes) {
      return std::optional(Bad("bundle", "the archive is cut short"));
    }
    TRY(const Bytes first, ReadAt(at, kTarBlock));
    if (IsZero(first)) break;
    TRY(const std::optional<Fault> fault, TakeMember(at));
    if (fault) return fault;
  }
  TRY(const Bytes end, ReadAt(at, kTarEndBytes));
  if (!IsZero(end) || source_.size - at != kTarEndBytes) {
    return std::optional(Bad("bundle",
                             "the archive does not end with two "
                             "empty blocks"));
  }
  return std::optional<Fault>();
}

absl::StatusOr<std::optional<Fault>> BundleFile::TakeMember(std::uint64_t& at) {
  TRY(const Bytes block, ReadAt(at, kTarBlock));
  const auto header = ParseTarHeader(block);
  const auto fault = [](std::string file, std::string why) {
    return std::optional(Bad(std::move(file), std::move(why)));
  };
  if (!header.ok()) {
    return fault("bundle, byte " + std::to_string(at),
                 MessageOf(header.status()));
  }
  if (!IsBundleMember(header->name)) {
    return fault(header->name, "a member that no bundle has");
  }
  if (!members_.empty() && header->name <= members_.rbegin()->first) {
    return fault(header->name, "a member out of order, or twice");
  }
  if (members_.size() == kMaxBundleMembers) {
    return fault(header->name, "too many members");
  }
  if (header->size > MaxMemberBytes(header->name)) {
    return fault(header->name, "larger than such a member can be");
  }
  const std::uint64_t start = at + kTarBlock;
  const std::size_t padding = TarPadding(header->size);
  if (source_.size - start < header->size + padding) {
    return fault(header->name, "the archive is cut short");
  }
  TRY(const Bytes rest, ReadAt(start + header->size, padding));
  if (!IsZero(rest)) return fault(header->name, "bytes after its end");
  members_[header->name] = {start, header->size};
  at = start + header->size + padding;
  return std::optional<Fault>();
}

absl::StatusOr<Hash> BundleFile::DigestOf(const BundleMember& member) const {
  primitive::Sha256Stream hash;
  for (std::uint64_t done = 0; done < member.size;) {
    const auto size = static_cast<std::size_t>(
        std::min<std::uint64_t>(kWindow, member.size - done));
    TRY(const Bytes bytes, ReadAt(member.offset + done, size));
    hash.Update(bytes);
    done += size;
  }
  return hash.Finish();
}

absl::StatusOr<std::optional<Fault>> BundleFile::CheckSums() {
  TRY(const Bytes bytes, Read("SHA256SUMS"));
  std::string_view rest = AsText(bytes);
  for (const auto& [name, member] : members_) {
    if (name == "SHA256SUMS" || name == "bundle.note") continue;
    TRY(const Hash digest, DigestOf(member));
    const std::string line = SumsLine(digest, name);
    if (!rest.starts_with(line)) {
      const bool named = rest.substr(0, rest.find('\n')).ends_with("  " + name);
      return std::optional(Bad(named ? name : "SHA256SUMS",
                               named ? "its digest is not the one in SHA256SUMS"
                                     : "it does not list the members"));
    }
    rest.remove_prefix(line.size());
  }
  if (rest.empty()) return std::optional<Fault>();
  return std::optional(Bad("SHA256SUMS", "it lists a member that is missing"));
}

absl::StatusOr<ByteView> MemberStream::Take(std::size_t size) {
  CHECK(size <= left());
  if (buffer_.size() - used_ < size) {
    buffer_.erase(buffer_.begin(),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
    const std::size_t want = std::max(kWindow, size) - buffer_.size();
    const auto more =
        static_cast<std::size_t>(std::min<std::uint64_t>(want, end_ - at_));
    TRY(const Bytes bytes, file_.ReadAt(at_, more));
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    at_ += more;
  }
  const ByteView out = ByteView(buffer_).subspan(used_, size);
  used_ += size;
  return out;
}

std::size_t MaxMemberBytes(std::string_view name) {
  constexpr std::size_t kMegabyte = 1'000'000;
  if (const std::size_t volume = MaxFileBytes(name); volume > 0) return volume;
  if (name == "bodies") return static_cast<std::size_t>(kMaxTarMember);
  if (name == "segments") return 64 * kMegabyte;
  if (name == "SHA256SUMS") return kMaxBundleMembers * 170;
  if (name.ends_with(".leaf")) return kMaxLeafSize;
  if (name.starts_with("evidence/")) return 3 * kMegabyte;
  return IsBundleMember(name) ? 2 * kMegabyte : 0;
}

}  // namespace entente::ledger
