#pragma once
// Why a decision is not a plain yes. Codes are stable and never reused; the bit
// in Decision::reasons is the place below (sorted by name; later ones append).
// The own log holds all of them; the peer gets the class, and the code only
// where it could work it out from the document and what it knows.
//
// docs/reference/reasons.md is this table for people; a test compares the two.
// Source: agreements.md 5.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace entente::policy {

enum class Reason : std::uint8_t {
  kA01,
  kA02,
  kA03,
  kA04,
  kC01,
  kC02,
  kC03,
  kC04,
  kC05,
  kC06,
  kC07,
  kC08,
  kF01,
  kF02,
  kF03,
  kF04,
  kH01,
  kH02,
  kL01,
  kP01,
  kP02,
  kP03,
  kS01,
  kS02,
  kS03,
  kS04,
  kS05,
  kS06,
  kS07,
  kS08,
  kT01,
  kT02,
  kT03,
  kW01,
  kW02,
  kW03,
  kW04,
  kW05,
  kW06,
  kX01,
  kX02,
  kLast = kX02
};
inline constexpr std::size_t kReasons = 41;

constexpr std::uint64_t Bit(Reason reason) {
  return std::uint64_t{1} << static_cast<unsigned>(reason);
}

enum class PeerClass : std::uint8_t {
  kNotInForce,
  kAgreementDiffers,
  kOutside,
  kLimit,
  kPending,
  kRefused,      // always R00, at `answer_by`, never sooner
  kUnavailable,  // without a code
  kNeverSent,
  kLast = kNeverSent
};

struct ReasonText {
  std::string_view code;  // `C04`
  std::string_view name;  // `quota`
  PeerClass peer_class;
  std::string_view sentence;  // plain English, no full stop
  std::string_view next;      // what to do about it
};
const ReasonText& TextOf(Reason reason);
std::string_view ReasonName(Reason reason);  // `C04`
std::optional<Reason> ReasonFromName(std::string_view code);
PeerClass PeerClassOf(Reason reason);
std::string_view PeerClassName(PeerClass peer_class);  // `not-in-force`

// The reasons of a set, in bit order; and as `C03 C04`.
std::vector<Reason> ReasonsIn(std::uint64_t reasons);
std::string ReasonList(std::uint64_t reasons);

// What a peer may be told of a refusal: one class, and one code or nothing.
// Refused always carries `R00`. Reasons that would disclose never show.
struct PeerAnswer {
  PeerClass peer_class = PeerClass::kUnavailable;
  std::string code;
  // `outside P01`, `refused R00`, `unavailable`.
  std::string Text() const;
  bool operator==(const PeerAnswer&) const = default;
};
PeerAnswer AnswerForPeer(std::uint64_t reasons);

}  // namespace entente::policy
