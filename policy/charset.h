#pragma once
// Which bytes a document may hold: UTF-8, normal form C, and no character that
// a reader cannot see (AG-101).
// Source: agreements.md 2.1.

#include <string_view>

#include "policy/finding.h"

namespace entente::policy {

// Where `offset` (bytes) of `text` stands; `text` is UTF-8 up to there.
Position PositionAt(std::string_view text, std::size_t offset);

// Adds a 101 for each line with a forbidden character or not in NFC. False:
// the text is not UTF-8 and nothing of it can be read.
// LIMIT: a character counts as assigned when Unicode 15.0 has it, whatever the
// ICU below knows; an ICU older than 72 would refuse some of them.
bool CheckCharacters(std::string_view text, Findings& findings);

}  // namespace entente::policy
