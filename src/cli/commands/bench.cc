// ledge bench: how fast a model runs on this machine.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/bench/machine.h"
#include "cli/bench/speed.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/run_options.h"
#include "cli/table.h"
#include "gguf/weight_summary.h"
#include "kernels/kernels.h"

namespace ledge {
namespace {

struct Measured {
  SpeedTest test;
  std::vector<double> rates;
};

nlohmann::ordered_json QuotaJson(const CpuTopology& cpus) {
  return cpus.quota ? nlohmann::ordered_json(*cpus.quota) : nlohmann::ordered_json(nullptr);
}

class BenchCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    argument_.DeclareStoreOptions(options);
    options.Whole("-p,--n-prompt", prompt_, 0, kMaxContextOption,
                  "prompt tokens of the prefill test; 0 leaves it out");
    options.Whole("-n,--n-gen", decode_, 0, kMaxContextOption,
                  "steps of the decode test; 0 leaves it out");
    options.Wholes("--parallel", parallel_, 1, 1024,
                   "decode S sequences at once, each behind -p prompt tokens");
    options.Whole("--depth", depth_, 0, kMaxContextOption,
                  "tokens already in the sequence when decoding begins");
    options.Whole("-r,--repetitions", repetitions_, 1, 1000, "runs of each test");
    options.Number("--minutes", minutes_, 0, 1440, "repeat the tests for so long instead");
    compute_.Declare(options);
    options.Flag("--json", json_, "one JSON document");
    options.Examples(
        "  ledge bench smollm2                                 prefill of 512, decode of 128\n"
        "  ledge bench ./7b.gguf -p 128 -n 32 --parallel 1,8   and with eight conversations at "
        "once");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    std::vector<Measured> tests = Tests();
    if (tests.empty()) return MakeError(Code::kUsage, "-p 0 and -n 0 leave nothing to measure");
    uint64_t context = 0;
    uint64_t most = 0;
    uint32_t streams = 1;
    for (const Measured& m : tests) {
      context = std::max<uint64_t>(context, uint64_t{m.test.prompt} + m.test.measured);
      if (TokensNeeded(m.test) >= most) {
        most = TokensNeeded(m.test);
        streams = m.test.streams;
      }
    }
    compute_.context = std::max(compute_.context, static_cast<int64_t>(context));
    LEDGE_TRY(const Session session,
              OpenSession(program, argument_, compute_,
                          {.sequences = streams, .allow_beyond_trained = true}));
    LEDGE_CHECK_OK(Measure(program, session, tests));
    if (json_) {
      program.PrintJson(Document(program, session, tests));
    } else {
      PrintForPeople(program, session, tests);
    }
    return {};
  }

 private:
  std::vector<Measured> Tests() const {
    std::vector<Measured> tests;
    const auto p = static_cast<uint32_t>(prompt_);
    const auto n = static_cast<uint32_t>(decode_);
    if (p > 0) tests.push_back({{.name = fmt::format("pp{}", p), .measured = p}});
    if (n == 0) return tests;
    const std::string name = fmt::format("tg{}", n);
    const auto depth = static_cast<uint32_t>(depth_);
    if (parallel_.empty()) {
      tests.push_back({{.name = name, .prompt = depth, .measured = n, .decode = true}});
    }
    for (const int64_t streams : parallel_) {
      tests.push_back({{.name = name,
                        .streams = static_cast<uint32_t>(streams),
                        .prompt = p + depth,
                        .measured = n,
                        .decode = true}});
    }
    return tests;
  }

  // Round after round over all tests, so that a slow minute of the machine hits all alike. The
  // first, shorter run of each warms up and is not counted.
  Result<void> Measure(Program& program, const Session& session,
                       std::vector<Measured>& tests) const {
    StopFlag stop;
    const InterruptGuard guard(stop);
    for (const Measured& m : tests) {
      SpeedTest warm = m.test;
      warm.measured = std::min<uint32_t>(warm.measured, 8);
      warm.prompt = std::min<uint32_t>(warm.prompt, 8);
      LEDGE_TRY(const SpeedRun run, RunSpeedTest(program.os(), *session.executor, warm, stop));
      static_cast<void>(run);
    }
    ProgressBar bar(program, "measuring", false);
    const auto begin = program.os().MonotonicNow();
    const auto until = begin + std::chrono::nanoseconds(static_cast<int64_t>(minutes_ * 60e9));
    const uint64_t planned = static_cast<uint64_t>(repetitions_) * tests.size();
    uint64_t done = 0;
    for (int64_t round = 0;
         minutes_ > 0 ? round == 0 || program.os().MonotonicNow() < until : round < repetitions_;
         ++round) {
      for (Measured& m : tests) {
        LEDGE_TRY(const SpeedRun run, RunSpeedTest(program.os(), *session.executor, m.test, stop));
        m.rates.push_back(run.tokens_per_second);
        bar.Update(++done, std::max(planned, done),
                   fmt::format("{} {:.1f} tokens/s", m.test.name, run.tokens_per_second));
      }
    }
    return {};
  }

  nlohmann::ordered_json Document(const Program& program, const Session& session,
                                  const std::vector<Measured>& tests) const {
    const MachineFacts machine = DescribeMachine(program.os());
    const WeightSummary weights = SummariseWeights(session.packed->header());
    auto results = nlohmann::ordered_json::array();
    for (const Measured& m : tests) {
      const Spread spread = SpreadOf(m.rates);
      results.push_back({{"test", m.test.name},
                         {"streams", m.test.streams},
                         {"depth", m.test.prompt},
                         {"runs", m.rates.size()},
                         {"tokens_per_second",
                          {{"min", spread.min}, {"median", spread.median}, {"max", spread.max}}}});
    }
    return {{"machine",
             {{"cpu", machine.cpu},
              {"architecture", machine.architecture},
              {"kernel", machine.kernel},
              {"cores", machine.cpus.cores.size()},
              {"performance_cores", machine.cpus.performance_cores()},
              {"usable_cpus", machine.cpus.usable_cpus},
              {"cpu_quota", QuotaJson(machine.cpus)},
              {"memory_bytes", machine.memory},
              {"threads", session.pool->threads()},
              {"threads_why", compute_.ThreadsWhy(program)},
              {"instructions", BestKernels().name}}},
            {"model",
             {{"file", session.packed->header().file()},
              {"architecture", session.model->spec().architecture},
              {"type", weights.quantisation},
              {"parameters", weights.parameters},
              {"weight_bytes", session.packed->weight_bytes()},
              {"kv_type", compute_.kv_type}}},
            {"results", results}};
  }

  void PrintForPeople(Program& program, const Session& session,
                      const std::vector<Measured>& tests) const {
    const MachineFacts machine = DescribeMachine(program.os());
    const WeightSummary weights = SummariseWeights(session.packed->header());
    program.Print(fmt::format(
        "{}, {} threads, {}, {}\n", machine.cpu.empty() ? machine.architecture : machine.cpu,
        session.pool->threads(), BestKernels().name, FormatSize(machine.memory)));
    program.Print(fmt::format("{} {} {}, {} of weights, KV {}\n\n",
                              session.model->spec().architecture, FormatCount(weights.parameters),
                              weights.quantisation, FormatSize(session.packed->weight_bytes()),
                              compute_.kv_type));
    Table table({"TEST", "STREAMS", "DEPTH", "TOKENS/S", "MIN", "MAX", "RUNS"});
    for (const Measured& m : tests) {
      const Spread spread = SpreadOf(m.rates);
      table.Row({m.test.name, std::to_string(m.test.streams), std::to_string(m.test.prompt),
                 fmt::format("{:.2f}", spread.median), fmt::format("{:.2f}", spread.min),
                 fmt::format("{:.2f}", spread.max), std::to_string(m.rates.size())});
    }
    program.Print(table.Text());
  }

  ModelArgument argument_;
  ComputeOptions compute_;
  int64_t prompt_ = 512;
  int64_t decode_ = 128;
  std::vector<int64_t> parallel_;
  int64_t depth_ = 0;
  int64_t repetitions_ = 5;
  double minutes_ = 0;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_bench;
const CommandEntry kCommand_bench = {"bench", "how fast a model runs on this machine",
                                     MakeCommand<BenchCommand>};

}  // namespace ledge
