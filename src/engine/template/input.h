// A request's JSON -> a template's values, marked as plain.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/template/value.h"

namespace ledge::jinja {

// kUnsupported for nesting beyond kMaxValueDepth or size beyond the heap.
Result<Value> FromJson(Heap& heap, const nlohmann::ordered_json& json);
// The same, but a message's role that is one of the usual words is not plain.
Result<Value> FromMessages(Heap& heap, const nlohmann::ordered_json& messages);

}  // namespace ledge::jinja
