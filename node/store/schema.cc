#include "node/store/schema.h"

#include <array>
#include <vector>

#include "crypto/base/status.h"

namespace entente::store {
namespace {

constexpr std::array<std::string_view, kTableCount> kNames = {
    "meta",        "user",       "peer",          "agreement",
    "list",        "list_entry", "flight",        "traveller",
    "protected",   "tag_set",    "epoch",         "batch",
    "quota",       "replay",     "hit",           "disclosure",
    "recall",      "guard",      "task",          "audit_head",
    "audit_leaf",  "audit_body", "audit_subject", "audit_exchange",
    "audit_actor", "witness"};

// Version 1: the tables from kMeta to kWitness.
constexpr std::size_t kTablesInVersion1 = 26;

std::string CreateTables(std::size_t first, std::size_t end) {
  std::string sql;
  for (std::size_t i = first; i < end; ++i) {
    const std::string_view name = kNames[i];
    sql += Join({"CREATE TABLE \"", name,
                 "\" (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL, "
                 "due INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
                 "CREATE INDEX \"", name, "_due\" ON \"", name,
                 "\" (due, k) WHERE due > 0;"});
  }
  return sql;
}

const std::vector<Migration>& Steps() {
  static const std::vector<Migration> steps = {
      {1, CreateTables(0, kTablesInVersion1)},
  };
  return steps;
}

static_assert(kTablesInVersion1 == kTableCount,
              "a new table needs a migration of its own");

}  // namespace

std::string_view TableName(Table table) {
  return kNames[static_cast<std::size_t>(table)];
}

std::span<const Migration> SqliteMigrations() { return Steps(); }
int SchemaVersion() { return Steps().back().to; }

}  // namespace entente::store
