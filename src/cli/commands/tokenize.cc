// ledge tokenize: text on standard input to a JSON array of token ids.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/model_argument.h"

namespace ledge {
namespace {

class TokenizeCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    argument_.DeclareStoreOptions(options);
    options.Flag("--no-bos", no_bos_, "add nothing at either end, whatever the model asks for");
    options.Flag("--no-special", no_special_, "the text of special tokens is text");
    options.Flag("--json", json_, "the same array: it is JSON anyway");
    options.Examples(
        "  echo -n \"Hello world\" | ledge tokenize smollm2\n"
        "  ledge tokenize ./model.gguf --no-bos < book.txt");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const OpenedTokenizer opened, OpenTokenizer(program, argument_));
    LEDGE_TRY(const std::string text, ReadStdin(program));
    LEDGE_TRY(const auto ids, opened.tokenizer->Encode(
                                  text, {.add_special = !no_bos_, .parse_special = !no_special_}));
    program.Print(fmt::format("[{}]\n", fmt::join(ids, ",")));
    return {};
  }

 private:
  ModelArgument argument_;
  bool no_bos_ = false;
  bool no_special_ = false;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_tokenize;
const CommandEntry kCommand_tokenize = {"tokenize", "text on standard input to token ids",
                                        MakeCommand<TokenizeCommand>};

}  // namespace ledge
