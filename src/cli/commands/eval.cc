// ledge eval: perplexity of a text, and how far a model is from the one it was made from.
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/run_options.h"
#include "optimize/compare.h"

namespace ledge {
namespace {

// Windows that are computed at once share the reading of the weights; more than this gains nothing.
constexpr uint32_t kEvalColumns = 512;

class EvalCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    argument_.reads_text = true;
    argument_.DeclareStoreOptions(options);
    options.Text("--text", text_, "the text to predict (required)");
    options.Whole("--chunks", chunks_, 0, UINT32_MAX, "windows at most; 0: the whole text");
    options.Text("--baseline", baseline_.model,
                 "compare with this model: KL divergence from it, top-1 agreement");
    compute_.Declare(options);
    options.Flag("--json", json_,
                 "{\"perplexity\",\"stderr\",\"tokens\",\"chunks\",\"context\"}, with --baseline "
                 "and {\"baseline\",\"kl\",\"top1_agreement\"}");
    options.Examples(
        "  ledge eval smollm2 --text wiki.test.raw --ctx 512 --chunks 40\n"
        "  ledge eval ./model-q4_0.gguf --baseline ./model-f16.gguf --text wiki.test.raw\n"
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
    LEDGE_TRY(const Session session, Open(program, argument_, context));
    LEDGE_TRY(const Tokenizer* tokenizer, session.RequireTokenizer(program));
    WindowOptions options{.context = context, .chunks = static_cast<uint32_t>(chunks_)};
    LEDGE_TRY(const std::vector<Token> tokens, TokensToEvaluate(*tokenizer, text, options));
    StopFlag stop;
    if (!baseline_.model.empty()) return Compared(program, session, text, tokens, options, stop);
    const InterruptGuard guard(stop);
    ProgressBar bar(program, "evaluating", false);
    const auto show = [&](uint32_t total, const PerplexityReport& so_far) {
      bar.Update(so_far.chunks, total, fmt::format("perplexity {:.3f}", so_far.perplexity));
    };
    LEDGE_TRY(const PerplexityReport report,
              Perplexity(*session.executor, tokens, options, show, stop));
    if (json_)
      program.PrintJson(AsJson(report, context));
    else
      program.Print(AsText(report, context));
    return {};
  }

 private:
  Result<Session> Open(Program& program, const ModelArgument& argument, uint32_t context) const {
    return OpenSession(
        program, argument, compute_,
        {.context = context, .max_columns = kEvalColumns, .allow_beyond_trained = true});
  }

  Result<void> Compared(Program& program, const Session& session, const std::string& text,
                        const std::vector<Token>& tokens, const WindowOptions& options,
                        StopFlag& stop) {
    baseline_.no_store = argument_.no_store;
    baseline_.pull = argument_.pull;
    LEDGE_TRY(const Session baseline, Open(program, baseline_, options.context));
    LEDGE_CHECK_OK(CheckSameTokens(program, baseline, text, tokens));
    const InterruptGuard guard(stop);
    ProgressBar bar(program, "comparing", false);
    const auto show = [&](uint32_t total, const ComparisonReport& so_far) {
      bar.Update(so_far.model.chunks, total, fmt::format("KL divergence {:.4f}", so_far.kl_mean));
    };
    LEDGE_TRY(const ComparisonReport report,
              Compare(*session.executor, *baseline.executor, tokens, options, show, stop));
    if (json_) {
      nlohmann::ordered_json json = AsJson(report.model, options.context);
      json["baseline"] = {{"perplexity", report.baseline.perplexity},
                          {"stderr", report.baseline.standard_error}};
      json["kl"] = {{"mean", report.kl_mean},
                    {"stderr", report.kl_stderr},
                    {"median", report.kl_median},
                    {"p99", report.kl_p99},
                    {"max", report.kl_max}};
      json["top1_agreement"] = report.top1_agreement;
      program.PrintJson(json);
      return {};
    }
    program.Print(AsText(report.model, options.context));
    program.Print(fmt::format(
        "baseline   {:.4f} +/- {:.4f}\n"
        "KL         {:.6f} +/- {:.6f}  (median {:.6f}, 99 % below {:.6f}, largest {:.6f})\n"
        "same top   {:.2f} % of the tokens\n",
        report.baseline.perplexity, report.baseline.standard_error, report.kl_mean,
        report.kl_stderr, report.kl_median, report.kl_p99, report.kl_max,
        100 * report.top1_agreement));
    return {};
  }

  // What the two say can only be compared where they read the same.
  Result<void> CheckSameTokens(Program& program, const Session& baseline, const std::string& text,
                               const std::vector<Token>& tokens) const {
    LEDGE_TRY(const Tokenizer* tokenizer, baseline.RequireTokenizer(program));
    WindowOptions options;
    LEDGE_TRY(const std::vector<Token> theirs, TokensToEvaluate(*tokenizer, text, options));
    if (theirs == tokens) return {};
    return MakeError(
        Code::kUsage,
        "--baseline {}: its tokenizer reads the text as other tokens; it should be the "
        "model that {} was made from",
        baseline_.model, argument_.model);
  }

  static nlohmann::ordered_json AsJson(const PerplexityReport& report, uint32_t context) {
    return {{"perplexity", report.perplexity},
            {"stderr", report.standard_error},
            {"tokens", report.tokens},
            {"chunks", report.chunks},
            {"context", context}};
  }
  static std::string AsText(const PerplexityReport& report, uint32_t context) {
    return fmt::format("perplexity {:.4f} +/- {:.4f}  ({} tokens scored in {} windows of {})\n",
                       report.perplexity, report.standard_error, report.tokens, report.chunks,
                       context);
  }

  ModelArgument argument_;
  ModelArgument baseline_;
  ComputeOptions compute_;
  std::string text_;
  int64_t chunks_ = 0;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_eval;
const CommandEntry kCommand_eval = {
    "eval", "how well a model predicts a text: perplexity, divergence", MakeCommand<EvalCommand>};

}  // namespace ledge
