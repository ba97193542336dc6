// The largest of a vocabulary's logits, without copying or sorting all of them: a server does this
// for every token of every sequence, on one thread while the others wait.
#pragma once

#include <span>
#include <vector>

#include "base/token.h"

namespace ledge {

struct Candidate {
  Token token = 0;
  float logit = 0;
  double p = 0;  // for who works on with it
};

// Of equals the lower token.
inline constexpr auto kLikelierFirst = [](const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
};

// The first that is NaN or plus infinity; logits.size() if there is none.
size_t FirstBadLogit(std::span<const float> logits);

// The largest, of equals the first. `logits` is not empty and has no NaN.
Token Likeliest(std::span<const float> logits);

// The `count` largest (at most all), likelier first. `logits` has no NaN. O(V) and little more
// where `count` is small.
void LikeliestOf(std::span<const float> logits, size_t count, std::vector<Candidate>& out);

}  // namespace ledge
