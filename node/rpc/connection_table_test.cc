#include "node/rpc/connection_table.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <vector>

namespace entente::rpc {
namespace {

using Verdict = ConnectionTable::Verdict;

int OpenOne() {
  int ends[2] = {};
  EXPECT_EQ(pipe(ends), 0);
  close(ends[1]);
  return ends[0];
}

TEST(ConnectionTableTest, HoldsBothCaps) {
  ConnectionTable table(3, 2);
  const std::vector<int> fds{OpenOne(), OpenOne(), OpenOne()};
  EXPECT_TRUE(table.Add(fds[0], "a"));
  EXPECT_EQ(table.Ask("a"), Verdict::kRoom);
  EXPECT_TRUE(table.Add(fds[1], "a"));
  EXPECT_EQ(table.Ask("a"), Verdict::kAddressFull);
  EXPECT_EQ(table.Ask("b"), Verdict::kRoom);
  EXPECT_TRUE(table.Add(fds[2], "b"));
  EXPECT_EQ(table.Ask("b"), Verdict::kFull);
  close(fds[0]);
  EXPECT_EQ(table.Ask("a"), Verdict::kRoom);  // swept when it mattered
  EXPECT_EQ(table.size(), 2U);
  close(fds[1]);
  close(fds[2]);
  table.Sweep();
  EXPECT_EQ(table.size(), 0U);
}

TEST(ConnectionTableTest, ANumberGivenOutAnewIsAnotherConnection) {
  ConnectionTable table(4, 1);
  const int fd = OpenOne();
  ASSERT_TRUE(table.Add(fd, "a"));
  close(fd);
  const int again = OpenOne();
  ASSERT_EQ(dup2(again, fd) < 0 ? -1 : fd,
            fd);  // the same number, another file
  EXPECT_EQ(table.Ask("a"), Verdict::kRoom);
  EXPECT_TRUE(table.Add(fd, "b"));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.Ask("b"), Verdict::kAddressFull);
  EXPECT_EQ(table.Ask("a"), Verdict::kRoom);
  close(fd);
  if (again != fd) close(again);
}

TEST(ConnectionTableTest, AReusedNumberInTheTableIsReplacedAndNotCountedTwice) {
  ConnectionTable table(4, 2);
  const int fd = OpenOne();
  ASSERT_TRUE(table.Add(fd, "a"));
  close(fd);
  const int again = OpenOne();
  if (again != fd) {
    ASSERT_EQ(dup2(again, fd), fd);
    close(again);
  }
  ASSERT_TRUE(table.Add(fd, "a"));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.Ask("a"), Verdict::kRoom);
  close(fd);
}

TEST(ConnectionTableTest, AClosedDescriptorIsNotAdded) {
  ConnectionTable table(4, 4);
  const int fd = OpenOne();
  close(fd);
  EXPECT_FALSE(table.Add(fd, "a"));
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace entente::rpc
