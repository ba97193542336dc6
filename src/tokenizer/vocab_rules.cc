#include "tokenizer/vocab_rules.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "tokenizer/table_format.h"

namespace ledge {
namespace {

// Pre-tokenizers whose models' tokenizer.json asks for NFC.
constexpr std::string_view kComposedPre[] = {"qwen2", "qwen35", "command-r", "mpt", "olmo"};

Result<void> ReadNormalizer(const GgufHeader& header, Vocab& vocab) {
  const bool composed = vocab.kind == TokenizerKind::kBpe &&
                        std::ranges::find(kComposedPre, vocab.pre) != std::end(kComposedPre);
  LEDGE_TRY(const std::string_view name, header.String(kNormalizerKey, composed ? "nfc" : "none"));
  const auto form = NormalFormByName(name);
  if (!form) {
    return MakeError(Code::kUnsupported,
                     "{}: {} is \"{}\"; supported are none, nfc, nfd, nfkc and nfkd", vocab.file,
                     kNormalizerKey, PrintableLine(name, 40));
  }
  vocab.normal_form = *form;
  return {};
}

Result<void> ReadSpaces(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(const GgufValue* const names, header.Array(kSpacesKey, GgufType::kString));
  if (names == nullptr) return {};
  for (GgufStrings strings(*names); strings.left() > 0;) {
    const std::string_view name = strings.Next();
    const auto* const known = std::ranges::find(kSpaceRuleNames, name, &SpaceRuleName::name);
    if (known == std::end(kSpaceRuleNames)) {
      return MakeError(Code::kUnsupported, "{}: {} has \"{}\" in it, which this build doesn't know",
                       vocab.file, kSpacesKey, PrintableLine(name, 40));
    }
    vocab.spaces.*known->rule = true;
  }
  return {};
}

Result<void> ReadStrip(const GgufHeader& header, std::string_view key, size_t tokens,
                       std::vector<bool>& strips) {
  LEDGE_TRY(const GgufValue* const ids, header.Array(key, GgufType::kU32));
  if (ids == nullptr || ids->count == 0) return {};
  strips.assign(tokens, false);
  for (uint64_t i = 0; i < ids->count; ++i) {
    const auto id = GgufElement<uint32_t>(*ids, i);
    if (id >= tokens) {
      return header.Malformed(
          key, fmt::format("[{}] is {}; must be below the vocabulary's size {}", i, id, tokens));
    }
    strips[id] = true;
  }
  return {};
}

void StripAt(const Vocab& vocab, std::string_view text, bool value, std::vector<bool>& strips) {
  strips.resize(vocab.texts.size(), false);
  for (size_t i = 0; i < vocab.texts.size(); ++i) {
    if (vocab.texts[i] == text) strips[i] = value;
  }
}

bool HasAny(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::ranges::any_of(
      parts, [text](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

// What llama.cpp knows of models by their names.
Result<void> GuessStrips(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(const std::string_view given, header.String("general.name", ""));
  LEDGE_TRY(const std::string_view architecture, header.String("general.architecture", ""));
  LEDGE_TRY(const std::string_view pre, header.String("tokenizer.ggml.pre", ""));
  std::string name(given);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (HasAny(pre, {"jina-v2-de", "jina-v2-es", "jina-v2-code"}) ||
      HasAny(architecture, {"nomic-bert-moe", "jina-bert-v3"})) {
    StripAt(vocab, "<mask>", true, vocab.strips_left);
  } else if (HasAny(name, {"phi-3", "phi3"})) {
    for (const TokenType type : vocab.types) vocab.strips_right.push_back(IsSpecial(type));
    StripAt(vocab, "</s>", true, vocab.strips_right);
    for (const std::string_view text : {"<unk>", "<s>", "<|endoftext|>"}) {
      StripAt(vocab, text, false, vocab.strips_right);
    }
  } else if (HasAny(name, {"modern-bert"})) {
    StripAt(vocab, "[MASK]", true, vocab.strips_left);
  }
  return {};
}

}  // namespace

Result<void> ReadVocabRules(const GgufHeader& header, Vocab& vocab) {
  LEDGE_CHECK_OK(ReadNormalizer(header, vocab));
  LEDGE_CHECK_OK(ReadSpaces(header, vocab));
  if (header.Find(kLeftStripKey) == nullptr && header.Find(kRightStripKey) == nullptr) {
    return GuessStrips(header, vocab);
  }
  const size_t tokens = vocab.texts.size();
  LEDGE_CHECK_OK(ReadStrip(header, kLeftStripKey, tokens, vocab.strips_left));
  return ReadStrip(header, kRightStripKey, tokens, vocab.strips_right);
}

}  // namespace ledge
