// A worker's work after its setup, on three threads: one reads the front's messages, one makes
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
#include <vector>

#include "engine/engine.h"
#include "engine/grammar/grammar.h"
#include "worker/embedding.h"
#include "worker/link.h"
#include "worker/model_session.h"

namespace ledge {

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
  };
  struct Running {
    Ask ask;
    uint64_t engine_id = 0;
  };

  void ReadMessages();
  void MakePrompts();
  void TakeInbox();
  void Begin(Prepared prepared);
  void OnEvent(uint64_t id, const Event& event);
  void Refuse(uint64_t id, const Error& error);
  Result<bool> Step();
  void StepEmbedding();
  void TellNumbers(bool force);
  // False: the front is gone.
  bool SendOut();
  // Whether there is something to do, waited for that long at most; without a bound: until then.
  bool WaitForWork(std::optional<std::chrono::milliseconds> most);
  AskPiece PieceOf(const Ask& ask, const Event& event) const;

  Os& os_;
  Link& link_;
  ModelSession& session_;
  Engine engine_;
  ToolFormat tool_format_;
  GrammarCache grammars_;  // of the thread that makes prompts
  StopFlag stop_;
  // When a step was last given up for a cancelled request: rarely enough that clients who come and
  // go can't keep others from getting on.
  std::chrono::nanoseconds gave_up_{0};

  std::mutex mutex_;
  std::condition_variable to_prompts_;
  std::condition_variable to_engine_;
  std::deque<SubmitAsk> asked_;  // not made into prompts yet
  std::deque<Prepared> prepared_;
  std::vector<std::pair<uint64_t, Error>> refused_;
  std::vector<uint64_t> cancelled_;

  // The engine's thread alone.
  std::unordered_map<uint64_t, Running> running_;
  std::deque<Embedding> embeddings_;
  std::vector<WorkerMessage> out_;
  Numbers numbers_;
  std::chrono::nanoseconds told_{0};
};

}  // namespace ledge
