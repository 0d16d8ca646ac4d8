#pragma once
// The pinned files that give an agreement's words their meaning: purposes and
// fields (catalogue/1), legal profiles (profiles/1), the recipe of match keys
// (recipe/1). Same TOML subset as the agreement. An agreement names each by its
// hash, so a meaning cannot change after signature.
//
// A code's bit is its place in the file; later files only append.
// Source: agreements.md 2.5, 2.6. Files: docs/catalogues/.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "policy/words.h"

namespace entente::policy {

struct Purpose {
  std::string code;  // `terrorism.travel`
  std::string title_en;
  std::uint32_t min_penalty_months = 0;
  bool air_link = false;  // a link with carriage by air must be shown
  std::string dpv;        // W3C DPV IRI or `none`; a cross-reference only
};

class PurposeCatalogue {
 public:
  // INVALID_ARGUMENT: a load error, or more than 64 leaves.
  static absl::StatusOr<PurposeCatalogue> Parse(ByteView bytes);

  const Hash& hash() const { return hash_; }
  const std::vector<Purpose>& purposes() const { return purposes_; }
  std::size_t size() const { return purposes_.size(); }
  // Bits of every leaf; of the leaves with a needed link to carriage by air.
  std::uint64_t all() const { return all_; }
  std::uint64_t air_link() const { return air_link_; }
  // The bit number of a leaf.
  std::optional<std::uint8_t> IndexOf(std::string_view leaf) const;
  // The bits of a leaf or of all leaves under an inner node; 0: unknown word.
  std::uint64_t Expand(std::string_view word) const;

 private:
  Hash hash_{};
  std::vector<Purpose> purposes_;
  std::uint64_t all_ = 0;
  std::uint64_t air_link_ = 0;
};

struct Field {
  std::string code;  // `person.birth-date`
  std::string title_en;
  WordSet<Dataset> datasets;
  std::uint32_t annex = 0;  // item of PNR Annex I; 0: none
  bool identifying = false;
  bool masked = false;     // goes at mask_after_days
  bool free_text = false;  // never released
  std::string sensitive;   // `none`, or a class; then never released
};

class FieldCatalogue {
 public:
  static absl::StatusOr<FieldCatalogue> Parse(ByteView bytes);

  const Hash& hash() const { return hash_; }
  const std::vector<Field>& fields() const { return fields_; }
  std::size_t size() const { return fields_.size(); }
  std::uint64_t all() const { return all_; }
  std::uint64_t masked() const { return masked_; }
  std::uint64_t free_text() const { return free_text_; }
  std::uint64_t sensitive() const { return sensitive_; }
  std::uint64_t in_dataset(Dataset dataset) const {
    return datasets_[static_cast<std::size_t>(dataset)];
  }
  std::optional<std::uint8_t> IndexOf(std::string_view code) const;
  // The bit of a code, or 0.
  std::uint64_t Bit(std::string_view code) const;
  // The codes of `bits`, in bit order.
  std::vector<std::string> Codes(std::uint64_t bits) const;

 private:
  Hash hash_{};
  std::vector<Field> fields_;
  std::uint64_t all_ = 0;
  std::uint64_t masked_ = 0;
  std::uint64_t free_text_ = 0;
  std::uint64_t sensitive_ = 0;
  std::array<std::uint64_t, 3> datasets_{};
};

// The floor that a party's law sets. For an ordered pair the stricter value of
// both parties counts.
struct Profile {
  std::string code;
  std::uint32_t retain_days = 0;                   // at most
  std::uint32_t retain_days_case = 0;              // at most
  std::uint32_t mask_after_days = 0;               // at most
  std::uint32_t record_age_max_hours_no_case = 0;  // at most
  WordSet<MatchSet> screen_match_sets;             // allowed
  Review disclose_review = Review::kNone;          // at least
  std::uint32_t onward_reviewers_holder = 0;       // at least
  std::uint32_t log_years = 0;                     // at least
  std::uint32_t access_answer_days = 0;            // at most
  std::uint32_t assessment_renew_days = 0;         // at most
  std::uint32_t validity_days = 0;                 // at most
  bool air_link_flag = false;  // leaves with air_link need no-air-link absent
  std::vector<std::string> purposes_never;  // leaves or inner nodes
};

class Profiles {
 public:
  static absl::StatusOr<Profiles> Parse(ByteView bytes);
  const Hash& hash() const { return hash_; }
  const std::vector<Profile>& profiles() const { return profiles_; }
  const Profile* Find(std::string_view code) const;

 private:
  Hash hash_{};
  std::vector<Profile> profiles_;
};

// Names the recipe and the files of its vectors; a node that passes them may
// announce it.
struct RecipeVector {
  std::string id;
  Hash sha256{};
};
class Recipe {
 public:
  static absl::StatusOr<Recipe> Parse(ByteView bytes);
  const Hash& hash() const { return hash_; }
  const std::string& id() const { return id_; }  // `recipe/1`
  const std::vector<RecipeVector>& vectors() const { return vectors_; }

 private:
  Hash hash_{};
  std::string id_;
  std::vector<RecipeVector> vectors_;
};

struct Catalogues {
  PurposeCatalogue purposes;
  FieldCatalogue fields;
  Profiles profiles;
  Recipe recipe;

  // The raw files. INVALID_ARGUMENT: a load error in one of them.
  static absl::StatusOr<Catalogues> Parse(ByteView purposes, ByteView fields,
                                          ByteView profiles, ByteView recipe);
};

}  // namespace entente::policy
