#include "server/exchange_run.h"

#include <fmt/format.h>

#include "base/units.h"

namespace ledge {

ExchangeRun::ExchangeRun(Front& front, std::unique_ptr<Exchange> exchange, std::string path,
                         std::string id, std::shared_ptr<Responder> responder)
    : front_(front),
      exchange_(std::move(exchange)),
      path_(std::move(path)),
      id_(std::move(id)),
      responder_(std::move(responder)),
      began_(front.os_.MonotonicNow()) {}

ExchangeRun::~ExchangeRun() = default;

void ExchangeRun::Start(const std::string& client) {
  const auto self = shared_from_this();
  responder_->on_gone = [weak = weak_from_this()] {
    if (const auto run = weak.lock()) {
      run->CancelAll();
      run->Finish(499, "client_gone");
    }
  };
  for (size_t i = 0; i < exchange_->asks.size(); ++i) {
    asks_.push_back(std::make_unique<One>(*this, i));
    Ask& ask = exchange_->asks[i];
    ask.client = client;
    auto id = front_.residency_.Submit(exchange_->model, std::move(ask), asks_.back().get());
    if (!id.ok()) {
      asks_.back()->done = true;
      return Fail(id.error());
    }
    asks_.back()->id = *id;
  }
  if (!exchange_->keep_alive.empty()) {
    const bool for_ever = exchange_->keep_alive.starts_with('-');
    const auto duration = ParseDuration(exchange_->keep_alive);
    if (for_ever || duration.ok()) {
      front_.residency_.SetKeepAlive(exchange_->model,
                                     for_ever ? std::chrono::nanoseconds(-1) : *duration);
    }
  }
  if (asks_.empty()) {  // nothing to compute: an empty request that brings a model in, or out
    front_.residency_.Load(exchange_->model, [self](const ApiError* error) {
      if (self->finished_) return;
      if (error != nullptr) return self->Fail(*error);
      std::string out;
      self->exchange_->OnAllEnded(out);
      self->Emit(std::move(out));
      self->Finish(200, "loaded");
    });
  }
}

void ExchangeRun::OnStarted(size_t choice, const AskStarted& started) {
  prompt_tokens_ += started.prompt_tokens;
  std::string out;
  exchange_->OnStarted(choice, started, out);
  Emit(std::move(out));
}

void ExchangeRun::OnPiece(size_t choice, const AskPiece& piece) {
  const auto now = front_.os_.MonotonicNow();
  (last_piece_.count() == 0 ? front_.metrics_.to_first_token : front_.metrics_.between_tokens)
      .Observe(now - (last_piece_.count() == 0 ? began_ : last_piece_));
  last_piece_ = now;
  std::string out;
  exchange_->OnPiece(choice, piece, out);
  Emit(std::move(out));
}

void ExchangeRun::OnEnd(size_t choice, const AskEnd& end) {
  const auto self = shared_from_this();
  asks_[choice]->done = true;
  completion_tokens_ += end.usage.completion_tokens;
  std::string out;
  exchange_->OnEnd(choice, end, out);
  if (++ended_ == exchange_->asks.size()) exchange_->OnAllEnded(out);
  Emit(std::move(out));
  if (ended_ == exchange_->asks.size()) Finish(200, "done");
}

void ExchangeRun::OnError(size_t choice, const ApiError& error) {
  asks_[choice]->done = true;
  Fail(error);
}

void ExchangeRun::Fail(const ApiError& error) {
  if (finished_) return;
  const auto self = shared_from_this();
  CancelAll();
  responder_->on_gone = nullptr;
  if (stream_begun_) {
    responder_->Write(exchange_->ErrorPiece(error));
    responder_->End();
  } else {
    HttpReply reply = Front::JsonReply(error.status, exchange_->ErrorAnswer(error));
    if (error.retry_after > 0)
      reply.headers.emplace_back("Retry-After", std::to_string(error.retry_after));
    Send(std::move(reply));
  }
  Finish(error.status, error.code.empty() ? "refused" : error.code);
}

void ExchangeRun::CancelAll() {
  for (const auto& ask : asks_) {
    if (!ask->done && ask->id != 0) front_.residency_.Cancel(ask->id);
    ask->done = true;
  }
}

void ExchangeRun::Emit(std::string bytes) {
  if (finished_ || bytes.empty()) return;
  if (!exchange_->stream) {
    responder_->on_gone = nullptr;
    return Send(Front::JsonReply(200, std::move(bytes)));
  }
  if (!stream_begun_) {
    stream_begun_ = true;
    responder_->BeginStream(200, {{"Content-Type", std::string(exchange_->ContentType())},
                                  {"Cache-Control", "no-store"},
                                  {kRequestIdHeader, id_}});
  }
  responder_->Write(std::move(bytes));
}

// With the id that the log tells.
void ExchangeRun::Send(HttpReply reply) {
  reply.headers.emplace_back(kRequestIdHeader, id_);
  responder_->Send(std::move(reply));
}

void ExchangeRun::Finish(int status, std::string_view outcome) {
  if (finished_) return;
  const auto self = shared_from_this();
  if (status == 200 && exchange_->stream) responder_->End();
  finished_ = true;
  responder_->on_gone = nullptr;
  const auto took = front_.os_.MonotonicNow() - began_;
  ++front_.metrics_.requests[{path_, status}];
  front_.metrics_.request_time.Observe(took);
  front_.log_.Info(fmt::format(
      "event=request id={} path={} model=\"{}\" status={} outcome={} ms={:.1f} prompt_tokens={} "
      "completion_tokens={}",
      id_, path_, exchange_->model, status, outcome,
      std::chrono::duration<double, std::milli>(took).count(), prompt_tokens_, completion_tokens_));
  front_.Forget(this);
}

}  // namespace ledge
