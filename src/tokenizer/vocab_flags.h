// What a vocabulary adds to a text and changes in it, from its GGUF header. Only for vocab.cc.
#pragma once

#include "base/result.h"
#include "tokenizer/vocab.h"

namespace ledge {

// By vocab.kind and vocab.pre. kMalformed for a key of the wrong type, kUnsupported for what is not
// built in.
Result<void> ReadVocabFlags(const GgufHeader& header, Vocab& vocab);

}  // namespace ledge
