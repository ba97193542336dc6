#include "worker/serving.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "worker/prompt_maker.h"

namespace ledge {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr nanoseconds kNumbersEvery = milliseconds(500);
constexpr nanoseconds kGiveUpEvery = std::chrono::seconds(1);
// Nothing asked for that long: memory that is kept for the next sequences goes back.
constexpr milliseconds kRestAfter = std::chrono::seconds(1);
constexpr uint32_t kMostEmbeddingColumns = 128;  // each has a row of outputs

// Texts of a request whose prompt is made in a millisecond or few; a grammar of that size takes a
// fifth of a second at most (grammar/limits.h).
constexpr size_t kQuickBytes = 16 << 10;

bool IsQuick(const Ask& ask) {
  return ask.messages.size() + ask.tools.size() + ask.text.size() + ask.grammar.text.size() <=
         kQuickBytes;
}

AskFinish FinishOf(FinishReason reason) {
  switch (reason) {
    case FinishReason::kLength:
    case FinishReason::kContext:
      return AskFinish::kLength;
    case FinishReason::kCancelled:
      return AskFinish::kCancelled;
    default:
      return AskFinish::kStop;
  }
}

EngineOptions OptionsOf(const ModelSession& session, const Setup& setup) {
  return {.context = session.description.context,
          .shift = {.enabled = setup.context_shift, .keep = setup.keep},
          .max_sequences = setup.sequences,
          .step_columns = kServedStepColumns,
          .prefill_columns = kServedStepColumns,
          .kept_prefixes = setup.prefix_percent == 0 ? 0u : 256u,
          // The rest is for what runs.
          .kept_bytes = (session.budget->total() - session.description.scratch_bytes) / 100 *
                        setup.prefix_percent,
          .share_prefixes = setup.share_prefixes,
          .max_stall = setup.max_stall,
          .batch_window = setup.batch_window,
          .fixed_window = setup.fixed_window,
          .gather = session.width};
}

}  // namespace

uint64_t QueueTokens(uint64_t wanted, double per_second, uint32_t context, uint32_t sequences) {
  if (wanted > 0) return wanted;
  const uint64_t least = uint64_t{kLeastQueueContexts} * context;
  if (per_second <= 0) return std::max(least, uint64_t{sequences} * context);
  const double seconds = std::chrono::duration<double>(kLongestQueue).count();
  return std::max(least, static_cast<uint64_t>(std::min(seconds * per_second, 1e12)));
}

uint32_t RetryAfterSeconds(uint64_t excess, double per_second) {
  constexpr double kUnknown = 10;
  const double seconds = per_second > 0 ? static_cast<double>(excess) / per_second : kUnknown;
  return static_cast<uint32_t>(std::clamp(std::ceil(seconds), 1.0, 600.0));
}

Serving::Serving(Os& os, Link& link, ModelSession& session, const Setup& setup)
    : os_(os),
      link_(link),
      session_(session),
      engine_(*session.executor, *session.tokenizer, OptionsOf(session, setup)),
      tool_format_(ToolFormatOf(session.chat_template->chat_template)),
      queue_tokens_(setup.queue_tokens),
      sequences_(setup.sequences),
      grammars_(*session.tokenizer, session.budget.get()) {}

void Serving::ReadMessages() {
  while (true) {
    auto message = link_.Receive();
    // The process ends with the front; there is nothing to put in order.
    if (!message.ok()) _exit(message.error().code == Code::kUnreachable ? 0 : 1);
    const std::lock_guard lock(mutex_);
    if (auto* submit = std::get_if<SubmitAsk>(&*message)) {
      wanted_.insert(submit->id);
      asked_.push_back(std::move(*submit));
      to_prompts_.notify_all();
    } else if (const auto* cancel = std::get_if<CancelAsk>(&*message)) {
      cancelled_.push_back(cancel->id);
      std::erase_if(asked_, [&](const SubmitAsk& s) { return s.id == cancel->id; });
      wanted_.erase(cancel->id);
      const auto now = os_.MonotonicNow();
      if (wanted_.empty() || now - gave_up_ > kGiveUpEvery) {
        if (!wanted_.empty()) gave_up_ = now;
        stop_.Set(StopFlag::Ask::kYield);
      }
      to_engine_.notify_one();
    }
  }
}

std::optional<SubmitAsk> Serving::NextAsked(bool any) {
  const auto next = std::ranges::find_if(
      asked_, [any](const SubmitAsk& submit) { return any || IsQuick(submit.ask); });
  if (next == asked_.end()) return std::nullopt;
  SubmitAsk submit = std::move(*next);
  asked_.erase(next);
  return submit;
}

void Serving::MakePrompts(bool any) {
  while (true) {
    SubmitAsk submit;
    {
      std::unique_lock lock(mutex_);
      std::optional<SubmitAsk> next;
      to_prompts_.wait(lock, [&] { return (next = NextAsked(any)).has_value(); });
      submit = *std::move(next);
    }
    uint64_t random = 0;
    if (submit.ask.random_seed) {
      std::array<std::byte, sizeof(random)> bytes{};
      if (os_.Entropy(bytes).ok()) std::memcpy(&random, bytes.data(), bytes.size());
    }
    auto made = MakeRequest(submit.ask, session_.chat_template->chat_template, *session_.tokenizer,
                            grammars_, random);
    const std::lock_guard lock(mutex_);
    if (!wanted_.contains(submit.id)) continue;  // cancelled meanwhile
    if (made.ok()) {
      prepared_.push_back(
          {submit.id, std::move(submit.ask), std::move(made->request), made->thinking});
    } else {
      refused_.emplace_back(submit.id, std::move(made).error());
    }
    to_engine_.notify_one();
  }
}

void Serving::Finish(uint64_t id, WorkerMessage last) {
  out_.push_back(std::move(last));
  const std::lock_guard lock(mutex_);
  wanted_.erase(id);
}

void Serving::Refuse(uint64_t id, const Error& error, bool too_long) {
  Finish(
      id,
      Refused{.id = id, .error = {error.code, PrintableLine(error.message)}, .too_long = too_long});
}

// One alone is always taken.
bool Serving::RefusedAsTooMuch(uint64_t id, const Request& request) {
  const PromptLoad load = engine_.prompt_load();
  if (load.tokens == 0) return false;
  const uint64_t most = QueueTokens(queue_tokens_, load.per_second, engine_.context(), sequences_);
  const uint64_t all = load.tokens + engine_.NewTokens(request);
  if (all <= most) return false;
  Error error =
      MakeError(Code::kNoMemory,
                "the prompt and those that wait have {} tokens to be computed; must be at "
                "most {}: try again in the time that Retry-After says",
                all, most);
  Finish(id, Refused{.id = id,
                     .error = std::move(error),
                     .retry_after = RetryAfterSeconds(all - most, load.per_second)});
  return true;
}

AskPiece Serving::PieceOf(const Ask& ask, const Event& event) const {
  AskPiece piece;
  piece.text = event.text;
  if (!event.token) return piece;
  if (ask.echo_tokens) piece.ids.push_back(*event.token);
  if (event.sampled == nullptr || ask.sampling.top_logprobs < 0) return piece;
  const Tokenizer& tokenizer = *session_.tokenizer;
  const auto share = [&](Token token, float logprob) {
    return TokenShare{token, tokenizer.IsToken(token) ? tokenizer.Piece(token) : "", logprob};
  };
  piece.logprobs.push_back(share(event.sampled->token, event.sampled->logprob));
  auto& top = piece.top.emplace_back();
  for (const TokenLogprob& other : event.sampled->top)
    top.push_back(share(other.token, other.logprob));
  return piece;
}

void Serving::OnEvent(uint64_t id, const Event& event) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  if (!event.text.empty() || event.token) {
    AskPiece piece = PieceOf(found->second.ask, event);
    if (event.token) ++found->second.untold;
    if (!piece.text.empty() || !piece.ids.empty() || !piece.logprobs.empty()) {
      piece.tokens = std::exchange(found->second.untold, 0);
      out_.push_back(Piece{id, std::move(piece)});
    }
  }
  if (event.token) ++numbers_.completion;
  if (event.forced) ++numbers_.forced;
  if (event.finish == FinishReason::kNone) {
    Running& running = found->second;
    if (running.calls != nullptr && Called(*running.calls, event.text))
      engine_.End(running.engine_id);
    return;
  }
  if (event.error != nullptr) {
    Refuse(id, *event.error);
  } else {
    AskEnd end{.finish = FinishOf(event.finish), .stop_string = std::string(event.stop_string)};
    if (event.timings != nullptr) {
      const RequestTimings& t = *event.timings;
      end.usage = {.prompt_tokens = t.prompt_tokens,
                   .cached_tokens = t.cached_tokens,
                   .completion_tokens = t.completion_tokens,
                   .forced_tokens = t.forced_tokens,
                   .dropped_tokens = t.dropped_tokens,
                   .to_first_token = t.to_first_token,
                   .total = t.total};
      numbers_.prompt_cached += end.usage.cached_tokens;
    }
    Finish(id, Ended{id, std::move(end)});
  }
  running_.erase(found);
}

void Serving::BeginEmbedding(Prepared prepared) {
  const uint64_t id = prepared.id;
  const auto tokens = static_cast<uint32_t>(prepared.request.prompt.size());
  if (tokens == 0 || tokens > engine_.context()) {
    return Refuse(
        id,
        MakeError(Code::kUsage, "the input has {} tokens; must be 1 to the context length {}",
                  tokens, engine_.context()),
        tokens > 0);
  }
  for (const Token token : prepared.request.prompt) {
    if (!session_.tokenizer->IsToken(token)) {
      return Refuse(
          id, MakeError(Code::kUsage, "input token {}; must be below the vocabulary's size {}",
                        token, session_.tokenizer->vocab_size()));
    }
  }
  out_.push_back(Started{id, {.prompt_tokens = tokens}});
  embeddings_.emplace_back(id, std::move(prepared.request.prompt));
}

void Serving::Begin(Prepared prepared) {
  if (prepared.ask.kind == AskKind::kEmbed) return BeginEmbedding(std::move(prepared));
  const uint64_t id = prepared.id;
  const auto tokens = static_cast<uint32_t>(prepared.request.prompt.size());
  const bool too_long = tokens > engine_.context();
  if (!too_long && RefusedAsTooMuch(id, prepared.request)) return;
  const uint32_t cached = too_long ? 0 : tokens - engine_.NewTokens(prepared.request);
  auto submitted = engine_.Submit(std::move(prepared.request),
                                  [this, id](const Event& event) { OnEvent(id, event); });
  if (!submitted.ok()) return Refuse(id, submitted.error(), too_long);
  auto calls = CallsOf(prepared.ask, prepared.thinking);
  running_[id] = {std::move(prepared.ask), *submitted, 0, std::move(calls)};
  out_.push_back(Started{id,
                         {.prompt_tokens = tokens,
                          .cached_tokens = cached,
                          .tool_format = tool_format_,
                          .thinking = prepared.thinking}});
}

std::unique_ptr<AnswerReader> Serving::CallsOf(const Ask& ask, bool thinking) const {
  if (ask.tool_names.empty()) return nullptr;
  return MakeToolReader(ask.forced_call ? ToolFormat::kForced : tool_format_,
                        {.names = ask.tool_names, .one_call = true, .thinking = thinking});
}

bool Serving::Called(AnswerReader& calls, std::string_view text) {
  for (const AnswerPart& part : calls.Feed(text)) {
    for (const CallPart& call : part.calls) {
      if (call.ended) return true;
    }
  }
  return false;
}

// What the other threads left: cancelled first, so that nothing begins that nobody waits for.
bool Serving::TakeInbox() {
  std::deque<Prepared> prepared;
  std::vector<std::pair<uint64_t, Error>> refused;
  std::vector<uint64_t> cancelled;
  {
    const std::lock_guard lock(mutex_);
    std::swap(prepared, prepared_);
    std::swap(refused, refused_);
    std::swap(cancelled, cancelled_);
    stop_.Set(StopFlag::Ask::kGoOn);
  }
  for (const uint64_t id : cancelled) {
    std::erase_if(prepared, [id](const Prepared& p) { return p.id == id; });
    if (const auto found = running_.find(id); found != running_.end())
      engine_.Cancel(found->second.engine_id);
    for (Embedding& embedding : embeddings_) {
      if (embedding.id() == id) embedding.Drop(*session_.executor);
    }
    std::erase_if(embeddings_, [id](const Embedding& e) { return e.id() == id; });
  }
  for (auto& [id, error] : refused) Refuse(id, error);
  for (Prepared& one : prepared) Begin(std::move(one));
  return !cancelled.empty();
}

void Serving::StepEmbedding() {
  Embedding& embedding = embeddings_.front();
  const uint32_t before = embedding.done();
  const auto began = os_.MonotonicNow();
  auto vector =
      embedding.Step(*session_.executor, engine_.TakeSpareColumns(kMostEmbeddingColumns), stop_);
  if (const uint32_t columns = embedding.done() - before; columns > 0) {
    engine_.NoteSpareStep(columns, os_.MonotonicNow() - began);
    embedded_ += columns;
  }
  if (!vector.ok()) {
    Refuse(embedding.id(), vector.error());
  } else if (*vector) {
    AskEnd end;
    end.usage.prompt_tokens = embedding.tokens();
    end.embedding = **std::move(vector);
    Finish(embedding.id(), Ended{embedding.id(), std::move(end)});
  } else {
    return;
  }
  embeddings_.pop_front();
}

void Serving::TellNumbers(bool force) {
  const auto now = os_.MonotonicNow();
  if (!force && now - told_ < kNumbersEvery) return;
  told_ = now;
  const EngineNumbers engine = engine_.numbers();
  numbers_.running = engine.running + static_cast<uint32_t>(embeddings_.size());
  numbers_.waiting = engine.waiting;
  numbers_.waiting_tokens = engine_.prompt_load().tokens;
  numbers_.steps = engine.steps;
  numbers_.step_columns = engine.columns;
  numbers_.prompt_computed = engine.prompt_columns + embedded_;
  numbers_.in_steps = engine.in_steps;
  numbers_.in_forms = engine.in_forms;
  numbers_.prefix_bytes = engine.prefix_bytes;
  numbers_.kv_bytes = session_.budget->used(MemoryKind::kKv);
  out_.push_back(numbers_);
}

bool Serving::SendOut() {
  const bool sent = link_.Send(out_);
  out_.clear();
  return sent;
}

bool Serving::WaitForWork(std::optional<std::chrono::milliseconds> most) {
  const auto there = [&] { return !prepared_.empty() || !refused_.empty() || !cancelled_.empty(); };
  std::unique_lock lock(mutex_);
  if (most) return to_engine_.wait_for(lock, *most, there);
  to_engine_.wait(lock, there);
  return true;
}

Result<bool> Serving::Step() {
  if (session_.expert_limit) session_.expert_limit->Begin();
  bool busy = false;
  if (!embeddings_.empty()) {
    StepEmbedding();
    busy = true;
  }
  if (!engine_.idle()) {
    LEDGE_TRY(const bool more, engine_.Step(stop_));
    busy = busy || more;
  }
  return busy || !embeddings_.empty();
}

Result<void> Serving::Run() {
  std::thread(&Serving::ReadMessages, this).detach();
  for (const bool any : {true, false}) std::thread(&Serving::MakePrompts, this, any).detach();
  while (true) {
    if (TakeInbox()) {
      // Somebody has left: who asks what was computed for him hears of all of it.
      TellNumbers(true);
      if (!SendOut()) return {};
    }
    LEDGE_TRY(const bool busy, Step());
    TellNumbers(!busy);
    if (!SendOut()) return {};
    if (busy || WaitForWork(kRestAfter)) continue;
    if (session_.expert_limit) session_.expert_limit->End();
    session_.executor->GiveBackUnused();
    TellNumbers(true);
    if (!SendOut()) return {};
    WaitForWork({});
  }
}

}  // namespace ledge
