# cmake --install: the program, its manual pages, and completions where the shells look for them. Pages and
# completions are printed by the program itself, so they say what it can do.
include(GNUInstallDirs)

set(LEDGE_PAGES ${CMAKE_BINARY_DIR}/pages)
add_custom_command(
  OUTPUT ${LEDGE_PAGES}/done
  COMMAND ledge man --write-all ${LEDGE_PAGES}/man1
  COMMAND ledge completion bash > ${LEDGE_PAGES}/ledge.bash
  COMMAND ledge completion zsh > ${LEDGE_PAGES}/_ledge
  COMMAND ledge completion fish > ${LEDGE_PAGES}/ledge.fish
  COMMAND ${CMAKE_COMMAND} -E touch ${LEDGE_PAGES}/done
  DEPENDS ledge
  COMMENT "Printing manual pages and completions"
  VERBATIM)
add_custom_target(ledge_pages ALL DEPENDS ${LEDGE_PAGES}/done)

install(TARGETS ledge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${LEDGE_PAGES}/man1/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
install(FILES ${LEDGE_PAGES}/ledge.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ledge)
install(FILES ${LEDGE_PAGES}/_ledge DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${LEDGE_PAGES}/ledge.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
