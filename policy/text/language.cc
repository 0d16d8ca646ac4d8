#include "policy/text/language.h"

#include <array>
#include <utility>

#include "crypto/base/status.h"
#include "policy/civil.h"
#include "policy/text/embedded.h"

namespace entente::policy {
namespace {

std::string_view Stripped(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool Unquote(std::string_view& text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) {
    return false;
  }
  text = text.substr(1, text.size() - 2);
  return text.find('"') == std::string_view::npos;
}

// French sets a no-break space before : ; ? ! and inside its quotation marks.
std::string Typeset(Lang lang, std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
      {" :", "\u00A0:"}, {" ;", "\u00A0;"}, {" ?", "\u00A0?"},
      {" !", "\u00A0!"}, {"« ", "«\u00A0"}, {" »", "\u00A0»"},
      {" %", "\u00A0%"}};
  std::string out(text);
  if (lang == Lang::kEnglish) return out;
  for (const auto& [plain, set] : kMarks) {
    for (std::size_t at = out.find(plain); at != std::string::npos;
         at = out.find(plain, at + set.size())) {
      out.replace(at, plain.size(), set);
    }
  }
  return out;
}

struct Source {
  std::string_view code;
  Lang lang;
};
constexpr std::array<Source, 3> kSources{
    {{"en", Lang::kEnglish}, {"fr", Lang::kFrench}, {"ru", Lang::kRussian}}};

std::string TwoDigits(std::int64_t n) {
  return (n < 10 ? "0" : "") + std::to_string(n);
}

}  // namespace

absl::StatusOr<const Language*> Language::Of(std::string_view code) {
  static const auto known = [] {
    std::array<absl::StatusOr<Language>, 3> out{
        absl::UnknownError(""), absl::UnknownError(""), absl::UnknownError("")};
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = Parse(kSources[i].lang,
                     EmbeddedFile("lang/" + std::string(kSources[i].code)));
    }
    return out;
  }();
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    if (kSources[i].code != code) continue;
    TRY_OK(known[i].status());
    return &*known[i];
  }
  return WithNext(Invalid("there is no language `", code, "`"),
                  "take en, fr or ru");
}

absl::StatusOr<Language> Language::Parse(Lang lang, std::string_view file) {
  Language out(lang);
  std::string section;
  int number = 0;
  while (!file.empty()) {
    const std::size_t end = file.find('\n');
    const std::string_view line = Stripped(file.substr(0, end));
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const std::size_t equals = line.find(" = ");
    std::string_view code = line.substr(0, equals);
    std::string_view text = equals == std::string_view::npos
                                ? std::string_view()
                                : Stripped(line.substr(equals + 3));
    if (!Unquote(code) || !Unquote(text) || section.empty() ||
        !out.words_
             .emplace(section + "/" + std::string(code), Typeset(lang, text))
             .second) {
      return Invalid("line ", std::to_string(number),
                     " of a language file cannot be read");
    }
  }
  return out;
}

const std::string* Language::Find(std::string_view section,
                                  std::string_view code) const {
  const auto found = words_.find(Join({section, "/", code}));
  return found == words_.end() ? nullptr : &found->second;
}

std::string Language::Say(std::string_view code, Values values) const {
  const std::string* message = Find("say", code);
  return message == nullptr ? Join({"{?", code, "}"})
                            : Fill(lang_, *message, values);
}

std::string Language::Date(std::int64_t seconds) const {
  const CivilDate date = CivilFromDays(seconds / kDaySeconds);
  const std::string* month = Find("month", std::to_string(date.month));
  return Say(date.day == 1 ? "date.first" : "date",
             {{"day", std::to_string(date.day)},
              {"month", month == nullptr ? std::string() : *month},
              {"year", std::to_string(date.year)}});
}

std::string Language::Instant(std::int64_t seconds) const {
  const std::int64_t rest = seconds % kDaySeconds;
  std::string time = TwoDigits(rest / 3600) + ":" + TwoDigits(rest / 60 % 60);
  if (rest % 60 != 0) time += ":" + TwoDigits(rest % 60);
  return Say("instant", {{"date", Date(seconds)}, {"time", time}});
}

std::string Language::List(std::span<const std::string> items) const {
  const std::string_view between = lang_ == Lang::kFrench ? "\u00A0; " : "; ";
  std::string out;
  for (const std::string& item : items) {
    out.append(out.empty() ? "" : between).append(item);
  }
  return out;
}

}  // namespace entente::policy
