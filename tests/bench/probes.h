#pragma once
// What this machine gives in the same run, for the figures to stand beside:
// the disk, the store, one core's hashing and signature checks. audit.md, 12.

#include <absl/status/statusor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "node/store/store.h"

namespace entente::bench {

// Milliseconds of each of `count` times 512 bytes appended to a file in
// `folder` and synced (fdatasync).
absl::StatusOr<std::vector<double>> SyncedWrites(
    const std::filesystem::path& folder, std::size_t count);

// Rows a second of 1,500 bytes, in durable batches of 64, into a store that
// holds nothing else: the one that nodes use, with its settings.
absl::StatusOr<double> StoreRowRate(store::Store& store, std::size_t batches);

// SHA-256 of 64 bytes a second, by the library that is fastest here (OpenSSL,
// which uses the processor's SHA instructions).
double HashRate();

// Ed25519 verifications a second, by the library that the product uses.
double VerifyRate();

// Per second, of latencies in milliseconds that followed each other.
double RateOf(const std::vector<double>& each_ms);

// Milliseconds since some start.
double NowMs();

}  // namespace entente::bench
