#pragma once
// ICU's objects are made once per thread, and the first use of a script costs
// ten milliseconds and more. A worker thread calls WarmUp before its first
// person.

#include <absl/status/status.h>

namespace entente::match {

// Makes this thread's ICU objects and runs the common scripts through them
// once. Idempotent.
//   FAILED_PRECONDITION   ICU or its data lacks what the recipe needs
absl::Status WarmUp();

}  // namespace entente::match
