// libFuzzer target for agreements, events, status statements and envelopes:
// tests/fuzz/README.md says how to run it. The first byte chooses the kind.

#include "tests/fuzz/signed_texts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  entente::policy::fuzz::Run({data, size});
  return 0;
}
