// Checks on Result<T> that print the error's message.
//
//   ASSERT_OK(store.Remove(name));
//   EXPECT_ERROR(ParseSize("x"), Code::kUsage, "not a size");
//   ASSERT_OK_AND_ASSIGN(auto file, os.Open(path));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "base/result.h"

namespace ledge::testing {

template <typename T>
::testing::AssertionResult IsOk(const Result<T>& result) {
  if (result.ok()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "error " << CodeName(result.error().code) << ": " << result.error().message;
}

template <typename T>
::testing::AssertionResult Fails(const Result<T>& result, Code code, std::string_view words) {
  if (result.ok()) return ::testing::AssertionFailure() << "succeeded";
  const Error& error = result.error();
  if (error.code != code || error.message.find(words) == std::string::npos) {
    return ::testing::AssertionFailure()
           << "error " << CodeName(error.code) << ": " << error.message << " (expected "
           << CodeName(code) << " with '" << words << "')";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace ledge::testing

#define ASSERT_OK(...) ASSERT_TRUE(::ledge::testing::IsOk((__VA_ARGS__)))
#define EXPECT_OK(...) EXPECT_TRUE(::ledge::testing::IsOk((__VA_ARGS__)))
#define EXPECT_ERROR(expression, code, words) \
  EXPECT_TRUE(::ledge::testing::Fails((expression), (code), (words)))
#define ASSERT_OK_AND_ASSIGN_INNER(temp, declaration, ...) \
  auto temp = (__VA_ARGS__);                               \
  ASSERT_TRUE(::ledge::testing::IsOk(temp));               \
  declaration = std::move(temp).value()
#define ASSERT_OK_AND_ASSIGN(declaration, ...) \
  ASSERT_OK_AND_ASSIGN_INNER(LEDGE_CONCAT(assigned_, __LINE__), declaration, __VA_ARGS__)
