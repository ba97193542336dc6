// The engine: many sequences, one executor. The scheduler's core: in every step it mixes one decode
// column of each running sequence with chunks of waiting prompts, within a column budget; samples;
// hands out text.
//
// What a grammar leaves no choice about is not waited for token by token: how the tokenizer writes
// it is computed beside the next token in one step (guesses, generation.h), and counts as long as
// each is the token that is drawn there. So the answer is the one that it would be without.
//
// Memory: a request is admitted when the pages of its prompt and kReserveTokens more can be
// reserved; it grows by page. When no page is left, the youngest sequence is paused (its pages
// dropped and recomputed later) and goes on with identical output. Never an error after a stream
// has begun.
//
// Single-threaded: Submit, Cancel and Step are called by one thread; only StopFlag may be set from
// others.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/sampling/sampler.h"
#include "executor/executor.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

class Matching;  // engine/grammar/matcher.h

enum class FinishReason { kNone, kEnd, kStopString, kLength, kContext, kCancelled, kError };
std::string_view FinishReasonName(FinishReason reason);  // "stop", "length", ...

struct Request {
  std::vector<Token> prompt;
  SamplingOptions sampling;
  std::vector<std::string> stop;
  uint64_t max_tokens = UINT64_MAX;  // 0 only evaluates the prompt
  bool ignore_end = false;           // benchmarks: go on past the end token
  // The answer keeps to it, may end only where it may, and ends where it must. Null: any text.
  std::shared_ptr<Matching> grammar;
  std::vector<Token>
      shown;  // control tokens whose text is part of the answer; others print nothing
  // Whose it is: clients take turns, and each shares beginnings of prompts with itself alone.
  std::string client;
  int priority = 0;  // higher ones begin first
  // From its submission; one that has not begun by then ends with kNoMemory. 0: none.
  std::chrono::nanoseconds deadline{0};
};

// What goes on of a sequence that has outgrown its context, instead of its end: its first tokens,
// which models lean on, and the later half of the others, read anew as a sequence of their own. So
// what follows is what a prompt of just these tokens would give, whatever the cache's type, and a
// paused sequence can be computed again. Moving cached keys to new positions would be cheaper, but
// their values would still know of the tokens that were dropped, and positions that are not rotated
// or states that recur can't be moved at all.
struct ContextShift {
  bool enabled = false;
  uint32_t keep = 4;  // first tokens; at most half the context
};
// Where shifting lets an answer go on without end and its request names no limit, it ends after so
// many contexts.
inline constexpr uint32_t kMaxShiftedContexts = 16;

struct RequestTimings {
  uint32_t prompt_tokens = 0;
  uint32_t cached_tokens = 0;      // of the prompt, not computed but shared with an earlier request
  uint32_t completion_tokens = 0;  // without an end token
  uint32_t forced_tokens = 0;      // of them, those that took no step of their own
  uint64_t dropped_tokens = 0;     // by shifts of the context
  std::chrono::nanoseconds to_first_token{0};
  std::chrono::nanoseconds total{0};
};

// What a request's listener hears, from within Engine::Step. Text may be empty while it is held
// back.
struct Event {
  uint64_t request = 0;
  std::string_view text;       // valid UTF-8, never part of a stop string
  std::optional<Token> token;  // the token just sampled; not an end token
  bool forced = false;         // it was guessed from the grammar and took no step of its own
  const Sampled* sampled =
      nullptr;  // with a token: its log-probabilities, where they were asked for
  FinishReason finish = FinishReason::kNone;
  std::string_view stop_string;             // with kStopString: the one that was found
  const Error* error = nullptr;             // with kError
  const RequestTimings* timings = nullptr;  // with a finish
};
// May call Submit, Cancel and End.
using Listener = std::function<void(const Event&)>;

struct EngineOptions {
  uint32_t context = 4096;  // a sequence's most tokens
  ContextShift shift;       // what happens there; a prompt that is longer is refused all the same
  uint32_t max_sequences = 64;
  uint32_t step_columns = 512;       // a step's most columns
  uint32_t prefill_columns = 512;    // of them for prompts while others decode
  uint32_t kept_prefixes = 0;        // sequences kept for requests that begin alike
  uint64_t kept_bytes = UINT64_MAX;  // of their KV pages, at most
  // Clients share what is kept. How fast an answer comes then tells what others have asked.
  bool share_prefixes = false;
  // Longest gap of running answers while prompts are read beside them (step_times.h); 0: any.
  std::chrono::nanoseconds max_stall{0};
  // While answers run: longest wait of a request for others to begin with. The wait is as long as
  // the pace of arrivals promises company, and none once `gather` sequences are there: a wider step
  // is bound by computing. An idle engine begins at once.
  std::chrono::nanoseconds batch_window{0};
  // The whole wait whatever the pace, to measure what adapting to it brings.
  bool fixed_window = false;
  uint32_t gather = 16;
  // Steps of up to `gather` columns compute what a grammar forces ahead of its turn.
  bool guess_forced = true;
};

struct EngineNumbers {
  uint32_t running = 0;
  uint32_t waiting = 0;
  uint64_t steps = 0;
  uint64_t columns = 0;                  // in all steps
  uint64_t prompt_columns = 0;           // of them, those of prompts
  std::chrono::nanoseconds in_steps{0};  // computing them, without what follows
  std::chrono::nanoseconds in_forms{0};  // keeping answers to their grammars
  uint64_t prefix_bytes = 0;             // of kept sequences
};
inline constexpr uint32_t kReserveTokens = 256;

// What of prompts is still to be computed, and how fast that goes.
struct PromptLoad {
  uint64_t tokens = 0;
  double per_second = 0;  // 0: not known yet
};

class Engine {
 public:
  // All must outlive the engine.
  Engine(Executor& executor, const Tokenizer& tokenizer, EngineOptions options);
  ~Engine();

  // kUsage: empty prompt, a token outside the vocabulary, a prompt over the context (with both
  // lengths), bad sampling options or stop strings; kOverBudget: it can never fit.
  Result<uint64_t> Submit(Request request, Listener listener);
  // It finishes with kCancelled at the next Step. Nothing happens if there is no such request any
  // more.
  void Cancel(uint64_t request);
  // The same with kEnd: its answer is whole as it is.
  void End(uint64_t request);
  // Makes one step. False when nothing is left to do. Errors that concern one request go to its
  // listener; an error here means the engine cannot go on.
  Result<bool> Step(const StopFlag& stop);
  bool idle() const;
  EngineNumbers numbers() const;
  // Without what is known from earlier prompts.
  PromptLoad prompt_load() const;
  // Tokens of the request's prompt that would have to be computed.
  uint32_t NewTokens(const Request& request) const;
  // Columns, `most` at most, that a step of something else may have between two of the engine's:
  // answers that run wait for it, too. The next step's prompts have so many fewer.
  uint32_t TakeSpareColumns(uint32_t most);
  // How long that step took.
  void NoteSpareStep(uint32_t columns, std::chrono::nanoseconds took);
  // A sequence's most tokens: what was asked for, within what the executor can hold.
  uint32_t context() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ledge
