# fuzz/<name>_fuzz.cc becomes the program fuzz_<name>; its seeds are fuzz/corpus/<name>/.
add_custom_target(ledge_fuzzers)
file(GLOB fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.cc)
foreach(source ${fuzzers})
  get_filename_component(stem ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${stem})
  add_executable(fuzz_${name} ${source})
  ledge_link_includes(fuzz_${name} ${source})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(ledge_fuzzers fuzz_${name})
endforeach()

# No fuzz target multiplies a matrix, and clang needs minutes for an instrumented file of these. (The sanitizers
# see them in `make test-dev`.)
file(GLOB kernels CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/isa/*/*.cc
     ${CMAKE_BINARY_DIR}/generated/kernels/*.cc)
set_property(SOURCE ${kernels} APPEND PROPERTY COMPILE_OPTIONS -fno-sanitize=all)
