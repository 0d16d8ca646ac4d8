#pragma once
// Searches bytes for values of people, in every form in which a careless
// program would let them out.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/base/bytes.h"
#include "tests/integration/story.h"

namespace entente::testing {

// Not thread-safe while values are added.
class Trace {
 public:
  // `salts`: public values that a hash could be salted with.
  explicit Trace(std::vector<Bytes> salts) : salts_(std::move(salts)) {}

  // `value` as it is, in capitals and in small letters: plain, hex in both
  // cases, base64 of both alphabets in all three alignments, UTF-16 in both
  // orders, SHA-256 (raw and hex) plain and with each salt before or after it.
  // Values shorter than five bytes are left out: they say nothing.
  void AddValue(const std::string& what, const std::string& value);
  // Surname, given name, date of birth (also YYMMDD) and document number.
  void AddPerson(const Somebody& person);

  // Which values stand in `haystack`, and in which form.
  std::vector<std::string> In(ByteView haystack) const;
  // In each file below `folder`, with the file's name.
  std::vector<std::string> InFolder(const std::filesystem::path& folder) const;

  std::size_t size() const { return needles_.size(); }
  // Every form, for the proof that the search finds it.
  struct Needle {
    Bytes bytes;
    std::string what;
  };
  const std::vector<Needle>& needles() const { return needles_; }

 private:
  static constexpr std::size_t kShortest = 5;
  void AddForms(const std::string& what, const std::string& value);
  void Add(const std::string& what, const std::string& form, Bytes bytes);

  std::vector<Bytes> salts_;
  std::vector<Needle> needles_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> by_start_;
};

// The characters of the base64 text of anything that holds `value` at an offset
// of `lead` modulo 3 that depend on `value` alone.
std::string Base64Core(std::string_view value, std::size_t lead, bool url);

}  // namespace entente::testing
