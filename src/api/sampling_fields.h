// The sampling options that all APIs share, by OpenAI's names and llama.cpp's for the rest.
#pragma once

#include "api/ask.h"
#include "api/json_reader.h"

namespace ledge {

// A request that says nothing of how tokens are chosen gets what `ledge run` does (options.h):
// small models answer badly with all of their vocabulary. Where it names one of the options, the
// others are as OpenAI's documentation says: temperature 1, nothing left out.
void ReadSamplingFields(FieldReader& fields, Ask& ask);

}  // namespace ledge
