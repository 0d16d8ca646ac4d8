#pragma once
// What a screening of a test pack finds, derived with the real recipe from the
// files as a node would read them; and how that, or what a node found, differs
// from what was expected. Pure, thread-safe.
// Source: docs/reference/test-pack.md.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/match/rule.h"
#include "node/rehearsal/test_pack.h"

namespace entente::rehearsal {

// One traveller found in one entry.
struct Found {
  std::string traveller;
  std::string entry;
  match::Tier tier = match::Tier::kNothing;
  std::string rules;  // `A1 B1F`, by code
  auto operator<=>(const Found&) const = default;
};

struct PackFiles {
  std::string flight;
  std::string list;
  std::string protect;
};
inline PackFiles FilesOf(const TestPack& pack) {
  return {pack.flight, pack.list, pack.protect};
}

// The clause's question, asked in clear: protected persons and kept-out
// nationals ask nothing, entries of protected persons are not listed.
//   INVALID_ARGUMENT   a file that the readers refuse, or of which they skip a
//                      line
absl::StatusOr<std::vector<Found>> ScreenInClear(const PackSpec& spec,
                                                 const PackFiles& files);

// The text of `expected.json`: the spec, the files' hashes and what is planted
// with what the recipe finds. Its SHA-256 is the hash that both sides compare.
//   FAILED_PRECONDITION `test-pack-expectation`   the recipe does not find what
//   must show, or finds what must not: nothing is written
absl::StatusOr<std::string> Expectation(const TestPack& pack);

// What is expected, read back.
struct Expected {
  PackSpec spec;
  std::vector<Plant> plants;
  std::vector<Found> found;
};
// INVALID_ARGUMENT `test-pack-malformed`.
absl::StatusOr<Expected> ReadExpectation(std::string_view text);

// A line for each way in which the pack on this machine is not what it should
// be: files, and what the recipe finds in them. Empty: everything agrees.
//   INVALID_ARGUMENT `test-pack-malformed`
absl::StatusOr<std::vector<std::string>> CheckPack(std::string_view expectation,
                                                   const PackFiles& files);

// The same for the review queue of the asker's node, `entente hits list
// --json`: it names no traveller, so hits are compared by tier and rules.
//   INVALID_ARGUMENT `test-pack-malformed`: no such list
absl::StatusOr<std::vector<std::string>> CheckHits(std::string_view expectation,
                                                   std::string_view hits_json);

}  // namespace entente::rehearsal
