#include "policy/rewrite.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/base/status.h"
#include "policy/agreement.h"
#include "policy/schema_reader.h"
#include "policy/toml.h"

namespace entente::policy {
namespace {

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

absl::StatusOr<toml::Document> ReadCanonical(ByteView bytes) {
  Findings findings;
  toml::Document document;
  toml::Read(bytes, document, findings);
  TRY_OK(ToStatus(findings));
  return document;
}

// `key`, `table.key` or `table.label.key`.
absl::StatusOr<toml::Value*> Locate(toml::Document& document,
                                    std::string_view path) {
  const std::vector<std::string> parts = Split(path, '.');
  for (toml::Table& table : document.tables) {
    const bool here =
        (parts.size() == 1 && table.name.empty()) ||
        (parts.size() == 2 && !table.repeated && table.name == parts[0]) ||
        (parts.size() == 3 && table.repeated && table.name == parts[0] &&
         table.Label() == parts[1]);
    if (!here) continue;
    toml::Entry* entry = table.Find(parts.back());
    if (entry != nullptr) return &entry->value;
  }
  return WithNext(NotFound("no value `", path, "` in the agreement"),
                  "write it as TABLE.KEY or TABLE.ID.KEY, such as "
                  "validity.from or party.QOR.sign_legal");
}

absl::Status Replace(toml::Value& value, std::string_view path,
                     const std::string& text) {
  switch (value.kind) {
    case toml::Value::Kind::kString:
      value.text = text;
      return absl::OkStatus();
    case toml::Value::Kind::kInteger: {
      const bool digits = !text.empty() && text.size() <= 16 &&
                          std::all_of(text.begin(), text.end(), [](char c) {
                            return c >= '0' && c <= '9';
                          });
      if (!digits) return Invalid("`", path, "` is a whole number");
      value.integer = 0;
      for (char c : text) {
        value.integer =
            value.integer * 10 + static_cast<std::uint64_t>(c - '0');
      }
      return absl::OkStatus();
    }
    case toml::Value::Kind::kBoolean:
      if (text != "true" && text != "false") {
        return Invalid("`", path, "` is true or false");
      }
      value.boolean = text == "true";
      return absl::OkStatus();
    case toml::Value::Kind::kArray:
      value.items.clear();
      for (std::string& member : Split(text, ',')) {
        value.items.push_back({std::move(member), {}});
      }
      return absl::OkStatus();
    case toml::Value::Kind::kBad:
      break;
  }
  return Invalid("`", path, "` cannot be read");
}

// Sets by bytes and without doubles, repeated tables by their label, provisions
// by party.
void Sort(toml::Document& document) {
  for (toml::Table& table : document.tables) {
    for (toml::Entry& entry : table.entries) {
      std::vector<toml::Item>& items = entry.value.items;
      std::sort(items.begin(), items.end(),
                [](const toml::Item& a, const toml::Item& b) {
                  return a.text < b.text;
                });
      items.erase(std::unique(items.begin(), items.end(),
                              [](const toml::Item& a, const toml::Item& b) {
                                return a.text == b.text;
                              }),
                  items.end());
    }
    const auto provisions = std::find_if(
        table.entries.begin(), table.entries.end(),
        [](const toml::Entry& entry) { return IsPartyCode(entry.key); });
    if (table.name == "basis") {
      std::sort(provisions, table.entries.end(),
                [](const toml::Entry& a, const toml::Entry& b) {
                  return a.key < b.key;
                });
    }
  }
  for (auto run = document.tables.begin(); run != document.tables.end();) {
    const auto end = std::find_if(
        run, document.tables.end(),
        [&](const toml::Table& table) { return table.name != run->name; });
    std::sort(run, end, [](const toml::Table& a, const toml::Table& b) {
      return a.Label() < b.Label();
    });
    run = end;
  }
}

absl::StatusOr<Bytes> Finish(toml::Document& document) {
  Sort(document);
  Bytes bytes = toml::Write(document);
  TRY_OK(Agreement::Parse(bytes).status());
  return bytes;
}

void RenameIn(std::string& text, const std::string& from,
              const std::string& to) {
  if (text == from) text = to;
}

void RenameReceivers(toml::Value& value, const std::string& from,
                     const std::string& to) {
  for (toml::Item& item : value.items) {
    if (item.text.starts_with(from + ".")) item.text.replace(0, 3, to);
  }
}

}  // namespace

absl::StatusOr<Bytes> Rewrite(
    ByteView agreement, const std::map<std::string, std::string>& values) {
  TRY(toml::Document document, ReadCanonical(agreement));
  for (const auto& [path, text] : values) {
    TRY(toml::Value * value, Locate(document, path));
    TRY_OK(Replace(*value, path, text));
  }
  return Finish(document);
}

absl::StatusOr<Bytes> RenameParty(ByteView agreement, const std::string& from,
                                  const std::string& to) {
  TRY(toml::Document document, ReadCanonical(agreement));
  bool found = false;
  for (toml::Table& table : document.tables) {
    for (toml::Entry& entry : table.entries) {
      const bool names_party =
          (table.name == "party" && entry.key == "code") ||
          (table.name == "clause" &&
           (entry.key == "holder" || entry.key == "asker")) ||
          (table.name == "reservation" && entry.key == "by");
      if (table.name == "party" && entry.key == "code") {
        found = found || entry.value.text == from;
      }
      if (names_party) RenameIn(entry.value.text, from, to);
      if (table.name == "basis") RenameIn(entry.key, from, to);
      if (entry.key == "onward_to") RenameReceivers(entry.value, from, to);
    }
  }
  if (!found) return NotFound("there is no party `", from, "`");
  return Finish(document);
}

}  // namespace entente::policy
