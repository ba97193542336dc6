# Tests of what runs on which CPU.

# No special instruction outside of its instruction set's code, in the program as it was linked. Only for optimised
# builds: others leave small shared functions out of line, also in files that are compiled with special instructions.
if(CMAKE_BUILD_TYPE MATCHES "^Rel" AND NOT LEDGE_SANITIZE AND LEDGE_ISAS)
  set(listing ${CMAKE_BINARY_DIR}/generated/kernel_objects.txt)
  file(GENERATE OUTPUT ${listing} CONTENT "$<JOIN:$<TARGET_OBJECTS:ledge_kernels>,\n>\n")
  add_test(NAME Tree.SpecialInstructionsStayInTheirCode
           COMMAND ${PROJECT_SOURCE_DIR}/scripts/check_isa_code.py --objdump ${CMAKE_OBJDUMP} --nm ${CMAKE_NM}
                   --program $<TARGET_FILE:ledge> --objects ${listing})
endif()

if(CMAKE_CROSSCOMPILING_EMULATOR AND TARGET integration_test)
  list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
  target_compile_definitions(integration_test PRIVATE LEDGE_EMULATOR="${emulator}")
endif()

# The kernels on CPUs with less than the emulator's best, and what maps files with pages of 16 and 64 KiB, as some
# arm64 systems have them.
if(CMAKE_CROSSCOMPILING_EMULATOR AND CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  foreach(pair cortex-a72=neon cortex-a76=dotprod max=i8mm)
    string(REPLACE "=" ";" pair ${pair})
    list(GET pair 0 cpu)
    list(GET pair 1 isa)
    add_test(NAME Cpu.${cpu} COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} -cpu ${cpu} $<TARGET_FILE:kernels_test>
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(Cpu.${cpu} PROPERTIES TIMEOUT 1800 ENVIRONMENT LEDGE_EXPECT_ISA=${isa})
  endforeach()
  foreach(pages 16384 65536)
    foreach(layer os pack executor)
      add_test(NAME Pages.${pages}.${layer}
               COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} -p ${pages} $<TARGET_FILE:${layer}_test>
               WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
      set_tests_properties(Pages.${pages}.${layer} PROPERTIES TIMEOUT 1800)
    endforeach()
  endforeach()
endif()
