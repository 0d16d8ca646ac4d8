#pragma once
// The writing archive: the same Visit functions that read a document write it
// (schema_reader.h). Sets are written sorted by bytes, rows as they stand.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/agreement.h"
#include "policy/civil.h"
#include "policy/schema_reader.h"
#include "policy/toml.h"
#include "policy/words.h"

namespace entente::policy {

class TableWriter {
 public:
  explicit TableWriter(toml::Table& table) : table_(table) {}

  void Text(std::string_view key, const std::string& value,
            const Shape& = kAnyText) {
    Put(key, toml::Value::Kind::kString).text = value;
  }
  template <class T>
  void Integer(std::string_view key, const T& value, std::uint64_t,
               std::uint64_t) {
    Put(key, toml::Value::Kind::kInteger).integer = value;
  }
  void Boolean(std::string_view key, const bool& value) {
    Put(key, toml::Value::Kind::kBoolean).boolean = value;
  }
  void Only(std::string_view key, std::string_view word) {
    Text(key, std::string(word));
  }
  void OnlyTrue(std::string_view key, const bool&) { Boolean(key, true); }
  void HashOf(std::string_view key, const Hash& value) {
    Text(key, HashText(value));
  }
  void HashOrNone(std::string_view key, const std::optional<Hash>& value) {
    Text(key, value ? HashText(*value) : "none");
  }
  void HashList(std::string_view key, const std::vector<Hash>& values) {
    std::vector<std::string> texts;
    for (const Hash& value : values) texts.push_back(HashText(value));
    Set(key, std::move(texts));
  }
  void Instant(std::string_view key, const std::int64_t& value) {
    Text(key, FormatInstant(value));
  }
  void Date(std::string_view key, const std::int64_t& value) {
    Text(key, FormatDate(value));
  }
  void Key(std::string_view key, const KeyId& value) { Text(key, value.text); }
  void Keys(std::string_view key, const std::vector<KeyId>& values) {
    std::vector<std::string> texts;
    for (const KeyId& value : values) texts.push_back(value.text);
    Set(key, std::move(texts));
  }
  void List(std::string_view key, const std::vector<std::string>& values,
            const Shape&, Empty = Empty::kRefused) {
    Set(key, values);
  }
  void Provisions(const std::vector<Provision>& provisions) {
    for (const Provision& provision : provisions) {
      Text(provision.party, provision.text);
    }
  }
  template <class E>
  void OneOf(std::string_view key, const E& value, std::size_t = 0) {
    Text(key, std::string(Word(value)));
  }
  template <class E>
  void SetOf(std::string_view key, const WordSet<E>& value,
             Empty = Empty::kRefused, std::size_t = 0) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < WordList<E>::kWords.size(); ++i) {
      if (value.Has(static_cast<E>(i))) {
        texts.emplace_back(WordList<E>::kWords[i]);
      }
    }
    Set(key, std::move(texts));
  }
  template <class E>
  void SetOrAll(std::string_view key, std::string_view all, const bool& is_all,
                const WordSet<E>& value, std::size_t = 0) {
    if (is_all) {
      Set(key, {std::string(all)});
    } else {
      SetOf(key, value);
    }
  }
  bool Known(std::string_view) const { return true; }
  void Abandon() {}

 private:
  toml::Value& Put(std::string_view key, toml::Value::Kind kind) {
    toml::Entry& entry = table_.entries.emplace_back();
    entry.key = key;
    entry.value.kind = kind;
    return entry.value;
  }
  void Set(std::string_view key, std::vector<std::string> texts) {
    std::sort(texts.begin(), texts.end());
    toml::Value& value = Put(key, toml::Value::Kind::kArray);
    for (std::string& text : texts)
      value.items.push_back({std::move(text), {}});
  }

  toml::Table& table_;
};

class DocumentWriter {
 public:
  template <class T>
  void Top(T& value) {
    Write("", false, value);
  }
  template <class T>
  void Table(std::string_view name, T& value) {
    Write(name, false, value);
  }
  template <class T>
  void Rows(std::string_view name, std::vector<T>& rows, std::size_t,
            std::size_t, std::string_view) {
    for (T& row : rows) Write(name, true, row);
  }
  const toml::Document& document() const { return document_; }

 private:
  template <class T>
  void Write(std::string_view name, bool repeated, T& value) {
    toml::Table table;
    table.name = name;
    table.repeated = repeated;
    TableWriter writer(table);
    Visit(writer, value);
    document_.tables.push_back(std::move(table));
  }
  toml::Document document_;
};

// The tables and values of a document whose schema is VisitDocument, and its
// canonical bytes.
template <class T>
toml::Document DocumentOf(const T& value) {
  DocumentWriter writer;
  VisitDocument(writer,
                const_cast<T&>(value));  // SAFETY: the writer only reads values
  return writer.document();
}
template <class T>
Bytes WriteDocument(const T& value) {
  return toml::Write(DocumentOf(value));
}

}  // namespace entente::policy
