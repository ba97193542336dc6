#include "cli/run_options.h"

#include <algorithm>

#include "base/thread_pool.h"
#include "base/units.h"
#include "executor/native/native_executor.h"
#include "kernels/kernels.h"
#include "model/memory_needs.h"
#include "tokenizer/vocab_notes.h"

namespace ledge {
namespace {

// --ctx, or the command's default, lowered to what the model was trained for unless that is wanted.
uint32_t ChooseContext(Program& program, const ModelSpec& spec, const ComputeOptions& options,
                       const SessionNeeds& needs) {
  const uint32_t wanted =
      options.context > 0 ? static_cast<uint32_t>(options.context) : needs.context;
  if (needs.allow_beyond_trained || wanted <= spec.trained_context) return wanted;
  if (options.context > 0) {
    program.Inform(fmt::format(
        "ledge: note: --ctx {} is lowered to {}, the context this model was trained with", wanted,
        spec.trained_context));
  }
  return spec.trained_context;
}

// The cache must fit into what the machine has left; weights are mapped and can be dropped by the
// kernel, so only a model is refused of which every token reads more than all memory. Experts that
// are not in memory are read when they are chosen.
Result<void> CheckMemory(Program& program, const Model& model, KvType type, uint32_t context,
                         uint32_t sequences) {
  const MemoryNeeds needs =
      MemoryNeedsOf(model.packed().header(), model.spec(), type, context, sequences);
  const uint64_t available = program.os().AvailableMemory();
  const uint64_t total = program.os().TotalMemory();
  if (needs.kv > available) {
    return MakeError(Code::kOverBudget,
                     "--ctx {} for {} sequence(s) needs {} of KV cache, but {} of memory are free; "
                     "a smaller --ctx or --kv-type q8 needs less",
                     context, sequences, FormatSize(needs.kv), FormatSize(available));
  }
  if (needs.weights - needs.idle_experts > total) {
    return MakeError(Code::kOverBudget,
                     "{}: needs {} of weights for every token, but the machine has {} of memory; a "
                     "model of fewer bits or weights needs less",
                     model.packed().header().file(), FormatSize(needs.weights - needs.idle_experts),
                     FormatSize(total));
  }
  if (needs.weights > total) {
    program.Inform(fmt::format(
        "ledge: note: the weights are {}, the memory {}; experts are read from the disk as they "
        "are chosen",
        FormatSize(needs.weights), FormatSize(total)));
  }
  return {};
}

}  // namespace

void ComputeOptions::Declare(Options& options) {
  options.Whole("-t,--threads", threads, 0, kMaxPoolThreads,
                "threads to compute with; 0: the physical cores this process may use");
  options.Whole("--ctx", context, 0, kMaxContextOption,
                "most tokens of a sequence; 0: a default that fits the model");
  options.Choice("--kv-type", kv_type, {"f32", "f16", "q8"}, "type of the KV cache");
}

void ShiftOptions::Declare(Options& options) {
  options.Flag("--context-shift", enabled,
               "go on where the context is full, without the older half of what is there");
  options.Whole("--keep", keep, 0, kMaxContextOption,
                "first tokens that --context-shift keeps; at most half the context");
}

int ComputeOptions::ThreadCount(const Program& program) const {
  return threads > 0 ? static_cast<int>(threads) : program.os().UsableCores();
}

KvType ComputeOptions::KvTypeAsked() const {
  return kv_type == "f32" ? KvType::kF32 : kv_type == "q8" ? KvType::kQ8 : KvType::kF16;
}

std::string ComputeOptions::ThreadsWhy(const Program& program) const {
  return threads > 0 ? fmt::format("--threads {}", threads) : program.os().Cpus().Why();
}

Result<const Tokenizer*> Session::RequireTokenizer(Program& program) const {
  if (!tokenizer) return WhyNoTokenizer(packed->header());
  WarnOfGuesses(program, packed->header());
  return &*tokenizer;
}

Result<Session> OpenSession(Program& program, const ModelArgument& argument,
                            const ComputeOptions& options, const SessionNeeds& needs) {
  Session session;
  LEDGE_TRY(session.packed, OpenModel(program, argument));
  LEDGE_TRY(session.model, Model::Load(session.packed));
  if (const auto tables = session.packed->tokenizer_tables(); !tables.empty()) {
    LEDGE_TRY(session.tokenizer, Tokenizer::Open(tables, TokenTextsOf(session.packed->header())));
  }
  const KvType type = options.KvTypeAsked();
  session.context = ChooseContext(program, session.model->spec(), options, needs);
  LEDGE_CHECK_OK(CheckMemory(program, *session.model, type, session.context, needs.sequences));
  session.budget = std::make_unique<MemoryBudget>();
  session.pool = std::make_unique<ThreadPool>(options.ThreadCount(program));
  program.Detail(fmt::format("{} threads: {}; {} kernels", session.pool->threads(),
                             options.ThreadsWhy(program), BestKernels().name));
  const NativeOptions native{.kv_type = type,
                             .max_columns = std::min(needs.max_columns, kMaxStepColumns),
                             .max_context = session.context};
  LEDGE_TRY(session.executor, CreateNativeExecutor(program.os(), session.model, *session.pool,
                                                   *session.budget, native));
  return session;
}

}  // namespace ledge
