// libFuzzer target for the verifier of bundles. Odd first byte: the rest is the
// file. Even: the rest is spliced into one member of a sound bundle, and the
// exporter's key signs the forgery, so that the bytes reach the parsers behind
// the sums. Beyond "no crash": what verifies holds the log's own tree.

#include <cstdint>
#include <cstdlib>

#include "node/ledger/testing_bundle.h"

namespace entente::ledger {
namespace {

constexpr EntryRange kAll = {0, 300};

struct Sound {
  Sound() {
    volume.Begin();
    volume.records.erase(4);
    volume.PadTo(300);
    volume.Publish(true, kStart / 1'000'000 + 1000);
    members = Unpack(*BundleOf(InputOf(volume, kAll, {5})));
    for (const auto& [name, bytes] : members) names.push_back(name);
  }
  TestVolume volume;
  Members members;
  std::vector<std::string> names;
};

Report Verify(const Sound& sound, ByteView bundle) {
  BundleOptions options;
  options.officers = {sound.volume.officer.verifier};
  options.opener = Opener::With(sound.volume.officer_box);
  return *VerifyBundle(BundleSource::Of(bundle), sound.volume.Policy("w"),
                       options);
}

// Byte 1 the member, 2 and 3 where, 4 how many bytes go, the rest comes.
Members Splice(const Sound& sound, ByteView in) {
  Members members = sound.members;
  Bytes& member = members[sound.names[in[1] % sound.names.size()]];
  const std::size_t at =
      std::min<std::size_t>(std::size_t{in[2]} << 8U | in[3], member.size());
  const std::size_t gone = std::min<std::size_t>(in[4], member.size() - at);
  const auto first = member.begin() + static_cast<std::ptrdiff_t>(at);
  const auto rest =
      member.erase(first, first + static_cast<std::ptrdiff_t>(gone));
  member.insert(rest, in.begin() + 5, in.end());
  return members;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

void Run(ByteView in) {
  static const Sound sound;
  if (in.empty()) return;
  if (in[0] % 2 == 1) {
    const Report report = Verify(sound, in.subspan(1));
    Require(IsVerified(report.verdict) || report.fault);
    return;
  }
  if (in.size() < 5) return;
  Members members = Splice(sound, in);
  const Report report = Verify(sound, Forge(members, sound.volume, kAll));
  if (!IsVerified(report.verdict)) return Require(report.fault.has_value());
  for (const auto& [name, bytes] : members) {
    const bool free = name == "policy" || name == "SHA256SUMS" ||
                      name == "bundle.note";  // made anew, or never trusted
    Require(free || bytes == sound.members.at(name) || name == "checkpoint");
  }
}

}  // namespace
}  // namespace entente::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  entente::ledger::Run({data, size});
  return 0;
}
