// Which pre-tokenizer of pre/ a tokenizer.json asks for.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace ledge {

// `pre_tokenizer`: the value of that key, of any type. `ignore_merges`: the model's key of that
// name. The value of tokenizer.ggml.pre; nullopt if there is none that cuts in the same way.
std::optional<std::string> PreTokenizerOf(const nlohmann::json& pre_tokenizer, bool ignore_merges);

}  // namespace ledge
