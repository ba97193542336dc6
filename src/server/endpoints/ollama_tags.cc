// GET /api/tags. Source: Ollama's docs/api.md, "List Local Models".
#include "api/json_reader.h"
#include "server/front.h"
#include "server/ollama_model.h"

namespace ledge {
namespace {

void AnswerTags(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  Json models = Json::array();
  for (const ServedModel& model : front.index().List()) models.push_back(OllamaModelJson(model));
  responder->Send(Front::JsonReply(200, Dump({{"models", std::move(models)}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_tags;
const EndpointEntry kEndpoint_ollama_tags = {"GET", "/api/tags", false, AnswerTags};

}  // namespace ledge
