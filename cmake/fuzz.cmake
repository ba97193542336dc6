# fuzz/<name>_fuzz.cc becomes the program fuzz_<name>; its seeds are fuzz/corpus/<name>/.
file(GLOB fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.cc)
foreach(source ${fuzzers})
  get_filename_component(stem ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${stem})
  add_executable(fuzz_${name} ${source})
  target_link_libraries(fuzz_${name} PRIVATE ledge_engine ledge_testing)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endforeach()
