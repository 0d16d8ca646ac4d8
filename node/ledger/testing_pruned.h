#pragma once
// For tests: volumes whose oldest entries went (audit-log.md, 2.4.1).

#include <string>

#include "crypto/merkle/tree.h"
#include "node/ledger/kept.h"
#include "node/ledger/testing_volume.h"

namespace entente::ledger {

// What a `log.prune` says, to be said wrongly.
struct PruneWords {
  std::int64_t before = 256;
  std::int64_t n = 0;
  std::string root;
  std::int64_t oldest = 0;
};

// 600 entries, of which the oldest go.
class PrunedVolume {
 public:
  PrunedVolume() {
    volume.Begin();
    volume.PadTo(600);
  }
  Hash RootOf(std::size_t before) const {
    merkle::Tree tree;
    for (std::size_t i = 0; i < before; ++i) {
      tree.Append(merkle::LeafHash(volume.leaves[i]));
    }
    return tree.Root();
  }
  Leaf At(std::size_t index) const { return *ParseLeaf(volume.leaves[index]); }
  bool Stays(std::size_t index) const {
    return At(index).type->keep == Keep::kLaw;
  }
  PruneWords Right(std::size_t before, std::size_t after = 0) const {
    PruneWords out{static_cast<std::int64_t>(before), 0, ToHex(RootOf(before)),
                   At(before).time};
    for (std::size_t i = after; i < before; ++i) out.n += Stays(i) ? 0 : 1;
    return out;
  }
  void Say(const PruneWords& words) {
    volume.Add(Event("log.prune")
                   .Set("before", words.before)
                   .Set("kept_root", words.root)
                   .Set("n", words.n)
                   .Set("oldest", words.oldest));
  }
  // Publishes and removes what lies below `before`.
  void Remove(std::size_t before) {
    volume.Publish(true, kStart / 1'000'000 + 1000);
    for (std::size_t i = 0; i < before; ++i) {
      if (Stays(i)) volume.files[KeptPath(i)] = volume.leaves[i];
    }
    for (std::size_t i = 0; i < before / 256; ++i) {
      volume.files.erase(
          merkle::PathOf(merkle::FileRef::Entries(i, merkle::kTileWidth)));
    }
  }
  std::string Fault() const {
    const Report report = volume.Verify("w");
    if (!report.fault) return "";
    return std::string(VerdictName(report.verdict)) + " " +
           std::string(report.fault->claim) + " " + report.fault->why;
  }
  TestVolume volume;
};

}  // namespace entente::ledger
