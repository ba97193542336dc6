// ledge load-test: a server under load.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/long_work.h"
#include "cli/table.h"
#include "load/load_run.h"
#include "server/keys.h"

namespace ledge {
namespace {

constexpr size_t kMaxPrompts = 1 << 20;

const std::vector<std::string>& DefaultPrompts() {
  static const std::vector<std::string> prompts = {
      "Why is the sky blue?",
      "Write a short poem about rain.",
      "How does a bicycle stay upright?",
      "Name three uses of a paper clip.",
      "Explain what a prime number is.",
      "What should one pack for a day in the mountains?",
      "Describe the taste of an apple.",
      "How do bees find their way home?",
  };
  return prompts;
}

// A prompt a line; empty lines are none.
Result<std::vector<std::string>> PromptsOf(const std::string& text, const std::string& path) {
  std::vector<std::string> prompts;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) prompts.push_back(std::move(line));
    at = end + 1;
  }
  if (prompts.empty() || prompts.size() > kMaxPrompts) {
    return MakeError(Code::kUsage, "--prompts {}: has {} prompts; should have 1 to {}, one a line",
                     path, prompts.size(), kMaxPrompts);
  }
  return prompts;
}

class LoadTestCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("URL", load_.url, "the server: http://HOST:PORT");
    options.Text("--model", load_.model, "the model to ask; the server's first one if left out");
    options.Whole("--requests", requests_, 1, kMaxLoadRequests, "how many requests in all");
    options.Whole("--concurrency", concurrency_, 1, kMaxLoadClients,
                  "clients that ask at once; with --rate the most at once");
    options.Number("--rate", load_.rate, 0, 1e6,
                   "requests a second, whether or not answers come; 0: a client asks when it was "
                   "answered");
    options.Whole("-n,--max-tokens", max_tokens_, 1, 1 << 24, "most tokens of an answer");
    options.Number("--temperature", load_.temperature, 0, 100,
                   "of the sampling; other options of it are the server's own");
    options.Flag("--ignore-eos", load_.ignore_end, "answers of all of these tokens");
    options.File("--prompts", prompts_, "a prompt a line; some of ledge's own if left out");
    options.Number("--zipf", load_.zipf, 0, 10,
                   "ask the k-th prompt in proportion to 1/k^S; 0: each in turn");
    options.File("--shared-prefix", prefix_, "the system message that all requests begin with");
    options.File("--schema", schema_, "a JSON Schema that answers have to follow");
    options.File("--api-key-file", key_file_, "its first key is sent");
    options.Whole("--seed", seed_, 0, INT64_MAX, "of the choice of prompts and of arrivals");
    options.Duration("--timeout", timeout_, "of one request");
    options.Flag("--json", json_,
                 "{\"requests\",\"failed\",\"requests_per_second\",\"ttft_ms\",\"gap_ms\",...}");
    options.About(
        "Sends streamed chats to a server that speaks OpenAI's API, this one or another, and "
        "tells how fast it answers.");
    options.Examples(
        "  ledge load-test http://127.0.0.1:11434 --concurrency 8 --requests 100\n"
        "  ledge load-test http://127.0.0.1:11434 --rate 2 --prompts questions.txt --zipf 1");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_CHECK_OK(Prepare(program));
    if (load_.model.empty()) {
      LEDGE_TRY(load_.model, FirstModel(load_));
    }
    LEDGE_TRY(const LoadReport report, Measure(program));
    if (report.answered == 0) {
      return MakeError(Code::kUnreachable,
                       "{}: no request was answered: {}; a server should "
                       "answer there",
                       PrintableLine(load_.url, 200), report.failures.begin()->first);
    }
    if (json_)
      PrintAsJson(program, report);
    else
      PrintAsText(program, report);
    return {};
  }

 private:
  Result<void> Prepare(Program& program) {
    load_.requests = static_cast<uint64_t>(requests_);
    load_.concurrency = static_cast<uint32_t>(concurrency_);
    load_.max_tokens = static_cast<uint32_t>(max_tokens_);
    load_.seed = static_cast<uint64_t>(seed_);
    load_.timeout = std::chrono::ceil<std::chrono::milliseconds>(timeout_);
    load_.prompts = DefaultPrompts();
    if (!prompts_.empty()) {
      LEDGE_TRY(const std::string text, ReadTextFile(program, prompts_));
      LEDGE_TRY(load_.prompts, PromptsOf(text, prompts_));
    }
    if (!prefix_.empty()) {
      LEDGE_TRY(load_.prefix, ReadTextFile(program, prefix_));
    }
    if (!schema_.empty()) {
      LEDGE_TRY(load_.schema, ReadTextFile(program, schema_));
    }
    if (key_file_.empty()) return {};
    LEDGE_TRY(const std::vector<std::string> keys, ReadKeyFile(program.os(), key_file_));
    load_.key = keys.front();
    return {};
  }

  Result<LoadReport> Measure(Program& program) const {
    LongWork work(program);
    const Progress show = work.Show("asking");
    return RunLoad(load_, show);
  }

  static nlohmann::ordered_json Milliseconds(const TimeSpread& spread) {
    return {{"p50", 1e3 * spread.p50},
            {"p95", 1e3 * spread.p95},
            {"p99", 1e3 * spread.p99},
            {"max", 1e3 * spread.max}};
  }

  void PrintAsJson(Program& program, const LoadReport& report) const {
    program.PrintJson(
        {{"url", load_.url},
         {"model", load_.model},
         {"requests", report.requests},
         {"failed", report.failed},
         {"failures", report.failures},
         {"seconds", report.seconds},
         {"requests_per_second", report.requests_per_second},
         {"completion_tokens_per_second", report.completion_tokens_per_second},
         {"ttft_ms", Milliseconds(report.to_first)},
         {"gap_ms", Milliseconds(report.gap)},
         {"total_ms", Milliseconds(report.total)},
         {"prompt_tokens",
          {{"computed", report.tokens.prompt_tokens - report.tokens.cached_tokens},
           {"cached", report.tokens.cached_tokens}}},
         {"completion_tokens",
          {{"computed", report.tokens.completion_tokens - report.tokens.forced_tokens},
           {"forced", report.tokens.forced_tokens}}},
         {"answers_without_usage", report.without_usage}});
  }

  void PrintAsText(Program& program, const LoadReport& report) const {
    program.Print(fmt::format(
        "{} requests in {:.1f} s, {} failed: {:.2f} a second, {:.1f} tokens a second\n\n",
        report.requests, report.seconds, report.failed, report.requests_per_second,
        report.completion_tokens_per_second));
    Table table({"MILLISECONDS", "P50", "P95", "P99", "MAX"});
    const auto row = [&](const char* name, const TimeSpread& spread) {
      table.Row({name, fmt::format("{:.1f}", 1e3 * spread.p50),
                 fmt::format("{:.1f}", 1e3 * spread.p95), fmt::format("{:.1f}", 1e3 * spread.p99),
                 fmt::format("{:.1f}", 1e3 * spread.max)});
    };
    row("to the first token", report.to_first);
    row("between tokens", report.gap);
    row("whole answer", report.total);
    program.Print(table.Text());
    program.Print(fmt::format(
        "\nprompt tokens   {} computed, {} from the cache\nanswer tokens   {} computed, {} "
        "forced\n",
        report.tokens.prompt_tokens - report.tokens.cached_tokens, report.tokens.cached_tokens,
        report.tokens.completion_tokens - report.tokens.forced_tokens,
        report.tokens.forced_tokens));
    if (report.without_usage > 0) {
      program.Print(fmt::format("{} answers came without counts: pieces of text stand for tokens\n",
                                report.without_usage));
    }
    for (const auto& [what, count] : report.failures)
      program.Print(fmt::format("failed {:>6} x  {}\n", count, what));
  }

  LoadOptions load_;
  int64_t requests_ = 20;
  int64_t concurrency_ = 4;
  int64_t max_tokens_ = 64;
  int64_t seed_ = 1;
  std::chrono::nanoseconds timeout_ = std::chrono::minutes(10);
  std::string prompts_, prefix_, schema_, key_file_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_loadtest;
const CommandEntry kCommand_loadtest = {"load-test", "how a server answers many at once",
                                        MakeCommand<LoadTestCommand>};

}  // namespace ledge
