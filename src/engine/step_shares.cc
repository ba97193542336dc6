#include "engine/step_shares.h"

#include <algorithm>

namespace ledge {

void StepShares::Plan(Running running) {
  shares_.clear();
  uint32_t left = options_.step_columns;
  const size_t count = running.size();
  for (size_t i = 0; i < count && left > 0; ++i) {
    Generation* generation = running[(decode_turn_ + i) % count].get();
    if (!generation->decoding()) continue;
    shares_.push_back({generation, 1, generation->wants_token()});
    --left;
  }
  if (left == 0) ++decode_turn_;
  std::vector<Generation*> prompts;
  for (const auto& generation : running) {
    if (!generation->decoding()) prompts.push_back(generation.get());
  }
  if (prompts.empty()) return PlanGuesses(left);
  if (!shares_.empty()) {
    const uint32_t fit = times_.PromptColumns(options_.max_stall, options_.prefill_columns);
    if (fit == 0) return;
    left = std::min(left, fit - std::min(spare_taken_, fit - 1));
  } else if (options_.max_stall.count() > 0) {
    left = std::min(left, times_.PromptColumnsAlone(options_.step_columns));
  }
  PlanPrompts(std::move(prompts), left);
}

// The shortest rest first, so that a short prompt doesn't wait for a long one, but half of the
// columns for the oldest, so that a long one gets on.
void StepShares::PlanPrompts(std::vector<Generation*> prompts, uint32_t left) {
  Generation* const oldest = prompts.front();
  std::ranges::stable_sort(prompts, {}, [](const Generation* g) { return g->left_to_compute(); });
  uint32_t held = std::min((left + 1) / 2, oldest->left_to_compute());  // for the oldest
  for (Generation* generation : prompts) {
    if (generation == oldest) held = 0;
    if (left <= held) continue;
    const uint32_t rest = generation->left_to_compute();
    const uint32_t columns = std::min(left - held, rest);
    shares_.push_back({generation, columns, columns == rest && generation->wants_token()});
    left -= columns;
  }
}

// Where all decode, while reading the weights takes longer than computing guesses: then they cost
// nobody anything.
void StepShares::PlanGuesses(uint32_t most) {
  const auto decoding = static_cast<uint32_t>(shares_.size());
  if (!guessing_ || decoding >= options_.gather) return;
  uint32_t room = std::min(most, options_.gather - decoding);
  for (Share& share : shares_) {
    if (room == 0) return;
    if (!share.wants_logits) continue;
    share.guesses = static_cast<uint32_t>(share.generation->Guess(room).size());
    share.columns += share.guesses;
    room -= share.guesses;
  }
}

// Half of what fits beside answers where prompts of the engine's own want some.
uint32_t StepShares::TakeSpare(uint32_t most, Running running, bool waiting) {
  const auto decoding = [](const auto& g) { return !g->finished() && g->decoding(); };
  if (options_.max_stall.count() == 0) return most;
  if (std::ranges::none_of(running, decoding)) return times_.PromptColumnsAlone(most);
  const uint32_t fit = std::max(times_.PromptColumns(options_.max_stall, most), 1u);
  const bool shared = waiting || !std::ranges::all_of(running, decoding);
  spare_taken_ = shared ? (fit + 1) / 2 : fit;
  return spare_taken_;
}

}  // namespace ledge
