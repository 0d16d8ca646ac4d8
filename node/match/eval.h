#pragma once
// Measures the recipe on labelled sets, in clear text and without cryptography:
// which pairs of a query file and a list file share a key, by rule and by set.
// Pure, thread-safe. Source: docs/protocol/recipe-1.md, section 9.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/match/rule.h"
#include "node/model/person.h"

namespace entente::match {

// One row of a query or list file. A person with one name, of kind kDocument.
struct EvalRecord {
  std::string id;
  model::Person person;
};

// A pair that is the same person.
struct EvalTruth {
  std::string query_id;
  std::string list_id;
  std::string kind;  // of error, or empty
};

enum class EvalFiles : std::uint8_t {
  kTwo,  // every row asked against every row listed
  kOne,  // duplicates within one file: pairs with query id < list id by bytes
};

struct EvalFigure {
  std::string name;  // a rule, or a union of sets such as `standard+wide`
  std::size_t pairs = 0;
  std::size_t true_pairs = 0;
  std::size_t false_pairs = 0;
  // Query ids without any true pair that were found; kTwo only.
  std::size_t false_travellers = 0;
};

struct EvalKind {
  std::string name;  // the union
  std::string kind;
  std::size_t pairs = 0;  // true pairs of that kind
  std::size_t found = 0;
};

// Keys a record before padding.
struct EvalKeys {
  Set set = Set::kStandard;
  double mean_query = 0, mean_list = 0;
  std::size_t p99_query = 0, p99_list = 0;
  std::size_t max_query = 0, max_list = 0;
  std::size_t cut_query = 0, cut_list = 0;  // records that lost keys
};

struct EvalReport {
  std::size_t truths = 0;
  std::vector<EvalFigure> rules;   // those that found a pair, recipe's order
  std::vector<EvalFigure> unions;  // standard, narrow, standard+wide, and
                                   // standard+wide+local
  std::vector<EvalKind> kinds;  // for standard and standard+wide, kinds in the
                                // order of their first truth
  std::vector<EvalKeys> keys;   // one per set
  std::size_t query_without_name_keys = 0;
  std::size_t list_without_name_keys = 0;
};

// A truth that names an id that is not there counts as not found.
EvalReport Evaluate(std::span<const EvalRecord> query,
                    std::span<const EvalRecord> list,
                    std::span<const EvalTruth> truth, EvalFiles files);

}  // namespace entente::match
