#pragma once
// Who travels, on what, and who is on a list: the records that ingest builds
// and the recipe reads. Only these fields are ever built from a message;
// everything else is dropped in the parser. All of it is personal data: no
// member of these types may enter a log line, an error or a metric.

#include <cstdint>
#include <string>
#include <vector>

namespace entente::model {

enum class Sex : std::uint8_t {
  kUnknown,
  kFemale,
  kMale,
  kOther,
  kLast = kOther
};
enum class PersonKind : std::uint8_t {
  kPassenger,
  kCrew,
  kTransit,
  kInfant,
  kLast = kInfant
};
enum class NameKind : std::uint8_t {
  kDocument,
  kBooking,
  kAlias,
  kLast = kAlias
};
enum class DocumentClass : std::uint8_t {
  kOther,
  kPassport,
  kIdentityCard,
  kVisa,
  kResidence,
  kLast = kResidence
};
enum class Source : std::uint8_t { kApi, kPnr, kFile, kLast = kFile };

// A name as it was sent. Typed (surname and given) or in one field (full).
struct Name {
  std::string surname;
  std::string given;
  std::string full;
  NameKind kind = NameKind::kDocument;
  template <class A>
  void Fields(A& f) {
    f(surname, given, full, kind);
  }
};

struct Document {
  DocumentClass document_class = DocumentClass::kOther;
  std::string number;  // as sent
  std::string issuer;  // three-letter code, or empty
  std::string expiry;  // YYYYMMDD, or empty
  template <class A>
  void Fields(A& f) {
    f(document_class, number, issuer, expiry);
  }
};

// Dates of birth are YYYYMMDD, YYYY (year only) or empty.
struct Person {
  std::vector<Name> names;
  std::string dob;
  std::string
      dob_alt;  // the earlier century, when a two-digit year leaves both open
  Sex sex = Sex::kUnknown;
  std::vector<std::string> nationalities;  // three-letter codes
  std::vector<Document> documents;
  PersonKind kind = PersonKind::kPassenger;
  std::string locator;
  std::string reference;   // the carrier's unique reference
  std::string birthplace;  // lists only
  Source source = Source::kApi;
  template <class A>
  void Fields(A& f) {
    f(names, dob, dob_alt, sex, nationalities, documents, kind, locator,
      reference, birthplace, source);
  }
};

struct Leg {
  std::string from;  // airport
  std::string to;
  std::string departure;  // YYYYMMDDHHMM local, or YYYYMMDD, or empty
  std::string arrival;
  template <class A>
  void Fields(A& f) {
    f(from, to, departure, arrival);
  }
};

struct Journey {
  std::string carrier;
  // As sent, less the carrier when it begins with it: `412` of `Q7412`.
  std::string number;
  std::vector<Leg> legs;
  Source source = Source::kApi;
  std::string sender;
  std::string series;  // common access reference, or empty
  template <class A>
  void Fields(A& f) {
    f(carrier, number, legs, source, sender, series);
  }
};

// One subject of a list: every name variant and date of birth of it.
struct ListEntry {
  std::string entry_id;
  std::vector<Name> names;
  std::vector<std::string> dobs;  // each YYYYMMDD or YYYY
  Sex sex = Sex::kUnknown;
  std::vector<std::string> nationalities;
  std::vector<Document> documents;
  std::string
      ground;  // why: a purpose leaf of the catalogue, e.g. `terrorism.travel`
  std::string source_grade;  // A, B, C or X
  std::string info_grade;    // 1 to 4
  std::string expires;       // YYYYMMDD; after that day the entry is inactive
  std::string birthplace;
  template <class A>
  void Fields(A& f) {
    f(entry_id, names, dobs, sex, nationalities, documents, ground,
      source_grade, info_grade, expires, birthplace);
  }
};

}  // namespace entente::model
