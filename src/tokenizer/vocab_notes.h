// What people are to be told of a file's tokenizer.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "gguf/gguf.h"

namespace ledge {

// A sentence, naming the file, where it names no pre-tokenizer and one is needed: it is "default"
// then, as in llama.cpp, which may cut words otherwise than the model has learnt them.
std::optional<std::string> GuessOfPreTokenizer(const GgufHeader& header);

// Why no tables were packed for a file (pack/packer.h): kUnsupported, naming what the file asks for
// and what is built in.
Error WhyNoTokenizer(const GgufHeader& header);

}  // namespace ledge
