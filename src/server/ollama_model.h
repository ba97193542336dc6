// Models as Ollama's API lists them. Source: Ollama's docs/api.md.
#pragma once

#include "api/json_reader.h"
#include "server/front.h"

namespace ledge {

Json OllamaModelJson(const ServedModel& model);
// The model that a body's "model" (or "name") names.
ApiResult<ServedModel> ModelOfBody(Front& front, std::string_view body);

}  // namespace ledge
