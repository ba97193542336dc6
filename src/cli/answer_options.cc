#include "cli/answer_options.h"

#include <array>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/input.h"
#include "engine/ordered_json.h"

namespace ledge {
namespace {

// "ID=BIAS", BIAS a number or -inf.
Result<std::pair<Token, float>> ParseBias(const std::string& text) {
  Token token = 0;
  float bias = 0;
  const size_t equals = text.find('=');
  const char* end = text.data() + text.size();
  if (equals != std::string::npos) {
    const auto id = std::from_chars(text.data(), text.data() + equals, token);
    const auto value = std::from_chars(text.data() + equals + 1, end, bias);
    if (id.ec == std::errc() && id.ptr == text.data() + equals && value.ec == std::errc() &&
        value.ptr == end) {
      return std::pair(token, bias);
    }
  }
  return MakeError(Code::kUsage, "--logit-bias '{}' is not ID=BIAS; write it like 42=-5 or 42=-inf",
                   PrintableLine(text, 80));
}

}  // namespace

void AnswerOptions::Declare(Options& options) {
  options.Whole("-n,--max-tokens", max_tokens, 0, UINT32_MAX,
                "most tokens of the answer; 0 only evaluates the prompt");
  options.Number("--temperature", temperature, 0, 100, "0: always the likeliest token");
  options.Whole("--top-k", top_k, 0, INT32_MAX, "of the K likeliest tokens; 0: all");
  options.Number("--top-p", top_p, 0, 1, "of the likeliest that have this probability together");
  options.Number("--min-p", min_p, 0, 1,
                 "of those with this share of the likeliest one's probability");
  options.Number("--typical-p", typical_p, 0, 1, "of the locally typical ones; 1: all");
  options.Number("--repeat-penalty", repeat_penalty, 0, 100,
                 "against tokens that were there lately; 1: none");
  options.Number("--presence-penalty", presence_penalty, -100, 100,
                 "taken from tokens that were there lately");
  options.Number("--frequency-penalty", frequency_penalty, -100, 100, "the same, for each time");
  options.Whole("--repeat-last-n", repeat_last_n, 0, kMaxRepeatLastN,
                "how many tokens are \"lately\"");
  options.Whole("--seed", seed, 0, INT64_MAX, "the same seed gives the same text");
  options.Texts("--stop", stop, "end the answer before this text (repeatable)");
  options.Texts("--logit-bias", logit_bias,
                "ID=BIAS: add to a token's logit; -inf forbids it (repeatable)");
  options.File("--schema", schema, "a JSON Schema that the answer keeps to");
  options.File("--grammar", grammar, "a grammar in GBNF that the answer keeps to");
}

Result<nlohmann::ordered_json> AnswerOptions::Variables() const {
  if (!template_variables) return nlohmann::ordered_json::object();
  auto read = ParseOrderedJson(*template_variables);
  if (!read.ok()) return MakeError(Code::kUsage, "--chat-template-kwargs {}", read.error().message);
  if (!read->is_object()) {
    return MakeError(Code::kUsage, "--chat-template-kwargs is {}; must be a JSON object",
                     PrintableLine(*template_variables, 100));
  }
  return read;
}

Result<GrammarSpec> AnswerOptions::ReadForm(Program& program) const {
  GrammarSpec form;
  if (form_file().empty()) return form;
  form.kind = schema.empty() ? GrammarKind::kGbnf : GrammarKind::kSchema;
  LEDGE_TRY(form.text, ReadTextFile(program, form_file()));
  return form;
}

Result<Request> AnswerOptions::ToRequest(Os& os, int64_t top_logprobs) const {
  if (!schema.empty() && !grammar.empty())
    return MakeError(Code::kUsage, "--schema and --grammar are both given; must be one of them");
  Request request;
  SamplingOptions& sampling = request.sampling;
  sampling.temperature = static_cast<float>(temperature);
  sampling.top_k = static_cast<int32_t>(top_k);
  sampling.top_p = static_cast<float>(top_p);
  sampling.min_p = static_cast<float>(min_p);
  sampling.typical_p = static_cast<float>(typical_p);
  sampling.repeat_penalty = static_cast<float>(repeat_penalty);
  sampling.presence_penalty = static_cast<float>(presence_penalty);
  sampling.frequency_penalty = static_cast<float>(frequency_penalty);
  sampling.repeat_last_n = static_cast<int32_t>(repeat_last_n);
  sampling.top_logprobs = static_cast<int32_t>(top_logprobs);
  for (const std::string& text : logit_bias) {
    LEDGE_TRY(const auto bias, ParseBias(text));
    sampling.logit_bias.push_back(bias);
  }
  if (seed) {
    sampling.seed = static_cast<uint64_t>(*seed);
  } else {
    std::array<std::byte, sizeof(uint64_t)> random{};
    LEDGE_CHECK_OK(os.Entropy(random));
    std::memcpy(&sampling.seed, random.data(), random.size());
  }
  if (max_tokens) request.max_tokens = static_cast<uint64_t>(*max_tokens);
  request.stop = stop;
  return request;
}

}  // namespace ledge
