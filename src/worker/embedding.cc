#include "worker/embedding.h"

#include <algorithm>
#include <cmath>

namespace ledge {

Result<std::optional<std::vector<float>>> Embedding::Step(Executor& executor, uint32_t columns,
                                                          const StopFlag& stop) {
  if (!sequence_) {
    LEDGE_TRY(sequence_, executor.AddSequence());
    sum_.assign(executor.info().width, 0.0);
  }
  const uint32_t count = std::min({columns, tokens() - done_, executor.info().max_columns});
  Batch batch;
  batch.output = Batch::Output::kHidden;
  for (uint32_t i = 0; i < count; ++i)
    batch.columns.push_back({*sequence_, tokens_[done_ + i], done_ + i, true, 0});
  auto step = executor.Step(batch, stop);
  if (!step.ok()) {
    Drop(executor);
    return std::move(step).error();
  }
  if (!step->finished) return std::optional<std::vector<float>>();
  for (uint32_t i = 0; i < count; ++i) {
    const auto row = step->row(i);
    for (size_t j = 0; j < sum_.size(); ++j) sum_[j] += static_cast<double>(row[j]);
  }
  done_ += count;
  if (done_ < tokens()) return std::optional<std::vector<float>>();
  Drop(executor);
  double square = 0;
  for (const double value : sum_) square += value * value;
  const double scale = square > 0 ? 1.0 / std::sqrt(square) : 0.0;
  std::vector<float> vector(sum_.size());
  std::ranges::transform(sum_, vector.begin(),
                         [scale](double v) { return static_cast<float>(v * scale); });
  return std::optional(std::move(vector));
}

void Embedding::Drop(Executor& executor) {
  if (sequence_) executor.RemoveSequence(*sequence_);
  sequence_.reset();
}

}  // namespace ledge
