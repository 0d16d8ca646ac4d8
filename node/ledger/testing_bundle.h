#pragma once
// For tests of logs only: bundles out of a TestVolume, and archives that can be
// taken apart and put together wrongly.

#include <map>
#include <string>
#include <vector>

#include "crypto/primitive/hash.h"
#include "node/ledger/bundle.h"
#include "node/ledger/bundle_parts.h"
#include "node/ledger/tar.h"
#include "node/ledger/testing_volume.h"
#include "node/ledger/verify_bundle.h"
#include "tests/testing/status_matchers.h"

namespace entente::ledger {

using Members = std::map<std::string, Bytes>;

inline BundleInput InputOf(TestVolume& volume, const EntryRange& range,
                           std::vector<std::uint64_t> singles = {}) {
  return {
      .read = [&volume](const merkle::FileRef& file) -> absl::StatusOr<Bytes> {
        return volume.files.at(merkle::PathOf(file));
      },
      .policy = "quorum none\n",
      .range = range,
      .singles = std::move(singles),
      .body = [&volume](std::uint64_t index) -> absl::StatusOr<Bytes> {
        const auto found = volume.records.find(index);
        if (found == volume.records.end()) return NotFound("erased");
        return found->second;
      },
      .segment = [&volume](std::uint32_t) -> absl::StatusOr<Bytes> {
        return volume.segment_file;
      },
      .exporter = volume.officer.verifier,
      .sign = volume.officer.Sign()};
}

inline absl::StatusOr<Bytes> BundleOf(const BundleInput& input) {
  Bytes out;
  TRY_OK(WriteBundle(input, [&](ByteView bytes) {
           out.insert(out.end(), bytes.begin(), bytes.end());
           return absl::OkStatus();
         }).status());
  return out;
}

// The members of a sound archive.
inline Members Unpack(ByteView tar) {
  Members out;
  while (!IsZero(tar.first(kTarBlock))) {
    const TarMember member = *ParseTarHeader(tar.first(kTarBlock));
    const auto size = static_cast<std::size_t>(member.size);
    out[member.name] = ToBytes(tar.subspan(kTarBlock, size));
    tar = tar.subspan(kTarBlock + size + TarPadding(size));
  }
  return out;
}

inline Bytes Pack(const Members& members) {
  Bytes out;
  const auto put = [&](ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
  };
  for (const auto& [name, bytes] : members) {
    put(TarHeader({name, bytes.size()}));
    put(bytes);
    put(Bytes(TarPadding(bytes.size()), 0));
  }
  put(Bytes(kTarEndBytes, 0));
  return out;
}

// What a forger does who has the exporter's key: the sums and the note are
// made anew over changed members.
inline Bytes Forge(Members members, const TestVolume& volume,
                   const EntryRange& range) {
  members.erase("SHA256SUMS");
  members.erase("bundle.note");
  std::string sums;
  for (const auto& [name, bytes] : members) {
    sums += SumsLine(primitive::Sha256(bytes), name);
  }
  const std::string text =
      BundleNoteText(volume.head.origin, volume.head.size, range,
                     primitive::Sha256(AsBytes(sums)));
  const merkle::NoteLine line =
      *merkle::SignText(volume.officer.verifier, text, volume.officer.Sign());
  members["SHA256SUMS"] = ToBytes(sums);
  members["bundle.note"] = ToBytes(merkle::Note{text, {line}}.Text());
  return Pack(members);
}

}  // namespace entente::ledger
