#pragma once
// The strict subset of TOML that every signed document of policy uses, as raw
// tables with positions. What the tables mean is the schema's question
// (schema_reader.h). There is one spelling for each document, and nothing is
// repaired: a line that is not that spelling is a finding and is left out.
// Source: agreements.md 2.1.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "policy/finding.h"

namespace entente::policy::toml {

struct Item {
  std::string text;
  Position at;
};

struct Value {
  // kBad: the line was reported already; its key counts as present.
  enum class Kind : std::uint8_t { kBad, kString, kInteger, kBoolean, kArray };
  Kind kind = Kind::kBad;
  std::string text;
  std::uint64_t integer = 0;
  bool boolean = false;
  std::vector<Item> items;
  Position at;
};

struct Entry {
  std::string key;
  Value value;
  Position at;
};

struct Table {
  std::string name;  // empty: the keys before the first header
  bool repeated = false;
  std::vector<Entry> entries;
  Position at;

  Entry* Find(std::string_view key);
  const Entry* Find(std::string_view key) const;
  // The value of `id` or `code`, or empty.
  std::string_view Label() const;
};

struct Document {
  std::vector<Table> tables;  // the first is the top, always there
  int last_line = 1;
};

inline constexpr std::uint64_t kMaxInteger = (std::uint64_t{1} << 53U) - 1;
inline constexpr std::size_t kMaxStringBytes = 400;
inline constexpr std::size_t kMaxItems = 64;

// Adds 101, 102, 103, 107 (string, number or list too long) and 108. False:
// nothing could be read (too large, not UTF-8).
bool Read(ByteView bytes, Document& document, Findings& findings);

// The canonical bytes; writes what it is given, sorts nothing.
Bytes Write(const Document& document);

}  // namespace entente::policy::toml
