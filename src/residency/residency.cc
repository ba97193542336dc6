#include "residency/residency.h"

#include <algorithm>

#include "base/units.h"
#include "residency/resident_model.h"

namespace ledge {
namespace {

constexpr std::chrono::nanoseconds kTickEvery = std::chrono::milliseconds(500);

}  // namespace

Residency::Residency(Os& os, EventLoop& loop, ModelIndex& index, ResidencyOptions options, Log log)
    : os_(os),
      loop_(loop),
      index_(index),
      options_(std::move(options)),
      log_(std::move(log)),
      policy_(MakeLruPolicy()) {
  tick_ = loop_.After(kTickEvery, [this] { Tick(); });
}

Residency::~Residency() = default;

void Residency::LogInfo(std::string_view line) const { log_(line, /*warning=*/false); }

ResidentModel* Residency::FindResident(const std::string& name) const {
  const auto found = models_.find(name);
  return found == models_.end() ? nullptr : found->second.get();
}

void Residency::LoadPinned(std::function<void(Result<void>)> done) {
  auto left = std::make_shared<size_t>(options_.pinned.size());
  if (*left == 0) return loop_.Post([done] { done({}); });
  for (const std::string& name : options_.pinned) {
    Load(name, [left, done](const ApiError* error) {
      if (*left == 0) return;
      if (error != nullptr) {
        *left = 0;
        const Code code = error->status == 507   ? Code::kOverBudget
                          : error->status == 404 ? Code::kNotFound
                                                 : Code::kUnsupported;
        return done(Error{code, error->message});
      }
      if (--*left == 0) done({});
    });
  }
}

bool Residency::ready() const {
  return std::ranges::all_of(options_.pinned, [this](const std::string& name) {
    const auto served = index_.FindServing(name);
    ApiResult<ServedModel> found = served;
    const ResidentModel* model = found.ok() ? FindResident(found->name) : nullptr;
    return model != nullptr && model->ready();
  });
}

ApiResult<ResidentModel*> Residency::Ensure(const std::string& model) {
  auto served = index_.FindServing(model);
  if (!served.ok()) return served.error();
  if (ResidentModel* resident = FindResident(served->name)) return resident;
  const bool pinned = std::ranges::any_of(options_.pinned, [&](const std::string& name) {
    auto found = index_.FindServing(name);
    return found.ok() && found->name == served->name;
  });
  auto resident = std::make_unique<ResidentModel>(*this, *served, pinned);
  if (const auto started = resident->Start(); !started.ok()) return FromError(started.error());
  ResidentModel* raw = resident.get();
  LogInfo("model=" + served->name + " event=loading");
  models_[served->name] = std::move(resident);
  return raw;
}

uint64_t Residency::UsedBytes(const ResidentModel* except) const {
  uint64_t bytes = 0;
  for (const auto& [name, model] : models_) {
    if (model.get() != except) bytes += model->bytes();
  }
  return bytes;
}

std::optional<ApiError> Residency::MakeRoom(const ResidentModel& wanting, uint64_t bytes) {
  uint64_t pinned = 0;
  std::vector<EvictionCandidate> candidates;
  for (const auto& [name, model] : models_) {
    if (model.get() == &wanting) continue;
    if (model->pinned()) pinned += model->bytes();
    candidates.push_back(
        {name, model->bytes(), model->pinned(), model->busy(), model->last_used()});
  }
  const std::string needs = "model '" + wanting.name() + "' needs " + FormatSize(bytes);
  if (bytes + pinned > options_.memory_budget) {
    return ApiError{.status = 507,
                    .code = "over_budget",
                    .message = needs + "; the memory budget is " +
                               FormatSize(options_.memory_budget) + ", pinned models have " +
                               FormatSize(pinned) + " of it",
                    .param = "model"};
  }
  const uint64_t used = UsedBytes(&wanting);
  if (used + bytes <= options_.memory_budget) return std::nullopt;
  const auto leaving =
      policy_->Choose(std::move(candidates), used + bytes - options_.memory_budget);
  if (!leaving) {
    return ApiError{.status = 503,
                    .code = "no_memory_now",
                    .message = needs + "; models at work have " + FormatSize(used) +
                               " of the budget of " + FormatSize(options_.memory_budget) +
                               ", try again later",
                    .param = "model",
                    .retry_after = 2};
  }
  for (const std::string& name : *leaving) {
    LogInfo("model=" + name + " event=evicted for=" + wanting.name());
    models_.erase(name);
  }
  return std::nullopt;
}

void Residency::Remove(const std::string& name, const ApiError& error) {
  const auto found = models_.find(name);
  if (found == models_.end()) return;
  // The caller may be one of its own methods: it goes when the loop is back.
  std::shared_ptr<ResidentModel> model = std::move(found->second);
  models_.erase(found);
  model->FailAll(error);
  loop_.Post([model, error] { model->TellGone(error); });
}

ApiResult<uint64_t> Residency::Submit(const std::string& model, Ask ask, AskListener* listener) {
  auto resident = Ensure(model);
  if (!resident.ok()) return resident.error();
  ResidentModel& target = **resident;
  if (target.asked() >= uint64_t{options_.sequences} + options_.queue) {
    return ApiError{.status = 429,
                    .code = "queue_full",
                    .message = "model '" + target.name() + "' has " +
                               std::to_string(target.asked()) +
                               " requests, as many as may run and wait; try again in the time that "
                               "Retry-After says",
                    .retry_after = target.RetryAfterSeconds()};
  }
  const uint64_t id = next_id_++;
  ++totals_.requests;
  asks_[id] = &target;
  target.Submit(id, std::move(ask), listener);
  return id;
}

void Residency::Cancel(uint64_t id) {
  const auto found = asks_.find(id);
  if (found == asks_.end()) return;
  ResidentModel* model = found->second;
  asks_.erase(found);
  model->Cancel(id);
}

void Residency::SetKeepAlive(const std::string& model, std::chrono::nanoseconds duration) {
  auto served = index_.FindServing(model);
  if (!served.ok()) return;
  if (ResidentModel* resident = FindResident(served->name)) resident->keep_alive = duration;
}

void Residency::Load(const std::string& model, Loaded loaded) {
  auto resident = Ensure(model);
  if (!resident.ok()) return loop_.Post([loaded, error = resident.error()] { loaded(&error); });
  (*resident)->WhenLoaded(std::move(loaded));
}

bool Residency::Unload(const std::string& model) {
  auto served = index_.FindServing(model);
  const std::string name = served.ok() ? served->name : model;
  if (FindResident(name) == nullptr) return false;
  LogInfo("model=" + name + " event=unloaded");
  Remove(name, {.status = 503,
                .code = "unloaded",
                .message = "model '" + name + "' was unloaded",
                .retry_after = 1});
  return true;
}

std::vector<ModelStatus> Residency::Models() const {
  std::vector<ModelStatus> models;
  const auto now = os_.MonotonicNow();
  for (const auto& [name, model] : models_) models.push_back(model->Status(now));
  return models;
}

ResidencyTotals Residency::totals() const { return totals_; }

uint32_t Residency::active() const {
  uint32_t count = 0;
  for (const auto& [name, model] : models_) count += model->Status(os_.MonotonicNow()).active;
  return count;
}

uint32_t Residency::waiting() const {
  uint32_t count = 0;
  for (const auto& [name, model] : models_) count += model->Status(os_.MonotonicNow()).waiting;
  return count;
}

uint64_t Residency::waiting_tokens() const {
  uint64_t count = 0;
  for (const auto& [name, model] : models_)
    count += model->Status(os_.MonotonicNow()).waiting_tokens;
  return count;
}

void Residency::Tick() {
  const auto now = os_.MonotonicNow();
  std::vector<std::string> expired;
  for (const auto& [name, model] : models_) {
    if (model->expired(now)) expired.push_back(name);
  }
  for (const std::string& name : expired) {
    LogInfo("model=" + name + " event=expired");
    models_.erase(name);
  }
  tick_ = loop_.After(kTickEvery, [this] { Tick(); });
}

}  // namespace ledge
