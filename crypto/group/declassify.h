#pragma once
// The marks that the constant-time check (tests/ctime) needs inside the code:
// here a value that was computed from a secret becomes public, because it is
// sent, or because it is a verdict that the caller acts on. In the product it
// compiles to nothing; every call says why the value may be known.

#include <cstddef>

#ifdef ENTENTE_CTIME
#include <valgrind/memcheck.h>
#endif

namespace entente::group {

inline void Declassify([[maybe_unused]] const void* data,
                       [[maybe_unused]] std::size_t size) {
#ifdef ENTENTE_CTIME
  VALGRIND_MAKE_MEM_DEFINED(data, size);
#endif
}

}  // namespace entente::group
