#include "tests/integration/trace.h"

#include <algorithm>
#include <set>

#include "crypto/primitive/hash.h"

namespace entente::testing {
namespace {

std::string Cased(std::string text, int (*change)(int)) {
  std::transform(text.begin(), text.end(), text.begin(), [change](char c) {
    return (static_cast<unsigned char>(c) & 0x80U) != 0
               ? c
               : static_cast<char>(change(c));
  });
  return text;
}
std::string Upper(const std::string& text) {
  return Cased(text, [](int c) { return std::toupper(c); });
}
std::string Lower(const std::string& text) {
  return Cased(text, [](int c) { return std::tolower(c); });
}

Bytes Utf16(const std::string& text, bool big) {
  Bytes out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    std::uint32_t unit = first;
    if (first >= 0xC0U && i + 1 < text.size()) {  // two bytes: Cyrillic
      unit = (first & 0x1FU) << 6U |
             (static_cast<unsigned char>(text[i + 1]) & 0x3FU);
      ++i;
    }
    ++i;
    const auto high = static_cast<std::uint8_t>(unit >> 8U);
    const auto low = static_cast<std::uint8_t>(unit & 0xFFU);
    out.push_back(big ? high : low);
    out.push_back(big ? low : high);
  }
  return out;
}

std::uint64_t StartOf(const std::uint8_t* at) {
  std::uint64_t out = 0;
  for (int i = 0; i < 5; ++i) out = out << 8U | at[i];
  return out;
}

}  // namespace

std::string Base64Core(std::string_view value, std::size_t lead, bool url) {
  const std::string_view alphabet =
      url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
          : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string padded = std::string(lead, '\0') + std::string(value);
  const std::size_t first = (lead * 8 + 5) / 6;
  const std::size_t last = padded.size() * 8 / 6;
  std::string out;
  for (std::size_t i = first; i < last; ++i) {
    std::uint32_t sextet = 0;
    for (std::size_t bit = i * 6; bit < i * 6 + 6; ++bit) {
      const auto byte = static_cast<unsigned char>(padded[bit / 8]);
      sextet = sextet << 1U | ((byte >> (7 - bit % 8)) & 1U);
    }
    out.push_back(alphabet[sextet]);
  }
  return out;
}

void Trace::Add(const std::string& what, const std::string& form, Bytes bytes) {
  if (bytes.size() < kShortest) return;
  by_start_[StartOf(bytes.data())].push_back(needles_.size());
  needles_.push_back({std::move(bytes), what + " as " + form});
}

void Trace::AddForms(const std::string& what, const std::string& value) {
  const Bytes raw = ToBytes(value);
  Add(what, "text", raw);
  Add(what, "hex", ToBytes(ToHex(raw)));
  Add(what, "HEX", ToBytes(Upper(ToHex(raw))));
  for (std::size_t lead = 0; lead < 3; ++lead) {
    Add(what, "base64", ToBytes(Base64Core(value, lead, false)));
    Add(what, "base64url", ToBytes(Base64Core(value, lead, true)));
  }
  Add(what, "UTF-16LE", Utf16(value, false));
  Add(what, "UTF-16BE", Utf16(value, true));
  std::vector<Bytes> hashed = {raw};
  for (const Bytes& salt : salts_) {
    hashed.push_back(Concat({salt, raw}));
    hashed.push_back(Concat({raw, salt}));
  }
  for (const Bytes& text : hashed) {
    const Hash hash = primitive::Sha256(text);
    Add(what, "SHA-256", ToBytes(ByteView(hash)));
    Add(what, "SHA-256 in hex", ToBytes(ToHex(hash)));
    Add(what, "SHA-256 in HEX", ToBytes(Upper(ToHex(hash))));
  }
}

void Trace::AddValue(const std::string& what, const std::string& value) {
  if (value.size() < kShortest) return;
  for (const std::string& form :
       std::set<std::string>{value, Upper(value), Lower(value)})
    AddForms(what, form);
}

void Trace::AddPerson(const Somebody& person) {
  AddValue("surname " + person.surname, person.surname);
  AddValue("given name " + person.given, person.given);
  AddValue("date of birth " + person.dob, person.dob);
  AddValue("date of birth " + person.dob, person.dob.substr(0, 4) + "-" +
                                              person.dob.substr(4, 2) + "-" +
                                              person.dob.substr(6));
  AddValue("document " + person.number, person.number);
}

std::vector<std::string> Trace::In(ByteView haystack) const {
  std::set<std::string> found;
  for (std::size_t at = 0; at + kShortest <= haystack.size(); ++at) {
    const auto candidates = by_start_.find(StartOf(haystack.data() + at));
    if (candidates == by_start_.end()) continue;
    for (const std::size_t i : candidates->second) {
      const Bytes& bytes = needles_[i].bytes;
      if (at + bytes.size() <= haystack.size() &&
          std::equal(bytes.begin(), bytes.end(),
                     haystack.begin() + static_cast<std::ptrdiff_t>(at)))
        found.insert(needles_[i].what);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> Trace::InFolder(
    const std::filesystem::path& folder) const {
  std::vector<std::string> out;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    for (const std::string& what : In(AsBytes(ReadFile(entry.path()))))
      out.push_back(entry.path().filename().string() + ": " + what);
  }
  return out;
}

}  // namespace entente::testing
