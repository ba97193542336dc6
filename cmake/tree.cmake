# The layers, lowest first, as in ARCHITECTURE.md (scripts/check-layers holds the includes against it).
if(LEDGE_TESTS)
  add_custom_target(ledge_tests)
endif()
# Helpers of tests only: temporary folders, ../shared, the program under test.
add_library(ledge_testing INTERFACE)
target_include_directories(ledge_testing INTERFACE ${PROJECT_SOURCE_DIR}/tests/support)

ledge_layer(base LINKS fmt::fmt Threads::Threads)
ledge_layer(os DEPENDS base LINKS OpenSSL::Crypto PkgConfig::SECCOMP)
ledge_layer(gguf DEPENDS base os LINKS nlohmann_json::nlohmann_json)
ledge_layer(quant DEPENDS base gguf)
ledge_layer(tokenizer DEPENDS base gguf LINKS PkgConfig::UTF8PROC nlohmann_json::nlohmann_json)
ledge_layer(hf DEPENDS base os gguf quant tokenizer LINKS nlohmann_json::nlohmann_json)
ledge_registry(TARGET ledge_hf FOLDER src/hf/families PREFIX kFamily_ TYPE HfFamily
               HEADER hf/family.h FUNCTION AllHfFamilies)
ledge_layer(kernels DEPENDS base gguf quant ALONE)
include(kernels)
ledge_layer(pack DEPENDS base os gguf quant tokenizer hf kernels)
ledge_layer(model DEPENDS base os gguf quant kernels pack)
ledge_registry(TARGET ledge_model FOLDER src/model/arch PREFIX kArchitecture_ TYPE Architecture
               HEADER model/architecture.h FUNCTION AllArchitectures)
ledge_layer(store DEPENDS base os gguf hf pack model LINKS nlohmann_json::nlohmann_json LibArchive::LibArchive)
ledge_embed(TARGET ledge_store FILE models/catalogue.json NAME kCatalogueText)
ledge_layer(executor DEPENDS base os quant kernels pack model)
ledge_layer(engine DEPENDS base os tokenizer model executor LINKS nlohmann_json::nlohmann_json)
ledge_layer(api DEPENDS base engine LINKS nlohmann_json::nlohmann_json)
ledge_registry(TARGET ledge_api FOLDER src/api/endpoints PREFIX kExchange_ TYPE ExchangeEntry
               HEADER api/exchange.h FUNCTION AllExchanges)
ledge_layer(worker DEPENDS base os gguf kernels tokenizer pack store model executor engine api
            LINKS nlohmann_json::nlohmann_json)
ledge_layer(residency DEPENDS base os store api worker)
ledge_layer(server DEPENDS base os store api residency
            LINKS Boost::headers OpenSSL::SSL nlohmann_json::nlohmann_json)
ledge_registry(TARGET ledge_server FOLDER src/server/endpoints PREFIX kEndpoint_ TYPE EndpointEntry
               HEADER server/endpoint.h FUNCTION AllEndpoints)
ledge_embed(TARGET ledge_server FILE src/server/page/index.html NAME kPageText)
ledge_embed(TARGET ledge_server FILE src/server/page/openapi.json NAME kOpenApiText)
ledge_layer(optimize DEPENDS base tokenizer executor engine)
ledge_layer(load DEPENDS base LINKS CURL::libcurl nlohmann_json::nlohmann_json)
ledge_layer(cli DEPENDS base os gguf quant tokenizer hf kernels pack store model executor engine optimize load api worker
                        residency server
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
if(LEDGE_BENCH)
  add_executable(grammar_bench ${PROJECT_SOURCE_DIR}/bench/grammar_bench.cc)
  target_link_libraries(grammar_bench PRIVATE ledge_engine ledge_testing)
endif()
