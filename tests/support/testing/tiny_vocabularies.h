// Small vocabularies of the kinds of tokenizers that no shared file has, as GGUF files that other
// programs read too, and texts to compare by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "testing/charsmaps.h"
#include "testing/gguf_builder.h"

namespace ledge::testing {

inline const std::vector<std::string>& TinyTexts() {
  static const std::vector<std::string> texts = {"",
                                                 "ab",
                                                 "ab ab",
                                                 " ab  ab ",
                                                 "abc cab",
                                                 "ABC Abc",
                                                 "a\n\nb\nc",
                                                 "x y z",
                                                 "\u00e9t\u00e9 \u00e9ab",
                                                 "abababab",
                                                 "\t ab\t",
                                                 "\u3000ab\u3000c",
                                                 "\u4f60\u597d ab \U0001F600",
                                                 "bca acb bcbc",
                                                 "a b c abc bc",
                                                 "<tool>ab"};
  return texts;
}

// "t5", "t5-apart" (spaces stay as they are), "gemma4", "whitespace".
class TinyVocabulary {
 public:
  static std::vector<std::string_view> Names() {
    return {"t5", "t5-apart", "gemma4", "whitespace"};
  }

  explicit TinyVocabulary(std::string_view name) {
    const bool t5 = name.starts_with("t5");
    builder_.String("general.architecture", "llama");
    builder_.String("tokenizer.ggml.model", t5 ? "t5" : name);
    if (t5) {
      AddUnigram(name == "t5");
    } else {
      if (name == "whitespace") builder_.String("tokenizer.ggml.pre", name);
      AddMerging(name == "gemma4" ? "\u2581" : "");
    }
    builder_.Strings("tokenizer.ggml.tokens", tokens_);
    builder_.Numbers("tokenizer.ggml.token_type", types_);
    builder_.Numbers("tokenizer.ggml.scores", scores_);
  }
  std::vector<std::byte> Build() const { return builder_.Build(); }

 private:
  enum Type : int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kByte = 6 };

  void Add(std::string text, Type type = kNormal, float score = 0) {
    tokens_.push_back(std::move(text));
    types_.push_back(type);
    scores_.push_back(score);
  }

  void AddUnigram(bool merge_spaces) {
    Add("<pad>", kControl);
    Add("</s>", kControl);
    Add("<unk>", kUnknown);
    const std::pair<const char*, float> pieces[] = {{"\u2581", -3},  {"a", -4},
                                                    {"b", -4},       {"c", -4},
                                                    {"ab", -5},      {"\u2581a", -4.5F},
                                                    {"bc", -6},      {"abc", -9.5F},
                                                    {"\u00e9", -5},  {"\u2581\u00e9", -7},
                                                    {"ca", -6.5F},   {"\u2581ab", -6},
                                                    {"bcb", -8.25F}, {"\u2581x", -5.5F}};
    for (const auto& [text, score] : pieces) Add(text, kNormal, score);
    Add("<tool>", kUserDefined);
    builder_.Bool("tokenizer.ggml.add_space_prefix", 1);
    builder_.Bool("tokenizer.ggml.remove_extra_whitespaces", merge_spaces ? 1 : 0);
    builder_.Number<uint32_t>("tokenizer.ggml.eos_token_id", 1);
    builder_.Number<uint32_t>("tokenizer.ggml.unknown_token_id", 2);
    builder_.Number<uint32_t>("tokenizer.ggml.padding_token_id", 0);
    const std::string map = CapitalACharsmap();
    builder_.Numbers<uint8_t>("tokenizer.ggml.precompiled_charsmap",
                              std::vector<uint8_t>(map.begin(), map.end()));
  }

  // BPE over characters, with `space` for a space.
  void AddMerging(const std::string& space) {
    Add("<unk>", kUnknown);
    Add("<s>", kControl);
    Add("</s>", kControl);
    for (int byte = 0; byte < 256; ++byte) {
      constexpr char kDigits[] = "0123456789ABCDEF";
      Add(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">", kByte);
    }
    std::vector<std::string> merges;
    for (const char* text : {"a", "b", "c", "x", "\u00e9", "t", "\n"}) Add(text);
    if (!space.empty()) Add(space);
    const auto merge = [&](const std::string& left, const std::string& right) {
      merges.push_back(left + " " + right);
      Add(left + right);
    };
    merge("a", "b");
    if (!space.empty()) merge(space, "ab");
    merge("b", "c");
    merge("ab", "ab");
    merge("\u00e9", "t");
    if (!space.empty()) merge(space, space);
    if (!space.empty()) Add("\n\n");
    Add("<tool>", kUserDefined);
    builder_.Strings("tokenizer.ggml.merges", merges);
    builder_.Number<uint32_t>("tokenizer.ggml.unknown_token_id", 0);
    builder_.Number<uint32_t>("tokenizer.ggml.bos_token_id", 1);
    builder_.Number<uint32_t>("tokenizer.ggml.eos_token_id", 2);
  }

  GgufBuilder builder_;
  std::vector<std::string> tokens_;
  std::vector<int32_t> types_;
  std::vector<float> scores_;
};

}  // namespace ledge::testing
