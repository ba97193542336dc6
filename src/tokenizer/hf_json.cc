#include "tokenizer/hf_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "base/utf8.h"
#include "tokenizer/hf_words.h"
#include "tokenizer/piece.h"
#include "tokenizer/spm_text.h"
#include "tokenizer/vocab.h"

namespace ledge {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFile = "tokenizer.json";

// The parser builds a tree without recursion, but everything that walks or frees one may recurse.
bool IsTooDeep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > kMaxTokenizerJsonDepth) return true;
  }
  return false;
}

// nullptr where there is none, or null.
const Json* Get(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}
std::string TextOf(const Json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}
std::optional<bool> BoolOf(const Json* value) {
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}
// A token is named by its text, or by an object that has it.
std::string TokenNameOf(const Json* value) {
  if (value != nullptr && value->is_object()) value = Get(*value, "content");
  return TextOf(value);
}

class Reader {
 public:
  explicit Reader(const HfTokenizerFiles& files) : files_(files) {}

  Result<HfTokenizer> Run() {
    LEDGE_TRY(root_, Parse(kFile, files_.tokenizer_json, kMaxTokenizerJsonBytes));
    if (!files_.tokenizer_config.empty()) {
      LEDGE_TRY(config_,
                Parse("tokenizer_config.json", files_.tokenizer_config, kMaxTokenizerConfigBytes));
    }
    LEDGE_CHECK_OK(ReadModel());
    LEDGE_CHECK_OK(ReadTokens());
    LEDGE_CHECK_OK(ReadAddedTokens());
    LEDGE_CHECK_OK(NameGaps());
    LEDGE_CHECK_OK(ReadMerges());
    LEDGE_CHECK_OK(ReadNormalizer());
    LEDGE_CHECK_OK(ReadWords());
    LEDGE_CHECK_OK(ReadSpecials());
    ReadEnds();
    LEDGE_CHECK_OK(ReadChatTemplate());
    return std::move(made_);
  }

 private:
  Error Wrong(std::string_view field, std::string_view problem) const {
    return MakeError(Code::kMalformed, "{}/{}: {} {}", files_.folder, kFile, field, problem);
  }
  Error Unsupported(std::string_view field, std::string_view value,
                    std::string_view supported) const {
    return MakeError(Code::kUnsupported, "{}/{}: {} is {}; supported are {}", files_.folder, kFile,
                     field, PrintableLine(value, 200), supported);
  }

  Result<Json> Parse(std::string_view name, std::string_view text, uint64_t most) const {
    if (text.size() > most) {
      return MakeError(Code::kMalformed, "{}/{}: has {} bytes; at most {} are accepted",
                       files_.folder, name, text.size(), most);
    }
    if (IsTooDeep(text)) {
      return MakeError(Code::kMalformed, "{}/{}: is nested deeper than {} levels", files_.folder,
                       name, kMaxTokenizerJsonDepth);
    }
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || !json.is_object()) {
      return MakeError(Code::kMalformed, "{}/{}: is not a JSON object in UTF-8", files_.folder,
                       name);
    }
    return json;
  }

  Result<void> ReadModel() {
    model_ = Get(root_, "model");
    if (model_ == nullptr || !model_->is_object()) return Wrong("model", "must be an object");
    std::string type = TextOf(Get(*model_, "type"));
    // Files of before 2021 name no type.
    if (type.empty() && Get(*model_, "merges") != nullptr) type = "BPE";
    if (type != "BPE") return Unsupported("model.type", '"' + type + '"', "\"BPE\"");
    spm_ = BoolOf(Get(*model_, "byte_fallback")).value_or(false);
    made_.model = spm_ ? "llama" : "gpt2";
    return {};
  }

  Result<void> Put(std::string_view field, const std::string& text, const Json& id,
                   TokenType type) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() >= kMaxVocabTokens) {
      return Wrong(field, fmt::format("gives \"{}\" the id {}; must be a number below {}",
                                      PrintableLine(text, 60), PrintableLine(id.dump(), 60),
                                      kMaxVocabTokens));
    }
    const auto at = id.get<size_t>();
    if (at >= made_.tokens.size()) {
      made_.tokens.resize(at + 1);
      made_.types.resize(at + 1, static_cast<int32_t>(TokenType::kUnused));
      known_.resize(at + 1, false);
    }
    if (known_[at] && made_.tokens[at] != text) {
      return Wrong(field,
                   fmt::format("gives the id {} to \"{}\" and \"{}\"; ids are unique", at,
                               PrintableLine(made_.tokens[at], 60), PrintableLine(text, 60)));
    }
    known_[at] = true;
    made_.tokens[at] = text;
    made_.types[at] = static_cast<int32_t>(type);
    ids_[text] = static_cast<Token>(at);
    return {};
  }

  Result<void> ReadTokens() {
    const Json* vocab = Get(*model_, "vocab");
    if (vocab == nullptr || !vocab->is_object() || vocab->empty()) {
      return Wrong("model.vocab", "must be an object of tokens and their ids");
    }
    if (vocab->size() > kMaxVocabTokens) {
      return Wrong("model.vocab", fmt::format("has {} tokens; at most {} are accepted",
                                              vocab->size(), kMaxVocabTokens));
    }
    const std::string unknown = TextOf(Get(*model_, "unk_token"));
    for (const auto& [text, id] : vocab->items()) {
      TokenType type = TokenType::kNormal;
      if (spm_ && ParseByteToken(text)) type = TokenType::kByte;
      if (spm_ && text == unknown) type = TokenType::kUnknown;
      LEDGE_CHECK_OK(Put("model.vocab", text, id, type));
    }
    return {};
  }

  Result<void> ReadAddedTokens() {
    const Json* added = Get(root_, "added_tokens");
    if (added == nullptr) return {};
    if (!added->is_array()) return Wrong("added_tokens", "must be an array");
    for (const Json& token : *added) {
      const Json* id = Get(token, "id");
      const Json* content = Get(token, "content");
      if (id == nullptr || content == nullptr || !content->is_string()) {
        return Wrong("added_tokens", "has an entry without id or content");
      }
      const auto text = content->get<std::string>();
      const bool special = BoolOf(Get(token, "special")).value_or(false);
      TokenType type = special ? TokenType::kControl : TokenType::kUserDefined;
      if (spm_ && text == TextOf(Get(*model_, "unk_token"))) type = TokenType::kUnknown;
      LEDGE_CHECK_OK(Put("added_tokens", text, *id, type));
    }
    return {};
  }

  Result<void> NameGaps() {
    const size_t gaps = static_cast<size_t>(std::count(known_.begin(), known_.end(), false));
    // Rounding up to a multiple is usual; a file with few tokens and huge ids is not.
    if (gaps > made_.tokens.size() / 2) {
      return Wrong("model.vocab", fmt::format("leaves out {} of {} ids", gaps, known_.size()));
    }
    for (size_t i = 0; i < known_.size(); ++i) {
      if (!known_[i]) made_.tokens[i] = fmt::format("[PAD{}]", i);
    }
    return {};
  }

  // SPM has scores in place of merges: the earlier a token is made, the higher.
  void AddMerge(size_t rank, const std::string& left, const std::string& right) {
    if (!spm_) {
      made_.merges.push_back(left + " " + right);
      return;
    }
    const auto found = ids_.find(left + right);
    if (found == ids_.end()) return;
    float& score = made_.scores[static_cast<size_t>(found->second)];
    if (score == 0) score = -static_cast<float>(rank + 1);
  }

  Result<void> ReadMerges() {
    const Json* merges = Get(*model_, "merges");
    if (merges == nullptr || !merges->is_array()) return Wrong("model.merges", "must be an array");
    if (merges->size() > kMaxMerges) {
      return Wrong("model.merges", fmt::format("has {} merges; at most {} are accepted",
                                               merges->size(), kMaxMerges));
    }
    if (spm_) made_.scores.assign(made_.tokens.size(), 0);
    size_t rank = 0;
    for (const Json& merge : *merges) {
      if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        AddMerge(rank, merge[0].get<std::string>(), merge[1].get<std::string>());
      } else {
        const std::string text = TextOf(&merge);
        const size_t space = text.find(' ', 1);
        if (space == std::string::npos) {
          return Wrong(fmt::format("model.merges[{}]", rank),
                       "must be \"left right\" or [\"left\", \"right\"]");
        }
        AddMerge(rank, text.substr(0, space), text.substr(space + 1));
      }
      ++rank;
    }
    return {};
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
      if (list == nullptr || !list->is_array()) return Wrong("normalizer", "must have normalizers");
      for (const Json& step : *list) steps.push_back(&step);
    }
    for (const Json* step : steps) {
      const std::string type = TextOf(Get(*step, "type"));
      if (type == "NFC" && !spm_) continue;
      if (type == "Prepend" && spm_ && TextOf(Get(*step, "prepend")) == kSpmSpaceText) {
        made_.add_space_prefix = true;
        continue;
      }
      const Json* pattern = Get(*step, "pattern");
      const bool space = type == "Replace" && spm_ && pattern != nullptr &&
                         TextOf(Get(*pattern, "String")) == " " &&
                         TextOf(Get(*step, "content")) == kSpmSpaceText;
      if (!space) {
        return Unsupported("normalizer", step->dump(-1, ' ', false, Json::error_handler_t::replace),
                           spm_ ? "Prepend and Replace of U+2581" : "NFC");
      }
    }
    return {};
  }

  Result<void> ReadWords() {
    const Json* words = Get(root_, "pre_tokenizer");
    if (!spm_) {
      const bool ignore = BoolOf(Get(*model_, "ignore_merges")).value_or(false);
      const auto pre = PreTokenizerOf(words == nullptr ? Json() : *words, ignore);
      if (!pre) {
        return Unsupported(
            "pre_tokenizer",
            words == nullptr ? "null" : words->dump(-1, ' ', false, Json::error_handler_t::replace),
            "those of GPT-2, SmolLM, Llama 3, DBRX, Qwen 2 and 3.5, GPT-4o and "
            "Tekken");
      }
      made_.pre = *pre;
      return {};
    }
    made_.pre = "default";
    if (words == nullptr) return {};
    if (TextOf(Get(*words, "type")) == "Metaspace") {
      const std::string scheme = TextOf(Get(*words, "prepend_scheme"));
      made_.add_space_prefix = scheme.empty()
                                   ? BoolOf(Get(*words, "add_prefix_space")).value_or(true)
                                   : scheme != "never";
      return {};
    }
    // Gemma's: a Split at spaces, which the normalizer has already replaced.
    const Json* pattern = Get(*words, "pattern");
    if (TextOf(Get(*words, "type")) == "Split" && pattern != nullptr &&
        TextOf(Get(*pattern, "String")) == " ") {
      return {};
    }
    return Unsupported("pre_tokenizer", words->dump(-1, ' ', false, Json::error_handler_t::replace),
                       "none, Metaspace and Split at \" \" where byte_fallback holds");
  }

  Result<void> ReadSpecials() {
    constexpr std::pair<const char*, SpecialToken> kRoles[] = {
        {"bos_token", SpecialToken::kBos}, {"eos_token", SpecialToken::kEos},
        {"unk_token", SpecialToken::kUnk}, {"sep_token", SpecialToken::kSep},
        {"pad_token", SpecialToken::kPad}, {"mask_token", SpecialToken::kMask},
    };
    for (const auto& [key, role] : kRoles) {
      const std::string name = TokenNameOf(Get(config_, key));
      if (name.empty()) continue;
      const auto found = ids_.find(name);
      if (found == ids_.end()) {
        return MakeError(Code::kMalformed,
                         "{}/tokenizer_config.json: {} is \"{}\"; must be a token of {}",
                         files_.folder, key, PrintableLine(name, 60), kFile);
      }
      made_.special[static_cast<size_t>(role)] = found->second;
    }
    return {};
  }

  // What the post-processor puts around a text counts; the configuration where there is none.
  void ReadEnds() {
    made_.add_bos = BoolOf(Get(config_, "add_bos_token")).value_or(false);
    made_.add_eos = BoolOf(Get(config_, "add_eos_token")).value_or(false);
    const Json* post = Get(root_, "post_processor");
    if (post == nullptr) return;
    if (const Json* list = Get(*post, "processors"); list != nullptr && list->is_array()) {
      for (const Json& step : *list) ReadTemplate(step);
    } else {
      ReadTemplate(*post);
    }
  }
  void ReadTemplate(const Json& post) {
    const Json* single = Get(post, "single");
    if (TextOf(Get(post, "type")) != "TemplateProcessing" || single == nullptr ||
        !single->is_array()) {
      return;
    }
    bool text = false;
    made_.add_bos = false;
    made_.add_eos = false;
    for (const Json& part : *single) {
      if (Get(part, "Sequence") != nullptr) text = true;
      const Json* token = Get(part, "SpecialToken");
      if (token == nullptr) continue;
      const auto found = ids_.find(TextOf(Get(*token, "id")));
      if (found == ids_.end()) continue;
      Token& role =
          made_.special[static_cast<size_t>(text ? SpecialToken::kEos : SpecialToken::kBos)];
      if (role == kNoToken) role = found->second;
      if (role == found->second) (text ? made_.add_eos : made_.add_bos) = true;
    }
  }

  Result<void> ReadChatTemplate() {
    made_.chat_template = std::string(files_.chat_template);
    const Json* value = Get(config_, "chat_template");
    if (made_.chat_template.empty() && value != nullptr) {
      if (value->is_array()) {
        for (const Json& named : *value) {
          if (TextOf(Get(named, "name")) == "default") {
            made_.chat_template = TextOf(Get(named, "template"));
          }
        }
      } else {
        made_.chat_template = TextOf(value);
      }
    }
    if (made_.chat_template.size() > kMaxChatTemplateBytes) {
      return MakeError(Code::kMalformed,
                       "{}: the chat template has {} bytes; at most {} are accepted", files_.folder,
                       made_.chat_template.size(), kMaxChatTemplateBytes);
    }
    return {};
  }

  const HfTokenizerFiles& files_;
  Json root_;
  Json config_;
  const Json* model_ = nullptr;
  bool spm_ = false;
  std::vector<bool> known_;
  std::unordered_map<std::string, Token> ids_;
  HfTokenizer made_;
};

}  // namespace

Result<HfTokenizer> ReadHfTokenizer(const HfTokenizerFiles& files) { return Reader(files).Run(); }

}  // namespace ledge
