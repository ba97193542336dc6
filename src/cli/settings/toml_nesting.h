// How deep a TOML text could nest, before a parser that recurses is given it.
#pragma once

#include <cstddef>
#include <string_view>

namespace ledge {

// The number of '.', '[' and '{' outside of texts and comments: every level of nesting needs one.
// Of a text that is no TOML, at least those in front of the first error.
size_t CountTomlNesting(std::string_view text);

}  // namespace ledge
