#include "node/base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <utility>

#include "crypto/base/status.h"

namespace entente::base {
namespace {

struct Known {
  std::string_view name;
  Level level;
};

constexpr std::array<Known, static_cast<std::size_t>(Event::kLast) + 1>
    kEvents = {{
        {"starting", Level::kInfo},
        {"listening", Level::kInfo},
        {"ready", Level::kInfo},
        {"stopping", Level::kInfo},
        {"stopped", Level::kInfo},
        {"config-refused", Level::kError},
        {"store-opened", Level::kInfo},
        {"store-failed", Level::kError},
        {"log-opened", Level::kInfo},
        {"log-state-changed", Level::kWarning},
        {"log-published", Level::kInfo},
        {"log-fault", Level::kError},
        {"witness-answered", Level::kInfo},
        {"witness-unreachable", Level::kWarning},
        {"peer-connected", Level::kInfo},
        {"peer-refused", Level::kWarning},
        {"peer-unreachable", Level::kWarning},
        {"peer-call-failed", Level::kWarning},
        {"request-refused", Level::kWarning},
        {"queue-full", Level::kWarning},
        {"tls-notice", Level::kWarning},
        {"task-failed", Level::kError},
        {"task-done", Level::kInfo},
        {"retention-done", Level::kInfo},
        {"key-rotated", Level::kInfo},
        {"clock-stepped", Level::kWarning},
    }};

const Known& Find(Event event) {
  return kEvents[static_cast<std::size_t>(event)];
}

// The pattern ends each line with `\n`; the function gets it without.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> output)
      : output_(std::move(output)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    std::string_view text(line.data(), line.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    output_(text);
  }
  void flush_() override {}
  std::function<void(std::string_view)> output_;
};

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("entente", std::move(sink));
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                      spdlog::pattern_time_type::utc);
  return logger;
}

// Shared, because a thread may be writing while another exchanges the output.
std::shared_ptr<spdlog::logger> Swap(std::shared_ptr<spdlog::logger> next) {
  static std::mutex mutex;
  static std::shared_ptr<spdlog::logger> current =
      MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const std::lock_guard<std::mutex> lock(mutex);
  if (next) current = std::move(next);
  return current;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kInfo:
      break;
  }
  return spdlog::level::info;
}

std::string_view CodeName(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return "ok";
    case absl::StatusCode::kCancelled:
      return "cancelled";
    case absl::StatusCode::kInvalidArgument:
      return "invalid-argument";
    case absl::StatusCode::kDeadlineExceeded:
      return "deadline-exceeded";
    case absl::StatusCode::kNotFound:
      return "not-found";
    case absl::StatusCode::kAlreadyExists:
      return "already-exists";
    case absl::StatusCode::kPermissionDenied:
      return "permission-denied";
    case absl::StatusCode::kResourceExhausted:
      return "resource-exhausted";
    case absl::StatusCode::kFailedPrecondition:
      return "failed-precondition";
    case absl::StatusCode::kUnavailable:
      return "unavailable";
    case absl::StatusCode::kDataLoss:
      return "data-loss";
    case absl::StatusCode::kUnauthenticated:
      return "unauthenticated";
    default:
      return "internal";
  }
}

}  // namespace

std::string_view EventName(Event event) { return Find(event).name; }
Level EventLevel(Event event) { return Find(event).level; }

std::string StatusField::LogText() const {
  std::string out(CodeName(status.code()));
  const std::string reason = ReasonOf(status);
  if (!reason.empty()) out += "/" + reason;
  return out;
}

namespace internal {

// Printable ASCII only; whatever else a LogText() gives becomes `?`, so a line
// stays one line and valid JSON.
std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    out += plain ? c : '?';
  }
  out += '"';
  return out;
}

void Emit(Event event, std::span<const Rendered> fields) {
  std::string line = "\"event\":";
  line += Quote(EventName(event));
  for (const Rendered& field : fields) {
    line += ",\"";
    line += field.name;
    line += "\":";
    line += field.json;
  }
  try {
    Swap(nullptr)->log(ToSpdlog(EventLevel(event)), "{}", line);
  } catch (
      ...) {  // NOLINT(bugprone-empty-catch): a log line is never worth a crash
  }
}

}  // namespace internal

void SetLogOutput(std::function<void(std::string_view line)> output) {
  if (output) {
    Swap(MakeLogger(std::make_shared<FunctionSink>(std::move(output))));
  } else {
    Swap(MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  }
}

}  // namespace entente::base
