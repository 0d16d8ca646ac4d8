#include "node/app/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "crypto/base/status.h"

namespace entente::app {
namespace {

// Takes keys from the document and remembers which: the rest is refused.
class Keys {
 public:
  explicit Keys(const toml::table& table) : table_(table) {}

  absl::Status Text(std::string_view key, std::string& out, bool needed) {
    seen_.emplace(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr)
      return needed ? Invalid("node.toml: `", key, "` is missing")
                    : absl::OkStatus();
    const auto value = node->value_exact<std::string>();
    if (!value) return Invalid("node.toml: `", key, "` is a text");
    out = *value;
    return absl::OkStatus();
  }
  absl::Status Texts(std::string_view key, std::vector<std::string>& out) {
    seen_.emplace(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return absl::OkStatus();
    const toml::array* array = node->as_array();
    if (array == nullptr || array->size() > kMostTexts)
      return Invalid("node.toml: `", key, "` is a list of at most 64 texts");
    for (const toml::node& item : *array) {
      const auto value = item.value_exact<std::string>();
      if (!value) return Invalid("node.toml: `", key, "` is a list of texts");
      out.push_back(*value);
    }
    return absl::OkStatus();
  }
  absl::Status Flag(std::string_view key, bool& out) {
    seen_.emplace(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return absl::OkStatus();
    const auto value = node->value_exact<bool>();
    if (!value) return Invalid("node.toml: `", key, "` is true or false");
    out = *value;
    return absl::OkStatus();
  }
  template <class Int>
  absl::Status Number(std::string_view key, Int& out, std::int64_t least,
                      std::int64_t most) {
    seen_.emplace(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return absl::OkStatus();
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
      return Invalid("node.toml: `", key, "` is a number from ",
                     std::to_string(least), " to ", std::to_string(most));
    }
    out = static_cast<Int>(*value);
    return absl::OkStatus();
  }
  absl::Status Finish() const {
    for (const auto& [key, node] : table_) {
      if (!seen_.contains(std::string(key.str()))) {
        return Invalid("node.toml:", std::to_string(node.source().begin.line),
                       ": no such setting: `", std::string(key.str()), "`");
      }
    }
    return absl::OkStatus();
  }

 private:
  static constexpr std::size_t kMostTexts = 64;
  const toml::table& table_;
  std::set<std::string, std::less<>> seen_;
};

bool Only(std::string_view text, std::string_view extra) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [extra](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  extra.find(c) != std::string_view::npos;
         });
}

absl::StatusOr<toml::table> ParseToml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error&
               error) {  // the library's way of saying it; it goes no further
    const auto at = error.source().begin;
    return Invalid("node.toml:", std::to_string(at.line), ":",
                   std::to_string(at.column), ": not well formed");
  }
}

}  // namespace

absl::Status CheckConfig(const Config& config) {
  const bool code = config.party.size() == 3 &&
                    std::all_of(config.party.begin(), config.party.end(),
                                [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!code) return Invalid("node.toml: `party` is three capital letters");
  if (config.name.empty()) return Invalid("node.toml: `name` is empty");
  if (!Only(config.dns, ".-"))
    return Invalid("node.toml: `dns` holds a-z, 0-9, `.` and `-`");
  if (!Only(config.volume, ""))
    return Invalid("node.toml: `volume` holds a-z and 0-9");
  if (config.listen.find(':') == std::string::npos)
    return Invalid("node.toml: `listen` is an address and a port");
  if (config.endpoint.find(':') == std::string::npos)
    return Invalid("node.toml: `endpoint` is a host and a port");
  if (!config.witness_listen.empty() &&
      config.witness_listen.find(':') == std::string::npos)
    return Invalid("node.toml: `witness_listen` is an address and a port");
  if (!config.witness_roots.empty() && !config.witness_roots.starts_with('/'))
    return Invalid("node.toml: `witness_roots` is the absolute path of a file");
  const int ways = (config.seal_key_file.empty() ? 0 : 1) +
                   (config.seal_credential.empty() ? 0 : 1) +
                   (config.seal_ask ? 1 : 0);
  if (ways != 1) {
    return Invalid(
        "node.toml: exactly one of `seal_key_file` and `seal_credential` opens "
        "the key store");
  }
  return absl::OkStatus();
}

absl::StatusOr<Config> ParseConfig(std::string_view text) {
  TRY(const toml::table table, ParseToml(text));
  Keys keys(table);
  Config config;
  TRY_OK(keys.Text("party", config.party, true));
  TRY_OK(keys.Text("name", config.name, true));
  TRY_OK(keys.Text("listen", config.listen, true));
  TRY_OK(keys.Text("endpoint", config.endpoint, true));
  TRY_OK(keys.Text("dns", config.dns, true));
  TRY_OK(keys.Text("volume", config.volume, true));
  TRY_OK(keys.Text("witness_listen", config.witness_listen, false));
  TRY_OK(keys.Texts("witness_logs", config.witness_logs));
  TRY_OK(keys.Text("witness_roots", config.witness_roots, false));
  TRY_OK(keys.Text("seal_key_file", config.seal_key_file, false));
  TRY_OK(keys.Text("seal_credential", config.seal_credential, false));
  TRY_OK(keys.Flag("seal_ask", config.seal_ask));
  TRY_OK(keys.Number("passenger_hours", config.passenger_hours, 1, 24 * 3653));
  TRY_OK(keys.Number("disk_floor_mib", config.disk_floor_mib, 1, 1 << 20));
  TRY_OK(keys.Number("disk_reserve_mib", config.disk_reserve_mib, 1, 1 << 16));
  TRY_OK(keys.Finish());
  TRY_OK(CheckConfig(config));
  return config;
}

std::string WriteConfig(const Config& config) {
  toml::table table;
  table.insert("party", config.party);
  table.insert("name", config.name);
  table.insert("listen", config.listen);
  table.insert("endpoint", config.endpoint);
  table.insert("dns", config.dns);
  table.insert("volume", config.volume);
  if (!config.witness_listen.empty())
    table.insert("witness_listen", config.witness_listen);
  if (!config.witness_logs.empty()) {
    toml::array logs;
    for (const std::string& log : config.witness_logs) logs.push_back(log);
    table.insert("witness_logs", std::move(logs));
  }
  if (!config.witness_roots.empty())
    table.insert("witness_roots", config.witness_roots);
  if (!config.seal_key_file.empty())
    table.insert("seal_key_file", config.seal_key_file);
  if (!config.seal_credential.empty())
    table.insert("seal_credential", config.seal_credential);
  if (config.seal_ask) table.insert("seal_ask", true);
  table.insert("passenger_hours", config.passenger_hours);
  table.insert("disk_floor_mib",
               static_cast<std::int64_t>(config.disk_floor_mib));
  table.insert("disk_reserve_mib",
               static_cast<std::int64_t>(config.disk_reserve_mib));
  std::ostringstream out;
  out << table << "\n";
  return out.str();
}

}  // namespace entente::app
