#include "hf/folder_header.h"

#include <algorithm>

#include "hf/checkpoint.h"
#include "os/path.h"
#include "tokenizer/hf_json.h"
#include "tokenizer/vocab.h"

namespace ledge {
namespace {

constexpr uint64_t kMaxSettingsBytes = 4 << 20;

Token& Role(HfTokenizer& tokenizer, SpecialToken role) {
  return tokenizer.special[static_cast<size_t>(role)];
}

// The ids that end a text: what generates knows best, and may know several. They take the roles
// that are free.
Result<void> MarkEnds(Os& os, const std::string& folder, const HfConfig& config,
                      HfTokenizer& tokenizer) {
  constexpr std::string_view kFile = "generation_config.json";
  constexpr std::string_view kField = "eos_token_id";
  LEDGE_TRY(const std::string text, ReadHfFile(os, folder, kFile, kMaxSettingsBytes));
  HfConfig generation = config;
  if (!text.empty()) {
    LEDGE_TRY(generation, HfConfig::Parse(text, JoinPath(folder, kFile)));
    if (!generation.has(kField)) generation = config;
  }
  LEDGE_TRY(const std::vector<uint64_t> ids, generation.Counts(kField));
  constexpr SpecialToken kEnds[] = {SpecialToken::kEos, SpecialToken::kEot, SpecialToken::kEom};
  for (const uint64_t id : ids) {
    if (id >= tokenizer.tokens.size()) {
      return generation.Malformed(kField, fmt::format("is {}; it should be below the number of "
                                                      "tokens, {}",
                                                      id, tokenizer.tokens.size()));
    }
    const auto token = static_cast<Token>(id);
    const auto* const same = std::ranges::find_if(
        kEnds, [&](SpecialToken role) { return Role(tokenizer, role) == token; });
    if (same != std::end(kEnds)) continue;
    const auto* const free = std::ranges::find_if(
        kEnds, [&](SpecialToken role) { return Role(tokenizer, role) == kNoToken; });
    if (free != std::end(kEnds)) Role(tokenizer, *free) = token;
  }
  return {};
}

}  // namespace

Result<HfConfig> ReadFolderConfig(Os& os, const std::string& folder) {
  constexpr std::string_view kFile = "config.json";
  LEDGE_TRY(const std::string text, ReadHfFile(os, folder, kFile, kMaxHfConfigBytes));
  if (text.empty()) {
    return MakeError(Code::kMalformed,
                     "{}: has no {}; a folder of a model holds that, tokenizer.json and {}",
                     PrintableLine(folder, 400), kFile, kWeightsFile);
  }
  return HfConfig::Parse(text, JoinPath(folder, kFile));
}

void PutGeneral(const std::string& folder, std::string_view architecture, GgufWriter& writer) {
  writer.AddString("general.architecture", architecture);
  writer.AddString("general.type", "model");
  const std::string name = PrintableLine(BaseName(folder), 200);
  if (!name.empty()) writer.AddString("general.name", name);
}

Result<void> PutTokenizer(Os& os, const std::string& folder, const HfConfig& config, uint64_t rows,
                          GgufWriter& writer) {
  LEDGE_TRY(const std::string json,
            ReadHfFile(os, folder, "tokenizer.json", kMaxTokenizerJsonBytes));
  if (json.empty()) {
    return MakeError(Code::kMalformed,
                     "{}: has no tokenizer.json; transformers' save_pretrained "
                     "writes it for fast tokenizers",
                     PrintableLine(folder, 400));
  }
  LEDGE_TRY(const std::string settings,
            ReadHfFile(os, folder, "tokenizer_config.json", kMaxTokenizerConfigBytes));
  LEDGE_TRY(const std::string chat,
            ReadHfFile(os, folder, "chat_template.jinja", kMaxChatTemplateBytes));
  LEDGE_TRY(HfTokenizer tokenizer, ReadHfTokenizer({.folder = PrintableLine(folder, 400),
                                                    .tokenizer_json = json,
                                                    .tokenizer_config = settings,
                                                    .chat_template = chat}));
  if (rows > 0 && tokenizer.tokens.size() > rows) {
    return MakeError(Code::kMalformed,
                     "{}/tokenizer.json: has {} tokens; it should have at most {}, the rows of the "
                     "embedding",
                     PrintableLine(folder, 400), tokenizer.tokens.size(), rows);
  }
  for (uint64_t id = tokenizer.tokens.size(); id < std::min(rows, kMaxVocabTokens); ++id) {
    tokenizer.tokens.push_back(fmt::format("[PAD{}]", id));
    tokenizer.types.push_back(static_cast<int32_t>(TokenType::kUnused));
    if (!tokenizer.scores.empty()) tokenizer.scores.push_back(kUnusedTokenScore);
  }
  LEDGE_CHECK_OK(MarkEnds(os, folder, config, tokenizer));
  AddTokenizer(tokenizer, writer);
  return {};
}

Result<void> PutPooling(Os& os, const std::string& folder, std::string_view architecture,
                        GgufWriter& writer) {
  constexpr std::string_view kFile = "1_Pooling/config.json";
  LEDGE_TRY(const std::string text, ReadHfFile(os, folder, kFile, kMaxSettingsBytes));
  if (text.empty()) return {};
  LEDGE_TRY(const HfConfig pooling, HfConfig::Parse(text, JoinPath(folder, kFile)));
  // GGUF's numbers.
  constexpr std::pair<std::string_view, uint32_t> kModes[] = {
      {"pooling_mode_mean_tokens", 1},
      {"pooling_mode_cls_token", 2},
      {"pooling_mode_lasttoken", 3},
  };
  for (const auto& [mode, number] : kModes) {
    LEDGE_TRY(const bool on, pooling.Bool(mode, false));
    if (!on) continue;
    writer.AddNumber(fmt::format("{}.pooling_type", architecture), number);
    return {};
  }
  return pooling.Unsupported("pooling_mode",
                             "is none of mean_tokens, cls_token and lasttoken; one should be true");
}

}  // namespace ledge
