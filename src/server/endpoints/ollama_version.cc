// GET /api/version. Source: Ollama's docs/api.md, "Version".
#include "api/json_reader.h"
#include "server/front.h"

namespace ledge {
namespace {

void AnswerVersion(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  responder->Send(Front::JsonReply(200, Dump({{"version", front.options().version}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_version;
const EndpointEntry kEndpoint_ollama_version = {"GET", "/api/version", false, AnswerVersion};

}  // namespace ledge
