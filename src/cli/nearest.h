// "Did you mean": the known word that a mistyped one is nearest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ledge {

// The known word with the fewest letters changed, swapped, added or left out, if these are at most
// half of the letters; else empty. Of equals the first.
std::string Nearest(std::string_view word, std::span<const std::string> known);

// ", did you mean 'list'?" or nothing, for the middle of a message.
std::string DidYouMean(std::string_view word, std::span<const std::string> known);

}  // namespace ledge
