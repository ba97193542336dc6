// Who gets which columns of the next step: one for each sequence that decodes, prompts' chunks in
// as many as running answers can bear, guesses in those that cost nothing. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/generation.h"
#include "engine/step_times.h"

namespace ledge {

// Columns of one generation in the step being built.
struct Share {
  Generation* generation = nullptr;
  uint32_t columns = 0;
  bool wants_logits = false;
  uint32_t guesses = 0;  // the last of the columns
};

class StepShares {
 public:
  using Running = std::span<const std::unique_ptr<Generation>>;

  // `options` must stay where it is.
  StepShares(const EngineOptions& options, bool guessing)
      : options_(options), guessing_(guessing) {}

  // Plans the next step of these, none of which has finished, the oldest first.
  void Plan(Running running);
  std::span<Share> all() { return shares_; }

  // See Engine::TakeSpareColumns. `waiting`: whether others have not begun.
  uint32_t TakeSpare(uint32_t most, Running running, bool waiting);
  // The next step's prompts may have all of their columns again.
  void ForgetSpare() { spare_taken_ = 0; }

  void StopGuessing() { guessing_ = false; }

  StepTimes& times() { return times_; }

 private:
  void PlanPrompts(std::vector<Generation*> prompts, uint32_t left);
  void PlanGuesses(uint32_t most);

  const EngineOptions& options_;
  bool guessing_;
  StepTimes times_;
  std::vector<Share> shares_;
  size_t decode_turn_ = 0;  // who decodes first when not all can
  uint32_t spare_taken_ = 0;
};

}  // namespace ledge
