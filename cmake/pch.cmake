# Headers of others that many files read, compiled once: half of a cold build went into them. Clang alone, so that the gcc build
# shows what a file forgot to include.
function(pch name)
  add_library(pch_${name} STATIC ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(pch_${name} PRIVATE entente_flags)
  target_compile_options(pch_${name} PRIVATE -Xclang -fno-pch-timestamp)
  target_precompile_headers(pch_${name} PRIVATE <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span>
    <string> <string_view> <utility> <variant> <vector> <absl/status/status.h> <absl/status/statusor.h> ${ARGN})
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  pch(base)
  pch(json <nlohmann/json.hpp>)
  pch(cli <nlohmann/json.hpp> <CLI/CLI.hpp>)
endif()

function(use_pch target name)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)
  target_precompile_headers(${target} REUSE_FROM pch_${name})
endfunction()
