// ledge eval: perplexity of a text.
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/run_options.h"
#include "optimize/evaluate.h"

namespace ledge {
namespace {

// Windows that are computed at once share the reading of the weights; more than this gains nothing.
constexpr uint32_t kEvalColumns = 512;

class EvalCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    argument_.DeclareStoreOptions(options);
    options.Text("--text", text_, "the text to predict (required)");
    options.Whole("--chunks", chunks_, 0, UINT32_MAX, "windows at most; 0: the whole text");
    compute_.Declare(options);
    options.Flag("--json", json_, "{\"perplexity\",\"stderr\",\"tokens\",\"chunks\",\"context\"}");
    options.Examples(
        "  ledge eval smollm2 --text wiki.test.raw --ctx 512 --chunks 40\n"
        "Counted as llama.cpp's llama-perplexity -c CTX --chunks N counts it.");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    if (text_.empty()) return MakeError(Code::kUsage, "no text given; write --text FILE");
    LEDGE_TRY(const std::string text, ReadTextFile(program, text_));
    const uint32_t context = compute_.context > 0 ? static_cast<uint32_t>(compute_.context) : 512;
    if (context < kMinEvaluationContext) {
      return MakeError(Code::kUsage, "--ctx {} is too short; at least {}", context,
                       kMinEvaluationContext);
    }
    LEDGE_TRY(const Session session,
              OpenSession(
                  program, argument_, compute_,
                  {.context = context, .max_columns = kEvalColumns, .allow_beyond_trained = true}));
    LEDGE_TRY(const Tokenizer* tokenizer, session.RequireTokenizer());
    StopFlag stop;
    const InterruptGuard guard(stop);
    LEDGE_TRY(const PerplexityReport report,
              Evaluate(program, session, *tokenizer, text, context, stop));
    Print(program, report, context);
    return {};
  }

 private:
  Result<PerplexityReport> Evaluate(Program& program, const Session& session,
                                    const Tokenizer& tokenizer, const std::string& text,
                                    uint32_t context, const StopFlag& stop) const {
    ProgressBar bar(program, "evaluating", false);
    const auto show = [&](uint32_t total, const PerplexityReport& so_far) {
      bar.Update(so_far.chunks, total, fmt::format("perplexity {:.3f}", so_far.perplexity));
    };
    return EvaluateText(*session.executor, tokenizer, text,
                        {.context = context, .chunks = static_cast<uint32_t>(chunks_)}, show, stop);
  }

  void Print(Program& program, const PerplexityReport& report, uint32_t context) const {
    if (json_) {
      program.PrintJson({{"perplexity", report.perplexity},
                         {"stderr", report.standard_error},
                         {"tokens", report.tokens},
                         {"chunks", report.chunks},
                         {"context", context}});
      return;
    }
    program.Print(fmt::format(
        "perplexity {:.4f} +/- {:.4f}  ({} tokens scored in {} windows of {})\n", report.perplexity,
        report.standard_error, report.tokens, report.chunks, context));
  }

  ModelArgument argument_;
  ComputeOptions compute_;
  std::string text_;
  int64_t chunks_ = 0;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_eval;
const CommandEntry kCommand_eval = {"eval", "how well a model predicts a text: perplexity",
                                    MakeCommand<EvalCommand>};

}  // namespace ledge
