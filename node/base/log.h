#pragma once
// The running log: one JSON line an event, to standard error. It takes no
// text: only enums, integers, and types that say how they look (`LogText()`),
// so no name, number of a document or key can slip in. What the law wants to
// keep belongs into the audit log, not here. An enum shows as its number, or by
// name when its namespace has `std::string_view LogName(TheEnum)`.
//
//   Log(Event::kListening, Field("port", 7101), Field("party", party_code));
//   {"time":"2027-01-31T23:59:59.120Z","level":"info","event":"listening","port":7101,"party":"QOR"}

#include <absl/status/status.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace entente::base {

enum class Event : std::uint8_t {
  kStarting,
  kListening,
  kReady,
  kStopping,
  kStopped,
  kConfigRefused,
  kStoreOpened,
  kStoreFailed,
  kLogOpened,
  kLogStateChanged,
  kLogPublished,
  kLogFault,
  kWitnessAnswered,
  kWitnessUnreachable,
  kPeerConnected,
  kPeerRefused,
  kPeerUnreachable,
  kPeerCallFailed,
  kRequestRefused,
  kQueueFull,
  kTlsNotice,
  kTaskFailed,
  kTaskDone,
  kRetentionDone,
  kKeyRotated,
  kClockStepped,
  kLast = kClockStepped
};
enum class Level : std::uint8_t { kInfo, kWarning, kError };
// Kebab-case name and level of an event, fixed per event.
std::string_view EventName(Event event);
Level EventLevel(Event event);

template <class T>
concept LogInteger = std::integral<T> && !std::same_as<T, char> &&
                     !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                     !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;
template <class T>
concept LogSafe = std::is_enum_v<T> || LogInteger<T> || requires(const T& t) {
  { t.LogText() } -> std::same_as<std::string>;
};
static_assert(!LogSafe<std::string> && !LogSafe<std::string_view> &&
              !LogSafe<const char*> && !LogSafe<char>);

// A field's name: a literal of a-z, 0-9 and `_`, checked by the compiler.
class FieldName {
 public:
  consteval FieldName(const char* literal) : text_(literal) {  // NOLINT
    for (char c : text_) {
      const bool good =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      if (!good) throw "a field name holds a-z, 0-9 and _ only";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

template <LogSafe T>
struct Field {
  Field(FieldName n, const T& v) : name(n), value(v) {}
  FieldName name;
  T value;
};

// A status as a log may show it: code and reason id, never its message.
struct StatusField {
  explicit StatusField(const absl::Status& s) : status(s) {}
  std::string LogText()
      const;  // `permission-denied` or `permission-denied/A06`
  absl::Status status;
};

namespace internal {
struct Rendered {
  std::string_view name;
  std::string json;  // a JSON number, or a quoted string
};
std::string Quote(std::string_view text);
void Emit(Event event, std::span<const Rendered> fields);

template <LogSafe T>
std::string Render(const T& value) {
  if constexpr (std::same_as<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (LogInteger<T>) {
    return std::to_string(value);
  } else if constexpr (requires {
                         { LogName(value) } -> std::same_as<std::string_view>;
                       }) {
    return Quote(LogName(value));
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else {
    return Quote(value.LogText());
  }
}
}  // namespace internal

// Writes one line. Thread-safe; never fails.
template <LogSafe... T>
void Log(Event event, const Field<T>&... fields) {
  const std::array<internal::Rendered, sizeof...(T)> rendered = {
      internal::Rendered{fields.name.text(),
                         internal::Render(fields.value)}...};
  internal::Emit(event, rendered);
}

// Sends the lines to `output` instead of standard error, without their line
// end; an empty function switches back. For tests that search the log.
void SetLogOutput(std::function<void(std::string_view line)> output);

}  // namespace entente::base
