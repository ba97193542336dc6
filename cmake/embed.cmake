# Puts a text file into the program:
#   ledge_embed(TARGET ledge_store FILE models/catalogue.json NAME kCatalogueText)
# defines `extern const std::string_view NAME` (namespace ledge). At most 15 KB a literal piece.
function(ledge_embed)
  cmake_parse_arguments(ARG "" "TARGET;FILE;NAME" "" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${ARG_FILE})
  file(READ ${PROJECT_SOURCE_DIR}/${ARG_FILE} text)
  set(generated ${CMAKE_BINARY_DIR}/generated/${ARG_NAME}.cc)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
       "// Made from ${ARG_FILE}.
#include <string_view>

namespace ledge {
extern const std::string_view ${ARG_NAME};
const std::string_view ${ARG_NAME} = R\"embedded(${text})embedded\";
}  // namespace ledge
")
  target_sources(${ARG_TARGET} PRIVATE ${generated})
endfunction()
