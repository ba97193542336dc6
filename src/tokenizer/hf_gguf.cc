// A tokenizer read from tokenizer.json, as the keys of a GGUF file.
#include <span>

#include "gguf/gguf_writer.h"
#include "tokenizer/hf_json.h"
#include "tokenizer/vocab_rules.h"

namespace ledge {
namespace {

// Said even where there is nothing to say, so that nobody guesses from names.
void AddRules(const HfTokenizer& tokenizer, GgufWriter& writer) {
  writer.AddString(kNormalizerKey, NormalFormName(tokenizer.normal_form));
  std::vector<std::string> rules;
  for (const auto& [name, rule] : kSpaceRuleNames) {
    if (tokenizer.spaces.*rule) rules.emplace_back(name);
  }
  writer.AddStrings(kSpacesKey, rules);
  writer.AddNumbers(kLeftStripKey, std::span<const uint32_t>(tokenizer.strips_left));
  writer.AddNumbers(kRightStripKey, std::span<const uint32_t>(tokenizer.strips_right));
}

}  // namespace

void AddTokenizer(const HfTokenizer& tokenizer, GgufWriter& writer) {
  writer.AddString("tokenizer.ggml.model", tokenizer.model);
  writer.AddString("tokenizer.ggml.pre", tokenizer.pre);
  writer.AddStrings("tokenizer.ggml.tokens", tokenizer.tokens);
  if (!tokenizer.scores.empty()) {
    writer.AddNumbers("tokenizer.ggml.scores", std::span<const float>(tokenizer.scores));
  }
  writer.AddNumbers("tokenizer.ggml.token_type", std::span<const int32_t>(tokenizer.types));
  if (tokenizer.model == "gpt2") writer.AddStrings("tokenizer.ggml.merges", tokenizer.merges);
  constexpr std::pair<SpecialToken, std::string_view> kKeys[] = {
      {SpecialToken::kBos, "tokenizer.ggml.bos_token_id"},
      {SpecialToken::kEos, "tokenizer.ggml.eos_token_id"},
      {SpecialToken::kEot, "tokenizer.ggml.eot_token_id"},
      {SpecialToken::kEom, "tokenizer.ggml.eom_token_id"},
      {SpecialToken::kUnk, "tokenizer.ggml.unknown_token_id"},
      {SpecialToken::kSep, "tokenizer.ggml.seperator_token_id"},  // the format's spelling
      {SpecialToken::kPad, "tokenizer.ggml.padding_token_id"},
      {SpecialToken::kMask, "tokenizer.ggml.mask_token_id"},
  };
  for (const auto& [role, key] : kKeys) {
    const Token id = tokenizer.special[static_cast<size_t>(role)];
    if (id != kNoToken) writer.AddNumber(key, static_cast<uint32_t>(id));
  }
  writer.AddBool("tokenizer.ggml.add_bos_token", tokenizer.add_bos);
  writer.AddBool("tokenizer.ggml.add_eos_token", tokenizer.add_eos);
  writer.AddBool("tokenizer.ggml.add_space_prefix", tokenizer.add_space_prefix);
  if (tokenizer.model == "bert") {
    writer.AddBool("tokenizer.ggml.normalizer.lowercase", tokenizer.lowercase);
    writer.AddBool("tokenizer.ggml.normalizer.strip_accents", tokenizer.strip_accents);
  }
  if (tokenizer.model == "t5") {
    const auto map = std::span(tokenizer.charsmap);
    writer.AddBool("tokenizer.ggml.remove_extra_whitespaces", tokenizer.merge_spaces);
    if (!map.empty()) {
      writer.AddNumbers("tokenizer.ggml.precompiled_charsmap",
                        std::span(reinterpret_cast<const uint8_t*>(map.data()), map.size()));
    }
  }
  AddRules(tokenizer, writer);
  if (!tokenizer.chat_template.empty()) {
    writer.AddString("tokenizer.chat_template", tokenizer.chat_template);
  }
}

}  // namespace ledge
