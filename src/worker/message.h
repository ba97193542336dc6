// What the front and a worker tell each other. A frame's payload is a CBOR array of messages, each
// a map whose "t" says which one it is. Unknown fields are passed over, unknown messages refused.
//
// A worker's life: Setup -> (Note ...) Described, or SetupFailed -> Grant -> Ready -> Submit,
// Cancel and their answers, Numbers once a second at work. The end of the socket ends it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/ask.h"
#include "base/result.h"

namespace ledge {

// Front to worker.
struct Setup {
  std::string home;      // of the store
  std::string model;     // a name in it, or a path
  uint32_t context = 0;  // 0: the default
  uint32_t sequences = 0;
  int threads = 0;  // 0: the machine's
  std::string kv_type = "f16";
  std::string chat_template;  // a built-in's name; empty: the model's
  std::string template_source;
  std::chrono::nanoseconds max_stall{0};
  std::chrono::nanoseconds batch_window{0};
  bool fixed_window = false;
  uint32_t prefix_percent = 50;  // of the KV memory, for kept prefixes
  bool share_prefixes = false;
  bool context_shift = false;
  uint32_t keep = 0;          // first tokens that a shift keeps
  uint64_t queue_tokens = 0;  // of prompts, that may wait to be computed; 0: by speed (serving.h)
};
struct Grant {
  uint64_t kv_bytes = 0;
  uint64_t weights_bytes = 0;  // that may be in memory: from least_weights_bytes to weights_bytes
};
struct SubmitAsk {
  uint64_t id = 0;
  Ask ask;
};
struct CancelAsk {
  uint64_t id = 0;
};
using FrontMessage = std::variant<Setup, Grant, SubmitAsk, CancelAsk>;

// Worker to front.
struct Described {
  uint64_t weights_bytes = 0;
  uint64_t least_weights_bytes = 0;  // without the experts that one token leaves aside
  uint64_t scratch_bytes = 0;
  uint64_t kv_sequence_bytes = 0;  // of one sequence with its whole context
  uint32_t context = 0;
  uint32_t trained_context = 0;
  std::string architecture;
  std::string quantisation;
  uint64_t parameters = 0;
  std::string confinement;
  std::string chat_template;  // the name of the one in force
  // What the model's file doesn't say and was guessed: a sentence each.
  std::vector<std::string> guesses;
};
struct SetupFailed {
  Error error;
};
struct Note {  // for the log: never of a prompt or an answer
  std::string text;
};
struct Ready {};
struct Started {
  uint64_t id = 0;
  AskStarted started;
};
struct Piece {
  uint64_t id = 0;
  AskPiece piece;
};
struct Ended {
  uint64_t id = 0;
  AskEnd end;
};
struct Refused {
  uint64_t id = 0;
  Error error;
  bool too_long = false;     // the prompt is longer than the context
  uint32_t retry_after = 0;  // seconds, where too much waits for it to be taken; else 0
};
struct Numbers {
  uint32_t running = 0;
  uint32_t waiting = 0;
  uint64_t waiting_tokens = 0;  // of prompts, to be computed
  uint64_t kv_bytes = 0;
  uint64_t prefix_bytes = 0;
  uint64_t steps = 0;
  uint64_t step_columns = 0;
  std::chrono::nanoseconds in_steps{0};
  std::chrono::nanoseconds in_forms{0};  // keeping answers to their grammars
  uint64_t prompt_computed = 0;          // tokens
  uint64_t prompt_cached = 0;
  uint64_t completion = 0;
  uint64_t forced = 0;  // of these
};
using WorkerMessage =
    std::variant<Described, SetupFailed, Note, Ready, Started, Piece, Ended, Refused, Numbers>;

// Payloads of frames.
std::string Encode(const std::vector<FrontMessage>& messages);
std::string Encode(const std::vector<WorkerMessage>& messages);
// kMalformed, naming the message and the field, for anything else than Encode makes.
Result<std::vector<FrontMessage>> DecodeFront(std::string_view payload);
Result<std::vector<WorkerMessage>> DecodeWorker(std::string_view payload);

}  // namespace ledge
