# One static library a folder of src/, found by its files: a new file needs no change here.
#
#   ledge_layer(gguf DEPENDS base os LINKS fmt::fmt)
#
# makes ledge_gguf from src/gguf/**/*.cc, and the test program gguf_test from src/gguf/**/*_test.cc.
# LIBRARY and TEST sources are told apart by the name alone. LEDGE_TEST_LAYERS, where it is set, names the layers
# whose tests are built.
#
# ALONE: the layer's files are compiled one by one, whatever LEDGE_UNITY says. (Where it says so, a group of files is one
# translation unit, so names in their anonymous namespaces must differ within the layer.)
function(ledge_layer name)
  cmake_parse_arguments(ARG "ALONE" "" "DEPENDS;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ARG_DEPENDS PREPEND ledge_)

  if(sources)
    add_library(ledge_${name} STATIC ${sources})
    target_link_libraries(ledge_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LINKS})
    target_include_directories(ledge_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    if(LEDGE_UNITY AND NOT ARG_ALONE)
      set_target_properties(ledge_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    endif()
  else()
    add_library(ledge_${name} INTERFACE)
    target_link_libraries(ledge_${name} INTERFACE ${ARG_DEPENDS} ${ARG_LINKS})
    target_include_directories(ledge_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
  endif()

  if(LEDGE_TESTS AND tests AND (NOT LEDGE_TEST_LAYERS OR name IN_LIST LEDGE_TEST_LAYERS))
    add_executable(${name}_test EXCLUDE_FROM_ALL ${tests})
    add_dependencies(ledge_tests ${name}_test)
    target_link_libraries(${name}_test PRIVATE ledge_${name} ledge_testing GTest::gmock_main)
    ledge_test_options(${name}_test)
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES TIMEOUT 600)
  endif()
endfunction()
