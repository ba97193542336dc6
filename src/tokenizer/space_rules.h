// How spaces become U+2581 where it is not as SentencePiece does it.
#pragma once

#include <string_view>

namespace ledge {

// What `tokenizers`' pre-tokenizers Metaspace and WhitespaceSplit do, as tokenizer.json describes
// it. SPM and Unigram only.
struct SpaceRules {
  bool prefix_only_first = false;    // add_space_prefix holds at a text's begin, not behind tokens
  bool prefix_unless_space = false;  // nor where a space stands already
  bool keep_last_space = false;      // Unigram: merge_spaces leaves one at the end
  bool split_white_space = false;    // Unigram: any white space is a space
  bool split_each_space = false;     // no token has a space behind its first character
};

// As files name them.
struct SpaceRuleName {
  std::string_view name;
  bool SpaceRules::* rule;
};
inline constexpr SpaceRuleName kSpaceRuleNames[] = {
    {"prefix_only_first", &SpaceRules::prefix_only_first},
    {"prefix_unless_space", &SpaceRules::prefix_unless_space},
    {"keep_last_space", &SpaceRules::keep_last_space},
    {"split_white_space", &SpaceRules::split_white_space},
    {"split_each_space", &SpaceRules::split_each_space},
};

}  // namespace ledge
