# Every src/kernels/isa/<name>/ is compiled with that instruction set's flags and nothing else may be:
# which of them runs is decided at run time.
set(LEDGE_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
set(LEDGE_ISA_FLAGS_avx512vnni -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mavx2 -mfma -mf16c)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12's own AVX-512 header reads its "undefined" vectors, which -Wuninitialized reports as ours.
  list(APPEND LEDGE_ISA_FLAGS_avx512vnni -Wno-uninitialized)
endif()
foreach(isa avx2 avx512vnni)
  file(GLOB isa_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/kernels/isa/${isa}/*.cc)
  if(isa_sources)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      set_source_files_properties(${isa_sources} PROPERTIES COMPILE_OPTIONS "${LEDGE_ISA_FLAGS_${isa}}")
    else()
      set_source_files_properties(${isa_sources} PROPERTIES HEADER_FILE_ONLY ON)
    endif()
  endif()
endforeach()

if(LEDGE_BENCH)
  add_executable(kernels_bench ${PROJECT_SOURCE_DIR}/bench/kernels_bench.cc)
  target_link_libraries(kernels_bench PRIVATE ledge_kernels)
endif()
