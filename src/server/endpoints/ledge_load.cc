// POST /ledge/v1/load {"model"}: brings it into memory; answers when it is there.
#include "api/json_reader.h"
#include "server/front.h"
#include "server/model_status.h"
#include "server/ollama_model.h"

namespace ledge {
namespace {

void AnswerLedgeLoad(Front& front, const HttpRequest& request,
                     std::shared_ptr<Responder> responder) {
  auto model = ModelOfBody(front, request.body);
  if (!model.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOpenAi, model.error()));
  Front* raw = &front;
  front.residency().Load(model->name, [raw, responder, name = model->name](const ApiError* error) {
    if (error != nullptr) return responder->Send(Front::ErrorReply(ApiStyle::kOpenAi, *error));
    for (const ModelStatus& status : raw->residency().Models()) {
      if (status.name == name)
        return responder->Send(Front::JsonReply(200, Dump(StatusJson(status))));
    }
    responder->Send(Front::ErrorReply(ApiStyle::kOpenAi, ModelNotFound(name)));
  });
}

}  // namespace

extern const EndpointEntry kEndpoint_ledge_load;
const EndpointEntry kEndpoint_ledge_load = {"POST", "/ledge/v1/load", false, AnswerLedgeLoad};

}  // namespace ledge
