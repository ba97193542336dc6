# Tests that drive the real binary, and checks of the tree itself.
file(GLOB integration CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/integration/*_test.cc)
if(integration)
  add_executable(integration_test EXCLUDE_FROM_ALL ${integration})
  add_dependencies(ledge_tests integration_test ledge)
  target_link_libraries(integration_test PRIVATE ledge_cli ledge_testing GTest::gmock_main)
  target_compile_definitions(integration_test PRIVATE LEDGE_PROGRAM="$<TARGET_FILE:ledge>")
  gtest_discover_tests(integration_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES TIMEOUT 900)
endif()
