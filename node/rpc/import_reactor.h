#pragma once
// One import: pieces come on gRPC's threads, the handler pulls them on the
// pool. At most one piece waits, so a fast sender is held back by HTTP/2 and
// not by memory.

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <optional>

#include "entente/v1/admin.pb.h"
#include "node/base/executor.h"
#include "node/base/mutex.h"
#include "node/rpc/admin.h"
#include "node/rpc/reason.h"
#include "node/rpc/refusals.h"

namespace entente::rpc {

// A command out of its envelope. INVALID_ARGUMENT `envelope-malformed`.
absl::StatusOr<AdminCall> ReadCommand(const v1::Command& command);
// INTERNAL `message-too-large`.
absl::Status WriteResult(const AdminReply& reply, v1::Result& result);

// Owns itself: gRPC calls OnDone last. Finish is called once, and after it
// nothing here is touched.
class ImportReactor final : public grpc::ServerReadReactor<v1::ImportChunk> {
 public:
  struct Surroundings {  // outlive the server
    const ImportHandler& handler;
    std::chrono::milliseconds patience;
    base::Executor& pool;
    Refusals& refusals;
  };
  ImportReactor(Surroundings around, grpc::CallbackServerContext& context,
                v1::Result& result);

  void OnReadDone(bool ok) override EXCLUDES(mutex_);
  void OnCancel() override EXCLUDES(mutex_);
  void OnDone() override { delete this; }

 private:
  void Begin();
  void Run();
  absl::StatusOr<std::optional<Bytes>> Next() EXCLUDES(mutex_);
  absl::Status Handle();
  void End(const absl::Status& status);

  const Surroundings around_;
  grpc::CallbackServerContext& context_;
  v1::Result& result_;
  AdminCall call_;
  bool begun_ = false;  // gRPC's threads only, one after the other

  base::Mutex mutex_;
  base::CondVar changed_;
  // Written by gRPC between StartRead and OnReadDone, read by the handler
  // after.
  v1::ImportChunk chunk_;
  std::uint64_t received_ = 0;               // the handler's thread only
  bool waiting_ GUARDED_BY(mutex_) = false;  // a piece is in chunk_
  bool ended_ GUARDED_BY(mutex_) = false;    // no further piece comes
  bool cancelled_ GUARDED_BY(mutex_) = false;
};

}  // namespace entente::rpc
