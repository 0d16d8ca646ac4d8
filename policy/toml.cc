#include "policy/toml.h"

#include <algorithm>

#include "policy/agreement.h"
#include "policy/charset.h"

namespace entente::policy::toml {
namespace {

constexpr std::string_view kFormatHint =
    "`entente agreement format` shows the one spelling";

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads one line; `at_` runs over its bytes.
class Line {
 public:
  Line(std::string_view text, int number, std::string_view label,
       Findings& findings)
      : text_(text), number_(number), label_(label), findings_(findings) {}

  Position Here() const { return Place(at_); }
  bool Done() const { return at_ == text_.size(); }
  bool Eat(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  std::string_view Bare() {
    const std::size_t start = at_;
    while (!Done() && IsKeyCharacter(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  // False: reported.
  bool ReadHeader(Table& table);
  bool ReadEntry(Entry& entry);

 private:
  Position Place(std::size_t offset) const {
    return {number_, PositionAt(text_, offset).column};
  }
  bool Fail(int code, std::string message, std::string_view next,
            std::size_t offset) {
    if (!label_.empty()) message = std::string(label_) + ": " + message;
    findings_.push_back({code, number_, Place(offset).column,
                         std::move(message), std::string(next)});
    return false;
  }
  bool Spelling(std::string message) {
    return Fail(102, std::move(message), kFormatHint, at_);
  }
  bool ReadValue(Value& value);
  bool ReadString(std::string& out);
  bool ReadInteger(Value& value);
  bool ReadArray(Value& value);
  bool CheckSet(const std::vector<Item>& items);
  bool ReadItems(std::vector<Item>& items);

  std::string_view text_;
  int number_;
  std::string_view label_;
  Findings& findings_;
  std::size_t at_ = 0;
};

bool Line::ReadHeader(Table& table) {
  table.at = Here();
  table.repeated = Eat("[[");
  if (!table.repeated) Eat("[");
  table.name = Bare();
  if (table.name.empty()) return Spelling("a table name is expected here");
  if (!Eat(table.repeated ? "]]" : "]") || !Done()) {
    return Spelling("the table header must end here");
  }
  return true;
}

bool Line::ReadEntry(Entry& entry) {
  entry.at = Here();
  entry.key = Bare();
  if (entry.key.empty()) {
    return Spelling("a line is a table header or `key = value`");
  }
  if (!Eat(" = ")) return Spelling("` = ` is expected here");
  entry.value.at = Here();
  if (!ReadValue(entry.value)) {
    entry.value.kind = Value::Kind::kBad;
    return true;  // reported, but the key is there
  }
  if (Done()) return true;
  entry.value.kind = Value::Kind::kBad;
  Spelling("the line must end here");
  return true;
}

bool Line::ReadValue(Value& value) {
  const char c = Done() ? '\0' : text_[at_];
  if (c == '"') {
    value.kind = Value::Kind::kString;
    return ReadString(value.text);
  }
  if (c == '[') return ReadArray(value);
  if (IsDigit(c)) return ReadInteger(value);
  value.kind = Value::Kind::kBoolean;
  value.boolean = Eat("true");
  if (value.boolean || Eat("false")) return true;
  return Spelling(
      "a value is \"text\", a whole number, true, false or a list of texts");
}

bool Line::ReadString(std::string& out) {
  const std::size_t start = at_++;
  const std::size_t end = text_.find_first_of("\"\\", at_);
  if (end == std::string_view::npos) {
    at_ = text_.size();
    return Spelling("the closing quotation mark is missing");
  }
  if (text_[end] == '\\') {
    return Fail(101, "the character \\ is not allowed in a text",
                "write the text without it", end);
  }
  out = text_.substr(at_, end - at_);
  at_ = end + 1;
  if (out.empty() || out.size() > kMaxStringBytes) {
    return Fail(
        107, "a text of " + std::to_string(out.size()) + " bytes",
        "write between 1 and " + std::to_string(kMaxStringBytes) + " bytes",
        start);
  }
  return true;
}

bool Line::ReadInteger(Value& value) {
  const std::size_t start = at_;
  value.kind = Value::Kind::kInteger;
  while (!Done() && IsDigit(text_[at_])) ++at_;
  const std::string_view digits = text_.substr(start, at_ - start);
  if (digits.size() > 1 && digits[0] == '0') {
    at_ = start;
    return Spelling("a number has no leading zero");
  }
  for (char c : digits.substr(0, 17)) {
    value.integer = value.integer * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (digits.size() > 16 || value.integer > kMaxInteger) {
    return Fail(107, "the number is too large",
                "write at most " + std::to_string(kMaxInteger), start);
  }
  return true;
}

bool Line::ReadArray(Value& value) {
  value.kind = Value::Kind::kArray;
  Eat("[");
  if (Eat("]")) return true;
  return ReadItems(value.items) && CheckSet(value.items);
}

bool Line::ReadItems(std::vector<Item>& items) {
  while (true) {
    Item item{.text = {}, .at = Here()};
    if (Done() || text_[at_] != '"') {
      return Fail(107, "a list holds texts only",
                  "put quotation marks around each member", at_);
    }
    if (!ReadString(item.text)) return false;
    items.push_back(std::move(item));
    if (Eat("]")) return true;
    if (!Eat(", ")) return Spelling("`, ` or `]` is expected here");
  }
}

bool Line::CheckSet(const std::vector<Item>& items) {
  if (items.size() > kMaxItems) {
    findings_.push_back({107, number_, items[kMaxItems].at.column,
                         "a list of " + std::to_string(items.size()),
                         "write at most " + std::to_string(kMaxItems)});
    return false;
  }
  bool sorted = true;
  for (std::size_t i = 1; i < items.size(); ++i) {
    const std::string& before = items[i - 1].text;
    const std::string& here = items[i].text;
    if (before < here) continue;
    sorted = false;
    std::string message =
        before == here
            ? "\"" + here + "\" stands twice"
            : "\"" + here + "\" must stand before \"" + before + "\"";
    if (!label_.empty()) message = std::string(label_) + ": " + message;
    findings_.push_back({108, number_, items[i].at.column, std::move(message),
                         std::string(kFormatHint)});
  }
  return sorted;
}

// Walks the lines and keeps the one rule about empty ones: exactly one before
// each header, none elsewhere.
class Walker {
 public:
  Walker(Document& document, Findings& findings)
      : document_(document), findings_(findings) {
    document_.tables.assign(1, Table{});
  }
  void Take(std::string_view text) {
    ++number_;
    if (text.empty()) {
      if (empty_before_ || number_ == 1) EmptyLine(number_);
      empty_before_ = true;
      return;
    }
    if (text[0] == '[') {
      Header(text);
    } else {
      if (empty_before_) EmptyLine(number_ - 1);
      KeyLine(text);
    }
    empty_before_ = false;
  }
  void Finish() {
    if (empty_before_) EmptyLine(number_);
    document_.last_line = std::max(number_, 1);
  }

 private:
  void EmptyLine(int number) {
    findings_.push_back({102, number, 1,
                         "an empty line stands only before a table header",
                         "remove the line"});
  }
  void Header(std::string_view text) {
    if (!empty_before_) {
      findings_.push_back({102, number_, 1,
                           "one empty line must stand before a table header",
                           "add an empty line"});
    }
    Table table;
    Line line(text, number_, {}, findings_);
    // A header that cannot be read still ends the table before it.
    if (!line.ReadHeader(table)) table.name.clear();
    document_.tables.push_back(std::move(table));
  }
  void KeyLine(std::string_view text) {
    Table& table = document_.tables.back();
    Entry entry;
    Line line(text, number_, table.Label(), findings_);
    if (line.ReadEntry(entry)) {
      table.entries.push_back(std::move(entry));
    } else if (!entry.key.empty()) {
      table.entries.push_back(std::move(entry));
    }
  }

  Document& document_;
  Findings& findings_;
  int number_ = 0;
  bool empty_before_ = false;
};

void Append(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::kString:
      out += '"' + value.text + '"';
      break;
    case Value::Kind::kInteger:
      out += std::to_string(value.integer);
      break;
    case Value::Kind::kBoolean:
      out += value.boolean ? "true" : "false";
      break;
    case Value::Kind::kArray:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        out += (i == 0 ? "\"" : ", \"") + value.items[i].text + '"';
      }
      out += ']';
      break;
    case Value::Kind::kBad:
      break;
  }
}

}  // namespace

const Entry* Table::Find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

Entry* Table::Find(std::string_view key) {
  for (Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

std::string_view Table::Label() const {
  const Entry* entry = Find("id");
  if (entry == nullptr) entry = Find("code");
  if (entry == nullptr || name.empty()) return {};
  return entry->value.text;
}

bool Read(ByteView bytes, Document& document, Findings& findings) {
  if (bytes.size() > kMaxDocumentBytes) {
    findings.push_back({103, 1, 1,
                        "the file has " + std::to_string(bytes.size()) +
                            " bytes, but " + std::to_string(kMaxDocumentBytes) +
                            " are allowed",
                        "split the agreement, or remove clauses"});
    return false;
  }
  const std::string_view text = AsText(bytes);
  if (!CheckCharacters(text, findings)) return false;
  Walker walker(document, findings);
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = text.find('\n', start);
    walker.Take(text.substr(start, end - start));
    if (end == std::string_view::npos) {
      const Position at = PositionAt(text, text.size());
      findings.push_back({102, at.line, at.column,
                          "the last line has no line feed",
                          "end the file with one line feed"});
      start = text.size();
    } else {
      start = end + 1;
    }
  }
  walker.Finish();
  return true;
}

Bytes Write(const Document& document) {
  std::string out;
  for (const Table& table : document.tables) {
    if (!table.name.empty()) {
      out += table.repeated ? "\n[[" + table.name + "]]\n"
                            : "\n[" + table.name + "]\n";
    }
    for (const Entry& entry : table.entries) {
      out += entry.key + " = ";
      Append(out, entry.value);
      out += '\n';
    }
  }
  return ToBytes(out);
}

}  // namespace entente::policy::toml
