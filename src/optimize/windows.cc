#include "optimize/windows.h"

#include <algorithm>
#include <vector>

#include "engine/logits.h"

namespace ledge {
namespace {

// Windows that are computed together at most.
constexpr uint32_t kMaxWindowsAtOnce = 16;

// Some neighbouring windows, computed in steps that mix their columns.
class WindowRun {
 public:
  WindowRun(std::span<Executor* const> models, std::span<const Token> tokens,
            const WindowOptions& options, const std::function<void(const ScoredPlace&)>& visit,
            const StopFlag& stop)
      : tokens_(tokens), options_(options), visit_(visit), stop_(stop) {
    max_columns_ = UINT32_MAX;
    max_rows_ = UINT32_MAX;
    for (Executor* executor : models) {
      models_.push_back({.executor = executor});
      max_columns_ = std::min(max_columns_, executor->info().max_columns);
      max_rows_ = std::min(max_rows_, RowsPerStep(*executor));
    }
    rows_.resize(models.size());
  }

  // As many sequences with room for a window as can be had in all models, up to `wanted`; at least
  // one, or the error.
  Result<uint32_t> MakeRoom(uint32_t wanted) {
    wanted = std::min(wanted, std::clamp(max_columns_ / options_.context, 1u, kMaxWindowsAtOnce));
    uint32_t windows = wanted;
    for (Model& model : models_) {
      for (uint32_t i = 0; i < windows; ++i) {
        LEDGE_TRY(ScopedSequence sequence, ScopedSequence::Add(*model.executor));
        if (auto room = model.executor->Reserve(sequence.id(), options_.context); !room.ok()) {
          if (i == 0) return std::move(room).error();
          windows = i;
          break;
        }
        model.sequences.push_back(std::move(sequence));
      }
    }
    return windows;
  }

  // Windows [first, first + count).
  Result<void> Run(uint32_t first, uint32_t count) {
    for (Model& model : models_) {
      for (uint32_t i = 0; i < count; ++i)
        LEDGE_CHECK_OK(model.executor->Truncate(model.sequences[i].id(), 0));
    }
    const uint64_t total = uint64_t{count} * options_.context;
    for (uint64_t at = 0; at < total;) LEDGE_CHECK_OK(Step(first, at, total));
    return {};
  }

 private:
  struct Model {
    Executor* executor = nullptr;
    std::vector<ScopedSequence> sequences;
    StepResult result;
  };
  struct Place {
    uint32_t window;  // of the run
    uint32_t position;
    Token token;
    bool scored;
  };

  // Columns from `at` on, counted over all windows one after another.
  Result<void> Step(uint32_t first, uint64_t& at, uint64_t total) {
    places_.clear();
    scored_.clear();
    for (; at < total && places_.size() < max_columns_; ++at) {
      const uint32_t window = static_cast<uint32_t>(at / options_.context);
      const uint32_t position = static_cast<uint32_t>(at % options_.context);
      const uint64_t index = (uint64_t{first} + window) * options_.context + position;
      const bool scored = position >= options_.context / 2 && position + 1 < options_.context;
      if (scored && scored_.size() == max_rows_) break;
      const bool replaced = position == 0 && options_.bos != kNoToken;
      places_.push_back({window, position, replaced ? options_.bos : tokens_[index], scored});
      if (scored) scored_.push_back({first + window, tokens_[index + 1], {}});
    }
    for (Model& model : models_) LEDGE_CHECK_OK(StepOf(model));
    for (size_t row = 0; row < scored_.size(); ++row) {
      for (size_t i = 0; i < models_.size(); ++i) rows_[i] = models_[i].result.row(row);
      scored_[row].rows = rows_;
      visit_(scored_[row]);
    }
    return {};
  }

  Result<void> StepOf(Model& model) {
    batch_.columns.clear();
    for (const Place& place : places_) {
      batch_.columns.push_back(
          {model.sequences[place.window].id(), place.token, place.position, place.scored, 0});
    }
    LEDGE_TRY(model.result, model.executor->Step(batch_, stop_));
    if (!model.result.finished) return MakeError(Code::kInterrupted, "interrupted");
    return {};
  }

  std::span<const Token> tokens_;
  const WindowOptions& options_;
  const std::function<void(const ScoredPlace&)>& visit_;
  const StopFlag& stop_;
  std::vector<Model> models_;
  uint32_t max_columns_ = 0;
  uint32_t max_rows_ = 0;
  std::vector<Place> places_;
  std::vector<ScoredPlace> scored_;
  std::vector<std::span<const float>> rows_;
  Batch batch_;
};

}  // namespace

Result<WindowPlan> PlanWindows(std::span<Executor* const> models, uint64_t tokens,
                               const WindowOptions& options) {
  for (const Executor* executor : models) {
    const uint32_t most = executor->info().max_context;
    if (options.context < kMinEvaluationContext || options.context > most) {
      return MakeError(Code::kUsage, "a context of {} tokens; must be {} to {}", options.context,
                       kMinEvaluationContext, most);
    }
  }
  if (tokens < 2 * uint64_t{options.context}) {
    return MakeError(Code::kUsage, "the text has {} tokens; must be at least {}, two windows of {}",
                     tokens, 2 * uint64_t{options.context}, options.context);
  }
  uint64_t windows = tokens / options.context;
  if (options.chunks != 0) windows = std::min<uint64_t>(windows, options.chunks);
  return WindowPlan{.windows = static_cast<uint32_t>(std::min<uint64_t>(windows, UINT32_MAX)),
                    .scored = options.context - 1 - options.context / 2};
}

Result<void> WalkWindows(std::span<Executor* const> models, std::span<const Token> tokens,
                         const WindowOptions& options, const WindowPlan& plan,
                         const std::function<void(const ScoredPlace&)>& visit,
                         const StopFlag& stop) {
  WindowRun run(models, tokens, options, visit, stop);
  LEDGE_TRY(const uint32_t at_once, run.MakeRoom(plan.windows));
  for (uint32_t first = 0; first < plan.windows; first += at_once)
    LEDGE_CHECK_OK(run.Run(first, std::min(at_once, plan.windows - first)));
  return {};
}

}  // namespace ledge
