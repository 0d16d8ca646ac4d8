// A short run without libFuzzer: sound texts, and mutations of them by seed,
// through the same checks. `signed_texts_run [ROUNDS]`, or files to try again.

#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>

#include "tests/fuzz/signed_texts.h"

namespace entente::policy::fuzz {
namespace {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  Bytes Of(const Bytes& seed, const Bytes& other) {
    Bytes out = seed;
    for (std::uint32_t n = 1 + Below(4); n > 0 && out.size() > 1; --n)
      One(out, other);
    return out;
  }

 private:
  std::uint32_t Below(std::size_t bound) {
    return static_cast<std::uint32_t>(random_() % bound);
  }
  void One(Bytes& out, const Bytes& other) {
    const std::size_t at = 1 + Below(out.size() - 1);
    const auto here = out.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t length =
        std::min<std::size_t>(1 + Below(40), out.size() - at);
    const auto end = here + static_cast<std::ptrdiff_t>(length);
    switch (Below(6)) {
      case 0:  // a bit
        *here ^= static_cast<std::uint8_t>(1U << Below(8));
        return;
      case 1:  // a byte of the format's own letters
        *here = static_cast<std::uint8_t>(kLetters[Below(kLetters.size())]);
        return;
      case 2:  // a piece gone
        out.erase(here, end);
        return;
      case 3: {  // a piece doubled
        const Bytes piece(here, end);
        out.insert(here, piece.begin(), piece.end());
        return;
      }
      case 4: {  // a piece of another text
        const std::size_t from = 1 + Below(other.size() - 1);
        const std::size_t size =
            std::min<std::size_t>(1 + Below(60), other.size() - from);
        const auto first = other.begin() + static_cast<std::ptrdiff_t>(from);
        out.insert(here, first, first + static_cast<std::ptrdiff_t>(size));
        return;
      }
      default:  // two lines in each other's place
        return SwapLines(out, at);
    }
  }
  static void SwapLines(Bytes& out, std::size_t at) {
    const auto find = [&out](std::size_t from) {
      while (from < out.size() && out[from] != '\n') ++from;
      return std::min(from + 1, out.size());
    };
    const std::size_t first = find(at);
    const std::size_t second = find(first);
    const std::size_t third = find(second);
    const auto to = [&out](std::size_t i) {
      return out.begin() + static_cast<std::ptrdiff_t>(i);
    };
    std::rotate(to(first), to(second), to(third));
  }
  static constexpr std::string_view kLetters = "\"[]=, \n\\0:-TZeé{}";
  std::mt19937_64 random_;
};

int Main(int argc, char** argv) {
  std::uint32_t rounds = 4000;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const char* end = word.data() + word.size();
    if (std::from_chars(word.data(), end, rounds).ptr == end) continue;
    std::ifstream in(argv[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    Run(AsBytes(text));
    return 0;
  }
  const std::vector<Bytes> seeds = Seeds();
  for (const Bytes& seed : seeds) {
    if (Run(seed)) continue;
    std::fprintf(stderr, "a sound text is refused:\n%.*s\n",
                 static_cast<int>(seed.size() - 1),
                 AsText(ByteView(seed).subspan(1)).data());
    return 1;
  }
  Mutator mutator(20'261'130);
  std::uint32_t read = 0;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const Bytes& seed = seeds[i % seeds.size()];
    const Bytes& other = seeds[(std::size_t{i} * 7 + 3) % seeds.size()];
    read += Run(mutator.Of(seed, other)) ? 1U : 0U;
  }
  // A run in which nothing is read any more tests nothing but refusals.
  Require(rounds < 1000 || (read > rounds / 100 && read < rounds));
  std::printf("signed texts: %zu seeds, %u mutations, %u of them read\n",
              seeds.size(), rounds, read);
  return 0;
}

}  // namespace
}  // namespace entente::policy::fuzz

int main(int argc, char** argv) {
  return entente::policy::fuzz::Main(argc, argv);
}
