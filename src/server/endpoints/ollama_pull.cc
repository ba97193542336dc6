// POST /api/pull: names of the catalogue alone, so that no client can make the server fetch what it
// names. Source: Ollama's docs/api.md, "Pull a Model".
#include "api/json_reader.h"
#include "server/front.h"
#include "server/ollama_model.h"
#include "server/pull.h"

namespace ledge {
namespace {

void AnswerPull(Front& front, const HttpRequest& request, std::shared_ptr<Responder> responder) {
  auto json = ParseJsonObject(request.body);
  if (!json.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, json.error()));
  FieldReader fields(*json);
  std::string name = fields.Text("model");
  if (name.empty()) name = fields.Text("name");
  if (name.empty()) fields.Fail("model", "no model is named; give 'model'");
  const bool stream = fields.Flag("stream", true);
  if (fields.failed()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, fields.error()));
  const bool there = front.index().Find(name).ok();
  if (!there && !MayPull(name)) {
    return responder->Send(Front::ErrorReply(
        ApiStyle::kOllama,
        {.status = 404,
         .code = "model_not_found",
         .message = PrintableLine("no model '" + name +
                                  "' in the catalogue; 'ledge pull' on the machine fetches from "
                                  "elsewhere")}));
  }
  const auto tell = [responder, stream](const ApiError* error) {
    const std::string line =
        error == nullptr ? R"({"status":"success"})" : ErrorBody(ApiStyle::kOllama, *error);
    if (!stream) {
      return responder->Send(error == nullptr ? Front::JsonReply(200, line)
                                              : Front::ErrorReply(ApiStyle::kOllama, *error));
    }
    responder->Write(line + "\n");
    responder->End();
  };
  if (stream) {
    responder->BeginStream(200, {{"Content-Type", "application/x-ndjson"}});
    responder->Write("{\"status\":\"pulling manifest\"}\n");
  }
  if (there) return tell(nullptr);
  PullInBackground(front.loop(), front.index().store().home(), name, tell);
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_pull;
const EndpointEntry kEndpoint_ollama_pull = {"POST", "/api/pull", false, AnswerPull};

}  // namespace ledge
