// GET /healthz: the server is alive.
#include "server/front.h"

namespace ledge {
namespace {

void AnswerHealthz(Front&, const HttpRequest&, std::shared_ptr<Responder> responder) {
  responder->Send(Front::JsonReply(200, R"({"status":"ok"})"));
}

}  // namespace

extern const EndpointEntry kEndpoint_healthz;
const EndpointEntry kEndpoint_healthz = {"GET", "/healthz", true, AnswerHealthz};

}  // namespace ledge
