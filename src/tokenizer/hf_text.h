// What tokenizer.json says of a text before it is cut into tokens: its normalizer and
// pre-tokenizer, in the words of a GGUF file. Only for hf_json.cc.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tokenizer/normal_form.h"
#include "tokenizer/space_rules.h"
#include "tokenizer/token.h"

namespace ledge {

struct HfTextRules {
  std::string pre;  // tokenizer.ggml.pre
  bool add_space_prefix = false;
  NormalForm normal_form = NormalForm::kNone;
  SpaceRules spaces;
  bool merge_spaces = false;   // Unigram
  std::string charsmap;        // Unigram
  bool lowercase = false;      // WordPiece
  bool strip_accents = false;  // WordPiece
};

// `root`: all of the file, an object; `file`: how errors name it. kUnsupported for what has no
// counterpart, by name.
Result<HfTextRules> ReadHfText(const nlohmann::json& root, TokenizerKind kind,
                               std::string_view file);

}  // namespace ledge
