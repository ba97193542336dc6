// A worker's work after its setup, on four threads: one reads the front's messages, two make
// prompts, and the one that calls Run makes the engine's steps.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/engine.h"
#include "engine/grammar/grammar.h"
#include "worker/embedding.h"
#include "worker/link.h"
#include "worker/model_session.h"

namespace ledge {

// Prompts that wait to be computed may have, together, as many tokens as are read in this time, and
// at least those of kLeastQueueContexts: whoever waits longer has mostly gone (the usual clients
// give up then).
inline constexpr std::chrono::minutes kLongestQueue{10};
inline constexpr uint32_t kLeastQueueContexts = 4;
// `wanted` where it isn't 0. While the speed is not known, all sequences may bring a whole context.
uint64_t QueueTokens(uint64_t wanted, double per_second, uint32_t context, uint32_t sequences);
// Until `excess` of these tokens have been computed: 1 to 600.
uint32_t RetryAfterSeconds(uint64_t excess, double per_second);

class Serving {
 public:
  Serving(Os& os, Link& link, ModelSession& session, const Setup& setup);
  // Until the front is gone or the engine can't go on. The reader's thread ends the process when
  // the front is gone, at once: nobody needs the rest of a step then.
  Result<void> Run();

 private:
  struct Prepared {
    uint64_t id = 0;
    Ask ask;
    Request request;
    bool thinking = false;  // its prompt has begun what the model thinks
  };
  struct Running {
    Ask ask;
    uint64_t engine_id = 0;
    uint32_t untold = 0;                  // tokens since the last piece
    std::unique_ptr<AnswerReader> calls;  // where the answer ends with its first one
  };

  void ReadMessages();
  // Of any asks, or of small ones alone: who sends a text of megabytes keeps nobody else waiting.
  void MakePrompts(bool any);
  // The next one for such a thread; null: none.
  std::optional<SubmitAsk> NextAsked(bool any);
  // Whether a request was cancelled.
  bool TakeInbox();
  void Begin(Prepared prepared);
  void BeginEmbedding(Prepared prepared);
  void OnEvent(uint64_t id, const Event& event);
  void Finish(uint64_t id, WorkerMessage last);
  // `too_long`: for its prompt is longer than the context.
  void Refuse(uint64_t id, const Error& error, bool too_long = false);
  // Whether the prompts that wait leave no room for this one, and it was refused for that.
  bool RefusedAsTooMuch(uint64_t id, const Request& request);
  Result<bool> Step();
  void StepEmbedding();
  void TellNumbers(bool force);
  // False: the front is gone.
  bool SendOut();
  // Whether there is something to do, waited for that long at most; without a bound: until then.
  bool WaitForWork(std::optional<std::chrono::milliseconds> most);
  AskPiece PieceOf(const Ask& ask, const Event& event) const;
  std::unique_ptr<AnswerReader> CallsOf(const Ask& ask, bool thinking) const;
  // Whether a call has ended in what is new.
  static bool Called(AnswerReader& calls, std::string_view text);

  Os& os_;
  Link& link_;
  ModelSession& session_;
  Engine engine_;
  ToolFormat tool_format_;
  uint64_t queue_tokens_;
  uint32_t sequences_;
  GrammarCache grammars_;
  StopFlag stop_;
  // When a step was last given up for a cancelled request while others were there: rarely enough
  // that clients who come and go can't keep them from getting on. Of the reader's thread.
  std::chrono::nanoseconds gave_up_{0};

  std::mutex mutex_;
  std::condition_variable to_prompts_;
  std::condition_variable to_engine_;
  std::deque<SubmitAsk> asked_;  // not made into prompts yet
  std::deque<Prepared> prepared_;
  std::vector<std::pair<uint64_t, Error>> refused_;
  std::vector<uint64_t> cancelled_;
  std::unordered_set<uint64_t> wanted_;  // that somebody waits for

  // The engine's thread alone.
  std::unordered_map<uint64_t, Running> running_;
  std::deque<Embedding> embeddings_;
  uint64_t embedded_ = 0;  // tokens
  std::vector<WorkerMessage> out_;
  Numbers numbers_;
  std::chrono::nanoseconds told_{0};
};

}  // namespace ledge
