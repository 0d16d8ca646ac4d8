#pragma once
// The one entrance for people: checks whose command it is, that it is fresh and
// meant for this node, and that the person's roles allow it; then hands it to
// its handler. The doors above bring bytes, nothing else.

#include <absl/status/statusor.h>

#include <span>
#include <string>
#include <string_view>

#include "node/admin/context.h"
#include "node/admin/request.h"

namespace entente::admin {

// Thread-safe.
class Admin {
 public:
  explicit Admin(Context& context) : context_(context) {}

  // `body` is a model::Command in canonical bytes, `signature` the person's
  // over "entente/command/1" LF || body.
  //   UNAUTHENTICATED `command-signature`, `person-unknown`
  //   FAILED_PRECONDITION `clock-skew`, `command-replayed`
  //   PERMISSION_DENIED `role`
  //   INVALID_ARGUMENT unknown command or argument
  absl::StatusOr<Reply> Execute(ByteView body, ByteView signature,
                                const ChunkSource& file);

 private:
  absl::StatusOr<model::Officer> Authenticate(ByteView body, ByteView signature,
                                              const model::Command& command);
  absl::StatusOr<Reply> Dispatch(const model::Command& command,
                                 const model::Officer& officer,
                                 const ChunkSource& file);
  Context& context_;
};

// The commands and the roles that may call them, for documents and tests.
struct CommandRow {
  std::string_view name;
  std::uint8_t roles;  // bits by model::Role; any one is enough
};
std::span<const CommandRow> CommandTable();

// People, in the store.
absl::StatusOr<model::Officer> FindPerson(store::Reader& reader,
                                          std::string_view id);
// Puts the first people of a node in place, in one job with their entries. For
// making a node.
absl::Status RegisterFirst(exchange::Desk& desk,
                           std::span<const model::Officer> people);

// Ends what imports of lists that were cut off have left. At the start of the
// node, and again when it failed.
absl::Status FinishLists(Context& context);

}  // namespace entente::admin
