#include "engine/step_times.h"

#include <algorithm>

namespace ledge {
namespace {

// Of the newest observation.
constexpr double kWeight = 0.25;
// Of what was observed before, each time.
constexpr double kMemory = 0.95;
// A mixed step that takes as many times as long as foreseen, or as many times less.
constexpr double kOtherMachine = 1.5;
// Until anything is known.
constexpr uint32_t kFirstColumns = 16;

void Follow(double& mean, double value) {
  mean = mean == 0 ? value : (1 - kWeight) * mean + kWeight * value;
}

uint32_t Fit(double room_ns, double column_ns, uint32_t most) {
  if (column_ns <= 0) return std::min(kFirstColumns, most);
  const double fit = room_ns / column_ns;
  if (fit >= most) return most;
  return std::max(static_cast<uint32_t>(fit), 1u);
}

}  // namespace

void StepTimes::Observe(uint32_t decode_columns, uint32_t prompt_columns,
                        std::chrono::nanoseconds took) {
  const auto ns = static_cast<double>(took.count());
  if (prompt_columns == 0) {
    if (decode_columns > 0) {
      Follow(decode_ns_, ns);
      mixed_steps_ = 0;
    }
    return;
  }
  prompt_columns_ = kMemory * prompt_columns_ + prompt_columns;
  prompt_ns_ = kMemory * prompt_ns_ + ns;
  if (decode_columns == 0) return Follow(column_ns_, ns / prompt_columns);
  ++mixed_steps_;
  if (decode_ns_ > 0 && column_ns_ > 0) {
    const double factor = ns / (decode_ns_ + prompt_columns * column_ns_);
    if (factor > kOtherMachine || factor * kOtherMachine < 1) {
      Follow(decode_ns_, decode_ns_ * factor);
      return Follow(column_ns_, column_ns_ * factor);
    }
  }
  // Of what is known, a part is left in any case for what isn't.
  const double least = 0.1 * ns;
  if (decode_ns_ == 0 && column_ns_ > 0)
    return Follow(decode_ns_, std::max(ns - prompt_columns * column_ns_, least));
  Follow(column_ns_, std::max(ns - decode_ns_, least) / prompt_columns);
}

uint32_t StepTimes::PromptColumns(std::chrono::nanoseconds max_stall, uint32_t most) const {
  if (max_stall.count() == 0) return most;
  if (mixed_steps_ >= kAloneEvery) return 0;
  const double even = std::max(kPace * decode_ns_, static_cast<double>(kLeastStep.count()));
  const double bounded = std::min(even, static_cast<double>(max_stall.count()));
  const double step = std::max(bounded, 2 * decode_ns_);
  return Fit(step - decode_ns_, column_ns_, most);
}

uint32_t StepTimes::PromptColumnsAlone(uint32_t most) const {
  const uint32_t fit = Fit(static_cast<double>(kSoloStep.count()), column_ns_, most);
  return std::min(std::max(fit, kLeastSoloColumns), most);
}

}  // namespace ledge
