// ledge bench: how fast a model runs on this machine.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/bench/report.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/run_options.h"
#include "gguf/weight_summary.h"
#include "kernels/kernels.h"
#include "model/memory_needs.h"
#include "os/cpu_name.h"
#include "store/machine_width.h"

namespace ledge {
namespace {

// Where the packed file keeps its tensors.
std::span<const std::byte> WeightsOf(const PackedModel& packed) {
  const std::byte* begin = nullptr;
  const std::byte* end = nullptr;
  for (const PackedTensor& tensor : packed.tensors()) {
    const std::byte* at = tensor.data.data();
    if (begin == nullptr || at < begin) begin = at;
    end = std::max(end, at + tensor.data.size());
  }
  return {begin, end};
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
    options.Flag("--shared-prefix", shared_,
                 "the sequences of --parallel have their prompt in common");
    options.Whole("--depth", depth_, 0, kMaxContextOption,
                  "tokens already in the sequence when decoding begins");
    options.Whole("-r,--repetitions", repetitions_, 1, 1000, "runs of each test");
    options.Number("--minutes", minutes_, 0, 1440,
                   "repeat the tests for so long instead, and show speed and clock over time");
    options.Flag("--ablation", ablation_,
                 "the tests once more with each optimisation left out in turn");
    options.Flag("--width", width_,
                 "how many columns a step may have before it is bound by arithmetic; remembered in "
                 "the store");
    compute_.Declare(options);
    options.Flag("--json", json_, "one JSON document");
    options.About(
        "Speeds are shown beside what the machine can do at most, measured with the same threads "
        "in the same run: int8 multiply-adds on registers, reading private memory, and reading "
        "the model's own weights.");
    options.Examples(
        "  ledge bench smollm2                                 prefill of 512, decode of 128\n"
        "  ledge bench ./7b.gguf -p 128 -n 32 --parallel 1,8   and with eight conversations at "
        "once\n"
        "  ledge bench smollm2 --minutes 10                    whether heat slows it down\n"
        "  ledge bench smollm2 -p 0 -n 0 --width               the width of a step");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    BenchReport report;
    report.tests = Tests();
    if (report.tests.empty() && !width_)
      return MakeError(Code::kUsage, "-p 0 and -n 0 leave nothing to measure");
    LEDGE_TRY(const Session session, Open(program, report.tests));
    Describe(program, session, report);

    StopFlag stop;
    const InterruptGuard guard(stop);
    LimitMeter meter(program.os(), *session.pool, BestKernels(), WeightsOf(*session.packed));
    meter.Measure();
    LEDGE_CHECK_OK(Measure(program, session, meter, stop, report));
    if (ablation_) LEDGE_CHECK_OK(MeasureAblation(program, session, stop, report));
    if (width_) LEDGE_CHECK_OK(MeasureAndKeepWidth(program, session, stop, report));
    meter.Measure();
    report.limits = meter.limits();
    if (json_) {
      program.PrintJson(ReportJson(report));
    } else {
      program.Print(ReportText(report));
    }
    return {};
  }

 private:
  std::vector<MeasuredTest> Tests() const {
    std::vector<MeasuredTest> tests;
    const auto p = static_cast<uint32_t>(prompt_);
    const auto n = static_cast<uint32_t>(decode_);
    if (p > 0) tests.push_back({{.name = fmt::format("pp{}", p), .measured = p}, {}});
    if (n == 0) return tests;
    const std::string name = fmt::format("tg{}", n);
    const auto depth = static_cast<uint32_t>(depth_);
    if (parallel_.empty()) {
      tests.push_back({{.name = name, .prompt = depth, .measured = n, .decode = true}, {}});
    }
    for (const int64_t streams : parallel_) {
      tests.push_back({{.name = name,
                        .streams = static_cast<uint32_t>(streams),
                        .prompt = p + depth,
                        .measured = n,
                        .decode = true,
                        .shared = shared_},
                       {}});
    }
    return tests;
  }

  Result<Session> Open(Program& program, const std::vector<MeasuredTest>& tests) {
    uint64_t context = 64;  // for --width
    uint64_t most = 0;
    uint32_t streams = 1;
    for (const MeasuredTest& m : tests) {
      context = std::max<uint64_t>(context, uint64_t{m.test.prompt} + m.test.measured);
      if (TokensNeeded(m.test) >= most) {
        most = TokensNeeded(m.test);
        streams = m.test.streams;
      }
    }
    compute_.context = std::max(compute_.context, static_cast<int64_t>(context));
    return OpenSession(program, argument_, compute_,
                       {.sequences = streams, .allow_beyond_trained = true});
  }

  void Describe(const Program& program, const Session& session, BenchReport& report) const {
    report.machine = DescribeMachine(program.os());
    report.threads = session.pool->threads();
    report.threads_why = compute_.ThreadsWhy(program);
    report.instructions = BestKernels().name;
    const WeightSummary weights = SummariseWeights(session.packed->header());
    report.file = session.packed->path();
    report.architecture = session.model->spec().architecture;
    report.type = weights.quantisation;
    report.parameters = weights.parameters;
    report.weight_bytes = session.packed->weight_bytes();
    report.kv_type = compute_.kv_type;
    const MemoryNeeds needs = MemoryNeedsOf(session.packed->header(), session.model->spec(),
                                            compute_.KvTypeAsked(), session.context, 1);
    report.work = WorkOf(session.model->spec(), needs.kv_per_token);
    report.max_columns = session.executor->info().max_columns;
  }

  // Round after round over all tests, so that a slow minute of the machine hits all alike. The
  // first, shorter run of each warms up and is not counted.
  Result<void> Measure(Program& program, const Session& session, LimitMeter& meter,
                       const StopFlag& stop, BenchReport& report) const {
    if (report.tests.empty()) return {};
    Os& os = program.os();
    for (const MeasuredTest& m : report.tests) {
      SpeedTest warm = m.test;
      warm.measured = std::min<uint32_t>(warm.measured, 8);
      warm.prompt = std::min<uint32_t>(warm.prompt, 8);
      LEDGE_TRY(const SpeedRun run, RunSpeedTest(os, *session.executor, warm, stop));
      static_cast<void>(run);
    }
    ProgressBar bar(program, "measuring", false);
    const auto begin = os.MonotonicNow();
    const auto until = begin + std::chrono::nanoseconds(static_cast<int64_t>(minutes_ * 60e9));
    const uint64_t planned = static_cast<uint64_t>(repetitions_) * report.tests.size();
    uint64_t done = 0;
    for (int64_t round = 0;
         minutes_ > 0 ? round == 0 || os.MonotonicNow() < until : round < repetitions_; ++round) {
      for (size_t i = 0; i < report.tests.size(); ++i) {
        MeasuredTest& m = report.tests[i];
        const MachineLimits before = meter.Now();
        LEDGE_TRY(const SpeedRun run, RunSpeedTest(os, *session.executor, m.test, stop));
        m.rates.push_back(run.tokens_per_second);
        m.limits.push_back(Mean(before, meter.Now()));
        if (minutes_ > 0) {
          const auto since = std::chrono::duration<double>(os.MonotonicNow() - begin);
          report.timeline.push_back({since.count(), i, run.tokens_per_second, MeasureClock(os)});
        }
        bar.Update(++done, std::max(planned, done),
                   fmt::format("{} {:.1f} tokens/s", m.test.name, run.tokens_per_second));
      }
    }
    return {};
  }

  Result<void> MeasureAblation(Program& program, const Session& session, const StopFlag& stop,
                               BenchReport& report) const {
    for (const MeasuredTest& m : report.tests) report.ablation_tests.push_back(m.test);
    if (report.ablation_tests.empty()) return {};
    AblationSetup setup;
    setup.model = session.model;
    setup.pool = session.pool.get();
    setup.budget = session.budget.get();
    setup.options = {.kv_type = compute_.KvTypeAsked(), .max_context = session.context};
    ProgressBar bar(program, "leaving out", false);
    uint64_t done = 0;
    LEDGE_TRY(report.ablation, RunAblation(program.os(), setup, report.ablation_tests, repetitions_,
                                           stop, [&](const std::string& without) {
                                             ++done;
                                             bar.Update(done, done, without);
                                           }));
    return {};
  }

  Result<void> MeasureAndKeepWidth(Program& program, const Session& session, const StopFlag& stop,
                                   BenchReport& report) const {
    LEDGE_TRY(report.width, MeasureWidth(program.os(), *session.executor, repetitions_, stop));
    LEDGE_TRY(const std::string home, program.Home());
    const MachineWidths widths(program.os(), home);
    return widths.Remember({CpuName(program.os()), std::string(BestKernels().name),
                            session.pool->threads(), report.type},
                           report.width->width);
  }

  ModelArgument argument_;
  ComputeOptions compute_;
  int64_t prompt_ = 512;
  int64_t decode_ = 128;
  std::vector<int64_t> parallel_;
  bool shared_ = false;
  int64_t depth_ = 0;
  int64_t repetitions_ = 5;
  double minutes_ = 0;
  bool ablation_ = false;
  bool width_ = false;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_bench;
const CommandEntry kCommand_bench = {"bench", "how fast a model runs on this machine",
                                     MakeCommand<BenchCommand>};

}  // namespace ledge
