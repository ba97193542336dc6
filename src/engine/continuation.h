// How a tokenizer writes a text that goes on behind another.
#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace ledge {

// The tokens of `text` where `before` (the end of what is there, whole tokens) is in front of it.
// Together they print exactly `text`. Empty where a token would reach over the border, or where
// the tokenizer can't write the text.
std::vector<Token> ContinuationTokens(const Tokenizer& tokenizer, std::string_view before,
                                      std::string_view text);

}  // namespace ledge
