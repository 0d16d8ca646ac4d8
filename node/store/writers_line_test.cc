#include "node/store/writers_line.h"

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace entente::store {
namespace {

using ::testing::ElementsAre;

void WaitForLength(const WritersLine& line, std::uint64_t length) {
  while (line.length() < length) std::this_thread::yield();
}

TEST(WritersLineTest, ServesInTheOrderOfComing) {
  WritersLine line;
  std::vector<int> served;  // by whoever has the turn
  std::vector<std::jthread> threads;
  auto first = std::make_unique<WritersTurn>(line);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&line, &served, i] {
      const WritersTurn turn(line);
      served.push_back(i);
    });
    WaitForLength(line, static_cast<std::uint64_t>(i) + 2);
  }
  EXPECT_TRUE(served.empty());
  first.reset();
  threads.clear();
  EXPECT_THAT(served, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(line.length(), 0U);
}

// Nobody who waits is overtaken by one that comes back at once.
TEST(WritersLineTest, WhoComesBackStandsAtTheEnd) {
  for (int round = 0; round < 200; ++round) {
    WritersLine line;
    std::vector<int> served;
    auto turn = std::make_unique<WritersTurn>(line);
    std::jthread other([&] {
      const WritersTurn its(line);
      served.push_back(2);
    });
    WaitForLength(line, 2);
    turn.reset();
    {
      const WritersTurn again(line);
      served.push_back(1);
    }
    other.join();
    ASSERT_THAT(served, ElementsAre(2, 1)) << "round " << round;
  }
}

}  // namespace
}  // namespace entente::store
