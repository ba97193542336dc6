// DELETE /api/delete. Source: Ollama's docs/api.md, "Delete a Model".
#include "api/json_reader.h"
#include "server/front.h"
#include "server/ollama_model.h"

namespace ledge {
namespace {

void AnswerDelete(Front& front, const HttpRequest& request, std::shared_ptr<Responder> responder) {
  auto model = ModelOfBody(front, request.body);
  if (!model.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, model.error()));
  if (!model->manifest) {
    return responder->Send(Front::ErrorReply(
        ApiStyle::kOllama, BadField("model", "model '" + model->name +
                                                 "' is a file of the command line; only models of "
                                                 "the store can be deleted")));
  }
  front.residency().Unload(model->name);
  if (const auto removed = front.index().store().Remove(model->manifest->name); !removed.ok())
    return responder->Send(Front::ErrorReply(ApiStyle::kOllama, FromError(removed.error())));
  responder->Send({.status = 200});
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_delete;
const EndpointEntry kEndpoint_ollama_delete = {"DELETE", "/api/delete", false, AnswerDelete};

}  // namespace ledge
