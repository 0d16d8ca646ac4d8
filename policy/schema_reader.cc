#include "policy/schema_reader.h"

#include <algorithm>
#include <utility>

#include "policy/charset.h"

namespace entente::policy {
TableReader::TableReader(const toml::Table& table, std::string prefix,
                         Findings& findings, PositionMap& where)
    : table_(table),
      prefix_(std::move(prefix)),
      findings_(findings),
      where_(where),
      taken_(table.entries.size(), false) {
  for (std::size_t i = 0; i < table.entries.size(); ++i) {
    if (table.Find(table.entries[i].key) != &table.entries[i]) {
      taken_[i] = true;
      Report(106, table.entries[i].at,
             "the key " + table.entries[i].key + " stands twice",
             "keep one of the two lines");
    }
  }
}

void TableReader::Report(int code, Position at, std::string message,
                         std::string next) {
  const std::string_view label = table_.Label();
  if (!label.empty()) message = std::string(label) + ": " + message;
  findings_.push_back(
      {code, at.line, at.column, std::move(message), std::move(next)});
}

const toml::Entry* TableReader::Peek(std::string_view key) const {
  return table_.Find(key);
}

const toml::Entry* TableReader::Take(std::string_view key) {
  const toml::Entry* entry = table_.Find(key);
  if (entry == nullptr) {
    if (!abandoned_) {
      Report(105, table_.at,
             "the key " + std::string(key) + " is missing" +
                 (table_.name.empty() ? "" : " in " + table_.name),
             "add the line " + std::string(key) + " = ...");
    }
    return nullptr;
  }
  const auto index = static_cast<std::size_t>(entry - table_.entries.data());
  taken_[index] = true;
  if (index < furthest_) {
    Report(106, entry->at,
           "the key " + std::string(key) + " must stand before " +
               table_.entries[furthest_].key,
           "keep the keys in the order of the format");
  }
  furthest_ = std::max(furthest_, index);
  const std::string path = prefix_ + std::string(key);
  where_[path] = entry->value.at;
  for (std::size_t i = 0; i < entry->value.items.size(); ++i) {
    where_[path + "[" + std::to_string(i) + "]"] = entry->value.items[i].at;
  }
  return entry;
}

const toml::Value* TableReader::Typed(std::string_view key,
                                      toml::Value::Kind kind,
                                      std::string_view name) {
  const toml::Entry* entry = Take(key);
  if (entry == nullptr || entry->value.kind == toml::Value::Kind::kBad) {
    return nullptr;
  }
  if (entry->value.kind != kind) {
    WrongValue(key, entry->value.at, name);
    return nullptr;
  }
  return &entry->value;
}

const toml::Value* TableReader::Array(std::string_view key, Empty empty) {
  const toml::Value* value =
      Typed(key, toml::Value::Kind::kArray, "a list of texts");
  if (value != nullptr && value->items.empty() && empty == Empty::kRefused) {
    Report(109, value->at,
           "the list " + std::string(key) + " is empty, and empty means nobody",
           "name at least one member, or remove the right");
    return nullptr;
  }
  return value;
}

void TableReader::WrongValue(std::string_view key, Position at,
                             std::string_view allowed) {
  Report(107, at, "the value of " + std::string(key) + " has another form",
         "write " + std::string(allowed));
}

void TableReader::UnknownWord(std::string_view key, std::string_view word,
                              Position at, const std::string& allowed) {
  if (word == "any" && table_.name == "clause") {
    Report(210, at, "\"any\" cannot stand in a clause",
           "name each word of " + std::string(key) + " that is meant");
    return;
  }
  Report(110, at,
         std::string(key) + " does not know the word \"" + std::string(word) +
             "\"",
         "write one of " + allowed);
}

bool TableReader::Number(std::string_view key, std::uint64_t& out,
                         std::uint64_t min, std::uint64_t max) {
  const toml::Value* value =
      Typed(key, toml::Value::Kind::kInteger, "a whole number");
  if (value == nullptr) return false;
  if (value->integer < min || value->integer > max) {
    Report(107, value->at,
           std::string(key) + " = " + std::to_string(value->integer) +
               ", but " + std::to_string(min) + " to " + std::to_string(max) +
               " is allowed",
           "write a number in that range");
    return false;
  }
  out = value->integer;
  return true;
}

void TableReader::Text(std::string_view key, std::string& out,
                       const Shape& shape) {
  const toml::Value* value = String(key);
  if (value == nullptr) return;
  if (shape.matches(value->text)) {
    out = value->text;
  } else {
    WrongValue(key, value->at, shape.allowed);
  }
}

void TableReader::Boolean(std::string_view key, bool& out) {
  const toml::Value* value =
      Typed(key, toml::Value::Kind::kBoolean, "true or false");
  if (value == nullptr) return;
  out = value->boolean;
  known_.insert(std::string(key));
}

void TableReader::Only(std::string_view key, std::string_view word) {
  const toml::Value* value = String(key);
  if (value != nullptr && value->text != word) {
    UnknownWord(key, value->text, value->at, std::string(word));
  }
}

void TableReader::OnlyTrue(std::string_view key, bool& out) {
  Boolean(key, out);
  if (!Known(key) || out) return;
  WrongValue(key, Peek(key)->value.at, "true, the only value");
}

void TableReader::HashOf(std::string_view key, Hash& out) {
  const toml::Value* value = String(key);
  if (value == nullptr) return;
  if (const auto hash = HashFromText(value->text)) {
    out = *hash;
  } else {
    WrongValue(key, value->at, "sha256: and 64 small hex digits");
  }
}

void TableReader::HashOrNone(std::string_view key, std::optional<Hash>& out) {
  const toml::Value* value = String(key);
  if (value == nullptr || value->text == "none") return;
  out = HashFromText(value->text);
  if (!out) {
    WrongValue(key, value->at, "none, or sha256: and 64 small hex digits");
  }
}

void TableReader::HashList(std::string_view key, std::vector<Hash>& out) {
  const toml::Value* value = Array(key, Empty::kRefused);
  if (value == nullptr) return;
  for (const toml::Item& item : value->items) {
    if (const auto hash = HashFromText(item.text)) {
      out.push_back(*hash);
    } else {
      WrongValue(key, item.at, "sha256: and 64 small hex digits");
    }
  }
}

void TableReader::Instant(std::string_view key, std::int64_t& out) {
  const toml::Value* value = String(key);
  if (value == nullptr) return;
  if (const auto seconds = ParseInstant(value->text)) {
    out = *seconds;
  } else {
    WrongValue(key, value->at, "an instant such as 2027-01-01T00:00:00Z");
  }
}

void TableReader::Date(std::string_view key, std::int64_t& out) {
  const toml::Value* value = String(key);
  if (value == nullptr) return;
  if (const auto seconds = ParseDate(value->text)) {
    out = *seconds;
  } else {
    WrongValue(key, value->at, "a date such as 2027-01-01");
  }
}

void TableReader::Key(std::string_view key, KeyId& out) {
  const toml::Value* value = String(key);
  if (value == nullptr) return;
  if (auto id = ParseKeyId(value->text); id.ok()) {
    out = *std::move(id);
  } else {
    WrongValue(key, value->at, "ed25519:LABEL:KID with 32 small hex digits");
  }
}

void TableReader::Keys(std::string_view key, std::vector<KeyId>& out) {
  const toml::Value* value = Array(key, Empty::kRefused);
  if (value == nullptr) return;
  for (const toml::Item& item : value->items) {
    if (auto id = ParseKeyId(item.text); id.ok()) {
      out.push_back(*std::move(id));
    } else {
      WrongValue(key, item.at, "ed25519:LABEL:KID with 32 small hex digits");
    }
  }
}

void TableReader::List(std::string_view key, std::vector<std::string>& out,
                       const Shape& shape, Empty empty) {
  const toml::Value* value = Array(key, empty);
  if (value == nullptr) return;
  for (const toml::Item& item : value->items) {
    if (shape.matches(item.text)) {
      out.push_back(item.text);
    } else {
      WrongValue(key, item.at, shape.allowed);
    }
  }
}

void TableReader::Provisions(std::vector<Provision>& out) {
  std::string_view before;
  for (const toml::Entry& entry : table_.entries) {
    if (!IsPartyCode(entry.key)) continue;
    if (entry.key < before) {
      Report(106, entry.at,
             "the provision of " + entry.key + " must stand before that of " +
                 std::string(before),
             "write the provisions in party order");
    }
    before = entry.key;
    Text(entry.key, out.emplace_back(Provision{entry.key, {}}).text);
  }
}

void TableReader::Finish() {
  if (abandoned_) return;
  for (std::size_t i = 0; i < table_.entries.size(); ++i) {
    // A line that could not be read was reported as such.
    if (taken_[i] || table_.entries[i].value.kind == toml::Value::Kind::kBad) {
      continue;
    }
    Report(104, table_.entries[i].at,
           "the key " + table_.entries[i].key + " is not known" +
               (table_.name.empty() ? "" : " in this " + table_.name),
           "remove the line, or correct the key");
  }
}

DocumentReader::DocumentReader(const toml::Document& document,
                               Findings& findings, PositionMap& where)
    : document_(document),
      findings_(findings),
      where_(where),
      taken_(document.tables.size(), false) {
  taken_[0] = true;
}

std::vector<std::size_t> DocumentReader::Take(std::string_view name,
                                              bool repeated, std::size_t min,
                                              std::size_t max) {
  std::vector<std::size_t> found;
  for (std::size_t i = 1; i < document_.tables.size(); ++i) {
    const toml::Table& table = document_.tables[i];
    if (table.name != name || table.repeated != repeated) continue;
    taken_[i] = true;
    if (found.size() == max) {
      findings_.push_back(
          {107, table.at.line, table.at.column,
           "more than " + std::to_string(max) + " tables " + std::string(name),
           "remove one"});
      continue;
    }
    if (i < furthest_) {
      findings_.push_back({106, table.at.line, table.at.column,
                           "the table " + std::string(name) +
                               " must stand before " +
                               document_.tables[furthest_].name,
                           "keep the tables in the order of the format"});
    }
    furthest_ = std::max(furthest_, i);
    found.push_back(i);
  }
  if (found.size() < min) {
    findings_.push_back(
        {105, document_.last_line, 1,
         "the table " + std::string(name) + " is missing" +
             (min > 1 ? "; at least " + std::to_string(min) + " are needed"
                      : ""),
         "add it"});
  }
  return found;
}

void DocumentReader::CheckRowOrder(const std::vector<std::size_t>& rows,
                                   std::string_view label) {
  if (label.empty()) return;
  const toml::Entry* before = nullptr;
  for (std::size_t i : rows) {
    const toml::Entry* here = document_.tables[i].Find(label);
    if (here == nullptr) continue;
    if (before != nullptr && !(before->value.text < here->value.text)) {
      const Position at = here->value.at;
      findings_.push_back({108, at.line, at.column,
                           here->value.text == before->value.text
                               ? "\"" + here->value.text + "\" stands twice"
                               : "\"" + here->value.text +
                                     "\" must stand before \"" +
                                     before->value.text + "\"",
                           "sort the tables by " + std::string(label)});
    }
    before = here;
  }
}

void DocumentReader::Finish() {
  for (std::size_t i = 0; i < document_.tables.size(); ++i) {
    const toml::Table& table = document_.tables[i];
    if (taken_[i] || table.name.empty()) continue;
    findings_.push_back({104, table.at.line, table.at.column,
                         "the table " + table.name + " is not known here",
                         "remove it, or correct the name and its brackets"});
  }
}

void ReportFirstDifference(ByteView have, ByteView want, Findings& findings) {
  const auto difference =
      std::mismatch(have.begin(), have.end(), want.begin(), want.end()).first;
  if (difference == have.end() && have.size() == want.size()) return;
  const Position at = PositionAt(
      AsText(have), static_cast<std::size_t>(difference - have.begin()));
  findings.push_back({102, at.line, at.column,
                      "this is not the one spelling of the document",
                      "`entente agreement format` shows it"});
}

}  // namespace entente::policy
