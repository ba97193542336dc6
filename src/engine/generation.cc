#include "engine/generation.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "engine/continuation.h"

namespace ledge {
namespace {

// Looked at for guesses: about what kMaxGuesses tokens spell.
constexpr size_t kMaxForcedBytes = 96;

// Adds the time of its life to a sum.
class Stopwatch {
 public:
  explicit Stopwatch(std::chrono::nanoseconds& sum) : sum_(sum) {}
  ~Stopwatch() { sum_ += Generation::Clock::now() - began_; }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  std::chrono::nanoseconds& sum_;
  Generation::Clock::time_point began_ = Generation::Clock::now();
};

}  // namespace

Result<std::unique_ptr<Generation>> Generation::Create(uint64_t id, Request request,
                                                       Listener listener,
                                                       const Tokenizer& tokenizer,
                                                       uint32_t vocabulary, uint32_t context,
                                                       const ContextShift& shift) {
  LEDGE_TRY(Sampler sampler, Sampler::Create(std::move(request.sampling), vocabulary));
  LEDGE_TRY(StopMatcher stop, StopMatcher::Create(std::move(request.stop)));
  for (const Token token : request.prompt) sampler.Accept(token);
  return std::unique_ptr<Generation>(new Generation(id, std::move(request), std::move(listener),
                                                    tokenizer, context, shift, std::move(sampler),
                                                    std::move(stop)));
}

Generation::Generation(uint64_t id, Request request, Listener listener, const Tokenizer& tokenizer,
                       uint32_t context, const ContextShift& shift, Sampler sampler,
                       StopMatcher stop)
    : id_(id),
      listener_(std::move(listener)),
      tokenizer_(tokenizer),
      sampler_(std::move(sampler)),
      stop_(std::move(stop)),
      tokens_(std::move(request.prompt)),
      prompt_tokens_(static_cast<uint32_t>(tokens_.size())),
      context_(context),
      shift_(shift),
      max_tokens_(request.max_tokens),
      ignore_end_(request.ignore_end),
      shown_(std::move(request.shown)),
      client_(std::move(request.client)),
      priority_(request.priority),
      deadline_(request.deadline),
      start_(Clock::now()) {
  timings_.prompt_tokens = prompt_tokens_;
  if (shift_.enabled && max_tokens_ == UINT64_MAX)
    max_tokens_ = uint64_t{kMaxShiftedContexts} * context_;
  if (request.grammar != nullptr) matcher_.emplace(std::move(request.grammar));
}

uint64_t Generation::room() const {
  if (shift_.enabled) return max_tokens_ - timings_.completion_tokens;
  return std::min<uint64_t>(max_tokens_ - timings_.completion_tokens, context_ - tokens_.size());
}

uint32_t Generation::Shift() {
  const auto size = static_cast<uint32_t>(tokens_.size());
  const uint32_t keep = std::min({shift_.keep, context_ / 2, size});
  const uint32_t dropped = (size - keep + 1) / 2;
  const auto first = tokens_.begin() + keep;
  tokens_.erase(first, first + dropped);
  timings_.dropped_tokens += dropped;
  return keep;
}

std::string_view Generation::PieceOf(Token token) {
  piece_.clear();
  // A model may have more rows than its tokenizer has tokens.
  if (tokenizer_.IsToken(token))
    tokenizer_.AppendPiece(token, std::ranges::find(shown_, token) != shown_.end(), piece_);
  return piece_;
}

Result<bool> Generation::Allows(Token token) {
  const Stopwatch stopwatch(form_time_);
  if (tokenizer_.IsEndOfGeneration(token)) return matcher_->CanEnd();
  return matcher_->Allows(PieceOf(token));
}

Result<const TokenSet*> Generation::Allowed() {
  const Stopwatch stopwatch(form_time_);
  return matcher_->Allowed();
}

Result<void> Generation::Follow(std::string_view piece) {
  if (!matcher_) return {};
  const Stopwatch stopwatch(form_time_);
  return matcher_->Accept(piece);
}

Result<std::optional<Sampled>> Generation::Choose(std::span<const float> logits) {
  if (!matcher_)
    return sampler_.Sample(logits).map([](Sampled s) { return std::optional(std::move(s)); });
  // The likeliest of all tokens is the likeliest of those allowed, if it is one of them; and that
  // is asked faster than for all.
  if (sampler_.options().temperature == 0) {
    LEDGE_TRY(Sampled likeliest, sampler_.Sample(logits));
    LEDGE_TRY(const bool allowed, Allows(likeliest.token));
    if (allowed) return std::optional(std::move(likeliest));
  }
  LEDGE_TRY(const TokenSet* allowed, Allowed());
  if (allowed->empty()) return std::optional<Sampled>();
  return sampler_.Sample(logits, allowed).map([](Sampled s) {
    return std::optional(std::move(s));
  });
}

std::span<const Token> Generation::Guess(uint32_t most) {
  guesses_.clear();
  if (!matcher_ || tokens_.size() >= context_) return guesses_;
  const Stopwatch stopwatch(form_time_);
  const uint64_t fit = std::min<uint64_t>(room() - 1, context_ - tokens_.size());
  const auto count = static_cast<size_t>(std::min<uint64_t>({fit, most, most_guesses_}));
  if (count == 0) return guesses_;
  const std::string forced = matcher_->Forced(kMaxForcedBytes);
  if (forced.empty()) return guesses_;
  guesses_ = ContinuationTokens(tokenizer_, PieceOf(tokens_.back()), forced);
  if (guesses_.size() > count) guesses_.resize(count);
  return guesses_;
}

void Generation::NoteGuesses(size_t right) {
  if (right == guesses_.size()) {
    most_guesses_ = std::min(2 * most_guesses_, kMaxGuesses);
  } else if (right == 0) {
    most_guesses_ = std::max(most_guesses_ / 2, 1u);
  }
}

bool Generation::Draw(std::span<const float> logits, Token guess) {
  auto chosen = Choose(logits);
  if (!chosen.ok()) {
    Finish(FinishReason::kError, &chosen.error());
    return false;
  }
  if (!*chosen) {
    // The vocabulary can't spell what has to come: the answer is cut short here.
    Finish(FinishReason::kLength);
    return false;
  }
  const Sampled& sampled = **chosen;
  const Token token = sampled.token;
  if (timings_.to_first_token.count() == 0) timings_.to_first_token = Clock::now() - start_;
  if (tokenizer_.IsEndOfGeneration(token) && (!ignore_end_ || matcher_)) {
    Finish(FinishReason::kEnd);
    return false;
  }
  sampler_.Accept(token);
  tokens_.push_back(token);
  ++timings_.completion_tokens;
  forced_ = token == guess;
  if (forced_) ++timings_.forced_tokens;
  const std::string_view piece = PieceOf(token);
  if (const auto followed = Follow(piece); !followed.ok()) {
    Finish(FinishReason::kError, &followed.error());
    return false;
  }
  const std::string text = stop_.Feed(piece);
  sampled_ = &sampled;
  if (stop_.matched()) {
    End(FinishReason::kStopString, text, token, nullptr);
  } else if (matcher_ && matcher_->Complete()) {
    End(FinishReason::kEnd, text + stop_.Flush(), token, nullptr);
  } else if (room() == 0) {
    End(LimitReason(), text + stop_.Flush(), token, nullptr);
  } else {
    Tell(text, token, nullptr);
  }
  sampled_ = nullptr;
  return forced_ && !finished() && asked == FinishReason::kNone;
}

FinishReason Generation::LimitReason() const {
  return timings_.completion_tokens >= max_tokens_ ? FinishReason::kLength : FinishReason::kContext;
}

void Generation::FinishAtLimit() { Finish(LimitReason()); }

void Generation::Finish(FinishReason reason, const Error* error) {
  End(reason, stop_.Flush(), std::nullopt, error);
}

void Generation::End(FinishReason reason, std::string_view text, std::optional<Token> token,
                     const Error* error) {
  reason_ = reason;
  timings_.total = Clock::now() - start_;
  Tell(text, token, error);
}

void Generation::Tell(std::string_view text, std::optional<Token> token, const Error* error) {
  if (!listener_) return;
  // Bytes that no following token can make whole.
  const std::string valid = Utf8Sanitized(text);
  Event event;
  event.request = id_;
  event.text = valid;
  event.token = token;
  event.forced = token && forced_;
  event.sampled = token ? sampled_ : nullptr;
  event.finish = reason_;
  if (reason_ == FinishReason::kStopString && stop_.matched())
    event.stop_string = stop_.stops()[*stop_.matched()];
  event.error = error;
  event.timings = finished() ? &timings_ : nullptr;
  listener_(event);
}

}  // namespace ledge
