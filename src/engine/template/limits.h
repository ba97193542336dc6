// What a chat template may use. A template comes with a model file, so it is as hostile as the
// file: beyond any of these a render ends in an error that names the limit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ledge::jinja {

inline constexpr size_t kMaxSourceBytes = size_t{1} << 20;
inline constexpr size_t kMaxTokens = 200'000;
// Brackets, unary operators and blocks inside each other, as the parser meets them.
inline constexpr int kMaxParseDepth = 80;
// Height of one expression's tree: brackets, and chains of `.name`, `[...]`, `|filter`.
inline constexpr int kMaxExpressionHeight = 150;
// Expressions, statements and macro calls inside each other, as they run.
inline constexpr int kMaxEvaluationDepth = 300;
// One step is one evaluated node, or kBytesPerStep bytes copied, compared or searched.
inline constexpr uint64_t kMaxSteps = 2'000'000;
inline constexpr uint64_t kBytesPerStep = 256;
// The output, and any other single text.
inline constexpr size_t kMaxTextBytes = size_t{8} << 20;
// All texts, lists and dicts that exist at one moment, the messages among them.
inline constexpr uint64_t kMaxLiveBytes = uint64_t{64} << 20;
// Lists and dicts inside each other.
inline constexpr int kMaxValueDepth = 100;
// range(); the same bound as Jinja's own sandbox.
inline constexpr int64_t kMaxRange = 100'000;

}  // namespace ledge::jinja
