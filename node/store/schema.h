#pragma once
// The schema of the SQL drivers: one table per store::Table, and the numbered
// steps from any older schema to this one.

#include <span>
#include <string>
#include <string_view>

#include "node/store/store.h"

namespace entente::store {

inline constexpr std::size_t kTableCount =
    static_cast<std::size_t>(Table::kLast) + 1;

// The SQL name of a table: a-z and `_` only.
std::string_view TableName(Table table);

// One step: SQL that leads from version `to - 1` to `to`. Steps are never
// changed once released, only added; there is no way back.
struct Migration {
  int to = 0;
  std::string sql;
};
std::span<const Migration> SqliteMigrations();
// The version after the last step.
int SchemaVersion();

}  // namespace entente::store
