# Every src/kernels/isa/<name>/ is compiled with that instruction set's flags and nothing else may be:
# which of them runs is decided at run time. Folders of other processors are left out.
set(LEDGE_AVX2 -mavx2 -mfma -mf16c)
set(LEDGE_AVX512 -mavx512f -mavx512bw -mavx512vl -mavx512dq ${LEDGE_AVX2})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12's own AVX-512 header reads its "undefined" vectors, which -Wuninitialized reports as ours.
  list(APPEND LEDGE_AVX512 -Wno-uninitialized)
endif()

set(LEDGE_X86_ISAS unfused sse41 avx2 avxvnni avx512 avx512vnni)
set(LEDGE_ISA_FLAGS_unfused "")
set(LEDGE_ISA_FLAGS_sse41 -mssse3 -msse4.1)
set(LEDGE_ISA_FLAGS_avx2 ${LEDGE_AVX2})
set(LEDGE_ISA_FLAGS_avxvnni -mavxvnni ${LEDGE_AVX2})
set(LEDGE_ISA_FLAGS_avx512 ${LEDGE_AVX512})
set(LEDGE_ISA_FLAGS_avx512vnni -mavx512vnni ${LEDGE_AVX512})

# The traits of avxvnni once more in AVX-512's encoding, for their test: CPUs with either are rare.
set(evex ${PROJECT_SOURCE_DIR}/src/kernels/isa/avxvnni/evex_test.cc)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT LEDGE_SANITIZE)
  set_source_files_properties(${evex} PROPERTIES COMPILE_OPTIONS
                              "-mavx512vl;-mavx512vnni;-DLEDGE_SMALL_TILES;${LEDGE_AVX2}")
else()
  set_source_files_properties(${evex} ${PROJECT_SOURCE_DIR}/src/kernels/isa/avxvnni/avxvnni_test.cc
                              PROPERTIES HEADER_FILE_ONLY ON)
endif()

set(LEDGE_ARM_ISAS neon dotprod i8mm)
set(LEDGE_ISA_FLAGS_neon -march=armv8-a)
set(LEDGE_ISA_FLAGS_dotprod -march=armv8.2-a+dotprod)
set(LEDGE_ISA_FLAGS_i8mm -march=armv8.2-a+dotprod+i8mm)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sorts the dot products of a tile by their sum, so that each waits for the one before; in the order that
  # is written they are independent. By bench/estimate's models a Cortex-A55 runs Q4_0 1.7 times as fast.
  list(APPEND LEDGE_ISA_FLAGS_dotprod -fno-schedule-insns)
  list(APPEND LEDGE_ISA_FLAGS_i8mm -fno-schedule-insns)
endif()

set(LEDGE_ISAS "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(LEDGE_ISAS ${LEDGE_X86_ISAS})
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(LEDGE_ISAS ${LEDGE_ARM_ISAS})
endif()
if(LEDGE_SANITIZE)
  # The same templates are instrumented where they make the scalar reference. Of each further instruction set they
  # would cost minutes a file, so there is one that is quick to compute with, not instrumented. (The thread sanitizer's
  # tests compute with the reference: CMakePresets.json sets LEDGE_ISA.) Access outside of their arrays is looked for
  # in all instruction sets' code, as it is optimised: bounds_test.
  list(FILTER LEDGE_ISAS INCLUDE REGEX "^(unfused|avx2|neon)$")
endif()

# Groups of an instruction set's files, as UNITY_BUILD would make them, which leaves out files with flags of their own.
# A quarter of a kernel's compile time is its headers. The products of a type go together, and not with what calls them,
# which would make instances of its own there.
function(group_kernels isa out)
  set(groups "")
  set(products ${ARGN})
  list(FILTER products INCLUDE REGEX "/matmul_[^/]*$")
  list(REMOVE_ITEM ARGN ${products})
  list(PREPEND ARGN ${products})
  while(ARGN)
    list(SUBLIST ARGN 0 5 some)
    if(products)
      list(SUBLIST products 0 5 some)
      list(REMOVE_ITEM products ${some})
    endif()
    list(REMOVE_ITEM ARGN ${some})
    list(LENGTH groups number)
    list(TRANSFORM some REPLACE "^${PROJECT_SOURCE_DIR}/src/(.+)" "#include \"\\1\"")
    list(JOIN some "\n" text)
    set(group ${CMAKE_BINARY_DIR}/generated/kernels/${isa}_${number}.cc)
    file(CONFIGURE OUTPUT ${group} @ONLY CONTENT "// Made by cmake/kernels.cmake.\n${text}\n")
    list(APPEND groups ${group})
  endwhile()
  set(${out} ${groups} PARENT_SCOPE)
endfunction()

list(TRANSFORM LEDGE_ISAS PREPEND LEDGE_WITH_ OUTPUT_VARIABLE with)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/kernels/dispatch.cc PROPERTIES COMPILE_DEFINITIONS "${with}")
foreach(isa scalar ${LEDGE_X86_ISAS} ${LEDGE_ARM_ISAS})
  file(GLOB isa_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/isa/${isa}/*.cc)
  list(FILTER isa_sources EXCLUDE REGEX "_test\\.cc$")
  if(NOT isa STREQUAL "scalar" AND NOT isa IN_LIST LEDGE_ISAS)
    set_source_files_properties(${isa_sources} PROPERTIES HEADER_FILE_ONLY ON)
    continue()
  endif()
  if(LEDGE_UNITY)
    set_source_files_properties(${isa_sources} PROPERTIES HEADER_FILE_ONLY ON)
    group_kernels(${isa} isa_sources ${isa_sources})
    target_sources(ledge_kernels PRIVATE ${isa_sources})
  endif()
  if(LEDGE_SANITIZE AND NOT isa STREQUAL "scalar")
    list(APPEND LEDGE_ISA_FLAGS_${isa} -DLEDGE_SMALL_TILES -fno-sanitize=all)
  endif()
  if(LEDGE_ISA_FLAGS_${isa})
    set_source_files_properties(${isa_sources} PROPERTIES COMPILE_OPTIONS "${LEDGE_ISA_FLAGS_${isa}}")
  endif()
endforeach()

if(LEDGE_BENCH)
  add_executable(kernels_bench ${PROJECT_SOURCE_DIR}/bench/kernels_bench.cc)
  target_link_libraries(kernels_bench PRIVATE ledge_kernels)
endif()
