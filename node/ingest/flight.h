#pragma once
// The stops of one flight as a message lists them, and the legs they make.
// Private to the room.

#include <cstdint>
#include <string>
#include <vector>

#include "node/model/person.h"

namespace entente::ingest {

enum class StopKind : std::uint8_t { kDeparture, kArrival, kBetween };

struct Stop {
  std::string airport;
  StopKind kind = StopKind::kBetween;
  std::string arrival;  // moments, as of ReadMoment
  std::string departure;
};

struct Flight {
  std::string carrier;
  std::string number;
  std::vector<Stop> stops;
};

// `id` without the carrier when it begins with it, else whole. When `carrier`
// is empty and `id` looks like a flight number (two characters of a carrier,
// then one to four digits and perhaps a letter), the carrier is taken from it.
void SplitFlightId(std::string id, std::string carrier, Flight& flight);

// Joins what is said twice about one stop, and pairs neighbours. One stop
// alone gives a leg with one end.
std::vector<model::Leg> LegsOf(const Flight& flight);

}  // namespace entente::ingest
