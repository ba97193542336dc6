// run, logits, eval and bench on small models, against numbers that others computed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using nlohmann::json;
using testing::Arguments;
using testing::AsText;
using testing::Failed;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using testing::Outcome;
using testing::ReadWholeFile;
using testing::Refused;
using testing::Succeeded;

constexpr char kStories[] = "data/models/tinystories-656k/TinyStories-656K-F32.gguf";
constexpr char kGolden[] = "data/golden/llama/model-f32.gguf";

// run --raw --json of "Once upon a time", with more flags.
json Answer(const Ledge& ledge, const std::string& model, const Arguments& more,
            const std::string& prompt = "Once upon a time") {
  Arguments arguments = {"run", model, "--raw", "--json", prompt};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome done = ledge.Run(arguments);
  EXPECT_TRUE(Succeeded(done));
  return JsonOf(done);
}

// The column "greedy48" of a file; empty if it is not there.
std::string ReferenceText(const std::string& file) {
  std::istringstream lines(ReadWholeFile("../shared/data/models/REFERENCE.tsv"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(file + "\t")) return line.substr(line.rfind('\t') + 1);
  }
  return "";
}

TEST(Run, ContinuesGreedilyAsTheReference) {
  for (const char* file : {"tinystories-656k/TinyStories-656K-F32.gguf",
                           "quant/TinyStories-656K-F16.gguf", "quant/TinyStories-656K-BF16.gguf"}) {
    LEDGE_SHARED_OR_SKIP(path, std::string("data/models/") + file);
    const Ledge ledge;
    std::string expected = ReferenceText(file);
    ASSERT_THAT(expected, HasSubstr("Once upon a time"));
    expected = expected.substr(expected.find("Once"), 160);
    const json answer = Answer(ledge, path, {"--temperature", "0", "-n", "60", "--kv-type", "f32"});
    const std::string text = "Once upon a time" + answer.value("text", "");
    EXPECT_EQ(text.substr(0, expected.size()), expected);
  }
}

TEST(Run, JsonHasWhatItPromises) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const json answer = Answer(Ledge(), path, {"-n", "5", "--logprobs", "2", "--seed", "1"});
  EXPECT_EQ(answer["ids"].size(), 5U);
  EXPECT_EQ(answer.value("completion_tokens", 0), 5);
  EXPECT_GT(answer.value("prompt_tokens", 0), 1);
  EXPECT_EQ(answer.value("finish_reason", ""), "length");
  EXPECT_GT(answer["timings"].value("ttft_ms", 0.0), 0);
  ASSERT_EQ(answer["logprobs"].size(), 5U);
  EXPECT_LE(answer["logprobs"][0].value("logprob", 1.0), 0);
}

TEST(Run, PrintsTheAnswerAloneAndTakesThePromptFromAPipe) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const std::string text =
      Answer(ledge, path, {"-n", "12", "--temperature", "0"}).value("text", "");
  const Arguments flags = {"run", path, "--raw", "-n", "12", "--temperature", "0"};
  const Outcome piped = ledge.Run(flags, {.input = "Once upon a time"});
  EXPECT_TRUE(Succeeded(piped));
  EXPECT_EQ(piped.out, text + "\n");
  EXPECT_EQ(piped.err, "");
}

TEST(Run, WithoutTokensOnlyEvaluatesThePrompt) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const json answer = Answer(Ledge(), path, {"-n", "0"});
  EXPECT_EQ(answer.value("text", "?"), "");
  EXPECT_EQ(answer.value("completion_tokens", -1), 0);
  EXPECT_GT(answer.value("prompt_tokens", 0), 1);
}

TEST(Run, SameSeedSameTextWhateverTheThreads) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json one = Answer(ledge, path, {"-n", "40", "--seed", "5", "--threads", "1"});
  const json two = Answer(ledge, path, {"-n", "40", "--seed", "5", "--threads", "2"});
  const json other = Answer(ledge, path, {"-n", "40", "--seed", "6", "--threads", "2"});
  EXPECT_EQ(one["ids"], two["ids"]);
  EXPECT_NE(one["ids"], other["ids"]);
}

TEST(Run, StopsBeforeAStringThatSpansTokens) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json whole = Answer(ledge, path, {"-n", "24", "--temperature", "0"});
  const std::string text = whole.value("text", "");
  ASSERT_THAT(text, HasSubstr("named Lily"));
  const json cut = Answer(
      ledge, path, {"-n", "24", "--temperature", "0", "--stop", "nowhere", "--stop", "med Li"});
  EXPECT_EQ(cut.value("text", ""), text.substr(0, text.find("med Li")));
  EXPECT_EQ(cut.value("finish_reason", ""), "stop");
  // What only begins like a stop string comes out at the end.
  const json held =
      Answer(ledge, path, {"-n", "4", "--temperature", "0", "--stop", text.substr(0, 12) + "\x01"});
  EXPECT_EQ(held.value("text", ""),
            Answer(ledge, path, {"-n", "4", "--temperature", "0"}).value("text", "?"));
}

TEST(Run, LowersTheContextWithANoteAndRefusesLongerPrompts) {
  const Ledge ledge;
  const std::string path = ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
  const Outcome lowered = ledge.Run({"run", path, "--raw", "--ctx", "4096", "-n", "1", "ab"});
  EXPECT_TRUE(Succeeded(lowered));
  EXPECT_THAT(lowered.err, HasSubstr("4096"));
  EXPECT_THAT(lowered.err, HasSubstr("128"));
  const std::string prompt(600, 'q');
  const auto ids = JsonOf(ledge.Run({"tokenize", path}, {.input = prompt}));
  const Outcome refused = ledge.Run({"run", path, "--raw", "--ctx", "64", prompt});
  EXPECT_TRUE(Refused(refused, 2, "64"));
  EXPECT_THAT(refused.err, HasSubstr(std::to_string(ids.size())));
  // Without -n the answer ends at the context's end at the latest.
  const json full = Answer(ledge, path, {"--ctx", "16", "--logit-bias", "2=-inf"}, "ab");
  EXPECT_FALSE(full.contains("context_shift"));
  const json shifted = Answer(
      ledge, path, {"--ctx", "16", "--context-shift", "-n", "40", "--logit-bias", "2=-inf"}, "ab");
  EXPECT_EQ(shifted["completion_tokens"], 40);
  EXPECT_EQ(shifted["finish_reason"], "length");
  EXPECT_GT(shifted["context_shift"]["dropped_tokens"], 0);
  EXPECT_EQ(full.value("prompt_tokens", 0) + full.value("completion_tokens", 0), 16);
}

TEST(Run, GivesVariablesToTheTemplate) {
  const Ledge ledge;
  LlamaSource source;
  source.Text(
      "tokenizer.chat_template",
      "{% if enable_thinking is defined and not enable_thinking %}b{% else %}bcd{% endif %}");
  const std::string path = ledge.folder().Write("tiny.gguf", AsText(source.Build()));
  const auto prompt_tokens = [&](const Arguments& more) {
    Arguments arguments = {"run", path, "--json", "-n", "0", "hi"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return JsonOf(ledge.Run(arguments)).value("prompt_tokens", 0);
  };
  const int thinking = prompt_tokens({});
  EXPECT_EQ(prompt_tokens({"--chat-template-kwargs", R"({"enable_thinking": true})"}), thinking);
  EXPECT_EQ(prompt_tokens({"--chat-template-kwargs", R"({"enable_thinking": false})"}),
            thinking - 2);
  for (const char* wrong : {"", "{", "[]", "false", "enable_thinking=false"}) {
    EXPECT_TRUE(Refused(ledge.Run({"run", path, "--chat-template-kwargs", wrong, "hi"}), 2,
                        "--chat-template-kwargs is"))
        << wrong;
  }
}

TEST(Run, InterruptedEndsWith130AndWhatWasSaid) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", path, "--name", "it"})));
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto child = ledge.Start({"bench", "it", "-p", "8", "-n", "8", "--minutes", "1"});
    ::usleep(300'000);
    child->Signal(signal);
    EXPECT_TRUE(Failed(child->Wait(), 130));
  }
  const auto child =
      ledge.Start({"run", "it", "--raw", "--logit-bias", "2=-inf", "--threads", "1", "Once"});
  ASSERT_TRUE(child->WaitForOutput());
  child->Signal(SIGINT);
  const Outcome done = child->Wait();
  // Small models are quick: it may have said everything before.
  EXPECT_TRUE(done.status == 0 || Failed(done, 130, "interrupted"));
  EXPECT_NE(done.out, "");
}

TEST(Logits, AreTheGoldenOnes) {
  LEDGE_SHARED_OR_SKIP(path, kGolden);
  const Ledge ledge;
  const json golden = json::parse(ReadWholeFile("../shared/data/golden/llama/golden.json"));
  for (const json& prompt : golden["prompts"]) {
    const std::string list = ledge.folder().Write("ids.json", prompt["ids"].dump());
    const Outcome done =
        ledge.Run({"logits", path, "--ids", "@" + list, "-n", "32", "--kv-type", "f32"});
    ASSERT_TRUE(Succeeded(done));
    const json report = JsonOf(done);
    EXPECT_EQ(report["greedy"], prompt["greedy"]);
    ASSERT_EQ(report["logits"].size(), prompt["last_logits"].size());
    for (size_t i = 0; i < report["logits"].size(); ++i) {
      EXPECT_NEAR(report["logits"][i].get<double>(), prompt["last_logits"][i].get<double>(), 1e-3)
          << i;
    }
    ASSERT_EQ(report["nll"].size(), prompt["ids"].size() - 1);
    double sum = 0;
    for (const json& nll : report["nll"]) sum += nll.get<double>();
    const double mean = prompt["nll_mean"].get<double>();
    EXPECT_NEAR(sum / static_cast<double>(report["nll"].size()), mean, 1e-5 * mean);
  }
}

TEST(Logits, OfOneIdHaveNoLikelihoods) {
  const Ledge ledge;
  const std::string path = ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
  const json report = JsonOf(ledge.Run({"logits", path, "--ids", "1"}));
  EXPECT_EQ(report["logits"].size(), 40U);
  EXPECT_EQ(report["nll"], json::array());
  EXPECT_EQ(report["greedy"], json::array());
}

TEST(Eval, CountsAsTheReference) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  LEDGE_SHARED_OR_SKIP(text, "data/eval/tinystories-sampled.txt");
  const Ledge ledge;
  const Outcome done =
      ledge.Run({"eval", path, "--text", text, "--ctx", "128", "--chunks", "32", "--json"});
  ASSERT_TRUE(Succeeded(done));
  const json report = JsonOf(done);
  EXPECT_NEAR(report.value("perplexity", 0.0), 25.8858, 0.02);
  EXPECT_GT(report.value("stderr", 0.0), 0);
  EXPECT_EQ(report.value("chunks", 0), 32);
  EXPECT_GT(report.value("tokens", 0), 0);
  const std::string nothing = ledge.folder().Write("short.txt", "Too short.");
  EXPECT_TRUE(Refused(ledge.Run({"eval", path, "--text", nothing, "--ctx", "128"}), 2));
}

TEST(Eval, TellsHowFarAModelIsFromItsBaseline) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  LEDGE_SHARED_OR_SKIP(quantised, "data/models/quant/TinyStories-656K-Q4_0.gguf");
  LEDGE_SHARED_OR_SKIP(other, "data/models/stories260K.gguf");
  LEDGE_SHARED_OR_SKIP(text, "data/eval/tinystories-sampled.txt");
  const Ledge ledge;
  const auto compare = [&](const std::string& model, const std::string& baseline) {
    return ledge.Run({"eval", model, "--baseline", baseline, "--text", text, "--ctx", "128",
                      "--chunks", "8", "--json"});
  };
  const json report = JsonOf(compare(quantised, path));
  EXPECT_GT(report["perplexity"], report["baseline"]["perplexity"]);
  EXPECT_GT(report["kl"]["mean"], 0.001);
  EXPECT_LT(report["kl"]["mean"], 0.2);
  EXPECT_GT(report["top1_agreement"], 0.8);
  const json same = JsonOf(compare(path, path));
  EXPECT_EQ(same["kl"]["max"], 0);
  EXPECT_EQ(same["top1_agreement"], 1);
  EXPECT_TRUE(Refused(compare(path, other), 2, "other tokens"));
}

TEST(Bench, JsonHasTheMachineTheModelAndEveryTest) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const Outcome done = ledge.Run({"bench", path, "-p", "16", "-n", "8", "--parallel", "1,2", "-r",
                                  "2", "--threads", "1", "--json"});
  ASSERT_TRUE(Succeeded(done));
  const json report = JsonOf(done);
  EXPECT_GE(report["machine"].value("cores", 0), 1);
  EXPECT_EQ(report["machine"].value("threads", 0), 1);
  EXPECT_EQ(report["model"].value("architecture", ""), "llama");
  std::vector<std::pair<std::string, int>> tests;
  for (const json& row : report["results"]) {
    tests.emplace_back(row.value("test", ""), row.value("streams", 0));
    const json& rate = row["tokens_per_second"];
    EXPECT_GT(rate.value("min", 0.0), 0);
    EXPECT_LE(rate.value("min", 0.0), rate.value("median", 0.0));
    EXPECT_LE(rate.value("median", 0.0), rate.value("max", 0.0));
  }
  EXPECT_THAT(tests, ::testing::ElementsAre(std::pair("pp16", 1), std::pair("tg8", 1),
                                            std::pair("tg8", 2)));
  const json decode = JsonOf(ledge.Run({"bench", path, "-p", "0", "-n", "4", "-r", "1", "--json"}));
  ASSERT_EQ(decode["results"].size(), 1U);
  EXPECT_EQ(decode["results"][0].value("test", ""), "tg4");
}

TEST(Bench, ShowsSpeedsAsPartsOfTheMachinesLimits) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json report =
      JsonOf(ledge.Run({"bench", path, "-p", "16", "-n", "8", "-r", "1", "--json"}));
  const json& limits = report["machine"]["limits"];
  EXPECT_GT(limits.value("read_bytes_per_second", 0.0), 0);
  EXPECT_GT(limits.value("weights_read_bytes_per_second", 0.0), 0);
  for (const json& row : report["results"])
    EXPECT_GT(row["of_limits"].value("bandwidth", 0.0), 0) << row.dump();
  EXPECT_FALSE(report.contains("ablation"));
  EXPECT_FALSE(report.contains("width"));
  EXPECT_FALSE(report.contains("timeline"));
}

TEST(Bench, LeavesOutOneOptimisationAtATime) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json report =
      JsonOf(ledge.Run({"bench", path, "-p", "16", "-n", "4", "-r", "1", "--ablation", "--parallel",
                        "2", "--shared-prefix", "--json"}));
  std::set<std::string> without;
  for (const json& row : report["ablation"]) {
    without.insert(row.value("without", "?"));
    ASSERT_EQ(row["tests"].size(), 2U);
    for (const json& test : row["tests"]) EXPECT_GT(test["tokens_per_second"].value("min", 0.0), 0);
  }
  for (const char* one : {"", "fused norm", "fused heads", "fused activation", "fused residual",
                          "shared prefixes", "prefetch", "huge pages"}) {
    EXPECT_TRUE(without.contains(one)) << one;
  }
  EXPECT_EQ(report["results"][1].value("shared_prefix", false), true);
}

TEST(Bench, MeasuresTheWidthAndKeepsIt) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json report =
      JsonOf(ledge.Run({"bench", path, "-p", "0", "-n", "0", "-r", "1", "--width", "--json"}));
  const int width = report["width"].value("columns", 0);
  EXPECT_GE(width, 1);
  EXPECT_LE(width, 64);
  EXPECT_GE(report["width"]["steps"].size(), 8U);
  EXPECT_EQ(report["results"], json::array());
  const json kept =
      json::parse(ReadWholeFile(ledge.home() + "/machine/widths.json"), nullptr, false);
  ASSERT_TRUE(kept.is_object());
  ASSERT_EQ(kept["widths"].size(), 1U);
  EXPECT_EQ(kept["widths"][0].value("width", 0), width);
}

TEST(Bench, ShowsSpeedAndClockOverTime) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json report =
      JsonOf(ledge.Run({"bench", path, "-p", "8", "-n", "8", "--minutes", "0.01", "--json"}));
  ASSERT_GE(report["timeline"].size(), 2U);
  double last = 0;
  for (const json& point : report["timeline"]) {
    EXPECT_GE(point.value("seconds", -1.0), last);
    last = point.value("seconds", 0.0);
    EXPECT_GT(point.value("tokens_per_second", 0.0), 0);
  }
}

TEST(Inspect, AccountsForTheFile) {
  LEDGE_SHARED_OR_SKIP(path, kStories);
  const Ledge ledge;
  const json report =
      JsonOf(ledge.Run({"inspect", path, "--json", "--ctx", "256", "--parallel", "2"}));
  EXPECT_EQ(report.value("runnable", false), true);
  EXPECT_EQ(report.value("file_bytes", 0U), std::filesystem::file_size(path));
  EXPECT_EQ(report.value("parameters", 0), 656000);
  const json& memory = report["memory"];
  EXPECT_EQ(memory.value("kv_bytes", 0U), memory.value("kv_bytes_per_token", 0U) * 256 * 2);
  EXPECT_GE(memory.value("total_bytes", 0U),
            memory.value("weights_bytes", 0U) + memory.value("kv_bytes", 0U));
}

}  // namespace
}  // namespace ledge
