#include "policy/catalogue.h"

#include <algorithm>
#include <utility>

#include "crypto/base/status.h"
#include "policy/agreement.h"
#include "policy/catalogue_schema.h"
#include "policy/schema_reader.h"
#include "policy/schema_writer.h"

namespace entente::policy {
namespace {

template <class File>
absl::StatusOr<File> ReadFile(ByteView bytes, std::string_view name) {
  File file;
  Findings findings;
  PositionMap where;
  if (!ReadDocument(bytes, file, findings, where,
                    [](const File& value) { return WriteDocument(value); })) {
    const absl::Status status = ToStatus(findings);
    return WithNext(
        WithReason(Invalid(name, ": ", MessageOf(status)), ReasonOf(status)),
        NextOf(status));
  }
  return file;
}

// A code that stood twice would have two bits, and a word two meanings.
template <class Row>
absl::Status NeedDistinctCodes(const std::vector<Row>& rows,
                               std::string_view name) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (rows[i].code == rows[j].code) {
        return WithReason(
            Invalid(name, ": the code \"", rows[i].code, "\" stands twice"),
            "AG-108");
      }
    }
    if (rows[i].code.find('.') == std::string::npos) {
      return WithReason(Invalid(name, ": the code \"", rows[i].code,
                                "\" has no group before a dot"),
                        "AG-107");
    }
  }
  return absl::OkStatus();
}

template <class Row>
std::optional<std::uint8_t> IndexIn(const std::vector<Row>& rows,
                                    std::string_view code) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].code == code) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<PurposeCatalogue> PurposeCatalogue::Parse(ByteView bytes) {
  TRY(PurposeFile file, ReadFile<PurposeFile>(bytes, "purposes catalogue"));
  TRY_OK(NeedDistinctCodes(file.rows, "purposes catalogue"));
  PurposeCatalogue out;
  out.hash_ = DocumentHash(bytes);
  out.purposes_ = std::move(file.rows);
  for (std::size_t i = 0; i < out.purposes_.size(); ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    out.all_ |= bit;
    if (out.purposes_[i].air_link) out.air_link_ |= bit;
  }
  return out;
}

std::optional<std::uint8_t> PurposeCatalogue::IndexOf(
    std::string_view leaf) const {
  return IndexIn(purposes_, leaf);
}

std::uint64_t PurposeCatalogue::Expand(std::string_view word) const {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < purposes_.size(); ++i) {
    const std::string_view code = purposes_[i].code;
    const bool inside =
        code == word ||
        (code.size() > word.size() && !word.empty() &&
         code.substr(0, word.size()) == word && code[word.size()] == '.');
    if (inside) bits |= std::uint64_t{1} << i;
  }
  return bits;
}

absl::StatusOr<FieldCatalogue> FieldCatalogue::Parse(ByteView bytes) {
  TRY(FieldFile file, ReadFile<FieldFile>(bytes, "fields catalogue"));
  TRY_OK(NeedDistinctCodes(file.rows, "fields catalogue"));
  FieldCatalogue out;
  out.hash_ = DocumentHash(bytes);
  out.fields_ = std::move(file.rows);
  for (std::size_t i = 0; i < out.fields_.size(); ++i) {
    const Field& field = out.fields_[i];
    const std::uint64_t bit = std::uint64_t{1} << i;
    out.all_ |= bit;
    if (field.masked) out.masked_ |= bit;
    if (field.free_text) out.free_text_ |= bit;
    if (field.sensitive != "none") out.sensitive_ |= bit;
    for (std::size_t d = 0; d < out.datasets_.size(); ++d) {
      if (field.datasets.Has(static_cast<Dataset>(d))) out.datasets_[d] |= bit;
    }
  }
  return out;
}

std::optional<std::uint8_t> FieldCatalogue::IndexOf(
    std::string_view code) const {
  return IndexIn(fields_, code);
}

std::uint64_t FieldCatalogue::Bit(std::string_view code) const {
  const auto index = IndexOf(code);
  return index ? std::uint64_t{1} << *index : 0;
}

std::vector<std::string> FieldCatalogue::Codes(std::uint64_t bits) const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (((bits >> i) & 1U) != 0) out.push_back(fields_[i].code);
  }
  return out;
}

absl::StatusOr<Profiles> Profiles::Parse(ByteView bytes) {
  TRY(ProfileFile file, ReadFile<ProfileFile>(bytes, "legal profiles"));
  Profiles out;
  out.hash_ = DocumentHash(bytes);
  out.profiles_ = std::move(file.rows);
  return out;
}

const Profile* Profiles::Find(std::string_view code) const {
  for (const Profile& profile : profiles_) {
    if (profile.code == code) return &profile;
  }
  return nullptr;
}

absl::StatusOr<Recipe> Recipe::Parse(ByteView bytes) {
  TRY(RecipeFile file, ReadFile<RecipeFile>(bytes, "recipe of match keys"));
  Recipe out;
  out.hash_ = DocumentHash(bytes);
  out.id_ = std::move(file.id);
  out.vectors_ = std::move(file.rows);
  return out;
}

absl::StatusOr<Catalogues> Catalogues::Parse(ByteView purposes, ByteView fields,
                                             ByteView profiles,
                                             ByteView recipe) {
  Catalogues out;
  TRY(out.purposes, PurposeCatalogue::Parse(purposes));
  TRY(out.fields, FieldCatalogue::Parse(fields));
  TRY(out.profiles, Profiles::Parse(profiles));
  TRY(out.recipe, Recipe::Parse(recipe));
  return out;
}

}  // namespace entente::policy
