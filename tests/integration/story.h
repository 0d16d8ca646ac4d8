#pragma once
// The invented people of the tests, the files they stand in, and short ways to
// act on a node. For integration and fault tests.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/status.h"
#include "tests/testing/nodes.h"

namespace entente::testing {

struct Somebody {
  std::string surname;
  std::string given;
  std::string dob;  // YYYYMMDD
  std::string sex;
  std::string nationality;
  std::string number;  // of the passport; empty: none
};

// Planted as in scripts/make-demo-data: an exact match, a typo with swapped
// names, a name listed in Cyrillic, a protected person who is listed, and a
// near miss. `Crowd` stands around them.
struct Cast {
  std::vector<Somebody> listed;
  std::vector<Somebody> flying;
  Somebody hidden;  // protected at the asker
};
Cast MakeCast(std::size_t other_listed = 20, std::size_t other_flying = 15);
// Nobody: the same number gives the same person.
Somebody Stranger(std::uint32_t number);

std::string ListCsv(const std::vector<Somebody>& people);
std::string ProtectedCsv(const Somebody& person);

// A PAXLST D:05B message of a flight that leaves two hours after `now`.
struct Paxlst {
  std::string number = "Q7412";
  std::int64_t now = 0;
  std::string Text(const std::vector<Somebody>& people) const;
  // What the trailers claim, beyond the truth.
  int cnt_off = 0;
  int unt_off = 0;
  std::string junk;  // before UNA
};

std::filesystem::path WriteFile(const std::filesystem::path& path,
                                std::string_view text);
std::string ReadFile(const std::filesystem::path& path);

// One act that must end with `exit_code`; its JSON.
nlohmann::json MustDo(TestNode& node, const std::string& person,
                      const std::string& name, const Words& words = {},
                      int exit_code = 0);
// The leaves of the entries of one type in the node's log, oldest first.
std::vector<nlohmann::json> Entries(TestNode& node, const std::string& type);

// The id of the hit that found the exact match; "none" without one.
std::string ExactHit(TestNode& asker);
// Confirmed and asked for on one side, approved on the other.
void AskAndApprove(TestNode& asker, TestNode& holder, const std::string& hit);

// Two nodes with the list, the flight and the protected person in place.
struct Story {
  ScratchFolder folder;
  TwoNodes two;
  Cast cast;
  std::string flight;

  std::filesystem::path Path(const std::string& name) const {
    return folder.path() / name;
  }
  absl::Status Begin(TwoNodes::Options options = {}, Cast who = MakeCast());
  absl::StatusOr<std::string> ImportFlight(const std::vector<Somebody>& people,
                                           const std::string& number = "Q7412");
  absl::Status ImportList(const std::vector<Somebody>& people);
  // The holder's officers check all flags and release: for hits that were
  // confirmed and asked for.
  static Words AllFlagsAbsent();
};

// What a screening of the cast finds.
inline constexpr int kPlantedHits = 3;

// A refusal: code, reason id.
MATCHER_P2(IsRefusal, code, reason, "") {
  const absl::Status status = arg.status();
  *result_listener << status.ToString() << " reason " << ReasonOf(status);
  return status.code() == code && ReasonOf(status) == reason;
}

}  // namespace entente::testing
