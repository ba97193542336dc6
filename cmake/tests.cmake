# Tests that drive the real binary, and the seeds of the fuzz targets.
if(LEDGE_TEST_LAYERS)
  return()
endif()
file(GLOB integration CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/integration/*_test.cc)
if(integration)
  add_executable(integration_test EXCLUDE_FROM_ALL ${integration})
  add_dependencies(ledge_tests integration_test ledge)
  target_link_libraries(integration_test PRIVATE ledge_cli ledge_testing GTest::gmock_main)
  target_compile_definitions(integration_test PRIVATE LEDGE_PROGRAM="$<TARGET_FILE:ledge>")
  ledge_test_options(integration_test)
  if(LEDGE_SANITIZE)
    # The program under test is what counts.
    target_compile_definitions(integration_test PRIVATE LEDGE_SANITIZED)
    target_compile_options(integration_test PRIVATE -fno-sanitize=all)
  endif()
  gtest_discover_tests(integration_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES TIMEOUT 900)
endif()

# Every fuzz target over its committed seeds, without a fuzzer: what was found once stays mended, and a target that
# no longer fits the code is noticed by those who never fuzz.
file(GLOB fuzzers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.cc)
foreach(source ${fuzzers})
  get_filename_component(stem ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name ${stem})
  add_executable(seeds_${name} EXCLUDE_FROM_ALL ${source} ${PROJECT_SOURCE_DIR}/fuzz/seeds.cc)
  add_dependencies(ledge_tests seeds_${name})
  ledge_link_includes(seeds_${name} ${source})
  add_test(NAME Seeds.${name} COMMAND seeds_${name} ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  set_tests_properties(Seeds.${name} PROPERTIES TIMEOUT 600)
endforeach()

# The server, driven from outside by programs of tests/serve (Python, its standard library alone; real clients
# where they can be had).
find_program(LEDGE_PYTHON python3)
if(LEDGE_PYTHON AND NOT CMAKE_CROSSCOMPILING)
  file(GLOB serving CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/serve/test_*.py)
  foreach(source ${serving})
    get_filename_component(stem ${source} NAME_WE)
    string(REGEX REPLACE "^test_" "" name ${stem})
    add_test(NAME Serve.${name} COMMAND ${LEDGE_PYTHON} ${source}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/tests/serve)
    set_tests_properties(Serve.${name} PROPERTIES TIMEOUT 600 ENVIRONMENT LEDGE_PROGRAM=$<TARGET_FILE:ledge>)
  endforeach()
  add_test(NAME Build.new_file COMMAND ${LEDGE_PYTHON} ${PROJECT_SOURCE_DIR}/tests/build/test_new_file.py)
  set_tests_properties(Build.new_file PROPERTIES TIMEOUT 300 ENVIRONMENT CXX=${CMAKE_CXX_COMPILER})
endif()
