// POST /api/show. Source: Ollama's docs/api.md, "Show Model Information".
#include "api/json_reader.h"
#include "model/architecture.h"
#include "server/front.h"
#include "server/ollama_model.h"

namespace ledge {
namespace {

// What clients choose models by: text can come of every other model, and calls whatever its
// template is.
Json Capabilities(const ServedModel& model) {
  if (model.manifest && IsEncoder(model.manifest->architecture)) return Json::array({"embedding"});
  return Json::array({"completion", "tools"});
}

void AnswerShow(Front& front, const HttpRequest& request, std::shared_ptr<Responder> responder) {
  auto model = ModelOfBody(front, request.body);
  if (!model.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, model.error()));
  *model = front.index().Described(*std::move(model));
  const Json listed = OllamaModelJson(*model);
  Json info = Json::object();
  if (model->manifest) {
    info["general.architecture"] = model->manifest->architecture;
    info["general.parameter_count"] = model->manifest->parameters;
  }
  responder->Send(
      Front::JsonReply(200, Dump({{"license", model->manifest ? model->manifest->licence : ""},
                                  {"modelfile", ""},
                                  {"parameters", ""},
                                  {"template", ""},
                                  {"details", listed["details"]},
                                  {"model_info", std::move(info)},
                                  {"modified_at", listed["modified_at"]},
                                  {"capabilities", Capabilities(*model)}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_show;
const EndpointEntry kEndpoint_ollama_show = {"POST", "/api/show", false, AnswerShow};

}  // namespace ledge
