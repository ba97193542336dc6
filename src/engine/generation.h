// One request while it is served: its tokens, what draws the next one, and the text that may be
// shown.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/grammar/matcher.h"
#include "engine/sampling/sampler.h"
#include "engine/stop/stop_matcher.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

class Generation {
 public:
  static constexpr uint32_t kMaxGuesses = 16;
  using Clock = std::chrono::steady_clock;

  // kUsage for bad sampling options or stop strings. `context`: the most tokens, prompt included.
  static Result<std::unique_ptr<Generation>> Create(uint64_t id, Request request, Listener listener,
                                                    const Tokenizer& tokenizer, uint32_t vocabulary,
                                                    uint32_t context, const ContextShift& shift);

  uint64_t id() const { return id_; }
  const std::string& client() const { return client_; }
  int priority() const { return priority_; }
  Clock::time_point submitted() const { return start_; }
  // Whether it is of no use any more, not having begun.
  bool late(Clock::time_point now) const {
    return deadline_.count() > 0 && timings_.completion_tokens == 0 && now - start_ > deadline_;
  }
  std::chrono::nanoseconds deadline() const { return deadline_; }
  uint32_t prompt_tokens() const { return prompt_tokens_; }
  // Prompt and answer, or what shifts have left of them.
  const std::vector<Token>& tokens() const { return tokens_; }
  // Whether part of the answer is there.
  bool begun() const { return timings_.completion_tokens > 0; }
  // Tokens whose place in the cache is filled.
  uint32_t computed() const { return computed_; }
  void set_computed(uint32_t computed) { computed_ = computed; }
  // The first `tokens` came from a kept prefix.
  void set_cached(uint32_t tokens) {
    computed_ = tokens;
    if (!begun()) timings_.cached_tokens = tokens;
  }
  uint32_t cached() const { return timings_.cached_tokens; }
  uint32_t left_to_compute() const { return static_cast<uint32_t>(tokens_.size()) - computed_; }
  // An answer's last token is all that is not computed: one column, and its logits.
  bool decoding() const { return left_to_compute() == 1 && begun(); }
  // Whether the last token's logits are needed: not where only the prompt is evaluated.
  bool wants_token() const { return reason_ == FinishReason::kNone && room() > 0; }
  // Tokens that may still come.
  uint64_t room() const;
  bool finished() const { return reason_ != FinishReason::kNone; }

  // Of the executor, while it has one.
  std::optional<SequenceId> sequence;
  FinishReason asked = FinishReason::kNone;  // how it is to finish at the next step
  bool prompt_kept = false;                  // its prompt is among the kept prefixes

  // Tokens that will most likely follow, `most` of them at most: as the tokenizer writes what the
  // grammar leaves no choice about. Guesses, since tokens may spell the same in other ways; they
  // stay as they are until the next call.
  std::span<const Token> Guess(uint32_t most);
  std::span<const Token> guesses() const { return guesses_; }
  // So many of the guesses were right.
  void NoteGuesses(size_t right);
  // What keeping to the grammar took since the last call.
  std::chrono::nanoseconds TakeFormTime() { return std::exchange(form_time_, {}); }

  // Draws a token from the logits behind the last one and tells the listener. Whether it is `guess`
  // and the answer goes on.
  bool Draw(std::span<const float> logits, Token guess = kNoToken);
  // Only with shifting: the last token has no position left.
  bool outgrown() const { return tokens_.size() > context_; }
  // Drops tokens in the middle; returns how many first ones are where they were.
  uint32_t Shift();
  // Ends it where no token may follow: max_tokens or the context.
  void FinishAtLimit();
  // Ends it, with the text that was held back.
  void Finish(FinishReason reason, const Error* error = nullptr);

 private:
  Generation(uint64_t id, Request request, Listener listener, const Tokenizer& tokenizer,
             uint32_t context, const ContextShift& shift, Sampler sampler, StopMatcher stop);
  FinishReason LimitReason() const;
  // The next token, within the grammar; nothing where it has none that fits.
  Result<std::optional<Sampled>> Choose(std::span<const float> logits);
  // Of the grammar: whether the token may come, which ones may, and that this text has come.
  Result<bool> Allows(Token token);
  Result<const TokenSet*> Allowed();
  Result<void> Follow(std::string_view piece);
  // The bytes a token prints.
  std::string_view PieceOf(Token token);
  void End(FinishReason reason, std::string_view text, std::optional<Token> token,
           const Error* error);
  void Tell(std::string_view text, std::optional<Token> token, const Error* error);

  uint64_t id_;
  Listener listener_;
  const Tokenizer& tokenizer_;
  Sampler sampler_;
  StopMatcher stop_;
  std::optional<Matcher> matcher_;  // with a grammar
  std::vector<Token> tokens_;
  uint32_t prompt_tokens_;
  uint32_t context_;
  ContextShift shift_;
  uint64_t max_tokens_;
  bool ignore_end_;
  std::vector<Token> shown_;
  std::string client_;
  int priority_;
  std::chrono::nanoseconds deadline_;
  uint32_t computed_ = 0;
  FinishReason reason_ = FinishReason::kNone;
  Clock::time_point start_;
  RequestTimings timings_;
  std::string piece_;
  std::vector<Token> guesses_;
  uint32_t most_guesses_ = kMaxGuesses;  // few where they are mostly wrong
  std::chrono::nanoseconds form_time_{0};
  // While Draw tells of it.
  const Sampled* sampled_ = nullptr;
  bool forced_ = false;
};

}  // namespace ledge
