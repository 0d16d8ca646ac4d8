#include "node/cli/output.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "crypto/base/status.h"

namespace entente::cli {

std::string Printable(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next =
        static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    if (c == 0xc2 && next >= 0x80 && next < 0xa0) {  // C1, in UTF-8
      out += '?';
      ++i;
    } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      out += '?';
    } else {
      out += text[i];
    }
  }
  return out;
}

int ExitCodeOf(const absl::Status& status) {
  // Whatever keeps a signature from counting is a signature that failed.
  if (ReasonOf(status).starts_with("AG-50")) return kProof;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kPermissionDenied:
      return kRefused;
    case absl::StatusCode::kDataLoss:
      return kProof;
    case absl::StatusCode::kInvalidArgument:
      return ReasonOf(status) == kUsageReason ? kUsage : kFailed;
    default:
      return kFailed;
  }
}

int ReportError(const absl::Status& status, bool json) {
  const int code = ExitCodeOf(status);
  const std::string reason = ReasonOf(status);
  const std::string next = NextOf(status);
  if (json) {
    nlohmann::ordered_json out;
    out["error"] = {{"exit_code", code},
                    {"reason", reason},
                    {"message", MessageOf(status)},
                    {"next", next}};
    std::printf("%s\n", out.dump(-1, ' ', false,
                                 nlohmann::json::error_handler_t::replace)
                            .c_str());
    return code;
  }
  std::fprintf(stderr, "entente: %s%s%s\n", reason.c_str(),
               reason.empty() ? "" : ": ",
               Printable(MessageOf(status)).c_str());
  if (!next.empty())
    std::fprintf(stderr, "  Next: %s\n", Printable(next).c_str());
  return code;
}

int ReportResult(int exit_code, const std::string& json,
                 const std::string& text, bool as_json) {
  const std::string out = as_json ? json : Printable(text);
  std::fputs(out.c_str(), stdout);
  if (!out.empty() && out.back() != '\n') std::fputc('\n', stdout);
  return exit_code;
}

}  // namespace entente::cli
