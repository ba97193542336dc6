// The program that every thread of a step runs: the model's layers, phase by phase.
#pragma once

#include "executor/native/step_context.h"

namespace ledge {

// Phases that one step has at most.
uint32_t MaxPhases(const ModelSpec& spec);

// Computes the step's rows and fills the pages; commits nothing. If the step was given up, what was
// written is worthless.
void RunForward(const StepContext& step, Worker& worker);

}  // namespace ledge
