// Walks over a text in windows and hands out the logits at each scored place: what perplexity and
// the comparison of two models have in common.
//
// The tokens are cut into windows of `context` tokens; a rest is left out. In each window the first
// token is replaced by BOS where there is one, and the tokens behind position context / 2 are
// scored: context - 1 - context / 2 of them. So llama.cpp's llama-perplexity counts.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "executor/executor.h"

namespace ledge {

inline constexpr uint32_t kMinEvaluationContext = 8;

struct WindowOptions {
  uint32_t context = 512;
  uint32_t chunks = 0;   // windows at most; 0: all
  Token bos = kNoToken;  // takes the first place of each window; kNoToken: nothing does
};

// At a scored place, in the order of the text: the window's number, the token that stands there,
// and each model's logits for it. `rows` are valid during the call.
struct ScoredPlace {
  uint32_t window = 0;
  Token token = 0;
  std::span<const std::span<const float>> rows;  // one a model
};

// What is to be walked over, checked.
struct WindowPlan {
  uint32_t windows = 0;
  uint32_t scored = 0;  // places in a window
};
// kUsage for a context out of range or fewer than two windows of tokens.
Result<WindowPlan> PlanWindows(std::span<Executor* const> models, uint64_t tokens,
                               const WindowOptions& options);

// Computes the windows of the plan with every model. Several windows are computed at once where
// columns and memory allow; what `visit` sees does not depend on it. kInterrupted when `stop`
// asked; and the errors of Executor::Step.
Result<void> WalkWindows(std::span<Executor* const> models, std::span<const Token> tokens,
                         const WindowOptions& options, const WindowPlan& plan,
                         const std::function<void(const ScoredPlace&)>& visit,
                         const StopFlag& stop);

}  // namespace ledge
