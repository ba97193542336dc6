// The data that is shared between checkouts and not part of the repository: ../shared beside the
// project's root, which is the working directory of every test. A test that needs it is skipped
// where it is absent.
//
//   LEDGE_SHARED_OR_SKIP(path, "data/golden/llama/model-f32.gguf");
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace ledge::testing {

inline std::optional<std::string> SharedPath(std::string_view name) {
  std::string path = "../shared/" + std::string(name);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return path;
}

}  // namespace ledge::testing

#define LEDGE_SHARED_OR_SKIP(variable, name)                                             \
  const auto variable##_shared = ::ledge::testing::SharedPath(name);                     \
  if (!variable##_shared) GTEST_SKIP() << "needs ../shared/" << (name) << ", not there"; \
  const std::string& variable = *variable##_shared
