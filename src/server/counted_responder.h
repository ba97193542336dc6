// A responder that tells which status was answered, for the metrics.
#pragma once

#include <functional>

#include "server/forwarding_responder.h"

namespace ledge {

class CountedResponder final : public ForwardingResponder {
 public:
  CountedResponder(std::shared_ptr<Responder> to, std::function<void(int status)> count)
      : ForwardingResponder(std::move(to)), count_(std::move(count)) {}

  void Send(HttpReply reply) override {
    count_(reply.status);
    ForwardingResponder::Send(std::move(reply));
  }
  void BeginStream(int status, HttpHeaders headers) override {
    count_(status);
    ForwardingResponder::BeginStream(status, std::move(headers));
  }

 private:
  std::function<void(int status)> count_;
};

}  // namespace ledge
