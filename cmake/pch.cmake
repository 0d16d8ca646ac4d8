# Headers that many files read, compiled once: half of a cold build went into them. Those of others, and of our own what nearly
# each file of a room reads. Clang alone, so that the gcc build shows what a file forgot to include.
function(pch name)
  add_library(pch_${name} STATIC ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(pch_${name} PRIVATE entente_flags)
  target_include_directories(pch_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(pch_${name} PRIVATE -Xclang -fno-pch-timestamp)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/ REGEX "^[^<]")
  target_precompile_headers(pch_${name} PRIVATE <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span>
    <string> <string_view> <utility> <variant> <vector> <absl/status/status.h> <absl/status/statusor.h>
    ${PROJECT_SOURCE_DIR}/crypto/base/bytes.h ${PROJECT_SOURCE_DIR}/crypto/base/status.h ${ARGN})
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(desk crypto/base/codec.h node/store/record.h node/exchange/desk.h node/exchange/acts.h)
  pch(base)
  pch(json <nlohmann/json.hpp>)
  pch(desk ${desk})
  pch(admin <nlohmann/json.hpp> ${desk} node/admin/handlers.h node/base/time.h)
endif()

function(use_pch target name)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    return()
  endif()
  target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)
  target_precompile_headers(${target} REUSE_FROM pch_${name})
endfunction()
