// GET /readyz: the models that --model named can answer.
#include "server/front.h"

namespace ledge {
namespace {

void AnswerReadyz(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  if (front.draining())
    return responder->Send(Front::JsonReply(503, R"({"status":"shutting down"})"));
  if (!front.residency().ready()) {
    HttpReply reply = Front::JsonReply(503, R"({"status":"loading"})");
    reply.headers.emplace_back("Retry-After", "1");
    return responder->Send(std::move(reply));
  }
  responder->Send(Front::JsonReply(200, R"({"status":"ready"})"));
}

}  // namespace

extern const EndpointEntry kEndpoint_readyz;
const EndpointEntry kEndpoint_readyz = {"GET", "/readyz", true, AnswerReadyz};

}  // namespace ledge
