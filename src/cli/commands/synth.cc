// ledge synth: a random-weight GGUF of a real model's shape, for benchmarks.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/long_work.h"
#include "cli/program.h"
#include "gguf/shapes.h"
#include "quant/synth.h"

namespace ledge {
namespace {

std::vector<std::string> Shapes() {
  std::vector<std::string> names;
  for (const ModelShape& shape : AllShapes()) names.emplace_back(shape.name);
  return names;
}

std::vector<std::string> Types() {
  const auto names = SynthTypes();
  return {names.begin(), names.end()};
}

class SynthCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Choice("--shape", work_.shape, Shapes(), "which real model's sizes");
    options.Choice("--type", work_.type, Types(), "quantisation of the weights");
    options.File("-o,--output", work_.path, "the file to write (required)");
    options.Whole("--seed", seed_, 0, INT64_MAX, "the same seed gives the same bytes");
    options.Flag("--json", json_, "print {\"path\",\"bytes\"}");
    options.Examples(
        "  ledge synth --shape 1b --type q4_0 -o 1b.gguf   a file like Llama 3.2 1B\n"
        "  ledge bench ./1b.gguf                           and how fast it runs here");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    if (work_.path.empty()) return MakeError(Code::kUsage, "no place for the file; give -o FILE");
    work_.seed = static_cast<uint64_t>(seed_);
    LongWork work(program);
    const Progress show = work.Show("writing " + work_.path);
    work_.progress = [&](uint64_t done, uint64_t total) -> Result<void> {
      if (!show(done, total)) return MakeError(Code::kInterrupted, "interrupted");
      return {};
    };
    LEDGE_TRY(const uint64_t bytes, Synthesize(program.os(), work_));
    if (json_) {
      program.PrintJson({{"path", work_.path}, {"bytes", bytes}});
    } else {
      program.Inform(fmt::format("wrote {} ({}, {}, {})", work_.path, work_.shape, work_.type,
                                 FormatSize(bytes)));
    }
    return {};
  }

 private:
  SynthOptions work_;
  int64_t seed_ = 1;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_synth;
const CommandEntry kCommand_synth = {"synth",
                                     "write a random model of a real model's shape, for benchmarks",
                                     MakeCommand<SynthCommand>};

}  // namespace ledge
