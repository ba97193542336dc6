// What requests of Ollama's API have in common. Source: Ollama's docs/api.md.
#pragma once

#include "api/ask.h"
#include "api/collecting_exchange.h"

namespace ledge {

// Its `options` object (Ollama's names and defaults), `think` and `keep_alive`. num_ctx is heeded
// by nobody: one request's wish never makes a model load again.
void ReadOllamaFields(FieldReader& fields, Exchange& exchange, Ask& ask);

}  // namespace ledge
