#include "tokenizer/vocab.h"

#include <cmath>
#include <cstring>

#include "tokenizer/piece.h"
#include "tokenizer/pre/pre_tokenizer.h"
#include "tokenizer/vocab_flags.h"
#include "tokenizer/vocab_rules.h"

namespace ledge {
namespace {

constexpr std::string_view kModelKey = "tokenizer.ggml.model";
constexpr std::string_view kPreKey = "tokenizer.ggml.pre";
constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";
constexpr std::string_view kScoresKey = "tokenizer.ggml.scores";
constexpr std::string_view kTypesKey = "tokenizer.ggml.token_type";
constexpr std::string_view kMergesKey = "tokenizer.ggml.merges";

constexpr std::string_view kModels =
    "\"llama\", \"gpt2\", \"gemma4\", \"whitespace\", \"bert\" and \"t5\"";

struct SpecialKey {
  SpecialToken role;
  std::string_view key;
};
// The last five are other names of the same roles; BERT's class token stands in front of a text.
// "seperator" is how the format spells it.
constexpr SpecialKey kSpecialKeys[] = {
    {SpecialToken::kBos, "tokenizer.ggml.bos_token_id"},
    {SpecialToken::kEos, "tokenizer.ggml.eos_token_id"},
    {SpecialToken::kEot, "tokenizer.ggml.eot_token_id"},
    {SpecialToken::kEom, "tokenizer.ggml.eom_token_id"},
    {SpecialToken::kUnk, "tokenizer.ggml.unknown_token_id"},
    {SpecialToken::kSep, "tokenizer.ggml.seperator_token_id"},
    {SpecialToken::kPad, "tokenizer.ggml.padding_token_id"},
    {SpecialToken::kMask, "tokenizer.ggml.mask_token_id"},
    {SpecialToken::kFimPrefix, "tokenizer.ggml.fim_pre_token_id"},
    {SpecialToken::kFimSuffix, "tokenizer.ggml.fim_suf_token_id"},
    {SpecialToken::kFimMiddle, "tokenizer.ggml.fim_mid_token_id"},
    {SpecialToken::kFimPad, "tokenizer.ggml.fim_pad_token_id"},
    {SpecialToken::kFimRepo, "tokenizer.ggml.fim_rep_token_id"},
    {SpecialToken::kFimFile, "tokenizer.ggml.fim_sep_token_id"},
    {SpecialToken::kBos, "tokenizer.ggml.cls_token_id"},
    {SpecialToken::kFimPrefix, "tokenizer.ggml.prefix_token_id"},
    {SpecialToken::kFimSuffix, "tokenizer.ggml.suffix_token_id"},
    {SpecialToken::kFimMiddle, "tokenizer.ggml.middle_token_id"},
};

template <typename T>
T ElementAt(const GgufValue& array, uint64_t index) {
  T value;
  std::memcpy(&value, array.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

bool HasScores(const Vocab& vocab) {
  return vocab.kind == TokenizerKind::kSpm || vocab.kind == TokenizerKind::kUnigram;
}

Result<void> ReadKind(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(const auto model, header.String(kModelKey));
  if (model == "llama") {
    vocab.kind = TokenizerKind::kSpm;
    return {};
  }
  if (model == "bert") {
    vocab.kind = TokenizerKind::kWordPiece;
    return {};
  }
  if (model == "t5") {
    vocab.kind = TokenizerKind::kUnigram;
    return {};
  }
  if (model != "gpt2" && model != "gemma4" && model != "whitespace") {
    return MakeError(Code::kUnsupported, "{}: {} is \"{}\"; supported are {}", vocab.file,
                     kModelKey, PrintableLine(model, 100), kModels);
  }
  vocab.kind = TokenizerKind::kBpe;
  LEDGE_TRY(auto pre, header.String(kPreKey, ""));
  if (model == "gemma4") pre = model;
  // The one drops white space, the other names how; neither is without the other.
  if ((model == "whitespace") != (pre == "whitespace")) {
    return MakeError(Code::kUnsupported,
                     "{}: {} is \"{}\" and {} is \"{}\"; \"whitespace\" goes with \"whitespace\"",
                     vocab.file, kModelKey, PrintableLine(model, 100), kPreKey,
                     PrintableLine(pre, 100));
  }
  vocab.pre_missing = pre.empty();
  vocab.pre = pre.empty() ? "default" : std::string(pre.substr(0, 200));
  return {};
}

Result<void> ReadTokens(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(const auto* tokens, header.Array(kTokensKey, GgufType::kString));
  if (tokens == nullptr)
    return header.Malformed(kTokensKey, "is missing; a model needs its vocabulary");
  if (tokens->count == 0)
    return header.Malformed(kTokensKey, "is empty; at least one token is needed");
  if (tokens->count > kMaxVocabTokens) {
    return header.Malformed(kTokensKey, fmt::format("has {} tokens; at most {} are accepted",
                                                    tokens->count, kMaxVocabTokens));
  }
  vocab.texts.reserve(tokens->count);
  for (GgufStrings strings(*tokens); strings.left() > 0;) vocab.texts.push_back(strings.Next());
  return {};
}

Result<void> ReadTypes(const GgufHeader& header, Vocab& vocab) {
  const size_t n = vocab.texts.size();
  vocab.types.assign(n, TokenType::kNormal);
  LEDGE_TRY(const auto* types, header.Array(kTypesKey, GgufType::kI32));
  if (types == nullptr) return {};
  if (types->count < n) {
    return header.Malformed(
        kTypesKey,
        fmt::format("has {} entries for {} tokens; one a token is needed", types->count, n));
  }
  for (size_t i = 0; i < n; ++i) {
    const auto type = ElementAt<int32_t>(*types, i);
    if (type < 0 || type > static_cast<int32_t>(TokenType::kByte)) {
      return header.Malformed(kTypesKey, fmt::format("[{}] is {}; must be 0 to 6", i, type));
    }
    vocab.types[i] = static_cast<TokenType>(type);
  }
  return {};
}

Result<void> ReadScores(const GgufHeader& header, Vocab& vocab) {
  const size_t n = vocab.texts.size();
  const GgufValue* scores = header.Find(kScoresKey);
  if (scores == nullptr) {
    return header.Malformed(kScoresKey,
                            "is missing; a \"llama\" or \"t5\" tokenizer chooses by score");
  }
  const bool integers = scores->element == GgufType::kI32;
  if (scores->type != GgufType::kArray || (!integers && scores->element != GgufType::kF32)) {
    return header.Malformed(kScoresKey, "must be an array of f32 or i32");
  }
  if (scores->count < n) {
    return header.Malformed(
        kScoresKey,
        fmt::format("has {} entries for {} tokens; one a token is needed", scores->count, n));
  }
  vocab.scores.resize(n);
  for (size_t i = 0; i < n; ++i) {
    vocab.scores[i] = integers ? static_cast<float>(ElementAt<int32_t>(*scores, i))
                               : ElementAt<float>(*scores, i);
  }
  return {};
}

Result<void> ReadMerges(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(const auto* merges, header.Array(kMergesKey, GgufType::kString));
  if (merges == nullptr) {
    return header.Malformed(kMergesKey, "is missing; a \"gpt2\" tokenizer needs its merges");
  }
  if (merges->count > kMaxMerges) {
    return header.Malformed(kMergesKey, fmt::format("has {} merges; at most {} are accepted",
                                                    merges->count, kMaxMerges));
  }
  vocab.merges.reserve(merges->count);
  for (GgufStrings strings(*merges); strings.left() > 0;) vocab.merges.push_back(strings.Next());
  return {};
}

// SentencePiece's own default ids (T5's for Unigram), taken only where the token really has that
// role's type.
void DefaultSpecials(Vocab& vocab) {
  if (!HasScores(vocab)) return;
  const auto set = [&](SpecialToken role, size_t id, TokenType type) {
    if (id < vocab.types.size() && vocab.types[id] == type) {
      vocab.Special(role) = static_cast<Token>(id);
    }
  };
  if (vocab.kind == TokenizerKind::kUnigram) {
    set(SpecialToken::kUnk, 2, TokenType::kUnknown);
    set(SpecialToken::kEos, 1, TokenType::kControl);
    set(SpecialToken::kPad, 0, TokenType::kControl);
    return;
  }
  set(SpecialToken::kUnk, 0, TokenType::kUnknown);
  set(SpecialToken::kBos, 1, TokenType::kControl);
  set(SpecialToken::kEos, 2, TokenType::kControl);
}

Result<void> ReadSpecials(const GgufHeader& header, Vocab& vocab) {
  DefaultSpecials(vocab);
  for (const auto& [role, key] : kSpecialKeys) {
    if (header.Find(key) == nullptr) continue;
    LEDGE_TRY(const uint64_t id, header.Unsigned(key));
    if (id >= vocab.texts.size()) {
      return header.Malformed(key, fmt::format("is {}; must be below the vocabulary's size {}", id,
                                               vocab.texts.size()));
    }
    vocab.Special(role) = static_cast<Token>(id);
  }
  // BERT ends a text with its separator.
  Token& eos = vocab.Special(SpecialToken::kEos);
  if (vocab.kind == TokenizerKind::kWordPiece && eos == kNoToken) {
    eos = vocab.Special(SpecialToken::kSep);
  }
  return {};
}

Error Wrong(const Vocab& vocab, std::string_view key, std::string_view problem) {
  return MakeError(Code::kMalformed, "{} {}", vocab.Place(key), problem);
}

Result<void> CheckTexts(const Vocab& vocab) {
  const size_t n = vocab.texts.size();
  if (n == 0) return Wrong(vocab, kTokensKey, "is empty; at least one token is needed");
  if (n > kMaxVocabTokens) {
    return Wrong(vocab, kTokensKey,
                 fmt::format("has {} tokens; at most {} are accepted", n, kMaxVocabTokens));
  }
  if (vocab.types.size() != n || vocab.ends_generation.size() != n) {
    return Wrong(vocab, kTypesKey, fmt::format("must have {} entries, one a token", n));
  }
  uint64_t total = 0;
  for (size_t i = 0; i < n; ++i) {
    const std::string_view text = vocab.texts[i];
    total += text.size();
    if (text.size() > kMaxTokenBytes) {
      return Wrong(vocab, kTokensKey,
                   fmt::format("[{}] has {} bytes; at most {} are accepted", i, text.size(),
                               kMaxTokenBytes));
    }
    if (vocab.types[i] == TokenType::kByte && !ParseByteToken(text)) {
      return Wrong(vocab, kTokensKey,
                   fmt::format("[{}] is a byte token named \"{}\"; must be like <0x0A>", i,
                               PrintableLine(text, 60)));
    }
  }
  if (total > kMaxVocabBytes) {
    return Wrong(
        vocab, kTokensKey,
        fmt::format("has {} bytes of text; at most {} are accepted", total, kMaxVocabBytes));
  }
  return {};
}

Result<void> CheckMergeSource(const Vocab& vocab) {
  if (vocab.kind == TokenizerKind::kWordPiece) return {};
  if (HasScores(vocab)) {
    if (vocab.scores.size() != vocab.texts.size()) {
      return Wrong(vocab, kScoresKey,
                   fmt::format("has {} entries for {} tokens; one a token is needed",
                               vocab.scores.size(), vocab.texts.size()));
    }
    for (size_t i = 0; i < vocab.scores.size(); ++i) {
      const bool infinite = vocab.kind == TokenizerKind::kUnigram && std::isinf(vocab.scores[i]);
      if (std::isnan(vocab.scores[i]) || infinite) {
        return Wrong(vocab, kScoresKey,
                     fmt::format("[{}] is not a number; scores must be numbers", i));
      }
    }
    return {};
  }
  if (vocab.merges.size() > kMaxMerges) {
    return Wrong(
        vocab, kMergesKey,
        fmt::format("has {} merges; at most {} are accepted", vocab.merges.size(), kMaxMerges));
  }
  if (FindPreTokenizer(vocab.pre) == nullptr) {
    return MakeError(Code::kUnsupported,
                     "{}: {} is \"{}\"; supported are {} and what is cut like one of them "
                     "(docs/supported.md)",
                     vocab.file, kPreKey, PrintableLine(vocab.pre, 100), PreTokenizerNames());
  }
  return {};
}

Result<void> CheckSpecials(const Vocab& vocab) {
  for (const auto& [role, key] : kSpecialKeys) {
    const Token id = vocab.Special(role);
    if (id != kNoToken && (id < 0 || static_cast<size_t>(id) >= vocab.texts.size())) {
      return Wrong(
          vocab, key,
          fmt::format("is {}; must be below the vocabulary's size {}", id, vocab.texts.size()));
    }
  }
  if (vocab.kind == TokenizerKind::kUnigram && vocab.Special(SpecialToken::kUnk) == kNoToken) {
    return Wrong(vocab, "tokenizer.ggml.unknown_token_id",
                 "is missing; a \"t5\" tokenizer needs it");
  }
  if (vocab.add_bos && vocab.Special(SpecialToken::kBos) == kNoToken) {
    return Wrong(vocab, "tokenizer.ggml.bos_token_id",
                 "is missing; it is needed where add_bos_token holds");
  }
  if (vocab.add_eos && vocab.Special(SpecialToken::kEos) == kNoToken) {
    return Wrong(vocab, "tokenizer.ggml.eos_token_id",
                 "is missing; it is needed where add_eos_token holds");
  }
  return {};
}

}  // namespace

std::span<const std::byte> TokenTextsOf(const GgufHeader& header) {
  const auto tokens = header.Array(kTokensKey, GgufType::kString);
  return tokens.ok() && *tokens != nullptr ? (*tokens)->bytes : std::span<const std::byte>();
}

std::string Vocab::Place(std::string_view key) const {
  if (key_origins != nullptr) {
    const auto origin = key_origins->find(key);
    if (origin != key_origins->end()) return origin->second;
  }
  return fmt::format("{}: {}", file, key);
}

Result<void> CheckVocab(const Vocab& vocab) {
  LEDGE_CHECK_OK(CheckTexts(vocab));
  LEDGE_CHECK_OK(CheckMergeSource(vocab));
  return CheckSpecials(vocab);
}

Result<Vocab> ReadVocab(const GgufHeader& header) {
  Vocab vocab;
  vocab.file = header.file();
  vocab.key_origins = header.key_origins();
  LEDGE_CHECK_OK(ReadKind(header, vocab));
  LEDGE_CHECK_OK(ReadTokens(header, vocab));
  LEDGE_CHECK_OK(ReadTypes(header, vocab));
  if (HasScores(vocab)) LEDGE_CHECK_OK(ReadScores(header, vocab));
  if (vocab.kind == TokenizerKind::kBpe) LEDGE_CHECK_OK(ReadMerges(header, vocab));
  LEDGE_CHECK_OK(ReadSpecials(header, vocab));
  LEDGE_CHECK_OK(ReadVocabFlags(header, vocab));
  LEDGE_CHECK_OK(ReadVocabRules(header, vocab));
  MarkEndOfGeneration(vocab);
  LEDGE_CHECK_OK(CheckVocab(vocab));
  return vocab;
}

}  // namespace ledge
