#include "tokenizer/hf_words.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "tokenizer/hf_fields.h"

namespace ledge {
namespace {

using Json = nlohmann::json;

// The steps of a pre-tokenizer, each as one line: the regular expression of a Split, or the step's
// kind in angle brackets.
struct KnownSteps {
  std::string_view steps;  // joined by line breaks
  bool ignore_merges;
  std::string_view pre;
};

constexpr std::string_view kLlama3Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen2Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kGpt4oWords =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kTekkenWords =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwen35Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr KnownSteps kKnown[] = {
    {"<gpt2>", false, "gpt-2"},     {"<digits>\n<gpt2>", false, "smollm"},
    {kLlama3Words, false, "dbrx"},  {kLlama3Words, true, "llama-bpe"},
    {kQwen2Words, false, "qwen2"},  {kQwen35Words, false, "qwen35"},
    {kGpt4oWords, false, "gpt-4o"}, {kTekkenWords, true, "tekken"},
};

using hf_fields::BoolOf;
using hf_fields::Get;
using hf_fields::TextOf;

// The step as KnownSteps writes it; empty if it changes nothing; nullopt if it is unknown.
std::optional<std::string> StepOf(const Json& step) {
  if (!step.is_object()) return std::nullopt;
  const std::string type = TextOf(Get(step, "type"));
  if (type == "ByteLevel") {
    if (BoolOf(Get(step, "add_prefix_space")).value_or(false)) return std::nullopt;
    const bool words =
        !step.contains("use_regex") || BoolOf(Get(step, "use_regex")).value_or(false);
    return words ? "<gpt2>" : "";
  }
  if (type == "Digits") {
    return BoolOf(Get(step, "individual_digits")).value_or(false)
               ? std::optional<std::string>("<digits>")
               : std::nullopt;
  }
  const auto pattern = step.find("pattern");
  if (type != "Split" || pattern == step.end() || !pattern->is_object()) return std::nullopt;
  if (BoolOf(Get(step, "invert")).value_or(false)) {
    if (TextOf(Get(step, "behavior")) != "Removed") return std::nullopt;  // matches stay, gaps go
  } else if (TextOf(Get(step, "behavior")) != "Isolated") {
    return std::nullopt;
  }
  const std::string expression = TextOf(Get(*pattern, "Regex"));
  return expression.empty() ? std::nullopt : std::optional(expression);
}

}  // namespace

std::optional<std::string> PreTokenizerOf(const Json& pre_tokenizer, bool ignore_merges) {
  if (!pre_tokenizer.is_object()) return std::nullopt;
  std::string steps;
  const auto add = [&](const Json& step) {
    const auto text = StepOf(step);
    if (!text) return false;
    if (!text->empty() && !steps.empty()) steps += '\n';
    steps += *text;
    return true;
  };
  if (TextOf(Get(pre_tokenizer, "type")) == "Sequence") {
    const auto list = pre_tokenizer.find("pretokenizers");
    if (list == pre_tokenizer.end() || !list->is_array()) return std::nullopt;
    for (const Json& step : *list) {
      if (!add(step)) return std::nullopt;
    }
  } else if (!add(pre_tokenizer)) {
    return std::nullopt;
  }
  for (const KnownSteps& known : kKnown) {
    if (known.steps == steps && known.ignore_merges == ignore_merges) return std::string(known.pre);
  }
  return std::nullopt;
}

}  // namespace ledge
