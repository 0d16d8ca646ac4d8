#include "node/rehearsal/test_pack.h"

#include <algorithm>
#include <array>

#include "crypto/base/codec.h"
#include "crypto/base/status.h"
#include "crypto/primitive/hash.h"
#include "node/rehearsal/invented.h"
#include "policy/civil.h"

namespace entente::rehearsal {
namespace {

constexpr std::string_view kLabel = "entente/test-pack/1\n";
constexpr std::array<std::string_view, 8> kKinds{
    "exact",     "typo",     "swapped",   "transliterated",
    "protected", "national", "near-date", "near-name"};
constexpr std::uint32_t kEach = 3;  // planted of each kind

// Each part with its length, so that no two specs give one seed.
Hash SeedOf(const PackSpec& spec) {
  Bytes in = ToBytes(AsBytes(kLabel));
  const auto put = [&in](std::string_view text) {
    const std::string part =
        std::to_string(text.size()) + ":" + std::string(text) + "\n";
    in.insert(in.end(), part.begin(), part.end());
  };
  put(ToHex(spec.agreement));
  put(spec.clause);
  put(spec.holder);
  put(spec.asker);
  put(spec.ground);
  put(spec.date);
  put(std::to_string(spec.seed));
  put(std::to_string(spec.travellers));
  put(std::to_string(spec.listed));
  return primitive::Sha256(in);
}

// One person on both sides, as each side has them.
struct Pair {
  Kind kind = Kind::kExact;
  Invented flies;
  Invented listed;
};

Pair Planted(Kind kind, SeedStream& stream, const PackSpec& spec) {
  Pair out;
  out.kind = kind;
  out.flies = InventPerson(stream, spec.holder, spec.asker);
  const bool asker_only = spec.exclude == policy::Nationals::kAsker;
  if (kind == Kind::kNational)
    out.flies.nationality = asker_only ? spec.asker : spec.holder;
  out.listed = out.flies;
  switch (kind) {
    case Kind::kExact:
    case Kind::kProtected:
    case Kind::kNational:
      break;
    case Kind::kTypo:
      out.flies.surname = WithTypo(stream, out.listed.surname);
      out.flies.number = InventNumber(stream);
      break;
    case Kind::kSwapped:
      std::swap(out.flies.surname, out.flies.given);
      out.flies.number = InventNumber(stream);
      break;
    case Kind::kTransliterated:
      out.listed.surname = InCyrillic(out.flies.surname);
      out.listed.given = InCyrillic(out.flies.given);
      out.listed.number.clear();
      break;
    case Kind::kNearDate:
      out.flies.dob = OtherDate(stream, out.listed.dob);
      out.flies.number = InventNumber(stream);
      break;
    case Kind::kNearName: {
      const Invented other = InventPerson(stream, spec.holder, spec.asker);
      out.flies.surname = other.surname;
      out.flies.given = other.given;
      out.flies.number = other.number;
      break;
    }
  }
  return out;
}

std::string Numbered(std::string_view what, std::size_t number) {
  std::string digits = std::to_string(number + 1);
  digits.insert(0, 6 - std::min<std::size_t>(6, digits.size()), '0');
  return std::string(kMark) + std::string(what) + digits;
}

std::string Row(const std::string& id, const Invented& p) {
  const std::string paper =
      p.number.empty() ? ",," : p.number + "," + p.nationality + ",P";
  return id + "," + p.surname + "," + p.given + "," + p.dob + "," + p.sex +
         "," + p.nationality + "," + paper;
}

template <class T>
void Shuffle(std::vector<T>& rows, SeedStream& stream) {
  for (std::size_t i = rows.size(); i > 1; --i)
    std::swap(rows[i - 1], rows[stream.Below(static_cast<std::uint32_t>(i))]);
}

// A row of a file: a planted pair by its number, or a stranger.
struct Slot {
  int plant = -1;
  Invented person;
};

std::vector<Slot> Slots(const std::vector<Pair>& pairs, bool flying,
                        std::uint32_t size, SeedStream& stream,
                        const PackSpec& spec) {
  std::vector<Slot> out;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    out.push_back(
        {static_cast<int>(i), flying ? pairs[i].flies : pairs[i].listed});
  while (out.size() < size)
    out.push_back({-1, InventPerson(stream, spec.holder, spec.asker)});
  Shuffle(out, stream);
  return out;
}

absl::Status Check(const PackSpec& spec) {
  if (spec.travellers < 32 || spec.travellers > 2000)
    return Invalid("a test pack has 32 to 2,000 travellers");
  if (spec.listed < 32 || spec.listed > 60'000)
    return Invalid("the list of a test pack has 32 to 60,000 rows");
  if (!policy::ParseDate(spec.date))
    return Invalid("the date of a test pack's flight is YYYY-MM-DD");
  return absl::OkStatus();
}

}  // namespace

std::string_view KindName(Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

bool MustShow(Kind kind) {
  return kind == Kind::kExact || kind == Kind::kTypo ||
         kind == Kind::kSwapped || kind == Kind::kTransliterated;
}

absl::StatusOr<TestPack> MakePack(const PackSpec& spec) {
  TRY_OK(Check(spec));
  SeedStream stream(SeedOf(spec));
  TestPack out;
  out.spec = spec;
  std::vector<Pair> pairs;
  for (std::size_t k = 0; k < kKinds.size(); ++k) {
    const Kind kind = static_cast<Kind>(k);
    if (kind == Kind::kNational && spec.exclude == policy::Nationals::kNone)
      continue;
    for (std::uint32_t i = 0; i < kEach; ++i)
      pairs.push_back(Planted(kind, stream, spec));
  }
  out.plants.resize(pairs.size());
  const std::string number = std::to_string(1 + stream.Below(9998));
  const std::vector<Slot> flies =
      Slots(pairs, true, spec.travellers, stream, spec);
  out.flight =
      "pax_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,"
      "doc_type,carrier,flight,flight_date,from,to\n";
  for (std::size_t i = 0; i < flies.size(); ++i) {
    const std::string id = Numbered("P", i);
    if (flies[i].plant >= 0)
      out.plants[static_cast<std::size_t>(flies[i].plant)].traveller = id;
    out.flight += Row(id, flies[i].person) + ",QQ," + number + "," + spec.date +
                  ",QQA,QQB\n";
  }
  const std::vector<Slot> listed =
      Slots(pairs, false, spec.listed, stream, spec);
  out.list =
      "entry_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,"
      "doc_type,ground,grade,expires\n";
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const std::string id = Numbered("L", i);
    if (listed[i].plant >= 0)
      out.plants[static_cast<std::size_t>(listed[i].plant)].entry = id;
    out.list +=
        Row(id, listed[i].person) + "," + spec.ground + ",B2,2090-12-31\n";
  }
  out.protect =
      "pax_id,surname,given,dob,sex,nationality,doc_number,doc_issuer,"
      "doc_type\n";
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out.plants[i].kind = pairs[i].kind;
    if (pairs[i].kind == Kind::kProtected)
      out.protect += Row(Numbered("R", i), pairs[i].flies) + "\n";
  }
  std::sort(
      out.plants.begin(), out.plants.end(),
      [](const Plant& a, const Plant& b) { return a.traveller < b.traveller; });
  return out;
}

}  // namespace entente::rehearsal
