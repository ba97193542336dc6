// ledge detokenize: a JSON array of token ids on standard input to text.
#include "cli/command.h"
#include "cli/input.h"
#include "cli/model_argument.h"
#include "cli/token_list.h"

namespace ledge {
namespace {

class DetokenizeCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    argument_.DeclareStoreOptions(options);
    options.Flag("--no-bos", no_bos_,
                 "keep a BOS or EOS at the ends, as 'tokenize --no-bos' added none");
    options.Examples(
        "  echo -n \"Hello world\" | ledge tokenize smollm2 | ledge detokenize smollm2");
  }

  Result<void> Run(Program& program) override {
    LEDGE_TRY(const OpenedTokenizer opened, OpenTokenizer(program, argument_));
    LEDGE_TRY(const std::string text, ReadStdin(program));
    LEDGE_TRY(const auto ids, ParseTokens(text, "standard input"));
    LEDGE_TRY(const std::string decoded,
              opened.tokenizer->Decode(ids, {.show_special = true, .remove_added = !no_bos_}));
    program.Print(decoded);
    return {};
  }

 private:
  ModelArgument argument_;
  bool no_bos_ = false;
};

}  // namespace

extern const CommandEntry kCommand_detokenize;
const CommandEntry kCommand_detokenize = {"detokenize", "token ids on standard input to text",
                                          MakeCommand<DetokenizeCommand>};

}  // namespace ledge
