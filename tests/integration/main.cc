#include <gmock/gmock.h>

#include "node/rpc/process.h"

// gRPC reads the environment once, so this comes before everything else.
int main(int argc, char** argv) {
  entente::rpc::PrepareProcess();
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
