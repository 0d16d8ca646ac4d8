#include "node/ingest/segment.h"

#include <algorithm>
#include <array>

#include "node/ingest/tags.h"
#include "node/ingest/text.h"

namespace entente::ingest {
namespace {

// In free text an element separator beyond the table's last element is text
// (people type what a sender chose as separator). 0: not free text.
std::size_t LastElementOf(std::uint32_t tag_id) {
  switch (tag_id) {
    case TagId("FTX"):
      return 6;
    case TagId("COM"):
      return 3;
    default:
      return 0;
  }
}

}  // namespace

ByteSet FirstBytes(std::initializer_list<const Mark*> marks) {
  ByteSet set{};
  for (const Mark* mark : marks) {
    if (mark->used()) set[static_cast<std::uint8_t>(mark->first())] = true;
  }
  return set;
}

void Segment::AssignTagOnly(std::string_view tag) {
  text_.clear();
  ends_.clear();
  first_.clear();
  for (std::size_t i = 0; i < 3; ++i) {
    const char c = i < tag.size() ? tag[i] : ' ';
    tag_[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  tag_id_ = TagId({tag_, 3});
  terminators_in_text = 0;
  dangling_releases = 0;
  latin1 = false;
  terminated = true;
  too_long = false;
  too_many_elements = false;
  too_many_components = false;
}

void Segment::Assign(std::string_view raw, const ServiceChars& chars,
                     const ByteSet& special, const SegmentLimits& limits) {
  AssignTagOnly(raw.substr(0, 3));
  if (IsUtf8(raw)) {
    Cut(raw, chars, special, limits);
    return;
  }
  Cut(FromLatin1(raw), chars, special, limits);
  latin1 = true;
}

// Ends a component at the end of text_. False: one too many.
bool Segment::EndComponent(std::size_t most) {
  const std::size_t in_element = ends_.size() - first_.back();
  if (in_element >= most) return false;
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  return true;
}

void Segment::Cut(std::string_view raw, const ServiceChars& chars,
                  const ByteSet& special, const SegmentLimits& limits) {
  const std::size_t last_element = LastElementOf(tag_id_);
  std::size_t i = std::min<std::size_t>(3, raw.size());
  while (i < raw.size() && raw[i] == ' ') ++i;
  if (!chars.element.Starts(raw.substr(i))) return;  // a tag and nothing else
  i += chars.element.size();
  first_.push_back(0);
  while (i < raw.size()) {
    std::size_t plain = i;
    while (plain < raw.size() &&
           !special[static_cast<std::uint8_t>(raw[plain])]) {
      ++plain;
    }
    text_.append(raw.substr(i, plain - i));
    i = plain;
    if (i == raw.size()) break;
    const std::string_view rest = raw.substr(i);
    if (chars.release.Starts(rest)) {
      const std::string_view next = rest.substr(chars.release.size());
      const std::size_t n = chars.LengthAt(next);
      if (n == 0) ++dangling_releases;
      text_.append(n == 0 ? chars.release.view() : next.substr(0, n));
      i += chars.release.size() + n;
    } else if (chars.element.Starts(rest)) {
      i += chars.element.size();
      if (first_.size() == last_element) {
        text_.append(chars.element.view());
        continue;
      }
      if (!EndComponent(limits.components)) {
        too_many_components = true;
        return;
      }
      if (first_.size() == limits.elements) {
        too_many_elements = true;
        return;
      }
      first_.push_back(static_cast<std::uint32_t>(ends_.size()));
    } else if (chars.component.Starts(rest)) {
      i += chars.component.size();
      if (!EndComponent(limits.components)) {
        too_many_components = true;
        return;
      }
    } else {
      text_.push_back(raw[i]);  // the first byte of a longer mark, alone
      ++i;
    }
  }
  if (!EndComponent(limits.components)) too_many_components = true;
}

std::string_view Segment::Get(std::size_t element,
                              std::size_t component) const {
  if (element == 0 || element > first_.size()) return {};
  const std::size_t last =
      element < first_.size() ? first_[element] : ends_.size();
  const std::size_t index = first_[element - 1] + component;
  if (index >= last) return {};
  const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

void Segment::AppendCanonical(std::string& out) const {
  out.append(tag());
  out.push_back('\x1F');
  std::size_t begin = 0;
  std::size_t element = 1;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    out.append(text_, begin, ends_[i] - begin);
    begin = ends_[i];
    const bool last_of_element =
        i + 1 == ends_.size() ||
        (element < first_.size() && first_[element] == i + 1);
    out.push_back(last_of_element ? '\x1F' : '\x1D');
    if (last_of_element) ++element;
  }
  out.push_back('\x1E');
}

}  // namespace entente::ingest
