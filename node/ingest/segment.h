#pragma once
// One segment, cut into elements and components, release characters resolved,
// as UTF-8. Private to the room.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "node/ingest/service_chars.h"

namespace entente::ingest {

// Bytes at which a service character may begin.
using ByteSet = std::array<bool, 256>;
ByteSet FirstBytes(std::initializer_list<const Mark*> marks);

struct SegmentLimits {
  std::size_t elements = 200;
  std::size_t components = 50;
};

// Reused from one segment to the next, so that reading allocates nothing once
// warm. Thread-compatible.
class Segment {
 public:
  // `raw`: tag, then elements, without the terminator. Line breaks are gone.
  // `special`: the first bytes of component, element and release.
  void Assign(std::string_view raw, const ServiceChars& chars,
              const ByteSet& special, const SegmentLimits& limits);
  // A segment whose content was too long to keep.
  void AssignTagOnly(std::string_view tag);

  std::string_view tag() const { return {tag_, 3}; }  // upper case
  std::uint32_t tag_id() const { return tag_id_; }
  std::size_t elements() const { return first_.size(); }
  // `element` from 1 behind the tag, `component` from 0; empty when absent.
  // Valid until the next Assign.
  std::string_view Get(std::size_t element, std::size_t component = 0) const;

  // Appends the canonical form: components end in 0x1D, elements in 0x1F, the
  // segment in 0x1E.
  void AppendCanonical(std::string& out) const;

  // Facts of the reading, for diagnostics and limits.
  std::uint64_t offset = 0;  // of the first byte, in the input
  std::uint64_t end = 0;     // behind the terminator
  std::uint32_t terminators_in_text = 0;
  std::uint32_t dangling_releases = 0;
  bool latin1 = false;
  bool terminated = true;
  bool too_long = false;
  bool too_many_elements = false;
  bool too_many_components = false;

 private:
  void Cut(std::string_view raw, const ServiceChars& chars,
           const ByteSet& special, const SegmentLimits& limits);
  bool EndComponent(std::size_t most);

  char tag_[3] = {};
  std::uint32_t tag_id_ = 0;
  std::string text_;                  // all components, one after the other
  std::vector<std::uint32_t> ends_;   // of each component, in text_
  std::vector<std::uint32_t> first_;  // of each element, in ends_
};

}  // namespace entente::ingest
