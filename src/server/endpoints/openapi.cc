// GET /ledge/v1/openapi.json: a description of every endpoint.
#include "server/front.h"

namespace ledge {
extern const std::string_view kOpenApiText;

namespace {

void AnswerOpenApi(Front&, const HttpRequest&, std::shared_ptr<Responder> responder) {
  responder->Send(Front::JsonReply(200, std::string(kOpenApiText)));
}

}  // namespace

extern const EndpointEntry kEndpoint_openapi;
const EndpointEntry kEndpoint_openapi = {"GET", "/ledge/v1/openapi.json", false, AnswerOpenApi};

}  // namespace ledge
