// What lets a web page of another origin read answers, where --allow-origin names it. Source:
// WHATWG Fetch, "CORS protocol".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/http/message.h"

namespace ledge {

class Cors {
 public:
  // "*": every origin.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  bool Allows(std::string_view origin) const;
  // The answer to what a browser asks before a request of another origin (OPTIONS).
  HttpReply Preflight(const HttpRequest& request) const;
  // To be sent with every other answer to this request, refusals included; nothing where the
  // request's origin is the server's own, or isn't allowed.
  HttpHeaders HeadersFor(const HttpRequest& request) const;
  // Answers as `to` does, with these headers.
  std::shared_ptr<Responder> Wrapped(const HttpRequest& request,
                                     std::shared_ptr<Responder> to) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace ledge
