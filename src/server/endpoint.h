// What the server answers at one path by itself: models, health, numbers. (Requests that a model
// answers are api/exchange.h's.) One file of server/endpoints/ each.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "server/http/message.h"

namespace ledge {

class Front;

struct EndpointEntry {
  std::string_view method;  // GET answers HEAD, too
  std::string_view path;    // ending in '*': all that begin so
  bool open = false;        // without a key
  void (*answer)(Front& front, const HttpRequest& request, std::shared_ptr<Responder> responder);
};

std::span<const EndpointEntry* const> AllEndpoints();

}  // namespace ledge
