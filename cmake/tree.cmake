# The layers, lowest first, as in ARCHITECTURE.md (scripts/check-layers holds the includes against it).
if(LEDGE_TESTS)
  add_custom_target(ledge_tests)
endif()
# Helpers of tests only: temporary folders, ../shared, the program under test.
add_library(ledge_testing INTERFACE)
target_include_directories(ledge_testing INTERFACE ${PROJECT_SOURCE_DIR}/tests/support)

ledge_layer(base LINKS fmt::fmt Threads::Threads)
ledge_layer(os DEPENDS base LINKS OpenSSL::Crypto)
ledge_layer(gguf DEPENDS base os)
ledge_layer(quant DEPENDS base gguf)
ledge_layer(tokenizer DEPENDS base gguf LINKS PkgConfig::UTF8PROC nlohmann_json::nlohmann_json)
ledge_layer(kernels DEPENDS base gguf quant)
include(kernels)
ledge_layer(pack DEPENDS base os gguf quant tokenizer kernels)
ledge_layer(model DEPENDS base os gguf quant kernels pack)
ledge_registry(TARGET ledge_model FOLDER src/model/arch PREFIX kArchitecture_ TYPE Architecture
               HEADER model/architecture.h FUNCTION AllArchitectures)
ledge_layer(store DEPENDS base os gguf pack model LINKS nlohmann_json::nlohmann_json LibArchive::LibArchive)
ledge_embed(TARGET ledge_store FILE models/catalogue.json NAME kCatalogueText)
ledge_layer(executor DEPENDS base os quant kernels pack model)
ledge_layer(engine DEPENDS base os tokenizer model executor LINKS nlohmann_json::nlohmann_json)
ledge_layer(optimize DEPENDS base tokenizer executor engine)
ledge_layer(load DEPENDS base LINKS CURL::libcurl nlohmann_json::nlohmann_json)
ledge_layer(cli DEPENDS base os gguf quant tokenizer kernels pack store model executor engine optimize load
            LINKS CLI11::CLI11 nlohmann_json::nlohmann_json PkgConfig::LIBEDIT)

target_compile_definitions(ledge_cli PRIVATE LEDGE_VERSION="${PROJECT_VERSION}")
ledge_registry(TARGET ledge_cli FOLDER src/cli/commands PREFIX kCommand_ TYPE CommandEntry
               HEADER cli/command.h FUNCTION AllCommands)

add_executable(ledge src/cli/main.cc)
target_link_libraries(ledge PRIVATE ledge_cli)
set_target_properties(ledge PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
include(install)

if(LEDGE_TESTS)
  include(tests)
  include(cpu_tests)
endif()
if(LEDGE_FUZZ)
  include(fuzz)
endif()
