# Writes vector_files.cc: the vectors of the recipe as arrays of lines, so that a node can check itself without a disk.
set(vector_arrays "")
set(vector_members "")
foreach(name table fold skeleton cases keys)
  set(path ${PROJECT_SOURCE_DIR}/tests/vectors/recipe1/${name}.tsv)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  string(REGEX REPLACE "\n$" "" text "${text}")
  string(REPLACE "\n" ")v\",\n    R\"v(" text "${text}")
  string(APPEND vector_arrays "constexpr std::string_view k_${name}[] = {\n    R\"v(${text})v\"};\n")
  string(APPEND vector_members "{\"${name}\", k_${name}}, ")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/vector_files.cc @ONLY CONTENT [[
// Written by node/match/vector_files.cmake.
#include "node/match/vector_files.h"

namespace entente::match {
namespace {
@vector_arrays@
constexpr VectorFiles kFiles{@vector_members@};
}  // namespace

const VectorFiles& CompiledVectors() { return kFiles; }

}  // namespace entente::match
]])
