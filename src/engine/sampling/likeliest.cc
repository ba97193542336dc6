#include "engine/sampling/likeliest.h"

#include <algorithm>
#include <cmath>

namespace ledge {
namespace {

// Few enough that a block with something large in it is soon looked through.
constexpr size_t kBlock = 64;
constexpr size_t kLanes = 16;  // side by side, so that the compiler uses vectors

// Of kBlock values.
float LargestOfBlock(const float* x) {
  float most[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) most[lane] = x[lane];
  for (size_t i = kLanes; i < kBlock; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane)
      most[lane] = x[i + lane] > most[lane] ? x[i + lane] : most[lane];
  }
  float largest = most[0];
  for (size_t lane = 1; lane < kLanes; ++lane)
    largest = most[lane] > largest ? most[lane] : largest;
  return largest;
}

// fn(first, end) for each block that has a value over threshold(), and for the rest behind the
// blocks.
template <typename Threshold, typename F>
void ForBlocksOver(std::span<const float> logits, size_t begin, Threshold&& threshold, F&& fn) {
  for (; begin + kBlock <= logits.size(); begin += kBlock) {
    if (LargestOfBlock(logits.data() + begin) > threshold()) fn(begin, begin + kBlock);
  }
  fn(begin, logits.size());
}

}  // namespace

size_t FirstBadLogit(std::span<const float> logits) {
  const auto bad = [](float x) { return !(x < INFINITY); };
  size_t begin = 0;
  for (; begin + kBlock <= logits.size(); begin += kBlock) {
    int found = 0;
    for (size_t i = 0; i < kBlock; ++i) found |= bad(logits[begin + i]) ? 1 : 0;
    if (found != 0) break;
  }
  const auto at =
      std::find_if(logits.begin() + static_cast<std::ptrdiff_t>(begin), logits.end(), bad);
  return static_cast<size_t>(at - logits.begin());
}

Token Likeliest(std::span<const float> logits) {
  size_t best = 0;
  ForBlocksOver(
      logits, 0, [&] { return logits[best]; },
      [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) best = logits[i] > logits[best] ? i : best;
      });
  return static_cast<Token>(best);
}

void LikeliestOf(std::span<const float> logits, size_t count, std::vector<Candidate>& out) {
  out.clear();
  count = std::min(count, logits.size());
  if (count == 0) return;
  for (size_t i = 0; i < count; ++i) out.push_back({static_cast<Token>(i), logits[i], 0});
  if (count < logits.size()) {
    // A heap with the least likely on top. What comes later must be larger, since of equals the
    // first stays.
    std::make_heap(out.begin(), out.end(), kLikelierFirst);
    ForBlocksOver(
        logits, count, [&] { return out.front().logit; },
        [&](size_t begin, size_t end) {
          for (size_t i = begin; i < end; ++i) {
            if (!(logits[i] > out.front().logit)) continue;
            std::pop_heap(out.begin(), out.end(), kLikelierFirst);
            out.back() = {static_cast<Token>(i), logits[i], 0};
            std::push_heap(out.begin(), out.end(), kLikelierFirst);
          }
        });
  }
  std::sort(out.begin(), out.end(), kLikelierFirst);
}

}  // namespace ledge
