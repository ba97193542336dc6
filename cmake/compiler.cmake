# What every translation unit is compiled with.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

find_program(LEDGE_CCACHE ccache)
if(LEDGE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LEDGE_CCACHE})
endif()

# -ffp-contract=off: "the same tokens always" needs every rounding to be where the source says it is.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                    -Wno-missing-field-initializers -Werror -ffp-contract=off
                    -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports false positives from deep inside inlined library code under these two.
  add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -fstack-clash-protection)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT LEDGE_SANITIZE)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(LEDGE_SANITIZE)
  add_compile_options(-fsanitize=${LEDGE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LEDGE_SANITIZE})
  # Checking a virtual table's pointer makes system calls, which a confined process may not make.
  add_compile_options(-fno-sanitize=vptr)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Following variables through optimised and instrumented code takes a fifth to a third of the compile time, and
    # a debugger sees little of them there anyway; reports need lines alone.
    add_compile_options(-fno-var-tracking-assignments -g1)
  endif()
endif()
if(LEDGE_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# What a program of tests is compiled with: its code is instrumented, but not optimised, which halves the time.
function(ledge_test_options target)
  if(LEDGE_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()
