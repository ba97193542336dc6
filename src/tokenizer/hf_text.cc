#include "tokenizer/hf_text.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "tokenizer/hf_fields.h"
#include "tokenizer/hf_words.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

using Json = nlohmann::json;

using hf_fields::BoolOf;
using hf_fields::Get;
using hf_fields::TextOf;

class TextReader {
 public:
  TextReader(const Json& root, TokenizerKind kind, std::string_view file)
      : root_(root), kind_(kind), file_(file) {}

  Result<HfTextRules> Run() {
    if (kind_ == TokenizerKind::kWordPiece) {
      LEDGE_CHECK_OK(ReadBert());
      return std::move(rules_);
    }
    LEDGE_CHECK_OK(ReadNormalizer());
    LEDGE_CHECK_OK(spm() ? ReadSpmWords() : ReadByteLevelWords());
    return std::move(rules_);
  }

 private:
  bool spm() const { return kind_ == TokenizerKind::kSpm; }

  Error Unsupported(std::string_view field, const Json* value, std::string_view supported) const {
    const std::string text =
        value == nullptr ? "null" : value->dump(-1, ' ', false, Json::error_handler_t::replace);
    return MakeError(Code::kUnsupported, "{}: {} is {}; supported are {}", file_, field,
                     PrintableLine(text, 200), supported);
  }

  // SPM: a space for U+2581 is asked for, one in front is possible. Byte-level: NFC is left to
  // whoever writes the text, as in GGUF, which can't state it.
  Result<void> ReadNormalizer() {
    const Json* normalizer = Get(root_, "normalizer");
    if (normalizer == nullptr) return {};
    std::vector<const Json*> steps = {normalizer};
    if (TextOf(Get(*normalizer, "type")) == "Sequence") {
      steps.clear();
      const Json* list = Get(*normalizer, "normalizers");
      if (list == nullptr || !list->is_array()) {
        return MakeError(Code::kMalformed, "{}: normalizer must have normalizers", file_);
      }
      for (const Json& step : *list) steps.push_back(&step);
    }
    for (const Json* step : steps) {
      const std::string type = TextOf(Get(*step, "type"));
      if (type == "NFC" && !spm()) continue;
      if (type == "Prepend" && spm() && TextOf(Get(*step, "prepend")) == kSpmSpaceText) {
        rules_.add_space_prefix = true;
        continue;
      }
      const Json* pattern = Get(*step, "pattern");
      const bool space = type == "Replace" && spm() && pattern != nullptr &&
                         TextOf(Get(*pattern, "String")) == " " &&
                         TextOf(Get(*step, "content")) == kSpmSpaceText;
      if (!space) {
        return Unsupported("normalizer", step, spm() ? "Prepend and Replace of U+2581" : "NFC");
      }
    }
    return {};
  }

  Result<void> ReadByteLevelWords() {
    const Json* words = Get(root_, "pre_tokenizer");
    const Json* model = Get(root_, "model");
    const bool ignore = model != nullptr && BoolOf(Get(*model, "ignore_merges")).value_or(false);
    const auto pre = PreTokenizerOf(words == nullptr ? Json() : *words, ignore);
    if (!pre) {
      return Unsupported("pre_tokenizer", words,
                         "those of GPT-2, SmolLM, Llama 3, DBRX, Qwen 2 and 3.5, GPT-4o and "
                         "Tekken");
    }
    rules_.pre = *pre;
    return {};
  }

  Result<void> ReadSpmWords() {
    rules_.pre = "default";
    const Json* words = Get(root_, "pre_tokenizer");
    if (words == nullptr) return {};
    const std::string type = TextOf(Get(*words, "type"));
    if (type == "Metaspace") {
      const std::string scheme = TextOf(Get(*words, "prepend_scheme"));
      rules_.add_space_prefix = scheme.empty()
                                    ? BoolOf(Get(*words, "add_prefix_space")).value_or(true)
                                    : scheme != "never";
      return {};
    }
    // Gemma's: a Split at spaces, which the normalizer has already replaced.
    const Json* pattern = Get(*words, "pattern");
    if (type == "Split" && pattern != nullptr && TextOf(Get(*pattern, "String")) == " ") return {};
    return Unsupported("pre_tokenizer", words,
                       "none, Metaspace and Split at \" \" where byte_fallback holds");
  }

  Result<void> ReadBert() {
    rules_.pre = "jina-v2-en";  // what converters write beside "bert"; nobody cuts by it
    rules_.add_space_prefix = true;
    const Json* normalizer = Get(root_, "normalizer");
    const bool known = normalizer != nullptr &&
                       TextOf(Get(*normalizer, "type")) == "BertNormalizer" &&
                       BoolOf(Get(*normalizer, "clean_text")).value_or(true) &&
                       BoolOf(Get(*normalizer, "handle_chinese_chars")).value_or(true);
    if (!known) {
      return Unsupported("normalizer", normalizer,
                         "BertNormalizer with clean_text and handle_chinese_chars");
    }
    rules_.lowercase = BoolOf(Get(*normalizer, "lowercase")).value_or(true);
    rules_.strip_accents = BoolOf(Get(*normalizer, "strip_accents")).value_or(rules_.lowercase);
    const Json* words = Get(root_, "pre_tokenizer");
    if (words != nullptr && TextOf(Get(*words, "type")) == "BertPreTokenizer") return {};
    return Unsupported("pre_tokenizer", words, "BertPreTokenizer where model.type is WordPiece");
  }

  const Json& root_;
  TokenizerKind kind_;
  std::string_view file_;
  HfTextRules rules_;
};

}  // namespace

Result<HfTextRules> ReadHfText(const Json& root, TokenizerKind kind, std::string_view file) {
  return TextReader(root, kind, file).Run();
}

}  // namespace ledge
