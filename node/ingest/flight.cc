#include "node/ingest/flight.h"

#include <utility>

#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

bool LooksLikeFlightNumber(std::string_view id) {
  if (id.size() < 3 || id.size() > 7) return false;
  const bool carrier = (IsLetter(id[0]) || IsDigit(id[0])) &&
                       (IsLetter(id[1]) || IsDigit(id[1])) &&
                       (IsLetter(id[0]) || IsLetter(id[1]));
  std::string_view digits = id.substr(2);
  if (digits.size() > 1 && IsLetter(digits.back())) digits.remove_suffix(1);
  return carrier && AllDigits(digits) && digits.size() <= 4;
}

// Said twice: the arrival at a stop, then the departure from it.
bool SameStop(const Stop& before, const Stop& next) {
  return before.airport == next.airport && before.departure.empty() &&
         !(before.kind == StopKind::kDeparture &&
           next.kind == StopKind::kArrival);
}

std::vector<Stop> Joined(const std::vector<Stop>& stops) {
  std::vector<Stop> out;
  for (const Stop& stop : stops) {
    if (stop.airport.empty()) continue;
    if (!out.empty() && SameStop(out.back(), stop)) {
      if (out.back().arrival.empty()) out.back().arrival = stop.arrival;
      out.back().departure = stop.departure;
      continue;
    }
    out.push_back(stop);
  }
  return out;
}

}  // namespace

void SplitFlightId(std::string id, std::string carrier, Flight& flight) {
  if (carrier.empty() && LooksLikeFlightNumber(id)) carrier = id.substr(0, 2);
  if (!carrier.empty() && id.size() > carrier.size() &&
      id.starts_with(carrier)) {
    id.erase(0, carrier.size());
  }
  flight.carrier = std::move(carrier);
  flight.number = std::move(id);
}

std::vector<model::Leg> LegsOf(const Flight& flight) {
  std::vector<Stop> stops = Joined(flight.stops);
  std::vector<model::Leg> legs;
  if (stops.empty()) return legs;
  if (stops.size() == 1) {
    const Stop& stop = stops[0];
    if (stop.kind == StopKind::kArrival) {
      legs.push_back({"", stop.airport, "", stop.arrival});
    } else {
      legs.push_back({stop.airport, "", stop.departure, ""});
    }
    return legs;
  }
  // The kinds say which is which, whatever the order.
  if (stops.size() == 2 && stops[0].kind == StopKind::kArrival &&
      stops[1].kind == StopKind::kDeparture) {
    std::swap(stops[0], stops[1]);
  }
  for (std::size_t i = 0; i + 1 < stops.size(); ++i) {
    legs.push_back({stops[i].airport, stops[i + 1].airport, stops[i].departure,
                    stops[i + 1].arrival});
  }
  return legs;
}

}  // namespace entente::ingest
