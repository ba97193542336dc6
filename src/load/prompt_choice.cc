#include "load/prompt_choice.h"

#include <algorithm>
#include <cmath>

namespace ledge {

PromptChoice::PromptChoice(size_t prompts, double zipf, uint64_t seed)
    : prompts_(prompts), random_(seed) {
  if (zipf == 0) return;
  double sum = 0;
  for (size_t k = 1; k <= prompts; ++k) {
    sum += std::pow(static_cast<double>(k), -zipf);
    cumulative_.push_back(sum);
  }
}

size_t PromptChoice::Next() {
  if (cumulative_.empty()) return turn_++ % prompts_;
  const double at = random_.Uniform() * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
  return std::min(prompts_ - 1, static_cast<size_t>(found - cumulative_.begin()));
}

}  // namespace ledge
