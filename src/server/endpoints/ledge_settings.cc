// GET /ledge/v1/settings: what `ledge serve`'s options are set to.
#include "server/front.h"

namespace ledge {
namespace {

void AnswerLedgeSettings(Front& front, const HttpRequest&, std::shared_ptr<Responder> responder) {
  responder->Send(Front::JsonReply(200, front.options().settings));
}

}  // namespace

extern const EndpointEntry kEndpoint_ledge_settings;
const EndpointEntry kEndpoint_ledge_settings = {"GET", "/ledge/v1/settings", false,
                                                AnswerLedgeSettings};

}  // namespace ledge
