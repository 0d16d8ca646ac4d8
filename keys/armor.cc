#include "keys/armor.h"

#include "crypto/base/status.h"

namespace entente::keys {
namespace {

constexpr std::size_t kLine = 64;

std::string BeginLine(std::string_view title) {
  return Join({"-----BEGIN ", title, "-----\n"});
}
std::string EndLine(std::string_view title) {
  return Join({"-----END ", title, "-----\n"});
}

}  // namespace

std::string WriteArmor(std::string_view title, ByteView bytes) {
  const std::string base64 = ToBase64(bytes);
  std::string out = BeginLine(title);
  for (std::size_t at = 0; at < base64.size(); at += kLine) {
    out += base64.substr(at, kLine);
    out += '\n';
  }
  return out + EndLine(title);
}

absl::StatusOr<Bytes> ReadArmor(std::string_view title, std::string_view text) {
  const std::string begin = BeginLine(title);
  const std::string end = EndLine(title);
  if (text.size() < begin.size() + end.size() || !text.starts_with(begin) ||
      !text.ends_with(end)) {
    return Invalid("the file does not begin and end as a `", title, "` does");
  }
  std::string base64;
  for (char c :
       text.substr(begin.size(), text.size() - begin.size() - end.size())) {
    if (c != '\n') base64 += c;
  }
  TRY(Bytes bytes, FromBase64(base64));
  // One spelling: line breaks are where we put them.
  if (WriteArmor(title, bytes) != text) {
    return Invalid("the lines of the file are not as written");
  }
  return bytes;
}

}  // namespace entente::keys
