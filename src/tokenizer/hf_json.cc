#include "tokenizer/hf_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/utf8.h"
#include "tokenizer/hf_fields.h"
#include "tokenizer/hf_text.h"
#include "tokenizer/piece.h"
#include "tokenizer/spm_text.h"
#include "tokenizer/vocab.h"

namespace ledge {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFile = "tokenizer.json";
constexpr std::string_view kInnerPrefix = "##";  // of a piece inside a word

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

using hf_fields::BoolOf;
using hf_fields::Get;
using hf_fields::TextOf;

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
    if (kind_ == TokenizerKind::kWordPiece) MarkWordStarts();
    LEDGE_CHECK_OK(ReadText());
    LEDGE_CHECK_OK(ReadSpecials());
    LEDGE_CHECK_OK(ReadChatTemplate());
    LEDGE_CHECK_OK(ReadEnds());
    return std::move(made_);
  }

 private:
  bool spm() const { return kind_ == TokenizerKind::kSpm; }

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
    if (type == "WordPiece") {
      made_.model = "bert";
      kind_ = TokenizerKind::kWordPiece;
      const std::string inner = TextOf(Get(*model_, "continuing_subword_prefix"));
      if (inner == kInnerPrefix || inner.empty()) return {};
      return Unsupported("model.continuing_subword_prefix", inner, kInnerPrefix);
    }
    if (type == "Unigram") {
      made_.model = "t5";
      kind_ = TokenizerKind::kUnigram;
      return RefuseSet("byte_fallback");
    }
    if (type != "BPE") {
      return Unsupported("model.type", '"' + type + '"', "\"BPE\", \"WordPiece\" and \"Unigram\"");
    }
    for (const char* const field : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) {
      LEDGE_CHECK_OK(RefuseSet(field));
    }
    const bool spm = BoolOf(Get(*model_, "byte_fallback")).value_or(false);
    made_.model = spm ? "llama" : "gpt2";
    kind_ = spm ? TokenizerKind::kSpm : TokenizerKind::kBpe;
    return spm ? RefuseSet("ignore_merges") : Result<void>();
  }

  // A field of the model that would change tokens, unless it is empty, 0 or false.
  Result<void> RefuseSet(const char* field) const {
    const Json* const value = Get(*model_, field);
    if (value == nullptr || *value == "" || *value == 0 || *value == false) return {};
    return Unsupported(fmt::format("model.{}", field), value->dump(), "models without it");
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

  // Unigram: the id is the place, and every token has a score.
  Result<void> ReadScoredTokens() {
    const Json* vocab = Get(*model_, "vocab");
    if (vocab == nullptr || !vocab->is_array() || vocab->empty() ||
        vocab->size() > kMaxVocabTokens) {
      return Wrong("model.vocab", fmt::format("must be an array of 1 to {} tokens and their scores",
                                              kMaxVocabTokens));
    }
    const Json* unknown = Get(*model_, "unk_id");
    if (unknown == nullptr || !unknown->is_number_unsigned() ||
        unknown->get<uint64_t>() >= vocab->size()) {
      return Wrong("model.unk_id", "must be the number of a token in model.vocab");
    }
    const auto unknown_id = unknown->get<uint64_t>();
    for (size_t i = 0; i < vocab->size(); ++i) {
      const Json& entry = (*vocab)[i];
      if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() ||
          !entry[1].is_number() ||
          !(std::fabs(entry[1].get<double>()) <= double{std::numeric_limits<float>::max()})) {
        return Wrong(fmt::format("model.vocab[{}]", i), "must be a text and its score, a number");
      }
      const TokenType type = i == unknown_id ? TokenType::kUnknown : TokenType::kNormal;
      LEDGE_CHECK_OK(Put("model.vocab", entry[0].get<std::string>(), i, type));
      made_.scores.push_back(entry[1].get<float>());
    }
    unknown_ = static_cast<Token>(unknown_id);
    made_.special[static_cast<size_t>(SpecialToken::kUnk)] = unknown_;
    return {};
  }

  Result<void> ReadTokens() {
    if (kind_ == TokenizerKind::kUnigram) return ReadScoredTokens();
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
      if (spm() && ParseByteToken(text)) type = TokenType::kByte;
      if (spm() && text == unknown) type = TokenType::kUnknown;
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
      if (spm() && text == TextOf(Get(*model_, "unk_token"))) type = TokenType::kUnknown;
      if (unknown_ != kNoToken && made_.tokens[static_cast<size_t>(unknown_)] == text) {
        type = TokenType::kUnknown;
      }
      LEDGE_CHECK_OK(Put("added_tokens", text, *id, type));
      LEDGE_CHECK_OK(ReadPlacement(token, text, id->get<uint32_t>()));
    }
    if (kind_ == TokenizerKind::kUnigram) {
      made_.scores.resize(made_.tokens.size(), kUnusedTokenScore);
    }
    return {};
  }

  // Where an added token is found, and what it takes along.
  Result<void> ReadPlacement(const Json& token, const std::string& text, uint32_t id) {
    const auto refuse = [&](std::string_view field) {
      return MakeError(Code::kUnsupported,
                       "{}/{}: added_tokens has \"{}\" with {}; supported are tokens without it",
                       files_.folder, kFile, PrintableLine(text, 60), field);
    };
    if (BoolOf(Get(token, "single_word")).value_or(false)) return refuse("single_word");
    const bool special = BoolOf(Get(token, "special")).value_or(false);
    const bool normalized = BoolOf(Get(token, "normalized")).value_or(!special);
    // BERT's normalizer would find it in any letters' case.
    if (kind_ == TokenizerKind::kWordPiece && normalized && !special) return refuse("normalized");
    if (BoolOf(Get(token, "lstrip")).value_or(false)) made_.strips_left.push_back(id);
    if (BoolOf(Get(token, "rstrip")).value_or(false)) made_.strips_right.push_back(id);
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
    if (!spm()) {
      made_.merges.push_back(left + " " + right);
      return;
    }
    const auto found = ids_.find(left + right);
    if (found == ids_.end()) return;
    float& score = made_.scores[static_cast<size_t>(found->second)];
    if (score == 0) score = -static_cast<float>(rank + 1);
  }

  // GGUF marks pieces that begin a word, where the file marks those inside one.
  void MarkWordStarts() {
    for (size_t i = 0; i < made_.tokens.size(); ++i) {
      std::string& text = made_.tokens[i];
      if (made_.types[i] != static_cast<int32_t>(TokenType::kNormal)) continue;
      text = text.starts_with(kInnerPrefix) ? text.substr(kInnerPrefix.size())
                                            : std::string(kSpmSpaceText) + text;
    }
  }

  Result<void> ReadMerges() {
    if (kind_ == TokenizerKind::kWordPiece || kind_ == TokenizerKind::kUnigram) return {};
    const Json* merges = Get(*model_, "merges");
    if (merges == nullptr || !merges->is_array()) return Wrong("model.merges", "must be an array");
    if (merges->size() > kMaxMerges) {
      return Wrong("model.merges", fmt::format("has {} merges; at most {} are accepted",
                                               merges->size(), kMaxMerges));
    }
    if (spm()) made_.scores.assign(made_.tokens.size(), 0);
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

  Result<void> ReadText() {
    LEDGE_TRY(HfTextRules rules,
              ReadHfText(root_, kind_, fmt::format("{}/{}", files_.folder, kFile)));
    made_.pre = std::move(rules.pre);
    made_.add_space_prefix = rules.add_space_prefix;
    made_.lowercase = rules.lowercase;
    made_.strip_accents = rules.strip_accents;
    made_.merge_spaces = rules.merge_spaces;
    made_.charsmap = std::move(rules.charsmap);
    made_.spaces = rules.spaces;
    made_.normal_form = rules.normal_form;
    return {};
  }

  Result<void> ReadSpecials() {
    // BERT's class token stands in front of a text.
    constexpr std::pair<const char*, SpecialToken> kRoles[] = {
        {"bos_token", SpecialToken::kBos}, {"eos_token", SpecialToken::kEos},
        {"unk_token", SpecialToken::kUnk}, {"sep_token", SpecialToken::kSep},
        {"pad_token", SpecialToken::kPad}, {"mask_token", SpecialToken::kMask},
        {"cls_token", SpecialToken::kBos},
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
      Token& id = made_.special[static_cast<size_t>(role)];
      if (id == kNoToken) id = found->second;
    }
    return {};
  }

  // What the post-processor puts around a text counts; the configuration where there is none.
  Result<void> ReadEnds() {
    made_.add_bos = BoolOf(Get(config_, "add_bos_token")).value_or(false);
    made_.add_eos = BoolOf(Get(config_, "add_eos_token")).value_or(false);
    const Json* post = Get(root_, "post_processor");
    if (post == nullptr) return {};
    const Json* list = Get(*post, "processors");
    if (list == nullptr || !list->is_array()) return ReadTemplate(*post);
    for (const Json& step : *list) LEDGE_CHECK_OK(ReadTemplate(step));
    return {};
  }

  Result<void> ReadTemplate(const Json& post) {
    const Json* single = Get(post, "single");
    const std::string type = TextOf(Get(post, "type"));
    if (type == "BertProcessing" || type == "RobertaProcessing") {
      made_.add_bos = made_.special[static_cast<size_t>(SpecialToken::kBos)] != kNoToken;
      Token& eos = made_.special[static_cast<size_t>(SpecialToken::kEos)];
      if (eos == kNoToken) eos = made_.special[static_cast<size_t>(SpecialToken::kSep)];
      made_.add_eos = eos != kNoToken;
      return {};
    }
    if (type == "ByteLevel") return {};  // of places in the text, not of its tokens
    if (type != "TemplateProcessing" || single == nullptr || !single->is_array()) {
      return Unsupported("post_processor.type", '"' + type + '"',
                         "\"TemplateProcessing\" with \"single\", \"ByteLevel\", "
                         "\"BertProcessing\" and \"RobertaProcessing\"");
    }
    std::vector<std::string> before;
    std::vector<std::string> behind;
    bool text = false;
    for (const Json& part : *single) {
      if (Get(part, "Sequence") != nullptr) text = true;
      const Json* token = Get(part, "SpecialToken");
      if (token != nullptr) (text ? behind : before).push_back(TextOf(Get(*token, "id")));
    }
    LEDGE_TRY(made_.add_bos, AddsEnd(before, SpecialToken::kBos));
    LEDGE_TRY(made_.add_eos, AddsEnd(behind, SpecialToken::kEos));
    return {};
  }

  // Whether a text gets the token of a role, which is the one that a template names if none has the
  // role yet. Several tokens can't be told from those that a chat template writes itself, so these
  // are left to it.
  Result<bool> AddsEnd(const std::vector<std::string>& names, SpecialToken role) {
    constexpr std::string_view kField = "post_processor.single";
    if (names.empty()) return false;
    std::string all;
    for (const std::string& name : names) {
      if (!ids_.contains(name)) {
        return Wrong(kField, fmt::format("has \"{}\"; must be a token", PrintableLine(name, 60)));
      }
      all += name;
    }
    Token& token = made_.special[static_cast<size_t>(role)];
    if (token == kNoToken && names.size() == 1) token = ids_[names[0]];
    if (names.size() == 1 && token == ids_[names[0]]) return true;
    if (made_.chat_template.find(all) != std::string::npos) return false;
    return Unsupported(kField, '"' + all + '"',
                       "one token in front and one behind, bos_token and eos_token where "
                       "tokenizer_config.json has these");
  }

  Result<void> ReadChatTemplate() {
    made_.chat_template = std::string(files_.chat_template);
    const Json* value = Get(config_, "chat_template");
    if (made_.chat_template.empty() && value != nullptr && !value->is_null()) {
      if (!value->is_array() && !value->is_string()) {
        return MakeError(
            Code::kMalformed,
            "{}/tokenizer_config.json: chat_template must be a text or a list of named "
            "ones",
            files_.folder);
      }
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
  TokenizerKind kind_ = TokenizerKind::kBpe;
  Token unknown_ = kNoToken;  // Unigram
  std::vector<bool> known_;
  std::unordered_map<std::string, Token> ids_;
  HfTokenizer made_;
};

}  // namespace

Result<HfTokenizer> ReadHfTokenizer(const HfTokenizerFiles& files) { return Reader(files).Run(); }

}  // namespace ledge
