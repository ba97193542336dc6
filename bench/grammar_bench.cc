// What holding answers to a grammar costs: the time of finding the tokens that may come next, with
// nothing remembered (the first answer) and later. Texts are written by random logits that lean to
// an end, so that strings have a length as in life.
//
//   grammar_bench VOCABULARY.gguf ...
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <vector>

#include "testing/grammar_texts.h"
#include "testing/tokenizers.h"

namespace {

// Of this thread alone: what else the machine does doesn't count.
double Now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}
double Microseconds(double since) { return Now() - since; }

struct Case {
  const char* name;
  ledge::GrammarSpec spec;
};

const std::vector<Case>& Cases() {
  using ledge::GrammarKind;
  static const std::vector<Case> cases = {
      {"person",
       {GrammarKind::kSchema,
        R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},
            "city":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}},
            "required":["name","age","city","tags"],"additionalProperties":false})"}},
      {"any JSON object", {GrammarKind::kJsonObject, ""}},
      {"bounded strings",
       {GrammarKind::kSchema,
        R"({"type":"array","items":{"type":"string","minLength":5,"maxLength":300},"minItems":3})"}},
      {"tree",
       {GrammarKind::kSchema,
        R"({"type":"object","properties":{"text":{"type":"string"},"children":{"type":"array",
            "items":{"$ref":"#"}}},"required":["text","children"],"additionalProperties":false})"}},
      {"formats",
       {GrammarKind::kSchema,
        R"({"type":"array","items":{"type":"object","properties":{"id":{"type":"string",
            "format":"uuid"},"at":{"type":"string","format":"date-time"},"code":{"type":"string",
            "pattern":"^[A-Z]{2,5}-[0-9]{3,9}( [^ ]+)*$"}},"required":["id","at","code"]},
            "minItems":2})"}}};
  return cases;
}

struct Times {
  std::vector<double> all;
  void Print(const char* name) {
    if (all.empty()) return;
    std::ranges::sort(all);
    double sum = 0;
    for (const double time : all) sum += time;
    const auto count = all.size();
    fmt::print(
        "    {:<14}{:>7} tokens  mean {:>8.2f}  p50 {:>8.2f}  p99 {:>8.2f}  max {:>8.2f} us\n",
        name, count, sum / static_cast<double>(count), all[count / 2], all[count * 99 / 100],
        all.back());
  }
};

// One answer; the time of every mask goes into `times`.
void Answer(const ledge::Tokenizer& tokenizer, const std::shared_ptr<ledge::Matching>& matching,
            std::mt19937& random, Times& times, Times& single) {
  ledge::Matcher matcher(matching);
  for (int step = 0; step < 300; ++step) {
    const double begin = Now();
    const auto allowed = matcher.Allowed();
    times.all.push_back(Microseconds(begin));
    if (!allowed.ok()) return;
    ledge::Token chosen = ledge::kNoToken;
    for (int tries = 0; tries < 2'000'000 && chosen == ledge::kNoToken; ++tries) {
      const auto token = static_cast<ledge::Token>(random() % tokenizer.vocab_size());
      if ((*allowed)->Has(token)) chosen = token;
    }
    if (chosen == ledge::kNoToken || tokenizer.IsEndOfGeneration(chosen)) return;
    // Strings end some time.
    const ledge::Token quote = tokenizer.Find("\"");
    if (random() % 8 == 0 && quote != ledge::kNoToken && (*allowed)->Has(quote)) chosen = quote;
    const std::string piece = tokenizer.Piece(chosen);
    const double asked = Now();
    (void)matcher.Allows(piece);
    single.all.push_back(Microseconds(asked));
    if (!matcher.Accept(piece).ok() || matcher.Complete()) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto built = ledge::testing::LoadTokenizer(argv[i]);
    if (!built.ok()) {
      fmt::print(stderr, "grammar_bench: {}\n", built.error().message);
      return 1;
    }
    double begin = Now();
    const ledge::testing::GrammarTexts texts(built->tokenizer);
    fmt::print("{}: {} tokens, tree of them made in {:.1f} ms\n", argv[i],
               built->tokenizer.vocab_size(), Microseconds(begin) / 1000);
    for (const Case& one : Cases()) {
      begin = Now();
      const auto matching = texts.Compiled(one.spec);
      if (!matching.ok()) return 1;
      fmt::print("  {}: compiled in {:.2f} ms\n", one.name, Microseconds(begin) / 1000);
      std::mt19937 random(1);
      Times first;
      Times later;
      Times single;
      Answer(built->tokenizer, *matching, random, first, single);
      single.all.clear();
      for (int answer = 0; answer < 20; ++answer)
        Answer(built->tokenizer, *matching, random, later, single);
      first.Print("first answer");
      later.Print("later ones");
      single.Print("one token");
    }
  }
  return 0;
}
