// GET /: a page that names the endpoints and shows the models in memory. It holds nothing of them
// itself: a script fetches that, with the key that its user types where there is one.
#include "server/front.h"

namespace ledge {
extern const std::string_view kPageText;

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void AnswerPage(Front&, const HttpRequest&, std::shared_ptr<Responder> responder) {
  responder->Send({.status = 200,
                   .headers = {{"Content-Type", "text/html; charset=utf-8"},
                               {"Cache-Control", "no-cache"},
                               {"X-Content-Type-Options", "nosniff"},
                               {"Content-Security-Policy", std::string(kPolicy)}},
                   .body = std::string(kPageText)});
}

}  // namespace

extern const EndpointEntry kEndpoint_page;
const EndpointEntry kEndpoint_page = {"GET", "/", true, AnswerPage};

}  // namespace ledge
