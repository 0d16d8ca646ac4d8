#include "crypto/oprf/info.h"

#include "crypto/base/status.h"
#include "crypto/oprf/element.h"
#include "crypto/oprf/suite.h"

namespace entente::oprf {
namespace {

void Append(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void AppendPart(Bytes& out, ByteView part) {
  CHECK(!part.empty() && part.size() <= kMaxInputSize);
  Append(out, TwoBytes(part.size()));
  Append(out, part);
}

}  // namespace

Bytes ScreeningInfo(const ScreeningContext& context) {
  Bytes out = ToBytes("entente/screen/1");
  out.push_back(0);
  AppendPart(out, context.agreement);
  for (const std::string_view part :
       {context.holder, context.asker, context.clause, context.recipe}) {
    AppendPart(out, AsBytes(part));
  }
  for (std::size_t i = 8; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(context.epoch >> (8 * i)));
  }
  return out;
}

}  // namespace entente::oprf
