// GET /v1/models. Source: OpenAI's API reference, "List models".
#include "api/json_reader.h"
#include "server/front.h"

namespace ledge {
namespace {

Json ModelJson(const ServedModel& model) {
  return {{"id", model.name},
          {"object", "model"},
          {"created", model.manifest ? model.manifest->created_unix : 0},
          {"owned_by", "ledge"}};
}

void AnswerModels(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  Json list = {{"object", "list"}, {"data", Json::array()}};
  for (const ServedModel& model : front.index().List()) list["data"].push_back(ModelJson(model));
  responder->Send(Front::JsonReply(200, Dump(list)));
}

}  // namespace

extern const EndpointEntry kEndpoint_openai_models;
const EndpointEntry kEndpoint_openai_models = {"GET", "/v1/models", false, AnswerModels};

}  // namespace ledge
