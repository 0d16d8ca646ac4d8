// A full disk: the act is refused, nothing is half done, and the node goes on
// when there is room again.

#include "tests/faults/support.h"
#include "tests/testing/tiny_disk.h"

namespace entente::testing {
namespace {

using nlohmann::json;

TEST(DiskTest, AFullDiskRefusesAndTheNodeRecovers) {
  TinyDisk disk("24m");
  ASSERT_TRUE(disk.mounted()) << "run as root: a small disk is mounted";
  ScratchFolder other;
  ASSERT_OK_AND_ASSIGN(const auto node,
                       TestNode::Make(disk.Path("qor"), "QOR", "Orsena"));
  ASSERT_OK(node->Start());
  ASSERT_OK(node->AddPerson("qor-one", {"officer"}));
  ASSERT_OK(node->AddPerson("qor-audit", {"auditor"}));
  std::vector<Somebody> few;
  for (std::uint32_t i = 0; i < 5; ++i) few.push_back(Stranger(i));
  std::vector<Somebody> many;
  for (std::uint32_t i = 0; i < 30'000; ++i) many.push_back(Stranger(i));
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i].number = "LD" + std::to_string(1'000'000 + i);
  const auto import = [&](const std::vector<Somebody>& people) {
    const std::string file =
        WriteFile(other.path() / "list.csv", ListCsv(people)).string();
    return node->Do("qor-one", "list import",
                    {{"@", file}, {"list", "subjects"}});
  };
  ASSERT_OK(import(few));
  // Something else takes the room.
  const std::string ballast = disk.Path("ballast");
  const auto free_now = std::filesystem::space(disk.Path("")).available;
  WriteFile(ballast,
            std::string(free_now > 3'500'000 ? free_now - 3'500'000 : 0, 'x'));
  const auto refused = import(many);
  ASSERT_THAT(refused, HasCode(absl::StatusCode::kResourceExhausted));

  // Room again; a start brings the node to order.
  std::filesystem::remove(ballast);
  node->Stop();
  ASSERT_OK(node->Start());
  const json lists = MustDo(*node, "qor-one", "list show");
  ASSERT_EQ(lists["lists"].size(), 1U);
  EXPECT_EQ(lists["lists"][0]["rows"], few.size()) << "half a list counts";
  few.push_back(Stranger(99));
  ASSERT_OK(import(few));
  EXPECT_EQ(MustDo(*node, "qor-one", "list show")["lists"][0]["rows"],
            few.size());
  EXPECT_EQ(MustDo(*node, "qor-audit", "audit check")["state"], "open");
}

}  // namespace
}  // namespace entente::testing
