// An import of a list that a crash cuts off: what never came into force goes,
// and what came into force is carried through at the next start.

#include <functional>
#include <thread>

#include "crypto/base/codec.h"
#include "keys/file_key_store.h"
#include "node/app/parts.h"
#include "node/exchange/key.h"
#include "node/exchange/list_rows.h"
#include "node/store/record.h"
#include "tests/faults/support.h"

namespace entente::testing {
namespace {

using exchange::ListEntryRow;
using exchange::ListGeneration;
using store::Table;

// Looks into the store of a node that does not run.
class StoppedStore {
 public:
  explicit StoppedStore(const std::string& dir) {
    const auto config = app::LoadConfig(dir);
    EXPECT_OK(config);
    const auto sealing = app::SealingOf(*config);
    EXPECT_OK(sealing);
    auto opened = keys::FileKeyStore::Open(dir + "/keys", *sealing);
    EXPECT_OK(opened);
    keys_ = *std::move(opened);
    auto store = app::OpenStore(dir, *keys_, false);
    EXPECT_OK(store);
    store_ = *std::move(store);
  }
  store::Store& operator*() { return *store_; }
  std::uint64_t Count(ByteView prefix) {
    const auto reader = store_->Read();
    EXPECT_OK(reader);
    return (*reader)->Count(Table::kListEntry, prefix).value_or(~0ULL);
  }
  model::ListRecord List(const std::string& name) {
    const auto reader = store_->Read();
    EXPECT_OK(reader);
    const auto record = store::NeedRecord<model::ListRecord>(
        **reader, Table::kList, AsBytes(name), "list");
    EXPECT_OK(record);
    return record.value_or(model::ListRecord{});
  }

 private:
  std::unique_ptr<keys::KeyStore> keys_;
  std::unique_ptr<store::Store> store_;
};

class ImportCrashTest : public FaultTest {
 protected:
  // Runs the holder until `reached`, looked at between two runs.
  template <class Reached>
  void RunUntil(const Reached& reached) {
    for (int i = 0; i < 50; ++i) {
      ASSERT_OK(holder().Start({}, true));
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      const bool seen_running = reached(true);
      holder().Stop();
      if (seen_running || reached(false)) return;
    }
    ADD_FAILURE() << "never reached";
  }
  static constexpr char kList[] = "subjects";
};

TEST_F(ImportCrashTest, RowsThatNeverCameIntoForceGo) {
  Begin();
  holder().Stop();
  std::uint64_t rows = 0;
  std::uint32_t next = 0;
  {
    StoppedStore store(holder().data());
    const model::ListRecord list = store.List(kList);
    rows = store.Count(ListGeneration(kList, list.generation));
    ASSERT_EQ(rows, list.rows);
    next = list.generation + 1;
    ASSERT_OK((*store).Write([&](store::Writer& writer) -> absl::Status {
      for (const Bytes& row : {ListEntryRow(kList, next, "V-half"),
                               ListEntryRow("stage/subjects", 1, "V-half"),
                               ListEntryRow("never-published", 1, "V-half")}) {
        TRY_OK(writer.Put(Table::kListEntry, row, AsBytes("half")));
      }
      return absl::OkStatus();
    }));
  }
  RunUntil([&](bool running) {
    if (running) return false;
    StoppedStore store(holder().data());
    return store.Count(ListGeneration(kList, next)) == 0 &&
           store.Count(exchange::ListGenerations("stage/subjects")) == 0 &&
           store.Count(exchange::ListGenerations("never-published")) == 0;
  });
  StoppedStore store(holder().data());
  EXPECT_EQ(store.Count(ListGeneration(kList, next - 1)), rows);
}

TEST_F(ImportCrashTest, TravellersThatNeverCameIntoForceAreNotAskedAbout) {
  Begin();
  asker().Stop();
  {
    StoppedStore store(asker().data());
    const absl::StatusOr<Bytes> flight = FromHex(story.flight);
    ASSERT_OK(flight);
    ASSERT_OK((*store).Write([&](store::Writer& writer) -> absl::Status {
      TRY(const auto record, store::NeedRecord<model::FlightRecord>(
                                 writer, Table::kFlight, *flight, "flight"));
      TRY(const auto travellers,
          store::AllRecords<model::Person>(writer, Table::kTraveller, *flight));
      return store::PutRecord(writer, Table::kTraveller,
                              exchange::RecordKey()
                                  .Raw(*flight)
                                  .Number(record.travellers + record.crew)
                                  .bytes(),
                              travellers.front().second);
    }));
  }
  ASSERT_OK(asker().Start());
  const absl::StatusOr<rpc::AdminReply> reply = story.two.Screen(story.flight);
  ASSERT_OK(reply);
  const nlohmann::json said = nlohmann::json::parse(reply->json);
  EXPECT_EQ(said["batches"][0]["persons"], story.cast.flying.size());
  EXPECT_EQ(said["hits"], kPlantedHits);
}

TEST_F(ImportCrashTest, ARecallThatWasNotWrittenYetIsWrittenAtTheNextStart) {
  TwoNodes::Options options;
  options.set["clause.disclose-terrorism.reviewers_asker"] = "1";
  Begin(options);
  const std::string hit = Asked();
  MustDo(holder(), "qva-two", "review", ApproveWords(hit));
  MustDo(holder(), "qva-one", "disclose release", {{"hit", hit}});
  ASSERT_TRUE(MustDo(asker(), "qor-one", "hits show", {{"hit", hit}})
                  .contains("disclosed"));
  holder().Stop();
  // The list without the person came into force, and then the power went.
  const std::string gone = "V-" + story.cast.listed[0].number;
  std::uint32_t old_generation = 0;
  {
    StoppedStore store(holder().data());
    model::ListRecord list = store.List(kList);
    old_generation = list.generation;
    ASSERT_OK((*store).Write([&](store::Writer& writer) -> absl::Status {
      TRY(const auto entries, store::AllRecords<model::ListEntry>(
                                  writer, Table::kListEntry,
                                  ListGeneration(kList, old_generation)));
      list.generation = old_generation + 1;
      list.by = "qva-one";
      list.imported = holder().clock().NowSeconds();
      for (const auto& [key, entry] : entries) {
        if (entry.entry_id == gone) continue;
        TRY_OK(store::PutRecord(
            writer, Table::kListEntry,
            ListEntryRow(kList, list.generation, entry.entry_id), entry));
      }
      return store::PutRecord(writer, Table::kList, AsBytes(kList), list);
    }));
  }
  RunUntil([&](bool running) {
    return running && !MustDo(asker(), "qor-one", "hits show", {{"hit", hit}})
                           .contains("disclosed");
  });
  ASSERT_OK(holder().Start());
  EXPECT_EQ(CountEntries(holder(), "recall.send", "reason", "entry-deleted"),
            1U);
  holder().Stop();
  StoppedStore store(holder().data());
  EXPECT_EQ(store.Count(ListGeneration(kList, old_generation)), 0U);
}

}  // namespace
}  // namespace entente::testing
