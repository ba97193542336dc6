// GET /api/ps. Source: Ollama's docs/api.md, "List Running Models".
#include "api/json_reader.h"
#include "server/front.h"
#include "server/ollama_model.h"

namespace ledge {
namespace {

void AnswerPs(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  Json models = Json::array();
  for (const ModelStatus& status : front.residency().Models()) {
    auto model = front.index().Find(status.name);
    if (!model.ok()) continue;
    Json json = OllamaModelJson(*model);
    const bool for_ever = status.time_to_live.count() < 0;
    // What stays for ever goes in a hundred years: the field must be a time.
    const std::chrono::nanoseconds left =
        for_ever ? std::chrono::hours(24 * 365 * 100) : status.time_to_live;
    json["expires_at"] =
        TimeText(front.os().WallNow() +
                 std::chrono::duration_cast<std::chrono::system_clock::duration>(left));
    json["size"] =
        status.description.weights_bytes + status.description.scratch_bytes + status.kv_used;
    json["size_vram"] = 0;
    json["context_length"] = status.description.context;
    models.push_back(std::move(json));
  }
  responder->Send(Front::JsonReply(200, Dump({{"models", std::move(models)}})));
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_ps;
const EndpointEntry kEndpoint_ollama_ps = {"GET", "/api/ps", false, AnswerPs};

}  // namespace ledge
