#pragma once
// Reads raw tables into typed values. A document states its keys once, as a
// Visit function over an archive (agreement_schema.h); this archive reads, the
// one in schema_writer.h writes, and so the two cannot drift apart.
//
// Every key is required, in the order in which Visit names it; there are no
// defaults. Findings: 104 unknown, 105 missing, 106 order, 107 type or range,
// 108 rows unsorted, 109 empty list, 110 unknown word.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/agreement.h"
#include "policy/civil.h"
#include "policy/finding.h"
#include "policy/shape.h"
#include "policy/toml.h"
#include "policy/words.h"

namespace entente::policy {

using PositionMap = std::map<std::string, Position, std::less<>>;

enum class Empty : std::uint8_t { kRefused, kAllowed };

class TableReader {
 public:
  // Positions of values go to `where` under `prefix`.
  TableReader(const toml::Table& table, std::string prefix, Findings& findings,
              PositionMap& where);

  void Text(std::string_view key, std::string& out,
            const Shape& shape = kAnyText);
  template <class T>
  void Integer(std::string_view key, T& out, std::uint64_t min,
               std::uint64_t max) {
    std::uint64_t value = 0;
    if (Number(key, value, min, max)) out = static_cast<T>(value);
  }
  void Boolean(std::string_view key, bool& out);
  // A key with one value only; it stands there for the reader.
  void Only(std::string_view key, std::string_view word);
  void OnlyTrue(std::string_view key, bool& out);
  void HashOf(std::string_view key, Hash& out);
  void HashOrNone(std::string_view key, std::optional<Hash>& out);
  void HashList(std::string_view key, std::vector<Hash>& out);
  void Instant(std::string_view key, std::int64_t& out);
  void Date(std::string_view key, std::int64_t& out);
  void Key(std::string_view key, KeyId& out);
  void Keys(std::string_view key, std::vector<KeyId>& out);
  void List(std::string_view key, std::vector<std::string>& out,
            const Shape& shape, Empty empty = Empty::kRefused);
  // One key for each party, named by its code.
  void Provisions(std::vector<Provision>& out);

  // `words`: how many of the list's words may stand here.
  template <class E>
  void OneOf(std::string_view key, E& out,
             std::size_t words = WordList<E>::kWords.size()) {
    const toml::Value* value = String(key);
    if (value == nullptr) return;
    const auto word = FromWord<E>(value->text);
    if (word && static_cast<std::size_t>(*word) < words) {
      out = *word;
      known_.insert(std::string(key));
    } else {
      UnknownWord(key, value->text, value->at, Listed<E>(words));
    }
  }
  template <class E>
  void SetOf(std::string_view key, WordSet<E>& out,
             Empty empty = Empty::kRefused,
             std::size_t words = WordList<E>::kWords.size()) {
    const toml::Value* value = Array(key, empty);
    if (value == nullptr) return;
    for (const toml::Item& item : value->items) {
      const auto word = FromWord<E>(item.text);
      if (word && static_cast<std::size_t>(*word) < words) {
        out.Add(*word);
      } else {
        UnknownWord(key, item.text, item.at, Listed<E>(words));
      }
    }
  }
  // Either exactly `all` alone, or a set of words.
  template <class E>
  void SetOrAll(std::string_view key, std::string_view all, bool& is_all,
                WordSet<E>& out,
                std::size_t words = WordList<E>::kWords.size()) {
    const toml::Entry* entry = Peek(key);
    is_all = entry != nullptr && entry->value.items.size() == 1 &&
             entry->value.items[0].text == all;
    if (is_all) {
      List(key, ignored_, kAnyText);
    } else {
      SetOf(key, out, Empty::kRefused, words);
    }
  }

  // Whether a OneOf key was read; if not, keys that depend on it are unknown.
  bool Known(std::string_view key) const {
    return known_.find(key) != known_.end();
  }
  // The rest of the table cannot be judged; its reason was reported.
  void Abandon() { abandoned_ = true; }
  // Reports what Visit did not name.
  void Finish();

 private:
  const toml::Entry* Peek(std::string_view key) const;
  const toml::Entry* Take(std::string_view key);
  const toml::Value* Typed(std::string_view key, toml::Value::Kind kind,
                           std::string_view name);
  const toml::Value* String(std::string_view key) {
    return Typed(key, toml::Value::Kind::kString, "a text in quotation marks");
  }
  const toml::Value* Array(std::string_view key, Empty empty);
  bool Number(std::string_view key, std::uint64_t& out, std::uint64_t min,
              std::uint64_t max);
  void Report(int code, Position at, std::string message, std::string next);
  void WrongValue(std::string_view key, Position at, std::string_view allowed);
  void UnknownWord(std::string_view key, std::string_view word, Position at,
                   const std::string& allowed);
  template <class E>
  static std::string Listed(std::size_t words) {
    std::string out;
    for (std::size_t i = 0; i < words; ++i) {
      if (WordList<E>::kWords[i].empty()) continue;
      if (!out.empty()) out += ", ";
      out += WordList<E>::kWords[i];
    }
    return out;
  }

  const toml::Table& table_;
  std::string prefix_;
  Findings& findings_;
  PositionMap& where_;
  std::set<std::string, std::less<>> known_;
  std::vector<bool> taken_;
  std::vector<std::string> ignored_;
  std::size_t furthest_ = 0;
  bool abandoned_ = false;
};

class DocumentReader {
 public:
  DocumentReader(const toml::Document& document, Findings& findings,
                 PositionMap& where);

  template <class T>
  void Top(T& value) {
    ReadOne(document_.tables.front(), "", value);
    furthest_ = 1;
  }
  template <class T>
  void Table(std::string_view name, T& value) {
    const std::vector<std::size_t> found = Take(name, false, 1, 1);
    if (!found.empty()) {
      ReadOne(document_.tables[found[0]], std::string(name) + ".", value);
    }
  }
  // `label`: the key that sorts the rows, `id` or `code`; empty: their order is
  // a meaning of its own.
  template <class T>
  void Rows(std::string_view name, std::vector<T>& out, std::size_t min,
            std::size_t max, std::string_view label) {
    const std::vector<std::size_t> found = Take(name, true, min, max);
    CheckRowOrder(found, label);
    for (std::size_t i : found) {
      const toml::Table& table = document_.tables[i];
      ReadOne(table, std::string(name) + "." + std::string(table.Label()) + ".",
              out.emplace_back());
    }
  }
  // Reports tables that nobody asked for.
  void Finish();

 private:
  template <class T>
  void ReadOne(const toml::Table& table, std::string prefix, T& value) {
    TableReader reader(table, std::move(prefix), findings_, where_);
    Visit(reader, value);
    reader.Finish();
  }
  std::vector<std::size_t> Take(std::string_view name, bool repeated,
                                std::size_t min, std::size_t max);
  void CheckRowOrder(const std::vector<std::size_t>& rows,
                     std::string_view label);

  const toml::Document& document_;
  Findings& findings_;
  PositionMap& where_;
  std::vector<bool> taken_;
  std::size_t furthest_ = 0;
};

// 102 at the first byte of `have` that differs from `want`.
void ReportFirstDifference(ByteView have, ByteView want, Findings& findings);

// Reads a whole document whose schema is VisitDocument(archive, value), and
// holds it to its one spelling: 102 at the first byte that differs from
// `emit(value)`. True: `value` is complete; else the findings say why, in file
// order.
template <class T, class EmitFunction>
bool ReadDocument(ByteView bytes, T& value, Findings& findings,
                  PositionMap& where, EmitFunction emit) {
  toml::Document document;
  if (toml::Read(bytes, document, findings)) {
    DocumentReader reader(document, findings, where);
    VisitDocument(reader, value);
    reader.Finish();
  }
  SortInFileOrder(findings);
  if (!findings.empty()) return false;
  ReportFirstDifference(bytes, emit(value), findings);
  return findings.empty();
}

}  // namespace entente::policy
