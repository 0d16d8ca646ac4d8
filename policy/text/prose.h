#pragma once
// An agreement in plain words: made from its fields by fixed rules, clause by
// clause beside its article, in English, French or Russian. No name of a key
// and no code of a word stands in it; what the parties wrote themselves
// (titles, articles, authorities, provisions, keys) stands as they wrote it.
//
// The text is what a signer saw, so it is fixed: the same agreement, catalogues
// and language give the same bytes, and their hash goes to the log
// (`text_hash` of the events `sign` and `opinion`).
// Pure, thread-safe. Source: agreements.md 2.1, 3.4.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "policy/agreement.h"
#include "policy/catalogue.h"

namespace entente::policy {

// UTF-8 in normal form C, lines ended by LF, each statement on its own line.
// `lang`: en, fr or ru.
//   INVALID_ARGUMENT  no such language, or the language has no name for a word
//                     of the document: nobody signs what cannot be said
absl::StatusOr<std::string> Prose(const Agreement& agreement,
                                  const Catalogues& catalogues,
                                  std::string_view lang);

// SHA-256 of the text's bytes.
Hash ProseHash(std::string_view text);

}  // namespace entente::policy
