#include "keys/purpose.h"

#include "crypto/base/status.h"

namespace entente::keys {
namespace {

struct Row {
  std::string_view name;
  KeyKind kind;
};

// By the number of the purpose.
constexpr Row kRows[] = {
    {"statement", KeyKind::kSigning}, {"log", KeyKind::kSigning},
    {"witness", KeyKind::kSigning},   {"disclosure", KeyKind::kHpke},
    {"audit", KeyKind::kHpke},        {"store", KeyKind::kRaw},
    {"actor", KeyKind::kMac},         {"index", KeyKind::kMac},
    {"rows", KeyKind::kBox},          {"guard", KeyKind::kBox}};
static_assert(std::size(kRows) == static_cast<std::size_t>(Purpose::kLast) + 1);

const Row& RowOf(Purpose purpose) {
  const auto at = static_cast<std::size_t>(purpose);
  CHECK(at < std::size(kRows));
  return kRows[at];
}

}  // namespace

KeyKind KindOf(Purpose purpose) { return RowOf(purpose).kind; }
std::string_view PurposeName(Purpose purpose) { return RowOf(purpose).name; }

}  // namespace entente::keys
