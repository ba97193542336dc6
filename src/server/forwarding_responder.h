// A responder that stands before another one and changes some of what passes.
#pragma once

#include <memory>
#include <utility>

#include "server/http/message.h"

namespace ledge {

// On the loop's thread, as the responder it stands before.
class ForwardingResponder : public Responder {
 public:
  explicit ForwardingResponder(std::shared_ptr<Responder> to) : to_(std::move(to)) {
    to_->on_gone = [this] {
      // Who is told may take it away meanwhile.
      if (const auto gone = std::exchange(on_gone, nullptr)) gone();
    };
  }
  ~ForwardingResponder() override { to_->on_gone = nullptr; }

  void Send(HttpReply reply) override { to_->Send(std::move(reply)); }
  void BeginStream(int status, HttpHeaders headers) override {
    to_->BeginStream(status, std::move(headers));
  }
  void Write(std::string bytes) override { to_->Write(std::move(bytes)); }
  void End() override { to_->End(); }

 private:
  std::shared_ptr<Responder> to_;
};

}  // namespace ledge
