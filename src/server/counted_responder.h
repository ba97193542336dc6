// A responder that tells which status was answered, for the metrics.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "server/http/message.h"

namespace ledge {

// On the loop's thread, as the responder it stands before.
class CountedResponder final : public Responder {
 public:
  CountedResponder(std::shared_ptr<Responder> to, std::function<void(int status)> count)
      : to_(std::move(to)), count_(std::move(count)) {
    to_->on_gone = [this] {
      if (on_gone) on_gone();
    };
  }
  ~CountedResponder() override { to_->on_gone = nullptr; }

  void Send(HttpReply reply) override {
    count_(reply.status);
    to_->Send(std::move(reply));
  }
  void BeginStream(int status, HttpHeaders headers) override {
    count_(status);
    to_->BeginStream(status, std::move(headers));
  }
  void Write(std::string bytes) override { to_->Write(std::move(bytes)); }
  void End() override { to_->End(); }

 private:
  std::shared_ptr<Responder> to_;
  std::function<void(int status)> count_;
};

}  // namespace ledge
