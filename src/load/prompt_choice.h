// Which prompt a request asks: each in turn, or by a Zipf distribution, in which the k-th prompt is
// asked in proportion to 1 / k^s, as popular questions are. Deterministic for a seed.
#pragma once

#include <cstdint>
#include <vector>

#include "load/random.h"

namespace ledge {

class PromptChoice {
 public:
  // `prompts` >= 1; `zipf` 0: in turn.
  PromptChoice(size_t prompts, double zipf, uint64_t seed);
  size_t Next();

 private:
  size_t prompts_;
  size_t turn_ = 0;
  std::vector<double> cumulative_;  // empty: in turn
  LoadRandom random_;
};

}  // namespace ledge
