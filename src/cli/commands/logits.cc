// ledge logits: what a model says about given token ids, for people who port models.
#include "engine/logits.h"

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/run_options.h"
#include "cli/token_list.h"
#include "engine/embedding.h"

namespace ledge {
namespace {

// A JSON number that reads back as the same float. JSON has no NaN: null then.
nlohmann::ordered_json Floats(std::span<const float> values) {
  auto list = nlohmann::ordered_json::array();
  for (const float value : values) list.push_back(static_cast<double>(value));
  return list;
}

class LogitsCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    argument_.DeclareStoreOptions(options);
    options.Text("--ids", ids_, "the token ids, as 1,2,3, or @FILE with such a list (required)");
    options.Whole("-n,--greedy", greedy_, 0, kMaxContextOption,
                  "how many tokens to go on greedily, past the end token too");
    compute_.Declare(options);
    options.Flag("--json", json_, "the same document: it is JSON anyway");
    options.Examples(
        "  ledge logits ./model.gguf --ids 1,15043,3186 -n 8\n  ledge logits smollm2 --ids "
        "@ids.json");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    if (ids_.empty())
      return MakeError(Code::kUsage, "no --ids given; write --ids 1,2,3 or --ids @FILE");
    std::string list = ids_;
    if (ids_[0] == '@') {
      LEDGE_TRY(list, ReadTextFile(program, ids_.substr(1)));
    }
    LEDGE_TRY(const std::vector<Token> ids, ParseTokens(list, "--ids"));
    const auto greedy = static_cast<uint32_t>(greedy_);
    LEDGE_TRY(const Session session,
              OpenSession(program, argument_, compute_,
                          {.context = static_cast<uint32_t>(ids.size()) + greedy,
                           .allow_beyond_trained = true}));
    StopFlag stop;
    const InterruptGuard guard(stop);
    if (session.executor->info().encoder) {
      if (greedy != 0)
        return MakeError(Code::kUsage, "an encoder can't generate text; leave -n (--greedy) out");
      LEDGE_TRY(const std::vector<float> embedding, ComputeEmbedding(*session.executor, ids, stop));
      program.PrintJson({{"embedding", Floats(embedding)}});
      return {};
    }
    LEDGE_TRY(const LogitsReport report, ComputeLogits(*session.executor, ids, greedy, stop));
    program.PrintJson(
        {{"logits", Floats(report.logits)}, {"nll", report.nll}, {"greedy", report.greedy}});
    return {};
  }

 private:
  ModelArgument argument_;
  ComputeOptions compute_;
  std::string ids_;
  int64_t greedy_ = 0;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_logits;
const CommandEntry kCommand_logits = {
    "logits", "logits and likelihoods of given token ids, as JSON", MakeCommand<LogitsCommand>};

}  // namespace ledge
