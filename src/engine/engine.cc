#include "engine/engine.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <utility>

#include "base/checked.h"
#include "base/units.h"
#include "engine/generation.h"
#include "engine/prefix_tree.h"
#include "engine/step_shares.h"
#include "engine/turns.h"

namespace ledge {

std::string_view FinishReasonName(FinishReason reason) {
  switch (reason) {
    case FinishReason::kNone:
      return "";
    case FinishReason::kEnd:
    case FinishReason::kStopString:
      return "stop";
    case FinishReason::kLength:
    case FinishReason::kContext:
      return "length";
    case FinishReason::kCancelled:
      return "cancelled";
    case FinishReason::kError:
      return "error";
  }
  return "";
}

namespace {

bool OutOfMemory(const Error& error) {
  return error.code == Code::kOverBudget || error.code == Code::kNoMemory;
}

}  // namespace

struct Engine::Impl {
  // A wrong guess is cut off again.
  Impl(Executor& e, const Tokenizer& t, EngineOptions o)
      : executor(e),
        tokenizer(t),
        options(o),
        prefixes(e, o.kept_prefixes, o.kept_bytes),
        plan(options, o.guess_forced && e.info().cuts_anywhere) {
    options.context = std::min(options.context, executor.info().max_context);
    options.step_columns = std::clamp(options.step_columns, 1u, executor.info().max_columns);
    options.prefill_columns = std::clamp(options.prefill_columns, 1u, options.step_columns);
    options.max_sequences = std::max(options.max_sequences, 1u);
  }
  ~Impl() {
    for (auto& generation : running) Drop(*generation);
  }

  Executor& executor;
  const Tokenizer& tokenizer;
  EngineOptions options;
  PrefixTree prefixes;
  StepShares plan;
  Turns turns;
  EngineNumbers numbers;
  uint64_t next_id = 1;
  // The pace of arrivals, for the batch window.
  Generation::Clock::time_point last_arrival;
  double arrival_ns = 0;  // mean time between two; 0: not known
  // Both in the order of submission.
  std::deque<std::unique_ptr<Generation>> waiting;
  std::vector<std::unique_ptr<Generation>> running;
  // Someone was paused and nobody has finished since: a generation admitted now would soon be
  // paused again.
  bool crowded = false;
  Batch batch;

  Result<void> CheckRequest(const Request& request) const;
  // Of KV memory, for a sequence of so many tokens.
  uint64_t SequenceBytes(uint64_t tokens) const {
    const ExecutorInfo& info = executor.info();
    return CeilDiv(tokens, kPageTokens) * info.kv_page_bytes + info.sequence_bytes;
  }
  // What is set aside when a generation begins or goes on.
  uint32_t AdmissionTokens(const Generation& generation) const {
    const uint64_t more = std::min<uint64_t>(generation.room(), kReserveTokens);
    return static_cast<uint32_t>(
        std::min<uint64_t>(generation.tokens().size() + more, options.context));
  }

  std::string_view PrefixOwner(std::string_view client) const {
    return options.share_prefixes ? std::string_view() : client;
  }

  void FinishAsked();
  void FinishLate();
  void Ask(uint64_t request, FinishReason reason);
  void NoteArrival();
  std::chrono::nanoseconds Window() const;
  size_t NextToBegin() const;
  void KeepPrompts();
  void FinishDone();
  Result<void> ShiftOutgrown();
  Result<void> Admit();
  Result<uint32_t> Begin(Generation& generation);
  Result<void> Reserve(SequenceId sequence, uint32_t tokens);
  void Drop(Generation& generation);
  void KeepOrDrop(Generation& generation);
  void Pause();
  Result<bool> ReserveShares();
  void BuildBatch();
  Result<bool> Compute(const StopFlag& stop);
  Result<void> DrawGuessed(const Share& share, const StepResult& result, size_t row);
  Result<bool> Step(const StopFlag& stop);
};

Result<void> Engine::Impl::CheckRequest(const Request& request) const {
  if (request.prompt.empty())
    return MakeError(Code::kUsage, "the prompt is empty; must be at least one token");
  for (size_t i = 0; i < request.prompt.size(); ++i) {
    const Token token = request.prompt[i];
    if (token < 0 || static_cast<uint32_t>(token) >= executor.info().vocabulary) {
      return MakeError(Code::kUsage,
                       "prompt token {} at index {}; must be below the vocabulary's size {}", token,
                       i, executor.info().vocabulary);
    }
  }
  if (request.prompt.size() > options.context) {
    return MakeError(Code::kUsage,
                     "the prompt has {} tokens; must be at most the context length {}",
                     request.prompt.size(), options.context);
  }
  const uint64_t more = std::min<uint64_t>(request.max_tokens, kReserveTokens);
  const uint64_t tokens = std::min<uint64_t>(request.prompt.size() + more, options.context);
  const uint64_t limit = executor.KvLimitBytes();
  if (SequenceBytes(tokens) > limit) {
    return MakeError(
        Code::kOverBudget,
        "a prompt of {} tokens needs {} of KV cache; must be at most {}, what the memory "
        "budget leaves for it",
        request.prompt.size(), FormatSize(SequenceBytes(tokens)), FormatSize(limit));
  }
  return {};
}

void Engine::Impl::FinishAsked() {
  // A listener may submit or cancel: lists are walked by index, and what is told leaves them first.
  for (size_t i = 0; i < waiting.size();) {
    if (waiting[i]->asked == FinishReason::kNone) {
      ++i;
      continue;
    }
    const auto generation = std::move(waiting[i]);
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
    generation->Finish(generation->asked);
  }
  for (size_t i = 0; i < running.size(); ++i) {
    if (running[i]->asked != FinishReason::kNone && !running[i]->finished())
      running[i]->Finish(running[i]->asked);
  }
  FinishDone();
}

// Those that waited longer than their answer is worth.
void Engine::Impl::FinishLate() {
  const auto now = Generation::Clock::now();
  for (size_t i = 0; i < waiting.size();) {
    if (!waiting[i]->late(now)) {
      ++i;
      continue;
    }
    const auto generation = std::move(waiting[i]);
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i));
    const Error error =
        MakeError(Code::kNoMemory, "its deadline of {} passed before it could begin",
                  FormatDuration(generation->deadline()));
    generation->Finish(FinishReason::kError, &error);
  }
}

void Engine::Impl::NoteArrival() {
  const auto now = Generation::Clock::now();
  if (last_arrival.time_since_epoch().count() != 0) {
    const auto since = std::chrono::duration<double, std::nano>(now - last_arrival).count();
    arrival_ns = arrival_ns == 0 ? since : 0.8 * arrival_ns + 0.2 * since;
  }
  last_arrival = now;
}

// How long a waiting request may be kept for company. None comes in time where requests are rarer
// than the longest wait; else as long as the missing ones are expected to take.
std::chrono::nanoseconds Engine::Impl::Window() const {
  const auto present = running.size() + waiting.size();
  const auto longest = static_cast<double>(options.batch_window.count());
  if (options.fixed_window && present < options.gather) return options.batch_window;
  if (arrival_ns == 0 || arrival_ns > longest || present >= options.gather) return {};
  const double missing = arrival_ns * static_cast<double>(options.gather - present);
  return std::chrono::nanoseconds(static_cast<int64_t>(std::min(missing, longest)));
}

// Its index in `waiting`. What was paused goes on first: it is older. Then by priority, by the turn
// of its client, by age.
size_t Engine::Impl::NextToBegin() const {
  size_t best = 0;
  const auto rank = [this](size_t i) {
    const Generation& g = *waiting[i];
    const bool paused = g.begun();
    return std::tuple(!paused, paused ? 0 : -g.priority(), paused ? 0.0 : turns.Place(g.client()),
                      g.id());
  };
  for (size_t i = 1; i < waiting.size(); ++i) {
    if (rank(i) < rank(best)) best = i;
  }
  return best;
}

// A prompt that has just been computed serves others while its answer still runs.
void Engine::Impl::KeepPrompts() {
  if (options.kept_prefixes == 0) return;
  for (const auto& generation : running) {
    if (generation->prompt_kept || generation->finished() || !generation->sequence ||
        generation->computed() < generation->prompt_tokens())
      continue;
    generation->prompt_kept = true;
    const uint32_t length = generation->prompt_tokens();
    if (length < kPageTokens || length == generation->cached()) continue;
    const auto forked = executor.Fork(*generation->sequence, length);
    if (!forked.ok()) continue;  // no memory for it: no harm done
    const auto& tokens = generation->tokens();
    prefixes.Keep(PrefixOwner(generation->client()), forked->id,
                  {tokens.begin(), tokens.begin() + forked->length});
  }
}

// Takes what has finished off the executor.
void Engine::Impl::FinishDone() {
  std::erase_if(running, [this](const std::unique_ptr<Generation>& generation) {
    if (!generation->finished()) return false;
    KeepOrDrop(*generation);
    crowded = false;
    return true;
  });
}

// The first tokens' pages stay; the others are computed anew.
Result<void> Engine::Impl::ShiftOutgrown() {
  for (const auto& generation : running) {
    if (generation->finished() || !generation->outgrown()) continue;
    LEDGE_TRY(const auto forked, executor.Fork(*generation->sequence, generation->Shift()));
    executor.RemoveSequence(*generation->sequence);
    generation->sequence = forked.id;
    generation->set_computed(forked.length);
  }
  return {};
}

// Pages for `tokens` more, at the cost of kept prefixes.
Result<void> Engine::Impl::Reserve(SequenceId sequence, uint32_t tokens) {
  for (;;) {
    auto reserved = executor.Reserve(sequence, tokens);
    if (reserved.ok() || !OutOfMemory(reserved.error()) || !prefixes.DropOldest()) return reserved;
  }
}

// Gives it a sequence, with what is kept of its beginning; returns how much that is.
Result<uint32_t> Engine::Impl::Begin(Generation& generation) {
  uint32_t known = 0;
  LEDGE_TRY(const auto forked,
            prefixes.Fork(PrefixOwner(generation.client()), generation.tokens()));
  if (forked) {
    generation.sequence = forked->id;
    known = forked->length;
  } else {
    LEDGE_TRY(generation.sequence, executor.AddSequence());
  }
  // The same prompt again would share all of it but the last token.
  if (options.kept_prefixes > 0)
    LEDGE_CHECK_OK(executor.Mark(*generation.sequence, generation.prompt_tokens() - 1));
  return known;
}

Result<void> Engine::Impl::Admit() {
  while (!waiting.empty() && running.size() < options.max_sequences) {
    if (crowded && !running.empty()) return {};
    const auto next = waiting.begin() + static_cast<std::ptrdiff_t>(NextToBegin());
    Generation& generation = **next;
    const bool fresh = !generation.begun();
    // The oldest decides when all begin.
    if (fresh && !running.empty() &&
        Generation::Clock::now() - waiting.front()->submitted() < Window())
      return {};
    LEDGE_TRY(const uint32_t known, Begin(generation));
    auto reserved = Reserve(*generation.sequence, AdmissionTokens(generation) - known);
    if (!reserved.ok()) {
      Drop(generation);
      if (!OutOfMemory(reserved.error())) return std::move(reserved).error();
      if (!running.empty()) return {};  // first come, first served: nobody overtakes
      // Nothing else holds pages, so waiting would not help.
      const auto failed = std::move(*next);
      waiting.erase(next);
      if (failed->begun()) {
        failed->Finish(FinishReason::kContext);
      } else {
        failed->Finish(FinishReason::kError, &reserved.error());
      }
      continue;
    }
    generation.set_cached(known);
    if (fresh) turns.Charge(generation.client(), AdmissionTokens(generation) - known);
    running.push_back(std::move(*next));
    waiting.erase(next);
    // A paused one may be older than some that run.
    std::ranges::sort(running, {}, [](const auto& entry) { return entry->id(); });
  }
  return {};
}

void Engine::Impl::Drop(Generation& generation) {
  if (generation.sequence) executor.RemoveSequence(*generation.sequence);
  generation.sequence.reset();
  generation.set_computed(0);
}

// What it has computed serves those that begin alike.
void Engine::Impl::KeepOrDrop(Generation& generation) {
  const uint32_t computed = generation.computed();
  if (options.kept_prefixes > 0 && generation.sequence && computed >= kPageTokens) {
    const auto& tokens = generation.tokens();
    prefixes.Keep(PrefixOwner(generation.client()), *generation.sequence,
                  {tokens.begin(), tokens.begin() + computed});
    generation.sequence.reset();
  }
  Drop(generation);
}

// The youngest gives its pages back and waits for its turn; what it has said is recomputed then.
void Engine::Impl::Pause() {
  auto youngest = std::move(running.back());
  running.pop_back();
  Drop(*youngest);
  crowded = true;
  const auto place = std::ranges::upper_bound(waiting, youngest->id(), {},
                                              [](const auto& entry) { return entry->id(); });
  waiting.insert(place, std::move(youngest));
}

// Room for every share, by age. False if the youngest had to be paused: then the shares are to be
// planned anew.
Result<bool> Engine::Impl::ReserveShares() {
  std::ranges::sort(plan.all(), {}, [](const Share& share) { return share.generation->id(); });
  for (Share& share : plan.all()) {
    auto reserved = Reserve(*share.generation->sequence, share.columns);
    if (!reserved.ok() && share.guesses > 0) {
      share.columns -= std::exchange(share.guesses, 0);
      reserved = Reserve(*share.generation->sequence, share.columns);
    }
    if (reserved.ok()) continue;
    if (!OutOfMemory(reserved.error())) return std::move(reserved).error();
    if (running.size() > 1) {
      Pause();
    } else {
      // Alone and still no room: this is as long as it gets.
      share.generation->Finish(FinishReason::kContext);
      FinishDone();
    }
    return false;
  }
  return true;
}

void Engine::Impl::BuildBatch() {
  batch.columns.clear();
  for (const Share& share : plan.all()) {
    const Generation& generation = *share.generation;
    const uint32_t known = share.columns - share.guesses;
    for (uint32_t i = 0; i < share.columns; ++i) {
      const uint32_t position = generation.computed() + i;
      const Token token =
          i < known ? generation.tokens()[position] : generation.guesses()[i - known];
      batch.columns.push_back(
          {*generation.sequence, token, position, share.wants_logits && i + 1 >= known, 0});
    }
  }
}

// One step of the executor over the planned shares. False if the stop flag or a lack of memory
// ended it.
Result<bool> Engine::Impl::Compute(const StopFlag& stop) {
  BuildBatch();
  uint32_t decoding = 0;
  for (const Share& share : plan.all())
    decoding += share.generation->decoding() ? share.columns : 0;
  const auto began = Generation::Clock::now();
  auto result = executor.Step(batch, stop);
  if (!result.ok()) {
    if (!OutOfMemory(result.error())) return std::move(result).error();
    // The pages are there, so it was the memory for the step's rows: without guesses it needs
    // fewer, and with fewer sequences.
    if (std::ranges::any_of(plan.all(), [](const Share& share) { return share.guesses > 0; })) {
      plan.StopGuessing();
    } else if (running.size() > 1) {
      Pause();
    } else {
      running.front()->Finish(FinishReason::kError, &result.error());
      FinishDone();
    }
    return false;
  }
  if (!result->finished) return false;
  const auto columns = static_cast<uint32_t>(batch.columns.size());
  const auto took = Generation::Clock::now() - began;
  plan.times().Observe(decoding, columns - decoding, took);
  ++numbers.steps;
  numbers.in_steps += took;
  numbers.columns += columns;
  numbers.prompt_columns += columns - decoding;
  size_t row = 0;
  for (const Share& share : plan.all()) {
    Generation& generation = *share.generation;
    generation.set_computed(generation.computed() + share.columns);
    if (share.guesses > 0) {
      LEDGE_CHECK_OK(DrawGuessed(share, *result, row));
      row += 1 + share.guesses;
    } else if (share.wants_logits) {
      generation.Draw(result->row(row++));
    } else if (generation.left_to_compute() == 0) {
      generation.FinishAtLimit();
    }
    numbers.in_forms += generation.TakeFormTime();
  }
  return true;
}

// A row behind the last token and one behind each guess: they count up to the first that was wrong.
Result<void> Engine::Impl::DrawGuessed(const Share& share, const StepResult& result, size_t row) {
  Generation& generation = *share.generation;
  const uint32_t end = generation.computed();  // with all guesses
  const auto guess = [&](uint32_t i) {
    return i < share.guesses ? generation.guesses()[i] : kNoToken;
  };
  uint32_t right = 0;
  while (generation.Draw(result.row(row + right), guess(right))) ++right;
  generation.NoteGuesses(right);
  if (right == share.guesses) return {};
  generation.set_computed(end - share.guesses + right);
  return executor.Truncate(*generation.sequence, generation.computed());
}

Result<bool> Engine::Impl::Step(const StopFlag& stop) {
  FinishAsked();
  FinishLate();
  LEDGE_CHECK_OK(ShiftOutgrown());
  LEDGE_CHECK_OK(Admit());
  for (;;) {
    if (running.empty()) return !waiting.empty();
    plan.Plan(running);
    LEDGE_TRY(const bool room, ReserveShares());
    if (room) break;
  }
  LEDGE_CHECK_OK(Compute(stop));
  plan.ForgetSpare();
  KeepPrompts();
  FinishDone();
  return !running.empty() || !waiting.empty();
}

Engine::Engine(Executor& executor, const Tokenizer& tokenizer, EngineOptions options)
    : impl_(std::make_unique<Impl>(executor, tokenizer, options)) {}

Engine::~Engine() = default;

Result<uint64_t> Engine::Submit(Request request, Listener listener) {
  LEDGE_CHECK_OK(impl_->CheckRequest(request));
  const uint64_t id = impl_->next_id;
  LEDGE_TRY(auto generation, Generation::Create(id, std::move(request), std::move(listener),
                                                impl_->tokenizer, impl_->executor.info().vocabulary,
                                                impl_->options.context, impl_->options.shift));
  ++impl_->next_id;
  impl_->NoteArrival();
  impl_->waiting.push_back(std::move(generation));
  return id;
}

void Engine::Impl::Ask(uint64_t request, FinishReason reason) {
  const auto mark = [&](auto& list) {
    for (auto& generation : list) {
      if (generation != nullptr && generation->id() == request) generation->asked = reason;
    }
  };
  mark(waiting);
  mark(running);
}

void Engine::Cancel(uint64_t request) { impl_->Ask(request, FinishReason::kCancelled); }

void Engine::End(uint64_t request) { impl_->Ask(request, FinishReason::kEnd); }

Result<bool> Engine::Step(const StopFlag& stop) { return impl_->Step(stop); }

uint32_t Engine::context() const { return impl_->options.context; }

EngineNumbers Engine::numbers() const {
  EngineNumbers numbers = impl_->numbers;
  numbers.running = static_cast<uint32_t>(impl_->running.size());
  numbers.waiting = static_cast<uint32_t>(impl_->waiting.size());
  numbers.prefix_bytes = impl_->prefixes.bytes();
  return numbers;
}

PromptLoad Engine::prompt_load() const {
  PromptLoad load{.per_second = impl_->plan.times().PromptsPerSecond()};
  for (const auto& generation : impl_->running) {
    if (!generation->decoding() && !generation->finished())
      load.tokens += generation->left_to_compute();
  }
  for (const auto& generation : impl_->waiting) {
    load.tokens +=
        generation->tokens().size() -
        impl_->prefixes.Known(impl_->PrefixOwner(generation->client()), generation->tokens());
  }
  return load;
}

uint32_t Engine::NewTokens(const Request& request) const {
  return static_cast<uint32_t>(request.prompt.size()) -
         impl_->prefixes.Known(impl_->PrefixOwner(request.client), request.prompt);
}

uint32_t Engine::TakeSpareColumns(uint32_t most) {
  return impl_->plan.TakeSpare(most, impl_->running, !impl_->waiting.empty());
}

void Engine::NoteSpareStep(uint32_t columns, std::chrono::nanoseconds took) {
  impl_->plan.times().Observe(0, columns, took);
}

bool Engine::idle() const { return impl_->running.empty() && impl_->waiting.empty(); }

}  // namespace ledge
