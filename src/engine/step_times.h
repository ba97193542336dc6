// How long a step will take, from how long steps took: what bounds the gaps of running answers
// while prompts are read.
//
// A step's time is taken as that of its decode columns alone and so much for each prompt column
// beside. Both are followed as they change: with longer contexts steps get slower. While a prompt
// is read, a step without it is asked for now and then, and what others take more than foreseen is
// the prompt's doing, which sees more and more tokens. Where it is far more or less, the machine
// has changed its speed, for both alike. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>

namespace ledge {

class StepTimes {
 public:
  void Observe(uint32_t decode_columns, uint32_t prompt_columns, std::chrono::nanoseconds took);

  // Columns of prompts that fit beside running answers. A step may then take kPace times a step
  // without prompts, so that answers go on at an even pace; at least kLeastStep, where nobody
  // notices; at most `max_stall`; but twice a step without prompts in any case. Between 1 and
  // `most`; 0 after kAloneEvery steps with prompts, so that one without them is seen again. With
  // max_stall = 0 it is `most`.
  uint32_t PromptColumns(std::chrono::nanoseconds max_stall, uint32_t most) const;
  // Tokens of prompts a second, answers that run beside them included; 0: not known yet.
  double PromptsPerSecond() const {
    return prompt_ns_ > 0 ? 1e9 * prompt_columns_ / prompt_ns_ : 0;
  }
  // Where nobody waits for an answer's next token, but somebody may wish to leave: kSoloStep.
  uint32_t PromptColumnsAlone(uint32_t most) const;

  // So that no gap is more than three times as long as the others, were it a fifth longer than
  // foreseen. A prompt takes two to four times as long as alone then: steps of few columns use the
  // cores badly.
  static constexpr double kPace = 2.5;
  static constexpr std::chrono::nanoseconds kLeastStep = std::chrono::milliseconds(20);
  static constexpr uint32_t kAloneEvery = 16;
  static constexpr std::chrono::nanoseconds kSoloStep = std::chrono::milliseconds(250);
  // Below this a step is bound by reading weights: fewer columns take as long.
  static constexpr uint32_t kLeastSoloColumns = 32;

 private:
  double decode_ns_ = 0;  // 0: not known yet
  double column_ns_ = 0;
  uint32_t mixed_steps_ = 0;  // since one of decode columns alone
  // Of the last steps with prompts, older ones counting less.
  double prompt_columns_ = 0;
  double prompt_ns_ = 0;
};

}  // namespace ledge
