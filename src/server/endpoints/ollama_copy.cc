// POST /api/copy: a second name for a model. Source: Ollama's docs/api.md, "Copy a Model".
#include "api/json_reader.h"
#include "server/front.h"
#include "server/ollama_model.h"
#include "store/import.h"

namespace ledge {
namespace {

Result<void> Copy(const Store& store, const Manifest& manifest, const std::string& to) {
  PutRequest request;
  LEDGE_TRY(request.name, ParseModelName(to));
  request.source_file = manifest.source_file;
  request.source_sha256 = manifest.source_sha256;
  request.source_stamp = manifest.source_stamp;
  request.layout_version = manifest.layout_version;
  request.licence = manifest.licence;
  // It is packed already; should it be gone by now there is nothing to pack.
  const auto gone = [](PendingFile&) -> Result<PackedInfo> {
    return MakeError(Code::kNotFound, "the model is no longer in the store; pull it again");
  };
  LEDGE_TRY(const Manifest copied, store.Put(request, gone));
  static_cast<void>(copied);
  return {};
}

void AnswerCopy(Front& front, const HttpRequest& request, std::shared_ptr<Responder> responder) {
  auto json = ParseJsonObject(request.body);
  if (!json.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, json.error()));
  FieldReader fields(*json);
  const std::string from = fields.Text("source");
  const std::string to = fields.Text("destination");
  if (from.empty() || to.empty())
    fields.Fail("source", "source or destination is missing; must be names");
  if (fields.failed()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, fields.error()));
  auto model = front.index().Find(from);
  if (!model.ok()) return responder->Send(Front::ErrorReply(ApiStyle::kOllama, model.error()));
  if (!model->manifest) {
    return responder->Send(Front::ErrorReply(
        ApiStyle::kOllama, BadField("source",
                                    "the source is a file of the command line; only models of the "
                                    "store can be copied")));
  }
  if (const auto copied = Copy(front.index().store(), *model->manifest, to); !copied.ok())
    return responder->Send(Front::ErrorReply(ApiStyle::kOllama, FromError(copied.error())));
  responder->Send({.status = 200});
}

}  // namespace

extern const EndpointEntry kEndpoint_ollama_copy;
const EndpointEntry kEndpoint_ollama_copy = {"POST", "/api/copy", false, AnswerCopy};

}  // namespace ledge
