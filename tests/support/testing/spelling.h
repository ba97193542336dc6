// Tokens by their spellings, which are easier to read in a test than ids.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/result_matchers.h"
#include "testing/tokenizers.h"

namespace ledge::testing {

inline std::vector<std::string> Spell(const Tokenizer& tokenizer, std::string_view text,
                                      const EncodeOptions& options = {}) {
  std::vector<std::string> spelled;
  const auto ids = tokenizer.Encode(text, options);
  EXPECT_OK(ids);
  if (!ids.ok()) return spelled;
  for (const Token id : *ids) spelled.emplace_back(tokenizer.TokenText(id));
  return spelled;
}

inline BuiltTokenizer Make(const OwnedVocab& made) {
  auto built = MakeTokenizer(made.vocab);
  EXPECT_OK(built);
  return std::move(built).value();
}

}  // namespace ledge::testing
