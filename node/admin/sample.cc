#include "node/admin/sample.h"

#include <algorithm>

#include "crypto/primitive/hash.h"
#include "node/exchange/key.h"

namespace entente::admin {

std::vector<std::uint64_t> DrawSample(const audit::Head& head,
                                      std::uint64_t n) {
  std::vector<std::uint64_t> drawn;
  for (std::uint64_t i = 0; drawn.size() < n; ++i) {
    exchange::RecordKey number;
    number.Number(i);
    const Hash hash = primitive::Sha256(Concat(
        {AsBytes("entente/audit-sample/1\n"), head.root, number.bytes()}));
    std::uint64_t value = 0;
    for (std::size_t b = 0; b < 8; ++b) value = value << 8U | hash[b];
    const std::uint64_t index = value % head.size;
    if (std::find(drawn.begin(), drawn.end(), index) == drawn.end())
      drawn.push_back(index);
  }
  return drawn;
}

}  // namespace entente::admin
