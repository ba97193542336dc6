#include "executor/native/native_executor.h"

#include <algorithm>
#include <utility>

#include "executor/native/forward.h"
#include "executor/native/scratch.h"
#include "executor/native/step_plan.h"
#include "model/kv_pool.h"
#include "model/layer_groups.h"

namespace ledge {
namespace {

// More than any server has requests; a bound against leaks, not a policy.
constexpr size_t kMaxSequences = 1 << 16;

class NativeExecutor : public Executor {
 public:
  NativeExecutor(Os& os, std::shared_ptr<const Model> model, ThreadPool& pool, MemoryBudget& budget,
                 const Kernels& kernels, KvType kv_type, bool ask_for_experts, Scratch scratch)
      : model_(std::move(model)),
        pool_(pool),
        budget_(budget),
        kernels_(kernels),
        ask_for_experts_(ask_for_experts),
        groups_(model_->LayerGroups(kv_type)),
        scratch_(std::move(scratch)),
        output_(os, budget),
        crew_(pool.threads(), MaxPhases(model_->spec())) {
    info_.cuts_anywhere = true;
    for (const LayerGroupShape& group : groups_) {
      pools_.push_back(std::make_unique<KvPool>(os, budget, group));
      info_.kv_page_bytes += group.page_bytes();
      if (group.window > 0) info_.cuts_anywhere = false;
    }
    const ModelSpec& spec = model_->spec();
    if (const uint64_t bytes = RecurrentBytes(spec); bytes > 0) {
      states_ = std::make_unique<PagePool>(os, budget, bytes);
      info_.sequence_bytes = 2 * bytes;
      info_.cuts_anywhere = false;
    }
    info_.vocabulary = spec.vocabulary;
    info_.width = spec.width;
    info_.trained_context = spec.trained_context;
    info_.encoder = spec.encoder;
    info_.pooling = spec.pooling;
    info_.max_columns = scratch_.shape.columns;
    info_.max_context = scratch_.shape.positions;
    info_.scratch_bytes = scratch_.bytes;
  }

  // One row is had from the start, so that a sequence that is alone is never stopped for want of
  // it.
  Result<void> ReserveFirstRow() {
    LEDGE_CHECK_OK(output_.Reserve(std::max(info_.vocabulary, info_.width)));
    info_.scratch_bytes += output_.bytes();
    return {};
  }

  const ExecutorInfo& info() const override { return info_; }
  Result<SequenceId> AddSequence() override;
  Result<Forked> Fork(SequenceId from, uint32_t length) override;
  Result<void> Truncate(SequenceId id, uint32_t length) override;
  Result<void> Reserve(SequenceId id, uint32_t tokens) override;
  Result<void> Mark(SequenceId id, uint32_t length) override;
  void RemoveSequence(SequenceId id) override { sequences_.erase(id); }
  uint64_t KvLimitBytes() const override;
  void GiveBackUnused() override;
  uint32_t Length(SequenceId id) const override;
  uint32_t CutPoint(SequenceId id, uint32_t length) const override;
  uint64_t KvBytes(SequenceId id) const override;
  Result<StepResult> Step(const Batch& batch, const StopFlag& stop) override;

 private:
  Result<SequenceId> Insert(SequenceState state);
  Result<SequenceSlot*> Find(SequenceId id, uint32_t length);
  // What an encoder can't do.
  Result<void> CheckEncoder(const Batch& batch) const;
  Result<void> ReservePages();
  // Room in one sequence, at the cost of all sequences' checkpoints.
  Result<void> ReserveIn(SequenceState& state, uint32_t tokens);
  // Pages that the step asked for go back: it left no trace.
  void DropReserved();

  std::shared_ptr<const Model> model_;
  ThreadPool& pool_;
  MemoryBudget& budget_;
  const Kernels& kernels_;
  bool ask_for_experts_;
  std::vector<LayerGroupShape> groups_;
  Scratch scratch_;
  OutputRows output_;
  ExecutorInfo info_;
  std::vector<std::unique_ptr<KvPool>> pools_;  // outlive the sequences
  std::unique_ptr<PagePool> states_;            // of hybrid models
  SequenceMap sequences_;
  SequenceId next_id_ = 1;
  StepPlan plan_;
  Crew crew_;
};

Result<SequenceId> NativeExecutor::Insert(SequenceState state) {
  if (sequences_.size() >= kMaxSequences) {
    return MakeError(Code::kUsage, "there are {} sequences; must be at most {}", sequences_.size(),
                     kMaxSequences);
  }
  while (sequences_.contains(next_id_)) ++next_id_;
  const SequenceId id = next_id_++;
  sequences_.emplace(id, SequenceSlot(std::move(state)));
  return id;
}

Result<SequenceId> NativeExecutor::AddSequence() {
  std::vector<KvPool*> pools;
  for (const auto& pool : pools_) pools.push_back(pool.get());
  return Insert(SequenceState(std::move(pools), states_.get()));
}

Result<SequenceSlot*> NativeExecutor::Find(SequenceId id, uint32_t length) {
  const auto found = sequences_.find(id);
  if (found == sequences_.end()) return MakeError(Code::kUsage, "sequence {} does not exist", id);
  const uint32_t has = found->second.state.length();
  if (length > has) {
    return MakeError(Code::kUsage,
                     "sequence {} can't be cut at {} tokens; must be at most its length {}", id,
                     length, has);
  }
  return &found->second;
}

Result<Executor::Forked> NativeExecutor::Fork(SequenceId from, uint32_t length) {
  LEDGE_TRY(SequenceSlot * slot, Find(from, length));
  const uint32_t cut = slot->state.CutPoint(length);
  LEDGE_TRY(const SequenceId id, Insert(slot->state.Fork(cut)));
  return Forked{id, cut};
}

Result<void> NativeExecutor::Truncate(SequenceId id, uint32_t length) {
  LEDGE_TRY(SequenceSlot * slot, Find(id, length));
  const uint32_t cut = slot->state.CutPoint(length);
  if (cut != length) {
    return MakeError(Code::kUsage,
                     "sequence {} can't be cut at {} tokens; the next cut point is {}", id, length,
                     cut);
  }
  slot->state.Truncate(length);
  return {};
}

Result<void> NativeExecutor::Reserve(SequenceId id, uint32_t tokens) {
  LEDGE_TRY(SequenceSlot * slot, Find(id, 0));
  if (tokens > kMaxContext) {
    return MakeError(Code::kUsage, "room for {} tokens; must be at most {}", tokens, kMaxContext);
  }
  return ReserveIn(slot->state, tokens);
}

Result<void> NativeExecutor::Mark(SequenceId id, uint32_t length) {
  LEDGE_TRY(SequenceSlot * slot, Find(id, 0));
  slot->state.Mark(length);
  return {};
}

Result<void> NativeExecutor::ReserveIn(SequenceState& state, uint32_t tokens) {
  auto reserved = state.Reserve(tokens);
  if (reserved.ok()) return reserved;
  bool dropped = false;
  for (auto& [id, slot] : sequences_) dropped = slot.state.DropCheckpoints() || dropped;
  return dropped ? state.Reserve(tokens) : std::move(reserved);
}

void NativeExecutor::GiveBackUnused() {
  for (const auto& pool : pools_) pool->Trim();
  if (states_ != nullptr) states_->Trim();
}

uint64_t NativeExecutor::KvLimitBytes() const {
  const uint64_t others = budget_.used() - budget_.used(MemoryKind::kKv);
  return budget_.total() > others ? budget_.total() - others : 0;
}

uint32_t NativeExecutor::Length(SequenceId id) const {
  const auto found = sequences_.find(id);
  return found == sequences_.end() ? 0 : found->second.state.length();
}

uint32_t NativeExecutor::CutPoint(SequenceId id, uint32_t length) const {
  const auto found = sequences_.find(id);
  return found == sequences_.end() ? 0 : found->second.state.CutPoint(length);
}

uint64_t NativeExecutor::KvBytes(SequenceId id) const {
  const auto found = sequences_.find(id);
  return found == sequences_.end() ? 0 : found->second.state.bytes();
}

Result<void> NativeExecutor::CheckEncoder(const Batch& batch) const {
  if (!model_->spec().encoder) return {};
  if (batch.output == Batch::Output::kLogits) {
    return MakeError(Code::kUsage,
                     "{} is an encoder: it gives embeddings and no logits; it can't generate text",
                     PrintableLine(model_->spec().architecture, 40));
  }
  for (const StepPlan::PlannedSequence& sequence : plan_.sequences()) {
    if (sequence.state->length() == 0) continue;
    return MakeError(Code::kUsage,
                     "an encoder's sequence goes on at {}; must come in one step, since all its "
                     "tokens see each other",
                     sequence.state->length());
  }
  return {};
}

Result<void> NativeExecutor::ReservePages() {
  for (const StepPlan::PlannedSequence& sequence : plan_.sequences()) {
    if (auto reserved = ReserveIn(*sequence.state, sequence.columns); !reserved.ok()) {
      DropReserved();
      return reserved;
    }
  }
  for (const StepPlan::PlannedSequence& sequence : plan_.sequences())
    sequence.state->PlanStep(sequence.columns);
  return {};
}

void NativeExecutor::DropReserved() {
  for (const StepPlan::PlannedSequence& sequence : plan_.sequences()) {
    sequence.state->ShrinkTo(sequence.capacity);
  }
}

Result<StepResult> NativeExecutor::Step(const Batch& batch, const StopFlag& stop) {
  const ModelSpec& spec = model_->spec();
  PlanLimits limits;
  limits.max_columns = scratch_.shape.columns;
  limits.vocabulary = spec.vocabulary;
  limits.max_positions = scratch_.shape.positions;
  limits.block_columns = scratch_.shape.block_columns();
  LEDGE_CHECK_OK(plan_.Build(batch, sequences_, limits));
  LEDGE_CHECK_OK(CheckEncoder(batch));

  StepResult result;
  result.row_size = batch.output == Batch::Output::kLogits ? spec.vocabulary : spec.width;
  const uint64_t floats = uint64_t{result.row_size} * plan_.wanted().size();
  LEDGE_TRY(float* rows, output_.Reserve(floats));
  LEDGE_CHECK_OK(ReservePages());
  if (scratch_.shape.share_prefixes) plan_.FindShared();

  Mapping* const ask = ask_for_experts_ ? &model_->packed().mapping() : nullptr;
  const StepContext step{spec, groups_, kernels_, scratch_, plan_, ask, batch.output, rows};
  crew_.Begin(stop);
  pool_.Run([&](int thread) {
    Worker worker(crew_, thread);
    RunForward(step, worker);
  });
  if (crew_.gave_up()) {
    DropReserved();
    result.row_size = 0;
    return result;
  }
  if (model_->packed().damaged()) {
    DropReserved();
    return MakeError(Code::kIo,
                     "{}: the model's file changed or could not be read while it was in use; "
                     "must stay as it was imported",
                     model_->packed().path());
  }
  for (const StepPlan::PlannedSequence& sequence : plan_.sequences())
    sequence.state->Advance(sequence.columns);
  result.finished = true;
  result.rows = {rows, floats};
  return result;
}

}  // namespace

Result<std::unique_ptr<Executor>> CreateNativeExecutor(Os& os, std::shared_ptr<const Model> model,
                                                       ThreadPool& pool, MemoryBudget& budget,
                                                       const NativeOptions& options) {
  if (options.max_columns == 0 || options.max_columns > kMaxStepColumns) {
    return MakeError(Code::kUsage, "a step of {} columns; must be 1 to {}", options.max_columns,
                     kMaxStepColumns);
  }
  if (options.max_context > kMaxContext) {
    return MakeError(Code::kUsage, "a context of {} tokens; must be at most {}",
                     options.max_context, kMaxContext);
  }
  const ModelSpec& spec = model->spec();
  ScratchShape shape = ScratchShape::Of(spec);
  shape.columns = options.max_columns;
  shape.threads = pool.threads();
  shape.positions =
      options.max_context != 0 ? options.max_context : std::min(spec.trained_context, kMaxContext);
  shape.positions = std::max(shape.positions, 1u);
  shape.fusions = options.fusions;
  shape.share_prefixes = options.share_prefixes;
  shape.prefetch = options.prefetch;
  shape.huge_pages = options.huge_pages;
  if (spec.position_embedding.rows != 0 && shape.positions > spec.position_embedding.rows) {
    return MakeError(Code::kUsage,
                     "a context of {} tokens; must be at most {}, the positions that the model has "
                     "learned",
                     shape.positions, spec.position_embedding.rows);
  }
  LEDGE_TRY(Scratch scratch, Scratch::Create(os, budget, shape));
  const Kernels& kernels = options.kernels != nullptr ? *options.kernels : BestKernels();
  const bool ask =
      options.ask_for_experts.value_or(model->packed().weight_bytes() > os.AvailableMemory());
  auto executor = std::make_unique<NativeExecutor>(os, std::move(model), pool, budget, kernels,
                                                   options.kv_type, ask, std::move(scratch));
  LEDGE_CHECK_OK(executor->ReserveFirstRow());
  return std::unique_ptr<Executor>(std::move(executor));
}

}  // namespace ledge
