#include "node/audit/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/base/file.h"

namespace entente::audit {
namespace {

constexpr std::size_t kMaxSpoolBytes = 64U << 20U;
constexpr std::size_t kMaxItemBytes = 1U << 20U;

absl::Status WriteError() {
  if (errno == ENOSPC || errno == EDQUOT) {
    return Exhausted("the disk is full: cannot write the spool");
  }
  return Unavailable("cannot write the spool");
}

absl::Status AppendDurably(int fd, ByteView bytes) {
  struct stat before{};
  if (::fstat(fd, &before) != 0) return WriteError();
  const ssize_t n = ::write(fd, bytes.data(), bytes.size());
  if (n == static_cast<ssize_t>(bytes.size()) && ::fsync(fd) == 0) {
    return absl::OkStatus();
  }
  const absl::Status status = n >= 0 && errno == 0 ? Unavailable(
                                                         "cannot write "
                                                         "the spool")
                                                   : WriteError();
  // What was not acknowledged must not stand before what comes next.
  if (::ftruncate(fd, before.st_size) != 0) return Unavailable("spool damaged");
  return status;
}

}  // namespace

absl::Status Spool::Append(const SpoolItem& item) {
  const Bytes body = Encode(item);
  if (body.size() > kMaxItemBytes) return Invalid("a spool item is too large");
  const auto size = static_cast<std::uint32_t>(body.size());
  Bytes frame;
  for (int shift = 24; shift >= 0; shift -= 8) {
    frame.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  frame = Concat({frame, body, primitive::Sha256(body)});
  const bool fresh = !base::FileExists(path_);
  errno = 0;
  const int fd =
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return WriteError();
  const absl::Status written = AppendDurably(fd, frame);
  ::close(fd);
  if (!written.ok() || !fresh) return written;
  return base::SyncDir(path_.substr(0, path_.rfind('/') + 1));
}

absl::StatusOr<Spool::Content> Spool::Load() const {
  Content out;
  absl::StatusOr<Bytes> file = base::ReadFile(path_, kMaxSpoolBytes);
  if (absl::IsNotFound(file.status())) return out;
  if (!file.ok()) return file.status();
  out.digest = primitive::Sha256(*file);
  ByteView rest = *file;
  while (rest.size() >= 4) {
    std::uint32_t size = 0;
    for (const std::uint8_t b : rest.first(4)) size = (size << 8U) | b;
    if (size > kMaxItemBytes) {
      out.damaged = true;
      return out;
    }
    if (rest.size() < 4 + std::size_t{size} + 32) break;
    const ByteView body = rest.subspan(4, size);
    const Hash digest = primitive::Sha256(body);
    absl::StatusOr<SpoolItem> item = Decode<SpoolItem>(body);
    if (!ConstantTimeEqual(digest, rest.subspan(4 + size, 32)) || !item.ok()) {
      out.damaged = true;
      return out;
    }
    out.items.push_back(*std::move(item));
    rest = rest.subspan(4 + std::size_t{size} + 32);
  }
  // A half-written last item was never acknowledged; but a changed length looks
  // the same, so it is told.
  out.damaged = !rest.empty();
  return out;
}

absl::Status Spool::Remove() {
  TRY_OK(base::RemoveFile(path_));
  return base::SyncDir(path_.substr(0, path_.rfind('/') + 1));
}

absl::Status Spool::SetAside() {
  if (std::rename(path_.c_str(), (path_ + ".damaged").c_str()) != 0) {
    return Unavailable("cannot set the damaged spool aside");
  }
  return base::SyncDir(path_.substr(0, path_.rfind('/') + 1));
}

}  // namespace entente::audit
