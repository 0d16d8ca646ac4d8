#pragma once
// tests/vectors/recipe1, compiled in: its .cc is written by CMake from the
// files. Private to the room.

#include <span>
#include <string_view>

namespace entente::match {

struct VectorFile {
  std::string_view name;
  std::span<const std::string_view> lines;  // the header is the first
};

struct VectorFiles {
  VectorFile table, fold, skeleton, cases, keys;
};

const VectorFiles& CompiledVectors();

}  // namespace entente::match
