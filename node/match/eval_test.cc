#include "node/match/eval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/testing/shared_data.h"

namespace entente::match {
namespace {

using Row = std::vector<std::string>;

// RFC 4180 with `,`, the header left out.
std::vector<Row> ReadCsv(const std::string& text) {
  std::vector<Row> rows;
  Row row(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        row.back().push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        row.back().push_back(text[++i]);
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(std::exchange(row, Row(1)));
    } else if (c != '\r') {
      row.back().push_back(c);
    }
  }
  rows.erase(rows.begin());
  return rows;
}

std::vector<Row> ReadTsv(const std::string& text) {
  std::vector<Row> rows;
  Row row(1);
  for (const char c : text) {
    if (c == '\n') {
      rows.push_back(std::exchange(row, Row(1)));
    } else if (c == '\t') {
      row.emplace_back();
    } else {
      row.back().push_back(c);
    }
  }
  rows.erase(rows.begin());
  return rows;
}

model::Sex SexOf(const std::string& text) {
  if (text == "F") return model::Sex::kFemale;
  return text == "M" ? model::Sex::kMale : model::Sex::kUnknown;
}

EvalRecord RecordOf(const Row& row) {
  EvalRecord record{row[0], {}};
  model::Person& person = record.person;
  person.names.push_back({row[1], row[2], row[3], model::NameKind::kDocument});
  person.dob = row[4];
  person.sex = SexOf(row[5]);
  person.nationalities.emplace_back();
  for (const char c : row[6]) {
    if (c == ';') {
      person.nationalities.emplace_back();
    } else {
      person.nationalities.back().push_back(c);
    }
  }
  person.documents.push_back(
      {model::DocumentClass::kPassport, row[7], row[8], {}});
  person.source = row[10] == "pnr" ? model::Source::kPnr : model::Source::kFile;
  return record;
}

std::vector<EvalRecord> ReadRecords(const std::filesystem::path& path) {
  std::vector<EvalRecord> records;
  for (const Row& row : ReadCsv(testing::ReadFile(path))) {
    records.push_back(RecordOf(row));
  }
  return records;
}

EvalReport EvaluateSet(const std::string& name) {
  const auto folder = testing::SharedDir() / "data" / "eval" / name;
  std::vector<EvalTruth> truth;
  for (const Row& row : ReadCsv(testing::ReadFile(folder / "truth.csv"))) {
    truth.push_back({row[0], row[1], row[2]});
  }
  const bool one_file = name.starts_with("febrl");
  return Evaluate(ReadRecords(folder / "query.csv"),
                  ReadRecords(folder / "list.csv"), truth,
                  one_file ? EvalFiles::kOne : EvalFiles::kTwo);
}

// As expected.tsv spells it: set, name, pairs, true, false, false travellers.
std::vector<Row> RowsOf(const std::string& set, const EvalReport& report) {
  std::vector<Row> rows;
  const auto add = [&](const EvalFigure& figure) {
    rows.push_back(
        {set, figure.name, std::to_string(figure.pairs),
         std::to_string(figure.true_pairs), std::to_string(figure.false_pairs),
         set.starts_with("febrl") ? ""
                                  : std::to_string(figure.false_travellers)});
  };
  for (const EvalFigure& figure : report.rules) add(figure);
  for (const EvalFigure& figure : report.unions) add(figure);
  for (const EvalKind& kind : report.kinds) {
    rows.push_back({set, "kind " + kind.name + ": " + kind.kind,
                    std::to_string(kind.pairs), std::to_string(kind.found), "",
                    ""});
  }
  return rows;
}

class EvalSetTest : public ::testing::TestWithParam<std::string> {};

TEST_P(EvalSetTest, FiguresAreEqualToTheReference) {
  SKIP_WITHOUT_SHARED("data/eval");
  std::vector<Row> expected;
  for (const Row& row : ReadTsv(testing::ReadFile(
           testing::SharedDir() / "data" / "eval" / "expected.tsv"))) {
    if (row[0] == GetParam()) expected.push_back(row);
  }
  ASSERT_FALSE(expected.empty());
  const std::vector<Row> rows = RowsOf(GetParam(), EvaluateSet(GetParam()));
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i], expected[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(OpenSets, EvalSetTest,
                         ::testing::Values("febrl1", "febrl2", "febrl3",
                                           "errors", "sdn"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace entente::match
