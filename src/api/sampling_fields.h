// The sampling options that all APIs share, by OpenAI's names and llama.cpp's for the rest.
#pragma once

#include "api/ask.h"
#include "api/json_reader.h"

namespace ledge {

// OpenAI's defaults: temperature 1, everything else off, as its documentation says.
void ReadSamplingFields(FieldReader& fields, Ask& ask);

}  // namespace ledge
