#include "engine/embedding.h"

#include <algorithm>

#include "engine/logits.h"

namespace ledge {
namespace {

std::vector<float> MeanOf(const StepResult& rows, size_t count) {
  std::vector<double> sums(rows.row_size);
  for (size_t i = 0; i < count; ++i) {
    const auto row = rows.row(i);
    for (size_t at = 0; at < row.size(); ++at) sums[at] += double{row[at]};
  }
  std::vector<float> mean;
  for (const double sum : sums)
    mean.push_back(static_cast<float>(sum / static_cast<double>(count)));
  return mean;
}

}  // namespace

Result<std::vector<float>> ComputeEmbedding(Executor& executor, std::span<const Token> ids,
                                            const StopFlag& stop) {
  const ExecutorInfo& info = executor.info();
  if (info.pooling == Pooling::kNone) {
    return MakeError(Code::kUsage, "this model gives no embedding; must be an encoder");
  }
  const uint32_t most = std::min(info.max_columns, info.max_context);
  if (ids.empty() || ids.size() > most) {
    return MakeError(Code::kUsage,
                     "{} token ids; must be 1 to {}, since an encoder reads all at "
                     "once",
                     ids.size(), most);
  }
  LEDGE_TRY(const ScopedSequence sequence, ScopedSequence::Add(executor));
  Batch batch;
  batch.output = Batch::Output::kHidden;
  for (size_t at = 0; at < ids.size(); ++at) {
    const bool wanted = info.pooling == Pooling::kMean ||
                        at == (info.pooling == Pooling::kFirst ? 0 : ids.size() - 1);
    batch.columns.push_back({sequence.id(), ids[at], static_cast<uint32_t>(at), wanted, 0});
  }
  LEDGE_TRY(const StepResult result, executor.Step(batch, stop));
  if (!result.finished) return MakeError(Code::kInterrupted, "interrupted");
  return MeanOf(result, result.rows.size() / result.row_size);
}

}  // namespace ledge
