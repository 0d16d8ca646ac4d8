#pragma once
// The witness towards those who are no pinned peers: the plain HTTP door, the
// logs beyond the cards that it knows, and the witnesses that are asked by
// HTTP.

#include <absl/status/statusor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "node/app/config.h"
#include "node/audit/witness.h"
#include "node/base/clock.h"
#include "node/model/statements.h"
#include "node/rpc/http_client.h"
#include "node/rpc/http_server.h"

namespace entente::app {

// Null when `witness_listen` is empty. `witness` and `clock` are borrowed.
absl::StatusOr<std::unique_ptr<rpc::HttpServer>> OpenWitnessDoor(
    const Config& config, audit::Witness& witness, const base::Clock& clock);

// The logs of `witness_logs`. INVALID_ARGUMENT: not a verifier key of a log.
absl::StatusOr<std::vector<audit::Witness::Log>> ForeignLogs(
    const Config& config);

using WitnessUrls = std::map<std::string, rpc::HttpUrl, std::less<>>;
// Name -> URL of the witnesses of the folder's policy file that have one; none
// without that file. INVALID_ARGUMENT: the file or a URL is malformed.
absl::StatusOr<WitnessUrls> ReadWitnessUrls(const std::string& data_dir);

// Asks one witness by HTTP; `statement` and the answer as in the peers' call
// `Witness`. Errors as rpc::HttpPost.
absl::StatusOr<model::SignedStatement> AskByHttp(
    const rpc::HttpUrl& url, const model::SignedStatement& statement,
    const rpc::HttpPostOptions& options);

}  // namespace entente::app
