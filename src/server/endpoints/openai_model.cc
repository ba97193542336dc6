// GET /v1/models/{name}. Source: OpenAI's API reference, "Retrieve model".
#include "api/json_reader.h"
#include "server/front.h"

namespace ledge {
namespace {

constexpr std::string_view kPrefix = "/v1/models/";

void AnswerModel(Front& front, const HttpRequest& request, std::shared_ptr<Responder> responder) {
  auto model = front.index().Find(request.path.substr(kPrefix.size()));
  if (!model.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOpenAi, model.error()));
  responder->Send(
      Front::JsonReply(200, Dump({{"id", model->name},
                                  {"object", "model"},
                                  {"created", model->manifest ? model->manifest->created_unix : 0},
                                  {"owned_by", "ledge"}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_openai_model;
const EndpointEntry kEndpoint_openai_model = {"GET", "/v1/models/*", false, AnswerModel};

}  // namespace ledge
