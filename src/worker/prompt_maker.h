// Turns what a client asked into the tokens that the model is prompted with: the work before any
// computing. On threads of their own, so that a long text doesn't hold up running answers.
#pragma once

#include "api/ask.h"
#include "engine/engine.h"
#include "engine/grammar/grammar.h"
#include "engine/prompt.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

// How the model writes calls: as its template shows it or, where that knows no tools, as it is
// told to.
ToolFormat ToolFormatOf(const ChatTemplate& chat_template);

struct MadeRequest {
  Request request;
  bool thinking = false;  // its prompt has begun what the model thinks
};
// Any number of threads. kUsage with the template's own words where it refuses the conversation,
// and where a grammar can't be kept to. `random`: the seed where the client gave none.
Result<MadeRequest> MakeRequest(const Ask& ask, const ChatTemplate& chat_template,
                                const Tokenizer& tokenizer, GrammarCache& grammars,
                                uint64_t random);

}  // namespace ledge
