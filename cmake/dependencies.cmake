# Debian packages; ARCHITECTURE.md says why each is there.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)  # its headers alone: no library at run time
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(LibArchive REQUIRED)
find_package(CURL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_package(Boost 1.74 REQUIRED)  # headers alone: Asio and Beast
if(LEDGE_SANITIZE MATCHES "thread")
  # Asio's memory fences around handlers are unknown to this sanitizer; its locks are enough.
  set_property(TARGET Boost::headers APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
pkg_check_modules(LIBEDIT REQUIRED IMPORTED_TARGET libedit)
if(LEDGE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
