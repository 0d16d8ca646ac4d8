#pragma once
// agreement/1: the document that its parties sign, as a typed value. An
// Agreement that exists was read from the one canonical spelling; whether it
// makes sense is lint's question (lint.h), who signed it is the envelope's
// (envelope.h), what it allows is Compiled's (compiled.h).
//
// Form: a strict subset of TOML, at most 256 KiB. Emit(Parse(b)) == b, or b is
// refused; nothing is repaired and nothing has a default.
// Instants are POSIX seconds; dates are the POSIX seconds of their midnight.
// Values, immutable once parsed; thread-safe to read.
// Source: agreements.md 2.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base/bytes.h"
#include "policy/finding.h"
#include "policy/words.h"

namespace entente::policy {

inline constexpr std::size_t kMaxDocumentBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxParties = 64;
inline constexpr std::size_t kMaxClauses = 256;

// `ed25519:qor-legal-2026:fa38...`: algorithm, label, kid in hex.
struct KeyId {
  std::string text;
  std::string_view label() const;
  std::string_view kid() const;  // 32 hex digits
  auto operator<=>(const KeyId&) const = default;
};
// INVALID_ARGUMENT: not `ed25519:LABEL:KID`.
absl::StatusOr<KeyId> ParseKeyId(std::string_view text);
// The key id of a public key under `label`.
KeyId MakeKeyId(std::string_view label, ByteView ed25519_public_key);

struct Validity {
  std::int64_t from = 0;
  std::int64_t until = 0;  // the first second that is outside
  std::int64_t review_by = 0;
  std::uint32_t notice_of_termination_days = 0;
  bool suspension_without_notice = true;
};

struct Screening {
  std::uint32_t epoch_hours = 0;
  std::uint32_t epoch_grace_hours = 0;
  Padding tag_set_padding = Padding::kOctave8;
  SuppressedHit suppressed_hit = SuppressedHit::kNoHit;
};

struct Party {
  std::string code;
  std::string name;
  std::string authority;
  std::string data_protection_officer;
  std::string supervisor;
  std::string legal_profile;
  std::int64_t history_from = 0;
  std::int64_t assessment_date = 0;
  Hash assessment_hash{};
  std::uint32_t assessment_renew_days = 0;
  KeyId sign_legal;
  KeyId sign_technical;
  std::vector<KeyId> suspend;
};

struct Provision {
  std::string party;
  std::string text;
};

struct Basis {
  std::string code;
  std::string article;
  std::vector<Provision> provisions;  // in party order
};

struct Clause {
  std::string id;
  std::string article;
  Action action = Action::kScreen;
  std::string holder;  // a code, or `each`
  std::string asker;   // a code, or `other`
  Dataset dataset = Dataset::kApi;
  std::vector<std::string> purposes;  // leaves or inner nodes
  std::vector<std::string> bases;
  WordSet<Role> roles;
  WordSet<Route> routes;
  WordSet<Urgency> urgency;
  std::vector<std::string> fields;
  std::vector<std::string> offered_fields;  // disclose only
  std::uint32_t record_age_max_hours = 0;
  MatchSet match_set = MatchSet::kNone;            // screen, query
  std::uint32_t list_rows_max = 0;                 // screen, query
  bool rescreen = false;                           // screen
  Nationals exclude_nationals = Nationals::kNone;  // screen, query
  Review review = Review::kNone;
  std::uint32_t reviewers_holder = 0;     // with a review
  std::uint32_t reviewers_asker = 0;      // both-sides
  std::uint32_t answer_within_hours = 0;  // with a review
  std::uint32_t quota_per_day = 0;
  std::uint32_t quota_per_year = 0;
  bool case_required = false;
  std::uint32_t quota_per_case = 0;       // with case_required
  std::vector<std::string> onward_to;     // onward, export: `CODE.body`
  std::vector<std::string> third_states;  // onward
  std::uint32_t retain_days = 0;
  std::uint32_t retain_days_case = 0;
  std::uint32_t mask_after_days = 0;  // not screen, query
  Handling handling = Handling::kH0;
  WordSet<Caveat> caveats;

  // Whether the clause speaks of every ordered pair.
  bool each() const { return holder == "each"; }
  bool masks() const {
    return action != Action::kScreen && action != Action::kQuery;
  }
};

// What takes away: nothing that a clause grants survives it.
struct Restriction {
  std::string id;
  std::string by;  // the party of a reservation
  std::string article;
  bool any_action = false;
  WordSet<Action> actions;
  std::vector<std::string> purposes;  // {"any"} or leaves and inner nodes
  std::vector<std::string> fields;    // {"any"}, or codes and `sensitive.any`
  bool always = false;
  WordSet<Flag> when;  // any one of them present is enough
};

// Of the treaty: from every flow.
struct Prohibition : Restriction {};
// Of one party: from what that party releases.
struct Reservation : Restriction {};

struct Rights {
  std::uint32_t access_answer_days = 0;
  std::uint32_t correction_propagates_hours = 0;
  std::uint32_t erasure_propagates_hours = 0;
  bool overdue_receipt_stops_questions = false;
  bool false_hit_notice = false;
};

struct Audit {
  std::uint32_t log_years = 0;
  std::uint32_t witness_grace_seconds = 0;
  SplitView split_view = SplitView::kStop;
  std::uint32_t mutual_inspection_per_year = 0;
  std::uint32_t statistics_every_months = 0;
};

struct Ending {
  std::uint32_t delete_within_days = 0;
  std::uint32_t open_case_extension_max_days = 0;
  bool proof_of_deletion = false;
};

struct Agreement {
  std::string id;
  std::uint32_t version = 1;
  std::optional<Hash> replaces;  // nothing: version 1
  std::string title;
  std::string instrument;
  Hash purposes_catalogue{};
  Hash fields_catalogue{};
  Hash profiles_catalogue{};
  Hash match_recipe{};
  Validity validity;
  Screening screening;
  std::vector<Party> parties;
  std::vector<Basis> bases;
  std::vector<Clause> clauses;
  std::vector<Prohibition> prohibitions;
  std::vector<Reservation> reservations;
  Rights rights;
  Audit audit;
  Ending ending;
  // Where each value stands in the bytes: `validity.until`, `party.QOR.name`,
  // `clause.ID.purposes`, `clause.ID.purposes[0]`.
  std::map<std::string, Position, std::less<>> where;

  // INVALID_ARGUMENT with the first load error (AG-101 to AG-110) as the
  // reason; ParseAgreement gives all of them.
  static absl::StatusOr<Agreement> Parse(ByteView bytes);

  const Party* FindParty(std::string_view code) const;
  // 1:1 when the path is unknown.
  Position PositionOf(std::string_view path) const;
};

// The agreement, or every load error in file order. Exactly one is there.
struct ParsedAgreement {
  std::optional<Agreement> agreement;
  Findings findings;
};
ParsedAgreement ParseAgreement(ByteView bytes);

// The canonical bytes: Emit(*Agreement::Parse(b)) == b.
Bytes Emit(const Agreement& agreement);

// SHA-256 of the raw bytes, and `sha256:` + 64 hex digits.
Hash DocumentHash(ByteView bytes);
std::string HashText(const Hash& hash);

}  // namespace entente::policy
