// POST /ledge/v1/unload {"model"}: takes it out of memory.
#include "api/json_reader.h"
#include "server/front.h"
#include "server/ollama_model.h"

namespace ledge {
namespace {

void AnswerLedgeUnload(Front& front, const HttpRequest& request,
                       std::shared_ptr<Responder> responder) {
  auto model = ModelOfBody(front, request.body);
  if (!model.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOpenAi, model.error()));
  const bool unloaded = front.residency().Unload(model->name);
  responder->Send(Front::JsonReply(200, Dump({{"name", model->name}, {"unloaded", unloaded}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_ledge_unload;
const EndpointEntry kEndpoint_ledge_unload = {"POST", "/ledge/v1/unload", false, AnswerLedgeUnload};

}  // namespace ledge
