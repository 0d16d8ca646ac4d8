#pragma once
// What every driver of the store must do. A driver's test defines
//   struct MyDriver {
//     absl::StatusOr<std::unique_ptr<Store>> Open();  // the same data each
//     time
//   };
// and instantiates StoreContractTest with it. One store is open at a time.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "crypto/base/status.h"
#include "node/store/store.h"
#include "tests/testing/status_matchers.h"

namespace entente::store {

template <class Driver>
class StoreContractTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }

  void Reopen() {
    store_.reset();
    auto opened = driver_.Open();
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }
  absl::Status Put(Table table, std::string_view key, std::string_view value,
                   std::int64_t due = 0) {
    return store_->Write([&](Writer& w) {
      return w.Put(table, AsBytes(key), AsBytes(value), due);
    });
  }
  // The value; `(none)` when there is no row.
  std::string Get(Table table, std::string_view key) {
    auto reader = store_->Read();
    if (!reader.ok()) return "(no reader)";
    const auto value = (*reader)->Get(table, AsBytes(key));
    if (!value.ok()) return "(error)";
    return *value ? ToString(**value) : "(none)";
  }
  static std::vector<std::string> Keys(
      const absl::StatusOr<std::vector<Row>>& rows) {
    std::vector<std::string> keys;
    if (!rows.ok()) return {"(error)"};
    for (const Row& row : *rows) keys.push_back(ToString(row.key));
    return keys;
  }
  std::vector<std::string> Scan(Table table, std::string_view prefix,
                                std::string_view after = "",
                                std::size_t limit = 100) {
    auto reader = store_->Read();
    if (!reader.ok()) return {"(no reader)"};
    return Keys((*reader)->Scan(table, AsBytes(prefix), AsBytes(after), limit));
  }

  Driver driver_;
  std::unique_ptr<Store> store_;
};
TYPED_TEST_SUITE_P(StoreContractTest);

TYPED_TEST_P(StoreContractTest, KeepsWhatWasWrittenAcrossAReopen) {
  ASSERT_OK(this->Put(Table::kMeta, "a", "one"));
  ASSERT_OK(this->Put(Table::kMeta, "empty", ""));
  const std::string binary("\0\xff\0x", 4);
  ASSERT_OK(this->Put(Table::kMeta, binary, binary));
  ASSERT_OK(this->Put(Table::kMeta, "a", "two"));
  this->Reopen();
  EXPECT_EQ(this->Get(Table::kMeta, "a"), "two");
  EXPECT_EQ(this->Get(Table::kMeta, "empty"), "");
  EXPECT_EQ(this->Get(Table::kMeta, binary), binary);
  EXPECT_EQ(this->Get(Table::kMeta, "b"), "(none)");
}

TYPED_TEST_P(StoreContractTest, TablesDoNotSeeEachOther) {
  for (int i = 0; i <= static_cast<int>(Table::kLast); ++i) {
    ASSERT_OK(this->Put(static_cast<Table>(i), "k", std::to_string(i)));
  }
  for (int i = 0; i <= static_cast<int>(Table::kLast); ++i) {
    EXPECT_EQ(this->Get(static_cast<Table>(i), "k"), std::to_string(i));
  }
}

TYPED_TEST_P(StoreContractTest, RefusesEmptyKeysAndNegativeDueDates) {
  EXPECT_THAT(this->Put(Table::kHit, "", "v"),
              testing::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(this->Put(Table::kHit, "k", "v", -1),
              testing::HasCode(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(this->Get(Table::kHit, "k"), "(none)");
}

TYPED_TEST_P(StoreContractTest, ScansInByteOrder) {
  for (const char* key : {"b", "a", "ab", "\x80", "B", "aa"}) {
    ASSERT_OK(this->Put(Table::kList, key, "v"));
  }
  EXPECT_THAT(this->Scan(Table::kList, ""),
              ::testing::ElementsAre("B", "a", "aa", "ab", "b", "\x80"));
  EXPECT_THAT(this->Scan(Table::kList, "a"),
              ::testing::ElementsAre("a", "aa", "ab"));
  EXPECT_THAT(this->Scan(Table::kList, "c"), ::testing::IsEmpty());
}

TYPED_TEST_P(StoreContractTest, ScansPrefixesOfTheHighestBytes) {
  const std::string high("\xff\xff", 2);
  for (const std::string& key :
       {std::string("\xfe"), high.substr(1), high, high + "a"}) {
    ASSERT_OK(this->Put(Table::kList, key, "v"));
  }
  EXPECT_THAT(this->Scan(Table::kList, high),
              ::testing::ElementsAre(high, high + "a"));
  EXPECT_THAT(this->Scan(Table::kList, "\xfe"), ::testing::ElementsAre("\xfe"));
}

TYPED_TEST_P(StoreContractTest, PagesByKey) {
  for (char c = 'a'; c <= 'g'; ++c) {
    ASSERT_OK(this->Put(Table::kList, std::string("p") + c, "v"));
  }
  ASSERT_OK(this->Put(Table::kList, "q", "v"));
  EXPECT_THAT(this->Scan(Table::kList, "p", "", 3),
              ::testing::ElementsAre("pa", "pb", "pc"));
  EXPECT_THAT(this->Scan(Table::kList, "p", "pc", 3),
              ::testing::ElementsAre("pd", "pe", "pf"));
  EXPECT_THAT(this->Scan(Table::kList, "p", "pf", 3),
              ::testing::ElementsAre("pg"));
  EXPECT_THAT(this->Scan(Table::kList, "p", "pg", 3), ::testing::IsEmpty());
  // An `after` before or behind the prefix.
  EXPECT_THAT(this->Scan(Table::kList, "p", "a", 2),
              ::testing::ElementsAre("pa", "pb"));
  EXPECT_THAT(this->Scan(Table::kList, "p", "z", 2), ::testing::IsEmpty());
  EXPECT_THAT(this->Scan(Table::kList, "p", "", 0), ::testing::IsEmpty());
}

TYPED_TEST_P(StoreContractTest, CountsByPrefix) {
  for (const char* key : {"a1", "a2", "b1"}) {
    ASSERT_OK(this->Put(Table::kHit, key, "v"));
  }
  ASSERT_OK_AND_ASSIGN(auto reader, this->store_->Read());
  EXPECT_EQ(*reader->Count(Table::kHit, AsBytes("a")), 2U);
  EXPECT_EQ(*reader->Count(Table::kHit, {}), 3U);
  EXPECT_EQ(*reader->Count(Table::kHit, AsBytes("c")), 0U);
}

TYPED_TEST_P(StoreContractTest, ScansDueRowsEarliestFirst) {
  ASSERT_OK(this->Put(Table::kTask, "never", "v", 0));
  ASSERT_OK(this->Put(Table::kTask, "c", "v", 300));
  ASSERT_OK(this->Put(Table::kTask, "b", "v", 100));
  ASSERT_OK(this->Put(Table::kTask, "a", "v", 200));
  ASSERT_OK(this->Put(Table::kTask, "a2", "v", 200));
  ASSERT_OK_AND_ASSIGN(auto reader, this->store_->Read());
  EXPECT_THAT(this->Keys(reader->ScanDue(Table::kTask, 99, 9)),
              ::testing::IsEmpty());
  EXPECT_THAT(this->Keys(reader->ScanDue(Table::kTask, 200, 9)),
              ::testing::ElementsAre("b", "a", "a2"));
  EXPECT_THAT(this->Keys(reader->ScanDue(Table::kTask, 1000, 1)),
              ::testing::ElementsAre("b"));
  ASSERT_OK_AND_ASSIGN(const auto rows, reader->ScanDue(Table::kTask, 1000, 9));
  EXPECT_EQ(rows.back().due, 300);
}

TYPED_TEST_P(StoreContractTest, AReplacedRowHasItsNewDueDateOnly) {
  ASSERT_OK(this->Put(Table::kTask, "a", "v", 100));
  ASSERT_OK(this->Put(Table::kTask, "a", "v", 500));
  ASSERT_OK_AND_ASSIGN(auto reader, this->store_->Read());
  EXPECT_THAT(this->Keys(reader->ScanDue(Table::kTask, 400, 9)),
              ::testing::IsEmpty());
}

TYPED_TEST_P(StoreContractTest, DeletesAndForgivesAMissingRow) {
  ASSERT_OK(this->Put(Table::kHit, "a", "v", 5));
  for (int i = 0; i < 2; ++i) {
    EXPECT_OK(this->store_->Write(
        [](Writer& w) { return w.Delete(Table::kHit, AsBytes("a")); }));
  }
  EXPECT_EQ(this->Get(Table::kHit, "a"), "(none)");
  ASSERT_OK_AND_ASSIGN(auto reader, this->store_->Read());
  EXPECT_THAT(this->Keys(reader->ScanDue(Table::kHit, 99, 9)),
              ::testing::IsEmpty());
}

TYPED_TEST_P(StoreContractTest, AFailedWriteLeavesNoTrace) {
  ASSERT_OK(this->Put(Table::kHit, "a", "old"));
  const absl::Status status = this->store_->Write([](Writer& w) {
    TRY_OK(w.Put(Table::kHit, AsBytes("a"), AsBytes("new")));
    TRY_OK(w.Put(Table::kHit, AsBytes("b"), AsBytes("new")));
    return Denied("no");
  });
  EXPECT_THAT(status, testing::HasCode(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(this->Get(Table::kHit, "a"), "old");
  EXPECT_EQ(this->Get(Table::kHit, "b"), "(none)");
  EXPECT_OK(this->Put(Table::kHit, "b", "later"));
}

TYPED_TEST_P(StoreContractTest, AWriterReadsItsOwnChanges) {
  EXPECT_OK(this->store_->Write([](Writer& w) -> absl::Status {
    TRY_OK(w.Put(Table::kHit, AsBytes("a"), AsBytes("new"), 7));
    TRY(const auto value, w.Get(Table::kHit, AsBytes("a")));
    if (!value || AsText(*value) != "new") return Internal("not seen");
    TRY(const auto rows, w.ScanDue(Table::kHit, 7, 9));
    if (rows.size() != 1) return Internal("not due");
    TRY(const std::uint64_t count, w.Count(Table::kHit, {}));
    return count == 1 ? absl::OkStatus() : Internal("not counted");
  }));
}

TYPED_TEST_P(StoreContractTest, ASavepointUndoesOnlyItsOwnPart) {
  EXPECT_OK(this->store_->Write([](Writer& w) -> absl::Status {
    TRY_OK(w.Put(Table::kHit, AsBytes("before"), AsBytes("v")));
    const absl::Status part = w.Savepoint([](Writer& inner) -> absl::Status {
      TRY_OK(inner.Put(Table::kHit, AsBytes("inside"), AsBytes("v")));
      TRY_OK(inner.Delete(Table::kHit, AsBytes("before")));
      return Denied("no");
    });
    if (part.code() != absl::StatusCode::kPermissionDenied) return part;
    TRY_OK(w.Savepoint([](Writer& inner) {
      return inner.Put(Table::kHit, AsBytes("kept"), AsBytes("v"));
    }));
    return w.Put(Table::kHit, AsBytes("after"), AsBytes("v"));
  }));
  EXPECT_THAT(this->Scan(Table::kHit, ""),
              ::testing::ElementsAre("after", "before", "kept"));
}

TYPED_TEST_P(StoreContractTest, SavepointsNest) {
  EXPECT_OK(this->store_->Write([](Writer& w) {
    return w.Savepoint([](Writer& outer) -> absl::Status {
      TRY_OK(outer.Put(Table::kHit, AsBytes("outer"), AsBytes("v")));
      (void)outer.Savepoint([](Writer& inner) -> absl::Status {
        TRY_OK(inner.Put(Table::kHit, AsBytes("inner"), AsBytes("v")));
        return Denied("no");
      });
      return absl::OkStatus();
    });
  }));
  EXPECT_THAT(this->Scan(Table::kHit, ""), ::testing::ElementsAre("outer"));
}

TYPED_TEST_P(StoreContractTest, AReaderKeepsItsView) {
  ASSERT_OK(this->Put(Table::kHit, "a", "old"));
  ASSERT_OK_AND_ASSIGN(auto reader, this->store_->Read());
  ASSERT_OK(reader->Get(Table::kHit, AsBytes("a")));
  ASSERT_OK(this->Put(Table::kHit, "a", "new"));
  ASSERT_OK_AND_ASSIGN(const auto value,
                       reader->Get(Table::kHit, AsBytes("a")));
  EXPECT_EQ(AsText(*value), "old");
  EXPECT_EQ(this->Get(Table::kHit, "a"), "new");
}

TYPED_TEST_P(StoreContractTest, ThreadsWriteOneAfterTheOther) {
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  // Each adds 1 to a number: a lost update would show.
  const auto add = [this] {
    return this->store_->Write([](Writer& w) -> absl::Status {
      TRY(const auto value, w.Get(Table::kQuota, AsBytes("n")));
      const int n = value ? std::stoi(ToString(*value)) : 0;
      return w.Put(Table::kQuota, AsBytes("n"), AsBytes(std::to_string(n + 1)));
    });
  };
  std::vector<absl::Status> results(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          results[static_cast<std::size_t>(t)].Update(add());
          (void)this->Get(Table::kQuota, "n");
        }
      });
    }
  }
  for (const absl::Status& status : results) EXPECT_OK(status);
  EXPECT_EQ(this->Get(Table::kQuota, "n"), std::to_string(kThreads * kEach));
}

TYPED_TEST_P(StoreContractTest, HoldsLargeValues) {
  const std::string large(3'000'000, 'x');
  ASSERT_OK(this->Put(Table::kTagSet, "big", large));
  ASSERT_OK(this->store_->Scrub());
  EXPECT_EQ(this->Get(Table::kTagSet, "big"), large);
  EXPECT_OK(this->store_->Check());
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreContractTest, KeepsWhatWasWrittenAcrossAReopen,
    TablesDoNotSeeEachOther, RefusesEmptyKeysAndNegativeDueDates,
    ScansInByteOrder, ScansPrefixesOfTheHighestBytes, PagesByKey,
    CountsByPrefix, ScansDueRowsEarliestFirst, AReplacedRowHasItsNewDueDateOnly,
    DeletesAndForgivesAMissingRow, AFailedWriteLeavesNoTrace,
    AWriterReadsItsOwnChanges, ASavepointUndoesOnlyItsOwnPart, SavepointsNest,
    AReaderKeepsItsView, ThreadsWriteOneAfterTheOther, HoldsLargeValues);

}  // namespace entente::store
