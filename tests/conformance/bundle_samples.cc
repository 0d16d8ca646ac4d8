// Writes bundles, whole and tampered with, and what our verifier says of each:
// `conformance_bundle_samples DIR`. For verifiers that are no C++ programs.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/merkle/evidence.h"
#include "node/ledger/testing_bundle.h"

namespace entente::ledger {
namespace {

using Json = nlohmann::json;

class Samples {
 public:
  explicit Samples(std::filesystem::path dir) : dir_(std::move(dir)) {
    std::filesystem::create_directories(dir_);
    Fill();
    Write("policy", Join({"log ", volume_.log.verifier.Text(), "\nwitness w ",
                          volume_.witness.verifier.Text(), "\nquorum w\n"}));
    Write("officer", volume_.officer.verifier.Text());
  }

  void Make() {
    Whole();
    InTheTree();
    InTheBodies();
    InTheHead();
    InTheContainer();
    Write("cases.json", cases_.dump(1));
    const Members members = Unpack(Bundle({}, {5}));
    Write("5.leaf", AsText(members.at("proofs/5.leaf")));
    Write("5.tlog-proof", AsText(members.at("proofs/5.tlog-proof")));
    Write("log", volume_.log.verifier.Text());
    Write("fork.split-view",
          *merkle::MakeEvidence(volume_.log.verifier, HeadOf(300, {}),
                                HeadOf(300, 77), {}));
  }

 private:
  static constexpr EntryRange kAll = {0, 600};

  void Write(const std::string& name, std::string_view text) const {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  // 600 entries: 4, 5, 7, 8, 520 and 521 are sealed, 4 was erased by entry 6.
  void Fill() {
    volume_.Begin();
    volume_.records.erase(4);
    volume_.Add(TestVolume::Screen(2));
    volume_.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    volume_.PadTo(520);
    volume_.Add(TestVolume::Screen(3));
    volume_.Add(MakeGuard("screen", {"screen", 0, "", "", ""}));
    volume_.PadTo(600);
    volume_.Publish(true, kStart / 1'000'000 + 1000);
  }

  void Case(const std::string& name, ByteView bundle,
            const std::string& previous = "") {
    BundleOptions options;
    options.officers = {volume_.officer.verifier};
    if (!previous.empty()) options.previous = previous;
    const Report report =
        *VerifyBundle(BundleSource::Of(bundle), volume_.Policy("w"), options);
    Write(name + ".tar", AsText(bundle));
    if (!previous.empty()) Write(name + ".previous", previous);
    Json out = {{"name", name},
                {"previous", !previous.empty()},
                {"verdict", VerdictName(report.verdict)},
                {"remarks", report.remarks.size()},
                {"opened", Json::array()},
                {"claims", Json::object()}};
    for (const OpenedField& field : report.opened) {
      out["opened"].push_back(field.value);
    }
    for (const Claim& claim : report.claims) {
      static constexpr const char* kResults[] = {"holds", "FAILS",
                                                 "not checked"};
      out["claims"][std::string(claim.id)] =
          kResults[static_cast<std::size_t>(claim.result)];
    }
    if (report.fault) {
      out["claim"] = report.fault->claim;
      out["file"] = report.fault->file;
      if (report.fault->index) out["index"] = *report.fault->index;
    }
    cases_.push_back(std::move(out));
  }

  Bytes Bundle(const EntryRange& range,
               std::vector<std::uint64_t> singles = {}) {
    return *BundleOf(InputOf(volume_, range, std::move(singles)));
  }
  // A forgery: the exporter's key signs the changed members.
  void Forged(const std::string& name,
              const std::function<void(Members&)>& change) {
    Members members = Unpack(Bundle(kAll, {520}));
    change(members);
    Case(name, Forge(members, volume_, kAll));
  }
  std::string HeadOf(std::size_t size, std::optional<std::size_t> changed) {
    TestVolume volume;
    volume.leaves.assign(
        volume_.leaves.begin(),
        volume_.leaves.begin() + static_cast<std::ptrdiff_t>(size));
    if (changed) volume.leaves[*changed] = volume_.leaves[0];
    volume.Publish(true);
    return ToString(volume.files["checkpoint"]);
  }
  Opening OneField() {
    const RecordParts record = *ParseRecord(volume_.records.at(520));
    const EntryName name{kOrigin, ParseLeaf(volume_.leaves[520])->id};
    const SegmentKey segment = *OpenSegmentFile(
        *ParseSegmentFile(volume_.segment_file), kOrigin, volume_.officer_box);
    const EntryKey key = *UnwrapWithSegment(record, name, segment);
    const Slots slots = *OpenBody(key, name, record.body);
    const std::size_t which[] = {2};
    return *MakeOpening(520, name, key, slots, which);
  }

  void Whole() {
    Case("whole", Bundle(kAll));
    Case("part", Bundle({255, 530}));
    Case("last", Bundle({512, 600}));
    Case("singles", Bundle({}, {0, 4, 520}));
    BundleInput input = InputOf(volume_, kAll, {520});
    input.openings = {OneField()};
    input.previous = HeadOf(100, {});
    Case("opened", *BundleOf(input), input.previous);
    Case("kept", Bundle(kAll), HeadOf(300, {}));
    Case("forked", Bundle(kAll), HeadOf(300, 77));
    Case("unproved", Bundle({512, 600}), HeadOf(100, {}));
    Members members = Unpack(*BundleOf(input));
    Bytes& text = members["openings/520.opening"];
    text[AsText(text).find("QMA-2027")] = 'R';
    Case("other-field", Forge(members, volume_, kAll));
  }

  void InTheTree() {
    const std::string file = "tile/entries/001";
    Forged("flip", [&](Members& m) { m[file][40] ^= 1; });
    Forged("cut", [&](Members& m) { m[file].pop_back(); });
    Forged("longer", [&](Members& m) { m[file].push_back(0); });
    Forged("tile", [](Members& m) { m["tile/0/001"][32 * 44] ^= 1; });
    Forged("edge", [](Members& m) { m["tile/0/002.p/88"][32 * 44] ^= 1; });
    Forged("upper", [](Members& m) { m["tile/1/000.p/2"][32] ^= 1; });
    Forged("gone", [&](Members& m) { m.erase(file); });
    Forged("more", [](Members& m) { m["tile/0/003.p/1"] = Bytes(32, 1); });
    Forged("leaf", [](Members& m) { m["proofs/520.leaf"][9] ^= 1; });
    Forged("unproved-leaf",
           [](Members& m) { m.erase("proofs/520.tlog-proof"); });
    const auto moved = [&](const char* name,
                           const std::function<void(std::vector<Bytes>&)>& f) {
      Forged(name, [&](Members& m) {
        const Bytes old = m[file];
        const auto leaves = merkle::ParseBundle(old, 256);
        std::vector<Bytes> list;
        for (const ByteView leaf : *leaves) list.push_back(ToBytes(leaf));
        f(list);
        m[file].clear();
        for (const Bytes& leaf : list) merkle::AppendEntry(m[file], leaf);
      });
    };
    moved("drop", [](auto& l) { l.erase(l.begin() + 44); });
    moved("insert", [](auto& l) { l.insert(l.begin() + 44, l[7]); });
    moved("reorder", [](auto& l) { std::swap(l[44], l[45]); });
  }

  void InTheBodies() {
    Forged("no-bodies", [](Members& m) { m["bodies"].clear(); });
    Forged("other-entry", [](Members& m) { m["bodies"][7] = 9; });
    Forged("cut-body", [](Members& m) { m["bodies"].pop_back(); });
    Forged("no-segment", [](Members& m) { m["segments"].clear(); });
    Forged("catalogue", [](Members& m) { m["catalogue.json"][9] ^= 1; });
  }

  void InTheHead() {
    Forged("uncosigned", [&](Members& m) {
      m["checkpoint"] = ToBytes(volume_.SignedHead(false, 1));
    });
    Forged("size", [](Members& m) {
      m["checkpoint"][AsText(m["checkpoint"]).find("600")] = '5';
    });
    Forged("old-head",
           [&](Members& m) { m["checkpoint"] = ToBytes(HeadOf(500, {})); });
    Forged("other-log", [&](Members& m) {
      const TestKey log("audit.qmz.example/2027a",
                        merkle::NoteKeyType::kEd25519, 41);
      m["checkpoint"] = ToBytes(
          *merkle::SignCheckpoint({log.verifier.name(), 600, volume_.head.root},
                                  log.verifier, log.Sign()));
    });
  }

  void InTheContainer() {
    const Bytes good = Bundle(kAll);
    Bytes bundle = good;
    bundle[bundle.size() / 2] ^= 1;
    Case("flipped", bundle);
    bundle = good;
    bundle.resize(bundle.size() / 2);
    Case("half", bundle);
    bundle = good;
    bundle.push_back(0);
    Case("tail", bundle);
    Members members = Unpack(good);
    members["policy"].push_back('#');
    Case("sums", Pack(members));
    members = Unpack(good);
    members["bundle.note"].back() = ' ';
    Case("note", Pack(members));
    Case("empty", Bytes());
  }

  std::filesystem::path dir_;
  TestVolume volume_;
  Json cases_ = Json::array();
};

}  // namespace
}  // namespace entente::ledger

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "conformance_bundle_samples DIR\n");
    return 2;
  }
  entente::ledger::Samples(argv[1]).Make();
  return 0;
}
