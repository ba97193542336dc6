// Tools for templates that know none: told in the system message, in the form that most models have
// seen (ToolFormat::kHermes).
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace ledge {

// The messages with the tools described, and with calls and their results as text.
nlohmann::ordered_json WithToolsAsText(const nlohmann::ordered_json& messages,
                                       const nlohmann::ordered_json& tools);

// Arguments of earlier calls as texts of JSON, for templates that put them behind other text.
nlohmann::ordered_json WithArgumentsAsText(const nlohmann::ordered_json& messages);

}  // namespace ledge
