#pragma once
// The canonical field encoding: one spelling per value, used for every
// statement that crosses between nodes and for every record in the store.
// docs/protocol/encoding.md is the byte-exact page.
//
//   u8 u16 u32 u64   big-endian          bool       one byte, 0 or 1
//   enum             its u8 value, at most kLast of the enum
//   byte array       its N bytes         string, Bytes   u32 length, then the
//   bytes vector           u32 count, then each    struct      its fields in
//   order
//
// A struct lists its fields once, for both directions:
//   struct Example { Hash a; std::string b; template <class A> void Fields(A&
//   f) { f(a, b); } };
// Decode refuses a truncated input, trailing bytes, a bool that is neither 0
// nor 1, an unknown enum value and a count that the input cannot hold, so
// Encode(Decode(x)) == x or x is refused.

#include <absl/status/statusor.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "crypto/base/bytes.h"
#include "crypto/base/status.h"

namespace entente {

class FieldWriter {
 public:
  template <class... T>
  void operator()(T&... fields) {
    (Put(fields), ...);
  }
  Bytes Take() { return std::move(out_); }

 private:
  template <class T>
  void Put(T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      out_.push_back(v ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      out_.push_back(static_cast<std::uint8_t>(v));
    } else if constexpr (std::is_integral_v<T>) {
      Integer(static_cast<std::uint64_t>(v), sizeof(T));
    } else {
      Compound(v);
    }
  }
  void Compound(const std::string& v) { Blob(AsBytes(v)); }
  void Compound(const Bytes& v) { Blob(v); }
  template <std::size_t N>
  void Compound(const ByteArray<N>& v) {
    out_.insert(out_.end(), v.begin(), v.end());
  }
  template <class T>
  void Compound(std::vector<T>& v) {
    Integer(v.size(), 4);
    for (T& item : v) Put(item);
  }
  template <class T>
    requires requires(T& t, FieldWriter& w) { t.Fields(w); }
  void Compound(T& v) {
    v.Fields(*this);
  }
  void Blob(ByteView v) {
    Integer(v.size(), 4);
    out_.insert(out_.end(), v.begin(), v.end());
  }
  void Integer(std::uint64_t v, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) {
      out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    }
  }
  Bytes out_;
};

class FieldReader {
 public:
  explicit FieldReader(ByteView in) : in_(in) {}
  template <class... T>
  void operator()(T&... fields) {
    (Get(fields), ...);
  }
  // OK when every byte was read and every value was well formed.
  absl::Status Finish() const {
    if (!ok_) return Invalid("field encoding: malformed or truncated");
    if (!in_.empty()) return Invalid("field encoding: bytes after the end");
    return absl::OkStatus();
  }

 private:
  template <class T>
  void Get(T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      const std::uint64_t raw = Integer(1);
      if (raw > 1) ok_ = false;
      v = raw == 1;
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint64_t raw = Integer(1);
      if (raw > static_cast<std::uint64_t>(T::kLast)) ok_ = false;
      v = static_cast<T>(ok_ ? raw : 0);
    } else if constexpr (std::is_integral_v<T>) {
      v = static_cast<T>(Integer(sizeof(T)));
    } else {
      Compound(v);
    }
  }
  void Compound(std::string& v) { v = ToString(Blob()); }
  void Compound(Bytes& v) { v = ToBytes(Blob()); }
  template <std::size_t N>
  void Compound(ByteArray<N>& v) {
    const ByteView raw = Take(N);
    if (raw.size() == N) std::copy(raw.begin(), raw.end(), v.begin());
  }
  template <class T>
  void Compound(std::vector<T>& v) {
    const std::uint64_t count = Integer(4);
    v.clear();
    if (count > in_.size()) ok_ = false;  // an element takes at least one byte
    for (std::uint64_t i = 0; ok_ && i < count; ++i) Get(v.emplace_back());
  }
  template <class T>
    requires requires(T& t, FieldReader& r) { t.Fields(r); }
  void Compound(T& v) {
    v.Fields(*this);
  }
  ByteView Blob() { return Take(Integer(4)); }
  ByteView Take(std::uint64_t n) {
    if (!ok_ || n > in_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView out = in_.first(n);
    in_ = in_.subspan(n);
    return out;
  }
  std::uint64_t Integer(std::size_t width) {
    std::uint64_t v = 0;
    for (std::uint8_t b : Take(width)) v = (v << 8U) | b;
    return v;
  }
  ByteView in_;
  bool ok_ = true;
};

template <class T>
Bytes Encode(const T& value) {
  FieldWriter w;
  const_cast<T&>(value).Fields(
      w);  // SAFETY: FieldWriter only reads its arguments
  return w.Take();
}

// INVALID_ARGUMENT: malformed, truncated, or bytes after the end.
template <class T>
absl::StatusOr<T> Decode(ByteView in) {
  T value{};
  FieldReader r(in);
  value.Fields(r);
  TRY_OK(r.Finish());
  return value;
}

// A statement starts with its label: a string field such as
// `entente/screen-request/1`. T::kLabel names it.
template <class T>
Bytes EncodeStatement(const T& value) {
  FieldWriter w;
  std::string label(T::kLabel);
  w(label);
  const_cast<T&>(value).Fields(w);  // SAFETY: as above
  return w.Take();
}
template <class T>
absl::StatusOr<T> DecodeStatement(ByteView in) {
  T value{};
  FieldReader r(in);
  std::string label;
  r(label);
  if (label != T::kLabel) return Invalid("a statement of another type");
  value.Fields(r);
  TRY_OK(r.Finish());
  return value;
}

}  // namespace entente
