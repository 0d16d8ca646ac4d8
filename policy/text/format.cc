#include "policy/text/format.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "policy/agreement_schema.h"
#include "policy/toml.h"

namespace entente::policy {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Reads tables and values as TOML allows them, for texts, whole numbers,
// booleans and lists of texts. `#` begins a comment outside a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) {
      text_.remove_prefix(kByteOrderMark.size());
    }
  }

  absl::StatusOr<toml::Document> Read() {
    toml::Document out;
    out.tables.emplace_back();
    while (SkipToContent(), !text_.empty()) {
      if (text_[0] == '[') {
        TRY(toml::Table table, Header());
        out.tables.push_back(std::move(table));
      } else {
        TRY(toml::Entry entry, Entry());
        out.tables.back().entries.push_back(std::move(entry));
      }
      if (!AtLineEnd()) return Unclear("the line goes on after its end");
    }
    return out;
  }

 private:
  absl::Status Unclear(std::string_view why) const {
    return Invalid("line ", std::to_string(line_), ": ", why);
  }
  static bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
  static bool IsKey(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
  }
  void SkipBlanks() {
    while (!text_.empty() && IsBlank(text_[0])) text_.remove_prefix(1);
  }
  void SkipComment() {
    if (text_.starts_with('#')) {
      text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
    }
  }
  // Over blanks, comments and empty lines.
  void SkipToContent() {
    while (SkipBlanks(), SkipComment(), text_.starts_with('\n')) {
      text_.remove_prefix(1);
      ++line_;
    }
  }
  bool AtLineEnd() {
    SkipBlanks();
    SkipComment();
    return text_.empty() || text_[0] == '\n';
  }
  bool Eat(std::string_view what) {
    SkipBlanks();
    if (!text_.starts_with(what)) return false;
    text_.remove_prefix(what.size());
    return true;
  }
  std::string Bare() {
    SkipBlanks();
    std::size_t end = 0;
    while (end < text_.size() && IsKey(text_[end])) ++end;
    const std::string out(text_.substr(0, end));
    text_.remove_prefix(end);
    return out;
  }

  absl::StatusOr<toml::Table> Header() {
    toml::Table table;
    table.repeated = Eat("[[");
    if (!table.repeated) Eat("[");
    table.name = Bare();
    if (table.name.empty() || !Eat(table.repeated ? "]]" : "]")) {
      return Unclear("a table header is [name] or [[name]]");
    }
    return table;
  }
  absl::StatusOr<toml::Entry> Entry() {
    toml::Entry entry;
    entry.key = Bare();
    if (entry.key.empty() || !Eat("=")) {
      return Unclear("a line is a table header or key = value");
    }
    TRY(entry.value, Value());
    return entry;
  }
  absl::StatusOr<toml::Value> Value() {
    toml::Value value;
    SkipBlanks();
    if (text_.starts_with('"') || text_.starts_with('\'')) {
      value.kind = toml::Value::Kind::kString;
      TRY(value.text, Text());
      return value;
    }
    if (Eat("[")) return List();
    const std::string word = Number();
    if (word == "true" || word == "false") {
      value.kind = toml::Value::Kind::kBoolean;
      value.boolean = word == "true";
      return value;
    }
    constexpr std::size_t kMostDigits = 16;
    if (word.empty() || word.size() > kMostDigits ||
        word.find_first_not_of("0123456789") != std::string::npos) {
      return Unclear(
          "a value is \"text\", a whole number, true, false or a list");
    }
    value.kind = toml::Value::Kind::kInteger;
    for (char c : word) {
      value.integer = value.integer * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  }
  // A word or a number, without sign and underscores.
  std::string Number() {
    Eat("+");
    std::string out = Bare();
    const bool digits = !out.empty() && out.find_first_not_of("0123456789_") ==
                                            std::string::npos;
    if (digits) std::erase(out, '_');
    return out;
  }
  absl::StatusOr<std::string> Text() {
    const char mark = text_[0];
    const std::size_t end = text_.find(mark, 1);
    const std::string_view inside =
        text_.substr(1, end == std::string_view::npos ? end : end - 1);
    if (end == std::string_view::npos ||
        inside.find('\n') != std::string_view::npos) {
      return Unclear("the closing quotation mark is missing");
    }
    if (inside.find_first_of("\"\\") != std::string_view::npos) {
      return Unclear("a text holds no quotation mark and no backslash");
    }
    std::string out(inside);
    text_.remove_prefix(end + 1);
    return out;
  }
  absl::StatusOr<toml::Value> List() {
    toml::Value value;
    value.kind = toml::Value::Kind::kArray;
    while (SkipToContent(), !Eat("]")) {
      if (!text_.starts_with('"') && !text_.starts_with('\'')) {
        return Unclear("a list holds texts only");
      }
      TRY(std::string member, Text());
      value.items.push_back({std::move(member), {}});
      SkipToContent();
      if (!Eat(",") && !text_.starts_with(']')) {
        return Unclear("a comma or ] is expected in the list");
      }
    }
    return value;
  }

  std::string_view text_;
  int line_ = 1;
};

// The keys of a table in the order of the schema. Words that other keys hang on
// are read from the table itself.
class KeyOrder {
 public:
  explicit KeyOrder(const toml::Table& table) : table_(table) {}
  const std::vector<std::string>& keys() const { return keys_; }

  void Only(std::string_view key, std::string_view) { Add(key); }
  template <class... More>
  void Text(std::string_view key, More&&...) {
    Add(key);
  }
  template <class... More>
  void Integer(std::string_view key, More&&...) {
    Add(key);
  }
  template <class... More>
  void List(std::string_view key, More&&...) {
    Add(key);
  }
  template <class... More>
  void SetOf(std::string_view key, More&&...) {
    Add(key);
  }
  template <class... More>
  void SetOrAll(std::string_view key, More&&...) {
    Add(key);
  }
  template <class V>
  void HashOrNone(std::string_view key, V&) {
    Add(key);
  }
  template <class V>
  void HashOf(std::string_view key, V&) {
    Add(key);
  }
  template <class V>
  void Instant(std::string_view key, V&) {
    Add(key);
  }
  template <class V>
  void Date(std::string_view key, V&) {
    Add(key);
  }
  template <class V>
  void OnlyTrue(std::string_view key, V&) {
    Add(key);
  }
  template <class V>
  void Key(std::string_view key, V&) {
    Add(key);
  }
  template <class V>
  void Keys(std::string_view key, V&) {
    Add(key);
  }
  template <class E, class... More>
  void OneOf(std::string_view key, E& value, More&&...) {
    Add(key);
    const toml::Entry* entry = table_.Find(key);
    if (entry == nullptr) return;
    if (const auto word = FromWord<E>(entry->value.text)) value = *word;
  }
  void Boolean(std::string_view key, bool& value) {
    Add(key);
    const toml::Entry* entry = table_.Find(key);
    if (entry != nullptr) value = entry->value.boolean;
  }
  template <class V>
  void Provisions(V&) {
    std::vector<std::string> parties;
    for (const toml::Entry& entry : table_.entries) {
      if (IsPartyCode(entry.key)) parties.push_back(entry.key);
    }
    std::sort(parties.begin(), parties.end());
    keys_.insert(keys_.end(), parties.begin(), parties.end());
  }
  bool Known(std::string_view) const { return true; }
  void Abandon() {}

 private:
  void Add(std::string_view key) { keys_.emplace_back(key); }

  const toml::Table& table_;
  std::vector<std::string> keys_;
};

// By `key_of`, equal ones in their order. The standard's own stable sort uses
// what clang calls deprecated in libstdc++ 12.
template <class T, class KeyOf>
void SortBy(std::vector<T>& rows, KeyOf key_of) {
  std::vector<std::pair<decltype(key_of(rows[0])), std::size_t>> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    places.emplace_back(key_of(rows[i]), i);
  }
  std::sort(places.begin(), places.end());
  std::vector<T> out;
  for (const auto& [key, i] : places) out.push_back(std::move(rows[i]));
  rows = std::move(out);
}

// Brings the document's tables into the schema's order; what the schema does
// not know comes last.
class TableOrder {
 public:
  explicit TableOrder(toml::Document& document) : document_(document) {}

  void Top(Agreement& value) { Take("", "", value); }
  template <class V>
  void Table(std::string_view name, V& value) {
    Take(name, "", value);
  }
  template <class V>
  void Rows(std::string_view name, std::vector<V>&, std::size_t, std::size_t,
            std::string_view label) {
    V value;
    Take(name, label, value);
  }
  std::vector<toml::Table> Finish() {
    for (toml::Table& rest : document_.tables) {
      out_.push_back(std::move(rest));
    }
    return std::move(out_);
  }

 private:
  template <class V>
  void Take(std::string_view name, std::string_view label, V& value) {
    std::vector<toml::Table> found;
    std::vector<toml::Table> others;
    for (toml::Table& table : document_.tables) {
      (table.name == name ? found : others).push_back(std::move(table));
    }
    document_.tables = std::move(others);
    for (toml::Table& table : found) {
      V fresh = value;
      KeyOrder order(table);
      Visit(order, fresh);
      Sort(table, order.keys());
    }
    if (!label.empty()) {
      SortBy(found, [](const toml::Table& table) {
        return std::string(table.Label());
      });
    }
    std::move(found.begin(), found.end(), std::back_inserter(out_));
  }
  static void Sort(toml::Table& table, const std::vector<std::string>& keys) {
    SortBy(table.entries, [&keys](const toml::Entry& entry) {
      return std::find(keys.begin(), keys.end(), entry.key) - keys.begin();
    });
  }

  toml::Document& document_;
  std::vector<toml::Table> out_;
};

void SortSets(toml::Document& document) {
  const auto before = [](const toml::Item& a, const toml::Item& b) {
    return a.text < b.text;
  };
  const auto same = [](const toml::Item& a, const toml::Item& b) {
    return a.text == b.text;
  };
  for (toml::Table& table : document.tables) {
    for (toml::Entry& entry : table.entries) {
      std::vector<toml::Item>& items = entry.value.items;
      std::sort(items.begin(), items.end(), before);
      items.erase(std::unique(items.begin(), items.end(), same), items.end());
    }
  }
}

}  // namespace

absl::StatusOr<Bytes> FormatAgreement(ByteView text) {
  if (text.size() > kMaxDocumentBytes) {
    return Invalid("the text is larger than 256 KiB");
  }
  TRY(toml::Document document, Reader(AsText(text)).Read());
  SortSets(document);
  TableOrder order(document);
  Agreement shape;
  VisitDocument(order, shape);
  document.tables = order.Finish();
  return toml::Write(document);
}

}  // namespace entente::policy
