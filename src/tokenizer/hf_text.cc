#include "tokenizer/hf_text.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "os/base64.h"
#include "tokenizer/charsmap.h"
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
    if (kind_ == TokenizerKind::kBpe) {
      LEDGE_CHECK_OK(ReadByteLevelWords());
    } else {
      LEDGE_CHECK_OK(spm() ? ReadSpmWords() : ReadUnigramWords());
    }
    return std::move(rules_);
  }

 private:
  bool spm() const { return kind_ == TokenizerKind::kSpm; }
  bool unigram() const { return kind_ == TokenizerKind::kUnigram; }

  Error Unsupported(std::string_view field, const Json* value, std::string_view supported) const {
    const std::string text =
        value == nullptr ? "null" : value->dump(-1, ' ', false, Json::error_handler_t::replace);
    return MakeError(Code::kUnsupported, "{}: {} is {}; supported are {}", file_, field,
                     PrintableLine(text, 200), supported);
  }

  // The steps of a normalizer or pre-tokenizer: those of a sequence, or itself.
  Result<std::vector<const Json*>> StepsOf(const char* field, const char* list_name) const {
    const Json* const whole = Get(root_, field);
    if (whole == nullptr) return std::vector<const Json*>();
    if (TextOf(Get(*whole, "type")) != "Sequence") return std::vector<const Json*>{whole};
    const Json* const list = Get(*whole, list_name);
    if (list == nullptr || !list->is_array()) {
      return MakeError(Code::kMalformed, "{}: {} must have {}", file_, field, list_name);
    }
    std::vector<const Json*> steps;
    for (const Json& step : *list) steps.push_back(&step);
    return steps;
  }

  Result<void> ReadNormalizer() {
    LEDGE_TRY(const auto steps, StepsOf("normalizer", "normalizers"));
    for (const Json* const step : steps) {
      LEDGE_TRY(const bool form, TakeForm(*step));
      if (form) continue;
      const bool taken = (spm() && TakeSpmStep(*step)) || (unigram() && TakeSpaceStep(*step));
      if (taken) continue;
      LEDGE_TRY(const bool map, TakeCharsmap(*step));
      if (map) continue;
      const char* const others = spm()       ? " and Prepend and Replace of U+2581"
                                 : unigram() ? ", Precompiled, and behind it Strip and Replace of "
                                               "spaces in a row"
                                             : "";
      return Unsupported("normalizer", step,
                         fmt::format("one of NFC, NFD, NFKC and NFKD{}", others));
    }
    rules_.spaces.keep_last_space = rules_.merge_spaces && !strips_;
    if (strips_ && !rules_.merge_spaces) {
      return Unsupported("normalizer", Get(root_, "normalizer"),
                         "Strip together with Replace of spaces in a row");
    }
    return {};
  }

  // One form at most, before anything that the text is mapped by.
  Result<bool> TakeForm(const Json& step) {
    constexpr std::pair<std::string_view, NormalForm> kForms[] = {{"NFC", NormalForm::kNfc},
                                                                  {"NFD", NormalForm::kNfd},
                                                                  {"NFKC", NormalForm::kNfkc},
                                                                  {"NFKD", NormalForm::kNfkd}};
    const std::string type = TextOf(Get(step, "type"));
    for (const auto& [name, form] : kForms) {
      if (type != name) continue;
      if (rules_.normal_form != NormalForm::kNone || mapped_) {
        return Unsupported("normalizer", Get(root_, "normalizer"), "one form, as the first step");
      }
      rules_.normal_form = form;
      return true;
    }
    return false;
  }

  static bool IsReplace(const Json& step, const char* kind, std::string_view pattern) {
    const Json* const from = Get(step, "pattern");
    return TextOf(Get(step, "type")) == "Replace" && from != nullptr &&
           TextOf(Get(*from, kind)) == pattern;
  }

  // A space for U+2581 is what SPM does anyway, one in front is possible.
  bool TakeSpmStep(const Json& step) {
    if (TextOf(Get(step, "type")) == "Prepend" && TextOf(Get(step, "prepend")) == kSpmSpaceText) {
      rules_.add_space_prefix = true;
      return true;
    }
    return IsReplace(step, "String", " ") && TextOf(Get(step, "content")) == kSpmSpaceText;
  }

  // Spaces in a row to one, spaces at the end away. The map before has made spaces of all white
  // space.
  bool TakeSpaceStep(const Json& step) {
    const std::string content = TextOf(Get(step, "content"));
    if (IsReplace(step, "Regex", " {2,}") && (content == " " || content == kSpmSpaceText)) {
      rules_.merge_spaces = true;
      return true;
    }
    if (TextOf(Get(step, "type")) != "Strip" || !mapped_) return false;
    const bool left = BoolOf(Get(step, "strip_left")).value_or(false);
    strips_ = BoolOf(Get(step, "strip_right")).value_or(false);
    return !left;
  }

  Result<bool> TakeCharsmap(const Json& step) {
    if (!unigram() || TextOf(Get(step, "type")) != "Precompiled" || mapped_) return false;
    constexpr std::string_view kField = "normalizer.precompiled_charsmap";
    auto map = DecodeBase64(TextOf(Get(step, "precompiled_charsmap")));
    if (!map) return MakeError(Code::kMalformed, "{}: {} must be base64", file_, kField);
    const auto opened = Charsmap::Open(std::as_bytes(std::span(*map)));
    if (!opened.ok()) {
      return MakeError(Code::kMalformed, "{}: {} {}", file_, kField, opened.error().message);
    }
    rules_.charsmap = std::move(*map);
    mapped_ = true;
    return true;
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

  // Metaspace: a space in front unless there is one, of all fragments or the text's first only, and
  // a word from each space on. Older files say less: always, unless add_prefix_space is false.
  Result<bool> TakeMetaspace(const Json& step) {
    if (TextOf(Get(step, "type")) != "Metaspace") return false;
    std::string scheme = TextOf(Get(step, "prepend_scheme"));
    if (scheme.empty()) {
      scheme = BoolOf(Get(step, "add_prefix_space")).value_or(true) ? "always" : "never";
    }
    const bool known = scheme == "always" || scheme == "first" || scheme == "never";
    if (!known || TextOf(Get(step, "replacement")) != kSpmSpaceText) {
      return Unsupported("pre_tokenizer", &step,
                         "Metaspace with U+2581 and the scheme always, first or never");
    }
    rules_.add_space_prefix = scheme != "never";
    rules_.spaces.prefix_only_first = scheme == "first";
    rules_.spaces.prefix_unless_space = true;
    rules_.spaces.split_each_space = BoolOf(Get(step, "split")).value_or(true);
    return true;
  }

  Result<void> ReadSpmWords() {
    rules_.pre = "default";
    const Json* words = Get(root_, "pre_tokenizer");
    if (words == nullptr) return {};
    const bool prefixed = rules_.add_space_prefix;
    LEDGE_TRY(const bool metaspace, TakeMetaspace(*words));
    if (metaspace && !prefixed) return {};
    // Gemma's: a Split at spaces, which the normalizer has already replaced.
    const Json* pattern = Get(*words, "pattern");
    const bool split = TextOf(Get(*words, "type")) == "Split" && pattern != nullptr &&
                       TextOf(Get(*pattern, "String")) == " ";
    if (split) return {};
    return Unsupported("pre_tokenizer", words,
                       "none, Metaspace without Prepend before it, and Split at \" \" where "
                       "byte_fallback holds");
  }

  Result<void> ReadUnigramWords() {
    rules_.pre = "default";
    LEDGE_TRY(const auto steps, StepsOf("pre_tokenizer", "pretokenizers"));
    const bool split = steps.size() == 2 && TextOf(Get(*steps[0], "type")) == "WhitespaceSplit";
    if (steps.size() == 1 || split) {
      LEDGE_TRY(const bool metaspace, TakeMetaspace(*steps.back()));
      const bool always = rules_.add_space_prefix && !rules_.spaces.prefix_only_first;
      if (metaspace && !split) return {};
      if (metaspace && always) {
        // Words between white space, each with a space in front.
        rules_.merge_spaces = true;
        rules_.spaces = {.split_white_space = true, .split_each_space = true};
        return {};
      }
    }
    return Unsupported("pre_tokenizer", Get(root_, "pre_tokenizer"),
                       "Metaspace, alone or always behind WhitespaceSplit, where model.type is "
                       "Unigram");
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
  bool mapped_ = false;  // by a character map
  bool strips_ = false;  // spaces at the end
};

}  // namespace

Result<HfTextRules> ReadHfText(const Json& root, TokenizerKind kind, std::string_view file) {
  return TextReader(root, kind, file).Run();
}

}  // namespace ledge
