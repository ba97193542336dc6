# No special instruction outside of its instruction set's code, in the program as it was linked. Only for optimised
# builds: others leave small shared functions out of line, also in files that are compiled with special instructions.
if(CMAKE_BUILD_TYPE MATCHES "^Rel" AND NOT LEDGE_SANITIZE AND LEDGE_ISAS)
  set(listing ${CMAKE_BINARY_DIR}/generated/kernel_objects.txt)
  file(GENERATE OUTPUT ${listing} CONTENT "$<JOIN:$<TARGET_OBJECTS:ledge_kernels>,\n>\n")
  add_test(NAME Tree.SpecialInstructionsStayInTheirCode
           COMMAND ${PROJECT_SOURCE_DIR}/scripts/check_isa_code.py --objdump ${CMAKE_OBJDUMP} --nm ${CMAKE_NM}
                   --program $<TARGET_FILE:ledge> --objects ${listing})
endif()
