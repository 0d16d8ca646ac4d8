// Stand before libsodium's functions of the same name (the dynamic linker takes
// the program's first, for calls from inside the library too), call the real
// one, and tell memcheck what its result is:
//   a verdict (equal, zero, of small order) is public: callers act on it;
//   fresh random bytes are secret;
//   an element to be multiplied is decoded first, and libsodium branches on the
//   verdict that it is one. Elements that come from hashing always are, so the
//   branch says nothing: the scalar alone is followed there.

#include <dlfcn.h>
#include <valgrind/memcheck.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// The next function of that name after this program's.
template <class F>
F Real(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    std::fputs("ctime_check: libsodium lacks a function\n", stderr);
    std::abort();
  }
  return reinterpret_cast<F>(found);
}

int Verdict(int result) {
  VALGRIND_MAKE_MEM_DEFINED(&result, sizeof(result));
  return result;
}

using Verify = int (*)(const unsigned char*, const unsigned char*);

}  // namespace

extern "C" {

int crypto_verify_16(const unsigned char* x, const unsigned char* y) {
  static const auto real = Real<Verify>("crypto_verify_16");
  return Verdict(real(x, y));
}

int crypto_verify_32(const unsigned char* x, const unsigned char* y) {
  static const auto real = Real<Verify>("crypto_verify_32");
  return Verdict(real(x, y));
}

int sodium_memcmp(const void* a, const void* b, std::size_t size) {
  using F = int (*)(const void*, const void*, std::size_t);
  static const auto real = Real<F>("sodium_memcmp");
  return Verdict(real(a, b, size));
}

int sodium_is_zero(const unsigned char* bytes, std::size_t size) {
  using F = int (*)(const unsigned char*, std::size_t);
  static const auto real = Real<F>("sodium_is_zero");
  return Verdict(real(bytes, size));
}

int crypto_scalarmult_curve25519(unsigned char* out, const unsigned char* n,
                                 const unsigned char* p) {
  using F = int (*)(unsigned char*, const unsigned char*, const unsigned char*);
  static const auto real = Real<F>("crypto_scalarmult_curve25519");
  return Verdict(real(out, n, p));
}

int crypto_scalarmult_ristretto255(unsigned char* out, const unsigned char* n,
                                   const unsigned char* p) {
  using F = int (*)(unsigned char*, const unsigned char*, const unsigned char*);
  static const auto real = Real<F>("crypto_scalarmult_ristretto255");
  unsigned char element[32];
  std::memcpy(element, p, sizeof(element));
  VALGRIND_MAKE_MEM_DEFINED(element, sizeof(element));
  return Verdict(real(out, n, element));
}

void randombytes_buf(void* out, std::size_t size) {
  using F = void (*)(void*, std::size_t);
  static const auto real = Real<F>("randombytes_buf");
  real(out, size);
  VALGRIND_MAKE_MEM_UNDEFINED(out, size);
}

}  // extern "C"
