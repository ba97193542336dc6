// What a model thinks in front of its answer, between <think> and </think>: any text, held to
// nothing, while the grammar holds what is behind.
#pragma once

#include "engine/grammar/spec.h"
#include "engine/grammar/syntax.h"

namespace ledge::grammar {

// Makes the root what is thought and then the former root. Line ends behind </think> belong to
// neither.
void AddThinking(Thinking thinking, Syntax& syntax);

}  // namespace ledge::grammar
