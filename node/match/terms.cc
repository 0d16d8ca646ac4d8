#include "node/match/terms.h"

#include <algorithm>
#include <cstddef>

#include "crypto/base/bytes.h"
#include "crypto/base/secret.h"
#include "node/match/normal_form.h"
#include "node/match/skeleton.h"

namespace entente::match {
namespace {

constexpr std::size_t kMaxDocuments = 3;
constexpr std::size_t kMaxNationalities = 2;
constexpr std::size_t kMaxUsed = 5;
constexpr std::size_t kLeastDocument = 5;
constexpr std::size_t kMaxCode = 8;

void WipeText(std::string& text) {
  text.resize(text.capacity());  // what lies behind the end counts too
  Wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// Codes of states and issuers: anything that is not plainly a known code counts
// as unknown, so that nothing foreign enters a key text.
bool IsKnownCode(std::string_view code) {
  return !code.empty() && code.size() <= kMaxCode && code != "XXX" &&
         code != "UNK" && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

char LetterOf(model::DocumentClass document_class) {
  switch (document_class) {
    case model::DocumentClass::kPassport:
      return 'P';
    case model::DocumentClass::kIdentityCard:
      return 'I';
    case model::DocumentClass::kVisa:
      return 'V';
    case model::DocumentClass::kResidence:
      return 'R';
    case model::DocumentClass::kOther:
      break;
  }
  return 'O';
}

void Join(const NameTerms::Views& words, std::string_view between,
          std::string& out) {
  out.clear();
  for (const std::string_view word : words) {
    if (!out.empty()) out.append(between);
    out.append(word);
  }
}

void SortDistinct(NameTerms::Views& words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
}

}  // namespace

BirthDate BirthDate::Of(std::string_view dob) {
  const bool sized = dob.size() == 4 || dob.size() == 8;
  if (!sized || !AllDigits(dob) || dob.starts_with("0000")) return {};
  return BirthDate{dob};
}

void NameTerms::Build(const model::Name& name, GluedTitles glued) {
  Forget();
  FoldInto(name.surname, folded_surname_);
  FoldInto(name.given, folded_given_);
  if (glued == GluedTitles::kCut) CutGluedTitle(folded_given_);
  Words(folded_surname_, sur_);
  Words(folded_given_, giv_);
  tok_ = giv_;
  tok_.insert(tok_.end(), sur_.begin(), sur_.end());
  if (tok_.empty()) {
    FoldInto(name.full, folded_full_);
    Words(folded_full_, tok_);
  }
  Core(tok_, 2, t);
  if (!enough()) return;
  ts = t;
  SortDistinct(ts);
  Join(ts, " ", n);
  BuildSkeletons();
  typed = !sur_.empty() && !giv_.empty();
  if (typed) BuildTyped(sur_, giv_);
}

void NameTerms::BuildTyped(const Views& sur, const Views& giv) {
  Core(sur, 1, core_);
  Join(core_, "", surname);
  Core(giv, 1, core_);
  given = core_.front();
  AppendSkeleton(surname, surname_skeleton);
  AppendSkeleton(given, given_skeleton);
}

void NameTerms::BuildSkeletons() {
  Join(t, "", scratch_);
  // Reserved first: the views below borrow from it while it grows.
  skeleton_text_.reserve(scratch_.size());
  for (const std::string_view word : t) {
    const std::size_t start = skeleton_text_.size();
    AppendSkeleton(word, skeleton_text_);
    skeletons.push_back(std::string_view(skeleton_text_).substr(start));
    if (word.size() >= 2) ph.push_back(skeletons.back());
  }
  AppendSkeleton(scratch_, together_skeleton);
  SortDistinct(ph);
  Join(ph, " ", pn);
  use = ph;
  if (use.size() > kMaxUsed) {
    std::sort(use.begin(), use.end(),
              [](std::string_view a, std::string_view b) {
                return a.size() != b.size() ? a.size() > b.size() : a < b;
              });
    use.resize(kMaxUsed);
    std::sort(use.begin(), use.end());
  }
}

void NameTerms::Forget() {
  for (Views* views :
       {&t, &ts, &ph, &use, &skeletons, &sur_, &giv_, &tok_, &core_}) {
    views->clear();
  }
  for (std::string* text :
       {&n, &pn, &surname, &given, &surname_skeleton, &given_skeleton,
        &together_skeleton, &folded_surname_, &folded_given_, &folded_full_,
        &skeleton_text_, &scratch_}) {
    WipeText(*text);
  }
  typed = false;
}

std::string DocumentNumber(std::string_view number) {
  std::string out;
  FoldInto(number, out);
  std::erase(out, ' ');
  std::replace(out.begin(), out.end(), 'O', '0');
  out.erase(0, std::min(out.find_first_not_of('0'), out.size()));
  const bool one_character =
      out.find_first_not_of(out.substr(0, 1)) == std::string::npos;
  if (out.size() < kLeastDocument || one_character) out.clear();
  return out;
}

void CommonTerms::Build(model::Sex sex,
                        const std::vector<std::string>& nationalities,
                        const std::vector<model::Document>& records) {
  Forget();
  std::vector<std::string_view> known;
  for (const std::string& code : nationalities) {
    if (IsKnownCode(code) && known.size() < kMaxNationalities) {
      known.push_back(code);
    }
  }
  const bool female = sex == model::Sex::kFemale;
  const bool male = sex == model::Sex::kMale;
  for (const char letter : {'F', 'M'}) {
    if (letter == 'F' ? male : female) continue;
    for (const std::string_view code : known)
      factors.emplace_back(letter, code);
  }
  for (const model::Document& record : records) {
    if (documents.size() == kMaxDocuments) break;
    DocumentTerms terms{DocumentNumber(record.number), {}, 0};
    if (terms.number.empty()) continue;
    if (IsKnownCode(record.issuer)) terms.issuer = record.issuer;
    terms.document_class = LetterOf(record.document_class);
    documents.push_back(std::move(terms));
  }
}

void CommonTerms::Forget() {
  factors.clear();
  for (DocumentTerms& document : documents) WipeText(document.number);
  documents.clear();
}

}  // namespace entente::match
