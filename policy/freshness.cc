#include "policy/freshness.h"

#include <algorithm>
#include <array>

#include "crypto/base/status.h"
#include "policy/event_schema.h"
#include "policy/schema_reader.h"
#include "policy/schema_writer.h"

namespace entente::policy {

absl::StatusOr<StatusStatement> StatusStatement::Parse(ByteView body) {
  StatusStatement statement;
  Findings findings;
  PositionMap where;
  if (!ReadDocument(body, statement, findings, where,
                    [](const StatusStatement& value) { return Emit(value); })) {
    return ToStatus(findings);
  }
  return statement;
}

Bytes Emit(const StatusStatement& statement) {
  return WriteDocument(statement);
}

absl::StatusOr<StatusStatement> VerifyStatus(ByteView envelope,
                                             const Signer& statement_key,
                                             const Hash& agreement) {
  const std::array<Signer, 1> required{statement_key};
  TRY(const Bytes body, OpenEnvelope(envelope, kStatusType, required));
  TRY(StatusStatement statement, StatusStatement::Parse(body));
  if (statement.party != statement_key.party ||
      statement.agreement != agreement) {
    return Denied("the status is of another party or agreement");
  }
  return statement;
}

std::uint32_t StatusAge(const StatusStatement& statement,
                        std::uint64_t highest_seen, std::int64_t now) {
  const std::int64_t age = now - statement.issued;
  if (age > kStatusLifeSeconds || age < -kStatusAheadSeconds ||
      statement.sequence < highest_seen) {
    return kNoStatus;
  }
  return static_cast<std::uint32_t>(std::max<std::int64_t>(age, 0));
}

}  // namespace entente::policy
