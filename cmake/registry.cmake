# Tables made from file names, so that the tenth command or architecture is one new file and nothing else.
#
#   ledge_registry(TARGET ledge_cli FOLDER src/cli/commands PREFIX kCommand_ TYPE CommandEntry
#                  HEADER cli/command.h FUNCTION AllCommands)
#
# writes a source into the build tree that declares `extern const TYPE PREFIX<stem>` for each <stem>.cc of the
# folder and defines `std::span<const TYPE* const> FUNCTION()` over them, in the order of their names.
# (Objects that register themselves would be dropped by the linker from a static library.)
function(ledge_registry)
  cmake_parse_arguments(ARG "" "TARGET;FOLDER;PREFIX;TYPE;HEADER;FUNCTION" "" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${ARG_FOLDER}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(declarations "")
  set(entries "")
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    string(APPEND declarations "extern const ${ARG_TYPE} ${ARG_PREFIX}${stem};\n")
    string(APPEND entries "    &${ARG_PREFIX}${stem},\n")
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/${ARG_FUNCTION}.cc)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
       "// Made by cmake/registry.cmake from ${ARG_FOLDER}/.
#include <span>

#include \"${ARG_HEADER}\"

namespace ledge {
${declarations}
std::span<const ${ARG_TYPE}* const> ${ARG_FUNCTION}() {
  static const ${ARG_TYPE}* const kEntries[] = {
${entries}  };
  return kEntries;
}
}  // namespace ledge
")
  target_sources(${ARG_TARGET} PRIVATE ${generated})
endfunction()
