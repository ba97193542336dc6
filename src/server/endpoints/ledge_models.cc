// GET /ledge/v1/models: the models in memory.
#include "api/json_reader.h"
#include "server/front.h"
#include "server/model_status.h"

namespace ledge {
namespace {

void AnswerLedgeModels(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  Json models = Json::array();
  for (const ModelStatus& status : front.residency().Models()) models.push_back(StatusJson(status));
  responder->Send(Front::JsonReply(
      200,
      Dump({{"models", std::move(models)}, {"memory_budget", front.residency().memory_budget()}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_ledge_models;
const EndpointEntry kEndpoint_ledge_models = {"GET", "/ledge/v1/models", false, AnswerLedgeModels};

}  // namespace ledge
