#include "residency/resident_model.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace ledge {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kHealthyAfter = seconds(10);
constexpr int kMaxDeaths = 5;  // in a row; then it is given up

// A value of a line of the log; it can't end before its end.
std::string Quoted(std::string_view text) {
  std::string quoted = PrintableLine(text);
  std::ranges::replace(quoted, '"', '\'');
  return '"' + quoted + '"';
}

}  // namespace

ResidentModel::ResidentModel(Residency& residency, ServedModel model, bool pinned)
    : residency_(residency), model_(std::move(model)), pinned_(pinned) {
  keep_alive = residency_.options_.keep_alive;
  last_used_ = residency_.os_.MonotonicNow();
}

ResidentModel::~ResidentModel() = default;

uint64_t ResidentModel::bytes() const {
  // Nothing is granted to one that hasn't said yet what it needs.
  return weights_granted_ + description_.scratch_bytes +
         std::max(kv_granted_, description_.kv_sequence_bytes);
}

bool ResidentModel::expired(nanoseconds now) const {
  if (pinned_ || busy() || keep_alive.count() < 0) return false;
  return now - last_used_ >= keep_alive;
}

ModelStatus ResidentModel::Status(nanoseconds now) const {
  ModelStatus status;
  status.name = model_.name;
  status.state = ready() ? "ready" : "loading";
  status.pid = worker_ == nullptr ? 0 : worker_->pid();
  status.pinned = pinned_;
  status.description = description_;
  if (status.description.weights_bytes == 0) status.description.weights_bytes = model_.bytes;
  status.weights_granted = weights_granted_;
  status.kv_granted = kv_granted_;
  status.kv_used = numbers_.kv_bytes;
  status.active =
      static_cast<uint32_t>(std::min<size_t>(listeners_.size(), residency_.options_.sequences));
  status.waiting = static_cast<uint32_t>(listeners_.size()) - status.active;
  status.waiting_tokens = numbers_.waiting_tokens;
  status.idle = now - last_used_;
  status.time_to_live = pinned_ || keep_alive.count() < 0
                            ? nanoseconds(-1)
                            : std::max(keep_alive - status.idle, nanoseconds(0));
  return status;
}

int ResidentModel::RetryAfterSeconds() const {
  const double places = static_cast<double>(listeners_.size()) - residency_.options_.sequences -
                        residency_.options_.queue + 1;
  return static_cast<int>(
      std::clamp(std::ceil(std::max(places, 1.0) * seconds_between_ends_), 1.0, 600.0));
}

Result<void> ResidentModel::Start() {
  LEDGE_TRY(worker_, WorkerProcess::Start(
                         residency_.loop_, [this](WorkerMessage m) { OnMessage(std::move(m)); },
                         [this](const std::string& how) { OnWorkerEnd(how); }));
  state_ = State::kDescribing;
  started_ = residency_.os_.MonotonicNow();
  Setup setup = residency_.options_.setup;
  setup.model = model_.reference;
  setup.sequences = residency_.options_.sequences;
  worker_->Send(std::move(setup));
  return {};
}

void ResidentModel::WhenLoaded(Residency::Loaded loaded) {
  if (!ready()) {
    loaded_.push_back(std::move(loaded));
    return;
  }
  residency_.loop_.Post([loaded = std::move(loaded)] { loaded(nullptr); });
}

void ResidentModel::TellLoaded(const ApiError* error) {
  std::vector<Residency::Loaded> told;
  std::swap(told, loaded_);
  for (const auto& loaded : told) loaded(error);
}

void ResidentModel::Submit(uint64_t id, Ask ask, AskListener* listener) {
  listeners_[id] = listener;
  last_used_ = residency_.os_.MonotonicNow();
  SubmitAsk submit{id, std::move(ask)};
  if (ready()) {
    worker_->Send(std::move(submit));
  } else {
    unsent_.push_back(std::move(submit));
  }
}

void ResidentModel::Cancel(uint64_t id) {
  listeners_.erase(id);
  last_used_ = residency_.os_.MonotonicNow();
  const auto waiting = std::erase_if(unsent_, [id](const SubmitAsk& s) { return s.id == id; });
  if (waiting == 0 && ready()) worker_->Send(CancelAsk{id});
}

void ResidentModel::FailAll(const ApiError& error) {
  unsent_.clear();
  std::map<uint64_t, AskListener*> listeners;
  std::swap(listeners, listeners_);
  for (const auto& [id, listener] : listeners) residency_.asks_.erase(id);
  for (const auto& [id, listener] : listeners) listener->OnError(error);
}

void ResidentModel::TellGone(const ApiError& error) {
  worker_.reset();
  restart_.reset();
  TellLoaded(&error);
}

AskListener* ResidentModel::Take(uint64_t id) {
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return nullptr;
  AskListener* listener = found->second;
  listeners_.erase(found);
  residency_.asks_.erase(id);
  const auto now = residency_.os_.MonotonicNow();
  if (last_end_.count() > 0) {
    const double passed = std::chrono::duration<double>(now - last_end_).count();
    seconds_between_ends_ = 0.8 * seconds_between_ends_ + 0.2 * std::min(passed, 60.0);
  }
  last_end_ = now;
  last_used_ = now;
  return listener;
}

void ResidentModel::OnMessage(WorkerMessage message) {
  const auto listener = [this](uint64_t id) -> AskListener* {
    const auto found = listeners_.find(id);
    return found == listeners_.end() ? nullptr : found->second;
  };
  if (auto* described = std::get_if<Described>(&message)) {
    OnDescribed(std::move(*described));
  } else if (std::get_if<Ready>(&message) != nullptr) {
    OnReady();
  } else if (const auto* failed = std::get_if<SetupFailed>(&message)) {
    residency_.LogInfo("model=" + name() +
                       " event=load_failed reason=" + Quoted(failed->error.message));
    ApiError error = FromError(failed->error);
    // A model that can't be run here is nobody's fault who asks for it.
    if (error.status == 400) error.status = 503;
    residency_.Remove(name(), error);
  } else if (const auto* note = std::get_if<Note>(&message)) {
    residency_.LogInfo("model=" + name() + " event=note text=" + Quoted(note->text));
  } else if (const auto* started = std::get_if<Started>(&message)) {
    if (AskListener* l = listener(started->id)) l->OnStarted(started->started);
  } else if (const auto* piece = std::get_if<Piece>(&message)) {
    if (AskListener* l = listener(piece->id)) l->OnPiece(piece->piece);
  } else if (const auto* ended = std::get_if<Ended>(&message)) {
    if (AskListener* l = Take(ended->id)) l->OnEnd(ended->end);
  } else if (const auto* refused = std::get_if<Refused>(&message)) {
    ApiError error = FromError(refused->error);
    if (refused->too_long) error.code = "context_length_exceeded";  // as OpenAI's clients know it
    if (refused->retry_after > 0) {
      error.status = 429;
      error.code = "queue_full";
      error.retry_after = static_cast<int>(refused->retry_after);
    }
    if (AskListener* l = Take(refused->id)) l->OnError(error);
  } else if (const auto* numbers = std::get_if<Numbers>(&message)) {
    OnNumbers(*numbers);
  }
}

std::optional<ApiError> ResidentModel::TakeRoom() {
  const Described& d = description_;
  const uint64_t rest = d.scratch_bytes + d.kv_sequence_bytes;
  weights_granted_ = d.weights_bytes;
  auto refused = residency_.MakeRoom(*this, d.weights_bytes + rest);
  const bool never = refused && refused->status == 507;
  if (!never || d.least_weights_bytes >= d.weights_bytes) return refused;
  refused = residency_.MakeRoom(*this, d.least_weights_bytes + rest);
  if (refused) return refused;
  // Of the experts that may come and go half of what is free, so that caches find room, too.
  const uint64_t used = residency_.UsedBytes(this) + d.least_weights_bytes + rest;
  const uint64_t budget = residency_.options_.memory_budget;
  weights_granted_ = d.least_weights_bytes + (budget > used ? (budget - used) / 2 : 0);
  return std::nullopt;
}

void ResidentModel::OnDescribed(Described description) {
  if (state_ != State::kDescribing) return;
  description_ = std::move(description);
  description_.least_weights_bytes =
      std::min(description_.least_weights_bytes, description_.weights_bytes);
  if (auto refused = TakeRoom()) {
    residency_.LogInfo("model=" + name() + " event=no_room reason=" + Quoted(refused->message));
    return residency_.Remove(name(), *refused);
  }
  // One sequence's cache for certain; for more of them half of what is free, so that another model
  // still finds room.
  const uint64_t used = residency_.UsedBytes(this) + weights_granted_ + description_.scratch_bytes +
                        description_.kv_sequence_bytes;
  const uint64_t budget = residency_.options_.memory_budget;
  const uint64_t free = budget > used ? budget - used : 0;
  const uint64_t wanted =
      description_.kv_sequence_bytes * (std::max<uint64_t>(residency_.options_.sequences, 1) - 1);
  kv_granted_ = description_.kv_sequence_bytes + std::min(wanted, free / 2);
  state_ = State::kGranting;
  worker_->Send(Grant{.kv_bytes = kv_granted_, .weights_bytes = weights_granted_});
}

void ResidentModel::OnReady() {
  if (state_ != State::kGranting) return;
  state_ = State::kReady;
  numbers_ = {};
  residency_.LogInfo(
      "model=" + name() + " event=ready pid=" + std::to_string(worker_->pid()) + " weights=\"" +
      FormatSize(description_.weights_bytes) + "\" granted=\"" + FormatSize(weights_granted_) +
      "\" kv=\"" + FormatSize(kv_granted_) + "\" context=" + std::to_string(description_.context) +
      " template=" + description_.chat_template + " confined=\"" + description_.confinement + "\"");
  for (const std::string& guess : description_.guesses) {
    residency_.log_("model=" + name() + " event=guessed text=" + Quoted(guess),
                    /*warning=*/true);
  }
  for (SubmitAsk& submit : unsent_) worker_->Send(std::move(submit));
  unsent_.clear();
  last_used_ = residency_.os_.MonotonicNow();
  TellLoaded(nullptr);
}

void ResidentModel::OnNumbers(const Numbers& numbers) {
  ResidencyTotals& totals = residency_.totals_;
  const auto add = [](auto& total, auto now, auto before) {
    if (now > before) total += now - before;
  };
  add(totals.prompt_computed, numbers.prompt_computed, numbers_.prompt_computed);
  add(totals.prompt_cached, numbers.prompt_cached, numbers_.prompt_cached);
  add(totals.completion, numbers.completion, numbers_.completion);
  add(totals.forced, numbers.forced, numbers_.forced);
  add(totals.steps, numbers.steps, numbers_.steps);
  add(totals.step_columns, numbers.step_columns, numbers_.step_columns);
  add(totals.in_steps, numbers.in_steps, numbers_.in_steps);
  add(totals.in_forms, numbers.in_forms, numbers_.in_forms);
  numbers_ = numbers;
}

void ResidentModel::OnWorkerEnd(const std::string& how) {
  ++residency_.totals_.worker_deaths;
  const auto now = residency_.os_.MonotonicNow();
  deaths_ = now - started_ > kHealthyAfter ? 1 : deaths_ + 1;
  residency_.LogInfo("model=" + name() + " event=worker_ended reason=" + Quoted(how));
  worker_.reset();
  state_ = State::kDead;
  const ApiError error{.status = 503,
                       .code = "worker_ended",
                       .message = "the process of model '" + name() +
                                  "' ended; it is being started again, try once more",
                       .retry_after = 1};
  FailAll(error);
  if (deaths_ >= kMaxDeaths) return residency_.Remove(name(), error);
  // At once the first time; the weights are still in memory.
  const auto delay =
      deaths_ <= 1 ? nanoseconds(0) : nanoseconds(std::chrono::milliseconds(100)) * (1 << deaths_);
  restart_ = residency_.loop_.After(delay, [this, error] {
    if (const auto started = Start(); !started.ok()) residency_.Remove(name(), error);
  });
}

}  // namespace ledge
